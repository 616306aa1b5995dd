"""Softmax and cross-entropy in one, with their gradient."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.cross_entropy import SoftmaxCrossEntropy
from tinyseg.diagnosis.traits import LARGE

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="softmax_cross_entropy",
    chapter=5,
    difficulty=3,
    operation=SoftmaxCrossEntropy,
    folder=Path(__file__).parent,
    forward="softmax_cross_entropy_forward",
    backward="softmax_cross_entropy_backward",
    groups=(
        Group("loss", 4, results=("y",)),
        Group("gradient", 4, results=("dlogits",)),
        Group("large", 2, lambda case: LARGE in case.traits),
    ),
    mistakes=MISTAKES,
)
