"""A map: one thread for each pixel, in CUDA C++."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import SEVERAL_BLOCKS
from .mistakes import MISTAKES
from .operation import Adjust

EXERCISE = Exercise(
    name="gpu_map",
    chapter=12,
    difficulty=1,
    operation=Adjust,
    folder=Path(__file__).parent,
    kind="cuda",
    forward="adjust",
    groups=(
        Group("one_block", 3),
        Group("blocks", 7, lambda case: SEVERAL_BLOCKS in case.traits),
    ),
    mistakes=MISTAKES,
)
