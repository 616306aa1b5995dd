"""cross_entropy in NumPy."""

from __future__ import annotations

import numpy as np

from ..probabilities import EPSILON, SMALLEST
from ..types import Array, FloatArray
from .cache import DistributionsCache, IdsCache


def cross_entropy_forward(p: FloatArray, target: Array) -> tuple[FloatArray, DistributionsCache | IdsCache]:
    """loss = - sum of t * log(p / sum of p); a class id picks its one term."""
    total = p.sum(axis=-1, keepdims=True)
    if target.ndim == p.ndim:
        logs = clipped_log(p / total)
        logs *= target
        return -logs.sum(axis=-1), (target, p, total)
    places = target[..., None].astype(np.intp)
    right = np.take_along_axis(p, places, axis=-1)
    return -clipped_log(right / total)[..., 0], (places, right, total, p.shape)


def cross_entropy_backward(dloss: FloatArray, cache: DistributionsCache | IdsCache) -> FloatArray:
    """dp = (sum of t / S - t / p) * dloss; for class ids, dloss / p is taken from dloss / S at the id."""
    dloss = dloss[..., None]
    if len(cache) == 3:
        target, p, total = cache
        dp: Array = target.sum(axis=-1, keepdims=True) / total - target / bounded(p)
        dp *= dloss
        return dp
    places, right, total, shape = cache
    share = dloss / total
    dp = np.empty(shape, share.dtype)
    dp[...] = share
    np.put_along_axis(dp, places, share - dloss / bounded(right), axis=-1)
    return dp


def clipped_log(p: Array) -> Array:
    """Return log of p clipped to EPSILON .. 1 - EPSILON, in p's dtype."""
    clipped = np.clip(p, p.dtype.type(EPSILON), p.dtype.type(1 - EPSILON))
    return np.log(clipped, out=clipped)


def bounded(p: Array) -> Array:
    """Return p, but at least the smallest probability of its dtype whose reciprocal is finite."""
    return np.maximum(p, p.dtype.type(SMALLEST[p.dtype.type]))
