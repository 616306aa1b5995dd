"""The pixels that are brighter than a number."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.threshold import FLOATS, INVERT, Threshold
from tinyseg.diagnosis.traits import SEVERAL_CHANNELS

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="threshold",
    chapter=1,
    difficulty=1,
    operation=Threshold,
    folder=Path(__file__).parent,
    forward="threshold",
    groups=(
        Group("brighter", 4),
        Group("floats", 2, lambda case: FLOATS in case.traits),
        Group("inverted", 2, lambda case: INVERT in case.traits),
        Group("channels", 2, lambda case: SEVERAL_CHANNELS in case.traits),
    ),
    mistakes=MISTAKES,
)
