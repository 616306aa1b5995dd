"""Bank conflicts: sums of rows through a tile, in Numba CUDA."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import OVERHANG, SEVERAL_BLOCKS
from .mistakes import MISTAKES
from .operation import RowSums

EXERCISE = Exercise(
    name="gpu_bank_conflicts",
    chapter=12,
    difficulty=5,
    operation=RowSums,
    folder=Path(__file__).parent,
    kind="numba",
    forward="row_sums",
    groups=(
        Group("one_block", 3),
        Group("blocks", 4, lambda case: SEVERAL_BLOCKS in case.traits),
        Group("edges", 3, lambda case: OVERHANG in case.traits),
    ),
    mistakes=MISTAKES,
)
