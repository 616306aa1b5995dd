"""Bilinear upsampling, forward and backward."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.operations.upsampling import BILINEAR, UNEQUAL_FACTORS, UpSampling2D

from ...exercise import Exercise, Group
from .mistakes import MISTAKES


class BilinearUpSampling(UpSampling2D):
    """Enlargement by whole factors with interpolation alone, which need not be an argument then."""

    contract = (
        "forward(x, *, size) -> (y, cache): x (N, H, W, C), size (rows, columns), bilinear with pixel centres at half "
        "positions, clamped at the border; backward(dy, cache) -> dx"
    )

    def cases(self) -> list[Case]:
        """Those with interpolation."""
        return [case for case in super().cases() if BILINEAR in case.traits]

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """The learner's function has no such argument."""
        return {"interpolation": ("bilinear",)}


EXERCISE = Exercise(
    name="upsampling_bilinear",
    chapter=7,
    difficulty=4,
    operation=BilinearUpSampling,
    folder=Path(__file__).parent,
    forward="upsampling_bilinear_forward",
    backward="upsampling_bilinear_backward",
    groups=(
        Group("forward", 4, results=("y",)),
        Group("backward", 4, results=("dx",)),
        Group("unequal-factors", 2, lambda case: UNEQUAL_FACTORS in case.traits),
    ),
    mistakes=MISTAKES,
)
