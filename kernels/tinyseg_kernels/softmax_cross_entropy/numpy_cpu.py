"""softmax_cross_entropy in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray
from .cache import SoftmaxCrossEntropyCache


def softmax_cross_entropy_forward(logits: FloatArray, target: Array) -> tuple[FloatArray, SoftmaxCrossEntropyCache]:
    """loss = sum of t * (log of the sum of exp(z) - z), all relative to the maximum of z."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    p: Array = np.exp(shifted)
    total = p.sum(axis=-1, keepdims=True)
    p /= total
    log_sum = np.log(total)[..., 0]
    if target.ndim == logits.ndim:
        loss = log_sum * target.sum(axis=-1) - (target * shifted).sum(axis=-1)
    else:
        loss = log_sum - np.take_along_axis(shifted, target[..., None].astype(np.intp), axis=-1)[..., 0]
    return loss, (p, target)


def softmax_cross_entropy_backward(dloss: FloatArray, cache: tuple[Array, Array]) -> FloatArray:
    """dz = (p * sum of t - t) * dloss; for class ids, 1 is taken from p at the id."""
    p, target = cache
    scale = dloss[..., None]
    if target.ndim == p.ndim:
        return (p * target.sum(axis=-1, keepdims=True) - target) * scale
    dlogits: Array = p * scale
    ids = target[..., None].astype(np.intp)
    np.put_along_axis(dlogits, ids, np.take_along_axis(dlogits, ids, axis=-1) - scale, axis=-1)
    return dlogits
