"""Softmax, forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.softmax import Softmax
from tinyseg.diagnosis.traits import LARGE

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="softmax",
    chapter=5,
    difficulty=3,
    operation=Softmax,
    folder=Path(__file__).parent,
    forward="softmax_forward",
    backward="softmax_backward",
    groups=(
        Group("forward", 4, results=("y",)),
        Group("backward", 4, results=("dx",)),
        Group("large", 2, lambda case: LARGE in case.traits),
    ),
    mistakes=MISTAKES,
)
