"""Coalesced access: a transposition through shared memory, in CUDA C++."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import OVERHANG
from .mistakes import MISTAKES
from .operation import SEVERAL_TILES, Transposition

EXERCISE = Exercise(
    name="gpu_coalescing",
    chapter=12,
    difficulty=4,
    operation=Transposition,
    folder=Path(__file__).parent,
    kind="cuda",
    forward="transpose",
    groups=(
        Group("one_tile", 2),
        Group("tiles", 5, lambda case: SEVERAL_TILES in case.traits),
        Group("edges", 3, lambda case: OVERHANG in case.traits),
    ),
    mistakes=MISTAKES,
)
