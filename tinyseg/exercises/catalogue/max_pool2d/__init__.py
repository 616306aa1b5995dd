"""Max pooling: forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_pooling import PlainMaxPool2D
from tinyseg.diagnosis.traits import OVERLAPS, TIES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="max_pool2d",
    chapter=4,
    difficulty=2,
    operation=PlainMaxPool2D,
    folder=Path(__file__).parent,
    forward="max_pool2d_forward",
    backward="max_pool2d_backward",
    groups=(
        Group("forward", 3, results=("y",)),
        Group("backward", 3, results=("dx",)),
        Group("overlaps", 2, lambda case: OVERLAPS in case.traits, results=("dx",)),
        Group("ties", 2, lambda case: TIES in case.traits, results=("dx",)),
    ),
    mistakes=MISTAKES,
)
