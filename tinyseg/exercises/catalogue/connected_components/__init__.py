"""The regions of a mask, numbered."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.connected_components import FOUR, LARGE_REGION, ConnectedComponents

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="connected_components",
    chapter=1,
    difficulty=3,
    operation=ConnectedComponents,
    folder=Path(__file__).parent,
    forward="connected_components",
    groups=(
        Group("eight", 3),
        Group("four", 3, lambda case: FOUR in case.traits),
        Group("large", 2, lambda case: LARGE_REGION in case.traits),
        Group("count", 2, results=("count",)),
    ),
    mistakes=MISTAKES,
)
