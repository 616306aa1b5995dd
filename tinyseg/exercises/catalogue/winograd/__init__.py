"""A 3x3 convolution with fewer multiplications."""

from __future__ import annotations

from pathlib import Path

from tinyseg.diagnosis.operations.winograd import ODD, SEVERAL_TILES, Winograd
from tinyseg.diagnosis.traits import SEVERAL_CHANNELS, SEVERAL_FILTERS, SEVERAL_IMAGES

from ...exercise import Exercise, Group
from .mistakes import MISTAKES

EXERCISE = Exercise(
    name="winograd",
    chapter=11,
    difficulty=5,
    operation=Winograd,
    folder=Path(__file__).parent,
    forward="winograd_conv2d",
    # By configurations, not by results: y alone, which any convolution gives, earns nothing.
    groups=(
        Group("one tile", 3),
        Group("tiles", 2, lambda case: SEVERAL_TILES in case.traits),
        Group("channels", 2, lambda case: bool(case.traits & {SEVERAL_CHANNELS, SEVERAL_FILTERS, SEVERAL_IMAGES})),
        Group("odd", 3, lambda case: ODD in case.traits),
    ),
    mistakes=MISTAKES,
)
