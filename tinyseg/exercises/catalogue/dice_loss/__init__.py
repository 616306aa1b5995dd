"""Dice loss and its gradient."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.dice_loss import NO_OBJECT, NOTHING, ONLY_OBJECTS, DiceLoss

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="dice_loss",
    chapter=8,
    difficulty=3,
    operation=DiceLoss,
    folder=Path(__file__).parent,
    forward="dice_loss_forward",
    backward="dice_loss_backward",
    groups=(
        Group("loss", 4, results=("y",)),
        Group("gradient", 4, results=("dy_pred",)),
        Group("one-class-images", 2, lambda case: bool({NO_OBJECT, ONLY_OBJECTS, NOTHING} & case.traits)),
    ),
    mistakes=MISTAKES,
)
