"""Scores of a large image, put together from tiles."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.tiled_prediction import MOVED, OVERLAPPING, SMALL_IMAGE, TiledPrediction

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="tiled_prediction",
    chapter=13,
    difficulty=3,
    operation=TiledPrediction,
    folder=Path(__file__).parent,
    forward="tiled_prediction",
    groups=(
        Group("side_by_side", 2),
        Group("small", 1, lambda case: SMALL_IMAGE in case.traits),
        Group("overlaps", 4, lambda case: OVERLAPPING in case.traits),
        Group("moved", 3, lambda case: MOVED in case.traits and SMALL_IMAGE not in case.traits),
    ),
    mistakes=MISTAKES,
)
