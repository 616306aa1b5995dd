"""A grid in two dimensions: from colour to grey, in CUDA C++."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import SEVERAL_BLOCKS
from .mistakes import MISTAKES
from .operation import BELOW, BESIDE, Grey

EXERCISE = Exercise(
    name="gpu_grid_2d",
    chapter=12,
    difficulty=2,
    operation=Grey,
    folder=Path(__file__).parent,
    kind="cuda",
    forward="grey",
    groups=(
        Group("one_block", 2),
        Group("blocks", 4, lambda case: SEVERAL_BLOCKS in case.traits),
        Group("edges", 4, lambda case: bool({BELOW, BESIDE} & case.traits)),
    ),
    mistakes=MISTAKES,
)
