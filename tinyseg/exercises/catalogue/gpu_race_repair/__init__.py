"""Repair a kernel with races: a histogram in shared memory, in CUDA C++."""

from __future__ import annotations

from pathlib import Path

from ...exercise import Exercise, Group
from ...gpu.operation import SEVERAL_BLOCKS
from .mistakes import MISTAKES
from .operation import Histogram

EXERCISE = Exercise(
    name="gpu_race_repair",
    chapter=12,
    difficulty=3,
    operation=Histogram,
    folder=Path(__file__).parent,
    kind="cuda",
    forward="histogram",
    repaired=True,
    groups=(
        Group("one_block", 4),
        Group("blocks", 6, lambda case: SEVERAL_BLOCKS in case.traits),
    ),
    mistakes=MISTAKES,
)
