"""Convolution without loops over pixels: one matrix product for each tap."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_convolution import PlainConv2D
from tinyseg.diagnosis.traits import SEVERAL_CHANNELS, SEVERAL_FILTERS

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

GRADIENTS = ("dx", "dkernel", "dbias")

EXERCISE = Exercise(
    name="conv2d_vectorized",
    chapter=3,
    difficulty=3,
    operation=PlainConv2D,
    folder=Path(__file__).parent,
    forward="conv2d_vectorized_forward",
    backward="conv2d_vectorized_backward",
    groups=(
        Group("forward", 2, results=("y",)),
        Group("backward", 3, results=GRADIENTS),
        Group("channels", 2, lambda case: bool(case.traits & {SEVERAL_CHANNELS, SEVERAL_FILTERS}), results=("y",)),
        Group(
            "channels back", 3, lambda case: bool(case.traits & {SEVERAL_CHANNELS, SEVERAL_FILTERS}), results=GRADIENTS
        ),
    ),
    mistakes=MISTAKES,
)
