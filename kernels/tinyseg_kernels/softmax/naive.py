"""softmax in loops."""

from __future__ import annotations

import math

import numpy as np

from ..types import Array, FloatArray
from .cache import SoftmaxCache


def softmax_forward(x: FloatArray, *, axis: int = -1) -> tuple[FloatArray, SoftmaxCache]:
    """y_k = exp(x_k - max) / sum of exp(x_l - max), one line along the axis at a time."""
    y = np.empty_like(x)
    for place in _lines(x, axis):
        line = x[place]
        top = max(line, default=0.0)
        powers = [math.exp(value - top) for value in line]
        y[place] = [power / sum(powers) for power in powers]
    return y, (y, axis)


def softmax_backward(dy: FloatArray, cache: tuple[Array, int]) -> FloatArray:
    """dx_l = sum over k of dy_k * y_k * ([k = l] - y_l)."""
    y, axis = cache
    dx = np.empty_like(y)
    for place in _lines(y, axis):
        p, d = y[place], dy[place]
        classes = range(len(p))
        dx[place] = [sum(d[k] * p[k] * ((k == m) - p[m]) for k in classes) for m in classes]
    return dx


def _lines(x: FloatArray, axis: int) -> list[tuple[int | slice, ...]]:
    """Return an index for each line of x along the axis."""
    axis %= x.ndim
    others = x.shape[:axis] + x.shape[axis + 1 :]
    return [(*place[:axis], slice(None), *place[axis:]) for place in np.ndindex(others)]
