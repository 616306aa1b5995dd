"""Mean absolute error and its gradient."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.mean_absolute_error import ALL_EXACT, SOME_EXACT, MeanAbsoluteError

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="mean_absolute_error",
    chapter=5,
    difficulty=1,
    operation=MeanAbsoluteError,
    folder=Path(__file__).parent,
    forward="mean_absolute_error_forward",
    backward="mean_absolute_error_backward",
    groups=(
        Group("loss", 4, results=("y",)),
        Group("gradient", 4, results=("dy_pred",)),
        Group("exact", 2, lambda case: bool({SOME_EXACT, ALL_EXACT} & case.traits), results=("dy_pred",)),
    ),
    mistakes=MISTAKES,
)
