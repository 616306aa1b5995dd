"""Average pooling: forward and backward, with a border that does not count."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_pooling import PaddedAvgPool2D
from tinyseg.diagnosis.traits import OVERLAPS, PADDING

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="avg_pool2d",
    chapter=4,
    difficulty=3,
    operation=PaddedAvgPool2D,
    folder=Path(__file__).parent,
    forward="avg_pool2d_forward",
    backward="avg_pool2d_backward",
    groups=(
        Group("forward", 2, results=("y",)),
        Group("backward", 2, results=("dx",)),
        Group("overlaps", 2, lambda case: OVERLAPS in case.traits, results=("dx",)),
        Group("border", 2, lambda case: PADDING in case.traits, results=("y",)),
        Group("border back", 2, lambda case: PADDING in case.traits, results=("dx",)),
    ),
    mistakes=MISTAKES,
)
