"""Dropout, forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.dropout import Dropout

from ...exercise import Exercise
from .mistakes import MISTAKES

# One group: which numbers are right is read off the mask that an answer has drawn, so that zeros, say, agree with
# themselves. What is wrong about such a mask costs the first group its points, and here that is all.
EXERCISE = Exercise(
    name="dropout",
    chapter=6,
    difficulty=2,
    operation=Dropout,
    folder=Path(__file__).parent,
    forward="dropout_forward",
    backward="dropout_backward",
    mistakes=MISTAKES,
)
