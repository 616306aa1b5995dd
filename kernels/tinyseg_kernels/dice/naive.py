"""dice in loops."""

from __future__ import annotations

import numpy as np

from ..types import FloatArray
from .cache import LoopCache


def dice_forward(
    p: FloatArray, target: FloatArray, *, axes: tuple[int, ...], extra: float, missed: float, epsilon: float
) -> tuple[FloatArray, LoopCache]:
    """loss = 1 - I / (I + extra * (P - I) + missed * (T - I) + epsilon) of each region."""
    kept = tuple(axis for axis in range(p.ndim) if axis not in axes)
    shape = tuple(p.shape[axis] for axis in kept)
    both, found, truth = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for place in np.ndindex(p.shape):
        region = tuple(place[axis] for axis in kept)
        both[region] += float(target[place]) * float(p[place])
        found[region] += float(p[place])
        truth[region] += float(target[place])
    loss, offset, slope = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for region in np.ndindex(shape):
        i = both[region]
        d = i + extra * (found[region] - i) + missed * (truth[region] - i) + epsilon
        loss[region] = 1 - i / d
        offset[region] = i / d * extra / d
        slope[region] = ((1 - extra - missed) * i / d - 1) / d
    return loss, (target, kept, offset, slope)


def dice_backward(dloss: FloatArray, cache: LoopCache) -> FloatArray:
    """dp_j = (offset + slope * t_j) * dloss."""
    target, kept, offset, slope = cache
    dp = np.empty_like(target)
    for place in np.ndindex(dp.shape):
        region = tuple(place[axis] for axis in kept)
        dp[place] = (offset[region] + slope[region] * float(target[place])) * dloss[region]
    return dp
