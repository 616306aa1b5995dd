"""cross_entropy in loops."""

from __future__ import annotations

import math

import numpy as np

from ..probabilities import EPSILON, SMALLEST
from ..types import Array, FloatArray
from .cache import InputsCache


def cross_entropy_forward(p: FloatArray, target: Array) -> tuple[FloatArray, InputsCache]:
    """loss = - sum over k of t_k * log(p_k / S), the quotient clipped to 1e-7 .. 1 - 1e-7."""
    loss = np.zeros(p.shape[:-1], p.dtype)
    for place in np.ndindex(loss.shape):
        total = sum(float(value) for value in p[place])
        value = 0.0
        for k in range(p.shape[-1]):
            value -= _target(target, place, k, p.ndim) * math.log(_clipped(float(p[(*place, k)]) / total))
        loss[place] = value
    return loss, (p, target)


def cross_entropy_backward(dloss: FloatArray, cache: tuple[Array, Array]) -> FloatArray:
    """dp_j = (sum of t / S - t_j / p_j) * dloss."""
    p, target = cache
    dp = np.empty_like(p)
    for place in np.ndindex(dloss.shape):
        total = sum(float(value) for value in p[place])
        t = [_target(target, place, k, p.ndim) for k in range(p.shape[-1])]
        for j in range(p.shape[-1]):
            bounded = max(float(p[(*place, j)]), SMALLEST[p.dtype.type])
            dp[(*place, j)] = (sum(t) / total - t[j] / bounded) * float(dloss[place])
    return dp


def _clipped(p: float) -> float:
    """Cut to EPSILON .. 1 - EPSILON; NaN stays NaN."""
    return EPSILON if p < EPSILON else 1 - EPSILON if p > 1 - EPSILON else p


def _target(target: Array, place: tuple[int, ...], k: int, rank: int) -> float:
    """Return t_k for class ids or distributions."""
    return float(target[(*place, k)]) if target.ndim == rank else float(target[place] == k)
