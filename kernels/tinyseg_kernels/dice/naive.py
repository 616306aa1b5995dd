"""dice in loops."""

from __future__ import annotations

import numpy as np

from ..types import FloatArray
from . import EPSILON
from .cache import LoopCache


def dice_forward(p: FloatArray, target: FloatArray, *, axes: tuple[int, ...]) -> tuple[FloatArray, LoopCache]:
    """loss = 1 - 2 I / S of each region."""
    kept = tuple(axis for axis in range(p.ndim) if axis not in axes)
    shape = tuple(p.shape[axis] for axis in kept)
    both, size = np.zeros(shape), np.full(shape, EPSILON)
    for place in np.ndindex(p.shape):
        region = tuple(place[axis] for axis in kept)
        both[region] += float(target[place]) * float(p[place])
        size[region] += float(target[place]) + float(p[place])
    return np.asarray(1 - 2 * both / size), (target, kept, both, size)


def dice_backward(dloss: FloatArray, cache: LoopCache) -> FloatArray:
    """dp_j = (2 I / S - 2 t_j) / S * dloss."""
    target, kept, both, size = cache
    dp = np.empty_like(target)
    for place in np.ndindex(dp.shape):
        region = tuple(place[axis] for axis in kept)
        dp[place] = (2 * both[region] / size[region] - 2 * float(target[place])) / size[region] * dloss[region]
    return dp
