r"""Mean 0 and variance 1 over some axes of each image: what layer and group normalisation have in common.

    z = (x - mean) / sqrt(variance + epsilon)        mean and variance over the axes

This is batch normalisation of other groups of numbers: there the numbers of a channel are brought to mean 0 and
variance 1, here those of an image, of a group of its channels, or of a pixel. So with the axes to normalise over moved
to the front, as the positions, and all others behind them, as the channels, it is the very same operation, and so is
its gradient (`tinyseg_kernels.batch_norm`). What is new is only how the numbers are arranged.

Source: Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450; Wu and He, "Group Normalization", ECCV 2018.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.normalize import normalize_forward
    >>> z, cache = normalize_forward(np.array([[1.0, 3.0], [10.0, 30.0]]), (1,), epsilon=1e-9)
    >>> z.round(4)
    array([[-1.,  1.],
           [-1.,  1.]])
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from .batch_norm import batch_norm_train_backward, batch_norm_train_forward
from .caches import Kept
from .checks import as_axis, check_float
from .device import contiguous
from .errors import InvalidInput
from .types import FloatArray, Shape


class NormalizeCache(NamedTuple):
    """How the numbers were arranged, and what batch normalisation kept."""

    order: tuple[int, ...]
    shape: Shape
    positions: int
    batch_norm: Kept | None
    """None for an array without numbers."""


def normalize_forward(x: FloatArray, axes: tuple[int, ...], *, epsilon: float) -> tuple[FloatArray, NormalizeCache]:
    """Normalise over these axes.

    Args:
        x: Of any shape, float32 or float64.
        axes: Over which mean and variance are taken.
        epsilon: Added to the variance.

    Returns:
        z of x's shape, and the cache.

    Raises:
        InvalidInput: No such axis, or none, or an axis without numbers.
    """
    check_float("normalize", x=x)
    where = f"x of shape {x.shape}"
    chosen = tuple(as_axis("normalize: axes", axis, x.ndim, where) % x.ndim for axis in axes)
    positions = prod(x.shape[axis] for axis in chosen)
    if not chosen or positions == 0:
        raise InvalidInput(f"normalize: expected axes with at least one number, got {axes} of {where}")
    order = (*chosen, *(axis for axis in range(x.ndim) if axis not in chosen))
    shape = tuple(x.shape[axis] for axis in order)
    if x.size == 0:
        return x.copy(), NormalizeCache(order, shape, positions, None)
    arranged = contiguous(x.transpose(order)).reshape(positions, -1)
    z, kept = batch_norm_train_forward(arranged, None, None, epsilon=epsilon)
    cache = NormalizeCache(order, shape, positions, kept)
    return _back(z, cache), cache


def normalize_backward(dz: FloatArray, cache: NormalizeCache) -> FloatArray:
    """Return dx."""
    if cache.batch_norm is None:
        return dz.copy()
    arranged = contiguous(dz.transpose(cache.order)).reshape(cache.positions, -1)
    dx, _, _ = batch_norm_train_backward(arranged, cache.batch_norm)
    return _back(dx, cache)


def _back(arranged: FloatArray, cache: NormalizeCache) -> FloatArray:
    """Return the numbers where they were."""
    inverse = sorted(range(len(cache.order)), key=cache.order.__getitem__)
    return contiguous(arranged.reshape(cache.shape).transpose(inverse))
