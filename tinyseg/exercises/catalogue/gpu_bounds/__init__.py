"""Bounds and grid-stride loops, in Numba CUDA."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import MORE_ELEMENTS, OVERHANG
from .mistakes import MISTAKES
from .operation import Standardize

EXERCISE = Exercise(
    name="gpu_bounds",
    chapter=12,
    difficulty=2,
    operation=Standardize,
    folder=Path(__file__).parent,
    kind="numba",
    forward="standardize",
    groups=(
        Group("exact", 2),
        Group("fewer", 4, lambda case: OVERHANG in case.traits),
        Group("more", 4, lambda case: MORE_ELEMENTS in case.traits),
    ),
    mistakes=MISTAKES,
)
