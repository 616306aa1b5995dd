"""An image and its mask, changed together."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.augmentation import COLOURED, SHIFTED, ZOOMED, Augmentation

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="augmentation",
    chapter=8,
    difficulty=4,
    operation=Augmentation,
    folder=Path(__file__).parent,
    forward="augmentation",
    groups=(
        Group("whole_pixels", 3),
        Group("mask", 3, lambda case: bool({SHIFTED, ZOOMED} & case.traits), results=("mask",)),
        Group("image", 3, lambda case: bool({SHIFTED, ZOOMED} & case.traits), results=("image",)),
        Group("colours", 1, lambda case: COLOURED in case.traits, results=("image",)),
    ),
    mistakes=MISTAKES,
)
