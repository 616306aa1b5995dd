"""binary_cross_entropy in NumPy."""

from __future__ import annotations

import numpy as np

from ..activation.numpy_cpu import sigmoid_forward
from ..cross_entropy.numpy_cpu import bounded, clipped_log
from ..types import Array, FloatArray
from .cache import BinaryCrossEntropyCache


def binary_cross_entropy_forward(
    p: FloatArray, target: FloatArray, *, from_logits: bool = False
) -> tuple[FloatArray, BinaryCrossEntropyCache]:
    """Return the mean cross-entropy over the last axis."""
    if from_logits:
        losses = np.maximum(p, 0) - p * target + np.log1p(np.exp(-np.abs(p)))
    else:
        losses = -(target * clipped_log(p) + (1 - target) * clipped_log(1 - p))
    return losses.mean(axis=-1), (target, p, from_logits)


def binary_cross_entropy_backward(dloss: FloatArray, cache: BinaryCrossEntropyCache) -> FloatArray:
    """Return the gradient by each probability or logit."""
    target, p, from_logits = cache
    if from_logits:
        gradient: Array = sigmoid_forward(p)[0] - target
    else:
        gradient = (1 - target) / bounded(1 - p) - target / bounded(p)
    gradient *= (dloss / p.shape[-1])[..., None]
    return gradient
