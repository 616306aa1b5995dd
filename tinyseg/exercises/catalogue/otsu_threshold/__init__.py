"""Otsu's threshold."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.otsu import MANY_ZEROS, SKEWED, SMALL_BRIGHT_PART, SMALL_DARK_PART, OtsuThreshold

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

UNEVEN = frozenset([MANY_ZEROS, SKEWED, SMALL_BRIGHT_PART, SMALL_DARK_PART])

EXERCISE = Exercise(
    name="otsu_threshold",
    chapter=1,
    difficulty=2,
    operation=OtsuThreshold,
    folder=Path(__file__).parent,
    forward="otsu_threshold",
    groups=(
        Group("images", 6),
        Group("uneven", 4, lambda case: bool(UNEVEN & case.traits)),
    ),
    mistakes=MISTAKES,
)
