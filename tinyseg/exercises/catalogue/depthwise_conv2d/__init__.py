"""Depthwise convolution: each channel has kernels of its own."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_convolution import PlainDepthwiseConv2D
from tinyseg.diagnosis.traits import SEVERAL_FILTERS, STRIDES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

GRADIENTS = ("dx", "dkernel", "dbias")

EXERCISE = Exercise(
    name="depthwise_conv2d",
    chapter=3,
    difficulty=3,
    operation=PlainDepthwiseConv2D,
    folder=Path(__file__).parent,
    forward="depthwise_conv2d_forward",
    backward="depthwise_conv2d_backward",
    groups=(
        Group("forward", 2, results=("y",)),
        Group("backward", 2, results=GRADIENTS),
        Group("strides", 2, lambda case: STRIDES in case.traits),
        Group("multiplier", 2, lambda case: SEVERAL_FILTERS in case.traits, results=("y",)),
        Group("multiplier back", 2, lambda case: SEVERAL_FILTERS in case.traits, results=GRADIENTS),
    ),
    mistakes=MISTAKES,
)
