"""One step of gradient descent with momentum."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.sgd_momentum import SgdMomentum

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="sgd_momentum",
    chapter=6,
    difficulty=2,
    operation=SgdMomentum,
    folder=Path(__file__).parent,
    forward="sgd_momentum",
    groups=(
        Group("velocity", 3, results=("velocity",)),
        Group("parameter", 4, results=("parameter",)),
        Group("nesterov", 3, lambda case: case.options["nesterov"], results=("parameter",)),
    ),
    mistakes=MISTAKES,
)
