"""A reduction: the sum of each block, by halves, in Numba CUDA."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import OVERHANG, SEVERAL_BLOCKS
from .mistakes import MISTAKES
from .operation import BlockSums

EXERCISE = Exercise(
    name="gpu_reduction",
    chapter=12,
    difficulty=3,
    operation=BlockSums,
    folder=Path(__file__).parent,
    kind="numba",
    forward="block_sums",
    groups=(
        Group("one_block", 3),
        Group("blocks", 4, lambda case: SEVERAL_BLOCKS in case.traits),
        Group("last_block", 3, lambda case: OVERHANG in case.traits),
    ),
    mistakes=MISTAKES,
)
