"""A convolution with a tile and its halo in shared memory, in Numba CUDA."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import OVERHANG, SEVERAL_BLOCKS
from .mistakes import MISTAKES
from .operation import Convolution

EXERCISE = Exercise(
    name="gpu_convolution",
    chapter=12,
    difficulty=4,
    operation=Convolution,
    folder=Path(__file__).parent,
    kind="numba",
    forward="conv3x3",
    groups=(
        Group("one_block", 3),
        Group("blocks", 4, lambda case: SEVERAL_BLOCKS in case.traits),
        Group("edges", 3, lambda case: OVERHANG in case.traits),
    ),
    mistakes=MISTAKES,
)
