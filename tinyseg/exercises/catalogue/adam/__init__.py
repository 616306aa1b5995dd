"""One step of Adam."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.adam import Adam

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="adam",
    chapter=6,
    difficulty=3,
    operation=Adam,
    folder=Path(__file__).parent,
    forward="adam",
    groups=(
        Group("moments", 4, results=("m", "v")),
        Group("first-step", 2, lambda case: case.options["step"] == 1, results=("parameter",)),
        Group("later-steps", 4, lambda case: case.options["step"] > 1, results=("parameter",)),
    ),
    mistakes=MISTAKES,
)
