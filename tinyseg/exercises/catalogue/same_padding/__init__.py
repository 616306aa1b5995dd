"""How padding='same' pads."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.same_padding import SamePadding
from tinyseg.diagnosis.traits import DILATION, STRIDES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="same_padding",
    chapter=2,
    difficulty=2,
    operation=SamePadding,
    folder=Path(__file__).parent,
    forward="same_padding",
    groups=(
        Group("stride 1", 4),
        Group("strides", 3, lambda case: STRIDES in case.traits),
        Group("dilation", 3, lambda case: DILATION in case.traits),
    ),
    mistakes=MISTAKES,
)
