"""Convolution with strides and dilation: forward and backward."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_convolution import StridedConv2D
from tinyseg.diagnosis.traits import DILATION, STRIDES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

GRADIENTS = ("dx", "dkernel", "dbias")

EXERCISE = Exercise(
    name="stride_and_dilation",
    chapter=3,
    difficulty=4,
    operation=StridedConv2D,
    folder=Path(__file__).parent,
    forward="strided_conv2d_forward",
    backward="strided_conv2d_backward",
    groups=(
        Group("forward", 1, results=("y",)),
        Group("backward", 1, results=GRADIENTS),
        Group("strides", 2, lambda case: STRIDES in case.traits, results=("y",)),
        Group("strides back", 2, lambda case: STRIDES in case.traits, results=GRADIENTS),
        Group("dilation", 2, lambda case: DILATION in case.traits, results=("y",)),
        Group("dilation back", 2, lambda case: DILATION in case.traits, results=GRADIENTS),
    ),
    mistakes=MISTAKES,
)
