"""A dense layer, forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.dense import Dense

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="dense",
    chapter=5,
    difficulty=2,
    operation=Dense,
    folder=Path(__file__).parent,
    forward="dense_forward",
    backward="dense_backward",
    groups=(
        Group("forward", 4, results=("y",)),
        Group("by-x", 2, results=("dx",)),
        Group("by-kernel", 2, results=("dkernel",)),
        Group("by-bias", 2, results=("dbias",)),
    ),
    mistakes=MISTAKES,
)
