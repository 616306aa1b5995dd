"""softmax_cross_entropy in loops."""

from __future__ import annotations

import math

import numpy as np

from ..types import Array, FloatArray
from .cache import SoftmaxCrossEntropyCache


def softmax_cross_entropy_forward(logits: FloatArray, target: Array) -> tuple[FloatArray, SoftmaxCrossEntropyCache]:
    """loss = sum over k of t_k * (log of the sum of exp(z) - z_k)."""
    loss = np.zeros(logits.shape[:-1], logits.dtype)
    p = np.empty_like(logits)
    for place in np.ndindex(loss.shape):
        z = [float(value) for value in logits[place]]
        top = max(z)
        log_sum = top + math.log(sum(math.exp(value - top) for value in z))
        for k, value in enumerate(z):
            p[(*place, k)] = math.exp(value - log_sum)
            loss[place] += _target(target, place, k, logits.ndim) * (log_sum - value)
    return loss, (p, target)


def softmax_cross_entropy_backward(dloss: FloatArray, cache: tuple[Array, Array]) -> FloatArray:
    """dz_l = (p_l * sum of t - t_l) * dloss."""
    p, target = cache
    dlogits = np.empty_like(p)
    for place in np.ndindex(dloss.shape):
        t = [_target(target, place, k, p.ndim) for k in range(p.shape[-1])]
        for k in range(p.shape[-1]):
            dlogits[(*place, k)] = (p[(*place, k)] * sum(t) - t[k]) * dloss[place]
    return dlogits


def _target(target: Array, place: tuple[int, ...], k: int, rank: int) -> float:
    """Return t_k for class ids or distributions."""
    return float(target[(*place, k)]) if target.ndim == rank else float(target[place] == k)
