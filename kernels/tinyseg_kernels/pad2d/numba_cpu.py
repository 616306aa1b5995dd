"""zero_padding2d and cropping2d compiled for the CPU.

Rows of pixels copied into their place, and zeros written where there is nothing to copy. Cropping is padding by less
than nothing.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..types import FloatArray, Pair
from . import numpy_cpu


def zero_padding2d_forward(x: FloatArray, *, padding: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Zeros around x."""
    if x.dtype != np.float32:
        return numpy_cpu.zero_padding2d_forward(x, padding=padding)
    return _placed(x, padding, 1), padding


def zero_padding2d_backward(dy: FloatArray, padding: tuple[Pair, Pair]) -> FloatArray:
    """The inside of dy."""
    return cropping2d_forward(dy, cropping=padding)[0]


def cropping2d_forward(x: FloatArray, *, cropping: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """The inside of x, as an array of its own."""
    if x.dtype != np.float32:
        return numpy_cpu.cropping2d_forward(x, cropping=cropping)
    return _placed(x, cropping, -1), cropping


def cropping2d_backward(dy: FloatArray, cropping: tuple[Pair, Pair]) -> FloatArray:
    """Zeros around dy."""
    return zero_padding2d_forward(dy, padding=cropping)[0]


def _placed(x: FloatArray, border: tuple[Pair, Pair], sign: int) -> FloatArray:
    """Return x with a border added (sign 1) or cut off (-1)."""
    n, height, width, channels = x.shape
    (top, bottom), (left, right) = border
    y = empty((n, height + sign * (top + bottom), width + sign * (left + right), channels), x.dtype)
    if y.size:
        lines = np.ascontiguousarray(x).reshape(n, height, width * channels)
        result = y.reshape(n, y.shape[1], y.shape[2] * channels)
        parallel(_place, n * y.shape[1], lines, result, sign * top, sign * left * channels)
    return y


@kernel
def _place(start: int, stop: int, x: FloatArray, y: FloatArray, top: int, left: int) -> None:
    """Write lines of y: y[n, h, k] = x[n, h - top, k - left], or 0 where x has no such number."""
    first, last = max(left, 0), min(left + x.shape[2], y.shape[2])
    for line in range(start, stop):
        n, h = line // y.shape[1], line % y.shape[1]
        target = y[n, h]
        if h < top or h >= top + x.shape[1]:
            for k in range(target.size):
                target[k] = 0
            continue
        source = x[n, h - top]
        for k in range(first):
            target[k] = 0
        inside, seen = target[first:last], source[first - left : last - left]
        for k in range(inside.size):
            inside[k] = seen[k]
        for k in range(last, target.size):
            target[k] = 0
