"""The gradient of a convolution, in loops."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_convolution import PlainConv2DBackward

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="conv2d_backward",
    chapter=3,
    difficulty=3,
    operation=PlainConv2DBackward,
    folder=Path(__file__).parent,
    backward="conv2d_backward",
    groups=(
        Group("dx", 4, results=("dx",)),
        Group("dkernel", 4, results=("dkernel",)),
        Group("dbias", 2, results=("dbias",)),
    ),
    mistakes=MISTAKES,
)
