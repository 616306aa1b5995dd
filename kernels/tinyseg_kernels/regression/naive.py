"""squared_error and absolute_error in loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..types import Array, FloatArray
from .cache import DifferenceCache


def squared_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, DifferenceCache]:
    """loss = mean over c of (p - t)^2."""
    return _mean(p, target, lambda d: d * d)


def squared_error_backward(dloss: FloatArray, cache: DifferenceCache) -> FloatArray:
    """dp = 2 * (p - t) / C * dloss."""
    return _spread(dloss, cache, lambda d: 2 * d)


def absolute_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, DifferenceCache]:
    """loss = mean over c of |p - t|."""
    return _mean(p, target, abs)


def absolute_error_backward(dloss: FloatArray, cache: DifferenceCache) -> FloatArray:
    """dp = sign(p - t) / C * dloss."""
    return _spread(dloss, cache, lambda d: float(np.sign(d)))


def _mean(p: FloatArray, target: FloatArray, distance: Callable[[float], float]) -> tuple[FloatArray, DifferenceCache]:
    loss = np.zeros(p.shape[:-1], p.dtype)
    for place in np.ndindex(loss.shape):
        terms = [distance(float(a) - float(b)) for a, b in zip(p[place], target[place], strict=True)]
        loss[place] = sum(terms) / len(terms)
    return loss, p - target


def _spread(dloss: FloatArray, difference: Array, slope: Callable[[float], float]) -> FloatArray:
    dp = np.empty_like(difference)
    for place in np.ndindex(dp.shape):
        dp[place] = slope(float(difference[place])) * float(dloss[place[:-1]]) / dp.shape[-1]
    return dp
