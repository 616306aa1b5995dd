"""Batch normalisation in training, forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.batch_norm import BatchNorm

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="batch_norm",
    chapter=6,
    difficulty=4,
    operation=BatchNorm,
    folder=Path(__file__).parent,
    forward="batch_norm_forward",
    backward="batch_norm_backward",
    groups=(
        Group("forward", 4, results=("y",)),
        Group("by-x", 4, results=("dx",)),
        Group("by-parameters", 2, results=("dgamma", "dbeta")),
    ),
    mistakes=MISTAKES,
)
