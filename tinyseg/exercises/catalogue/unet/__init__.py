"""A U-Net from parts."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.unet import DEEP, UNEVEN, UNet

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="unet",
    chapter=8,
    difficulty=4,
    operation=UNet,
    folder=Path(__file__).parent,
    forward="unet",
    groups=(
        Group("one_level", 4),
        Group("deep", 4, lambda case: DEEP in case.traits),
        Group("uneven", 2, lambda case: UNEVEN in case.traits),
    ),
    mistakes=MISTAKES,
)
