"""Weights that broadcast over positions, as the kernels of a GPU read them."""

from __future__ import annotations

import math

from ..device import array_module, contiguous
from ..types import FloatArray


def as_runs(weight: FloatArray, shape: tuple[int, ...]) -> tuple[FloatArray, int]:
    """Return (weights, repeat): position i of `shape`, counted in C order, has the weight number i // repeat.

    One weight per sample, (N, 1, ..., 1), needs no copy; lengths of 1 before others, such as (1, H, W), are spread out.
    """
    kept = len(shape)
    while kept > 0 and weight.shape[kept - 1] == 1:
        kept -= 1
    if weight.shape[:kept] != shape[:kept]:
        weight = array_module(weight).broadcast_to(weight, (*shape[:kept], *weight.shape[kept:]))
    return contiguous(weight), math.prod(shape[kept:]) or 1
