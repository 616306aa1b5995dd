"""Backpropagation through a graph."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.backprop_graph import MATMUL, RELU, REUSED, BackpropGraph

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="backprop_graph",
    chapter=6,
    difficulty=3,
    operation=BackpropGraph,
    folder=Path(__file__).parent,
    forward="backprop_graph",
    groups=(
        Group("chains", 3),
        Group("relu", 1, lambda case: RELU in case.traits),
        Group("matrices", 2, lambda case: MATMUL in case.traits),
        Group("reused", 4, lambda case: REUSED in case.traits and MATMUL not in case.traits),
    ),
    mistakes=MISTAKES,
)
