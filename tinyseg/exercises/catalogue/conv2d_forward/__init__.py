"""Convolution by hand: the forward, in loops."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.plain_convolution import PlainConv2DForward
from tinyseg.diagnosis.traits import (
    IMAGE_NOT_SQUARE,
    SEVERAL_CHANNELS,
    SEVERAL_FILTERS,
    SEVERAL_IMAGES,
    WINDOW_NOT_SQUARE,
)

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="conv2d_forward",
    chapter=2,
    difficulty=2,
    operation=PlainConv2DForward,
    folder=Path(__file__).parent,
    forward="conv2d_forward",
    groups=(
        Group("one", 4),
        Group("not square", 2, lambda case: bool(case.traits & {IMAGE_NOT_SQUARE, WINDOW_NOT_SQUARE})),
        Group("channels", 2, lambda case: bool(case.traits & {SEVERAL_CHANNELS, SEVERAL_FILTERS})),
        Group("images", 2, lambda case: SEVERAL_IMAGES in case.traits),
    ),
    mistakes=MISTAKES,
)
