"""Tiles in shared memory: the matrix product, in CUDA C++."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from .mistakes import MISTAKES
from .operation import INNER_EDGE, OUTER_EDGE, MatrixProduct

EXERCISE = Exercise(
    name="gpu_shared_tiles",
    chapter=12,
    difficulty=4,
    operation=MatrixProduct,
    folder=Path(__file__).parent,
    kind="cuda",
    forward="matmul",
    groups=(
        Group("whole_tiles", 4),
        Group("inner_edge", 3, lambda case: INNER_EDGE in case.traits),
        Group("edges", 3, lambda case: OUTER_EDGE in case.traits),
    ),
    mistakes=MISTAKES,
)
