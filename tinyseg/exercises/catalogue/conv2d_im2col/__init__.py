"""Convolution as one matrix product, and what the matrix of windows costs."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.im2col import Im2ColConv2D
from tinyseg.diagnosis.traits import STRIDES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

GRADIENTS = ("dcolumns", "dx", "dkernel", "dbias")

EXERCISE = Exercise(
    name="conv2d_im2col",
    chapter=11,
    difficulty=3,
    operation=Im2ColConv2D,
    folder=Path(__file__).parent,
    forward="conv2d_im2col_forward",
    backward="conv2d_im2col_backward",
    groups=(
        Group("forward", 3, results=("columns", "y")),
        Group("backward", 3, results=GRADIENTS),
        Group("strides", 2, lambda case: STRIDES in case.traits, results=("columns", "y")),
        Group("strides back", 2, lambda case: STRIDES in case.traits, results=GRADIENTS),
    ),
    mistakes=MISTAKES,
)
