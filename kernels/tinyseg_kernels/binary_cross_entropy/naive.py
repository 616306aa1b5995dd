"""binary_cross_entropy in loops."""

from __future__ import annotations

import math

import numpy as np

from ..probabilities import EPSILON, SMALLEST
from ..types import FloatArray
from .cache import BinaryCrossEntropyCache


def binary_cross_entropy_forward(
    p: FloatArray, target: FloatArray, *, from_logits: bool = False
) -> tuple[FloatArray, BinaryCrossEntropyCache]:
    """loss = mean over c of the cross-entropy of one answer."""
    loss = np.zeros(p.shape[:-1], p.dtype)
    term = _of_logit if from_logits else _of_probability
    for place in np.ndindex(loss.shape):
        terms = [term(float(x), float(t)) for x, t in zip(p[place], target[place], strict=True)]
        loss[place] = sum(terms) / len(terms)
    return loss, (target, p, from_logits)


def binary_cross_entropy_backward(dloss: FloatArray, cache: BinaryCrossEntropyCache) -> FloatArray:
    """dp = ((1 - t) / (1 - p) - t / p) * dloss / C, or dz = (sigmoid(z) - t) * dloss / C."""
    target, p, from_logits = cache
    dp = np.empty_like(p)
    least = SMALLEST[p.dtype.type]
    for place in np.ndindex(p.shape):
        x, t = float(p[place]), float(target[place])
        slope = _sigmoid(x) - t if from_logits else (1 - t) / max(1 - x, least) - t / max(x, least)
        dp[place] = slope * float(dloss[place[:-1]]) / p.shape[-1]
    return dp


def _of_logit(z: float, t: float) -> float:
    return max(z, 0.0) - z * t + math.log1p(math.exp(-abs(z)))


def _of_probability(p: float, t: float) -> float:
    return -t * math.log(_clipped(p)) - (1 - t) * math.log(_clipped(1 - p))


def _clipped(p: float) -> float:
    """Cut to EPSILON .. 1 - EPSILON; NaN stays NaN."""
    return EPSILON if p < EPSILON else 1 - EPSILON if p > 1 - EPSILON else p


def _sigmoid(z: float) -> float:
    """Return 1 / (1 + exp(-z)) without overflow."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))
