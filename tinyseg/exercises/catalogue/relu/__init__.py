"""ReLU, forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.relu import Relu
from tinyseg.diagnosis.traits import ZEROS

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="relu",
    chapter=5,
    difficulty=1,
    operation=Relu,
    folder=Path(__file__).parent,
    forward="relu_forward",
    backward="relu_backward",
    groups=(
        Group("forward", 4, results=("y",)),
        Group("backward", 4, results=("dx",)),
        Group("zeros", 2, lambda case: ZEROS in case.traits, results=("dx",)),
    ),
    mistakes=MISTAKES,
)
