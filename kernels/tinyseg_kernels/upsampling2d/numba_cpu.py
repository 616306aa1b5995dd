"""upsampling2d compiled for the CPU: a row of outputs from the two rows of inputs beside it; backward gathers with the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import kernel
from ..cpu.threads import parallel
from ..types import Array, Pair
from . import numpy_cpu
from .numpy_cpu import UpSamplingCache
from .weights import neighbours


def upsampling2d_forward(x: Array, *, size: Pair, interpolation: str = "nearest") -> tuple[Array, UpSamplingCache]:
    """Enlarge rows and columns in one pass."""
    if x.dtype != np.float32 or x.size == 0:
        return numpy_cpu.upsampling2d_forward(x, size=size, interpolation=interpolation)
    n, height, width, channels = x.shape
    y = empty((n, height * size[0], width * size[1], channels), x.dtype)
    rows, columns = (
        _sources(length, factor, interpolation) for length, factor in zip((height, width), size, strict=True)
    )
    parallel(_forward, n * y.shape[1], np.ascontiguousarray(x), y, *rows, *columns)
    return y, (x.shape, size, interpolation)


def _sources(length: int, factor: int, interpolation: str) -> tuple[Array, Array, Array]:
    """Return for each output along an axis its two inputs and the weight of the second."""
    outputs = np.arange(length * factor)
    if interpolation == "nearest":
        return outputs // factor, outputs // factor, np.zeros(len(outputs), np.float32)
    offsets = [neighbours(phase, factor) for phase in range(factor)]
    low = outputs // factor + np.array([offset for offset, _ in offsets])[outputs % factor]
    share = np.array([t for _, t in offsets], np.float32)[outputs % factor]
    return np.clip(low, 0, length - 1), np.clip(low + 1, 0, length - 1), share


@kernel
def _forward(
    start: int, stop: int, x: Any, y: Any, top: Any, bottom: Any, down: Any, left: Any, right: Any, across: Any
) -> None:
    channels = x.shape[3]
    for line in range(start, stop):
        n, oh = line // y.shape[1], line % y.shape[1]
        upper, lower, t = x[n, top[oh]], x[n, bottom[oh]], down[oh]
        for ow in range(y.shape[2]):
            a, b, s = left[ow], right[ow], across[ow]
            if t == 0 and s == 0:
                for c in range(channels):
                    y[n, oh, ow, c] = upper[a, c]
                continue
            for c in range(channels):
                above = upper[a, c] + (upper[b, c] - upper[a, c]) * s
                below = lower[a, c] + (lower[b, c] - lower[a, c]) * s
                y[n, oh, ow, c] = above + (below - above) * t


def upsampling2d_backward(dy: Array, cache: UpSamplingCache) -> Array:
    """Each pixel of an image gathers from the outputs that it had a share in; images are independent."""
    shape, size, interpolation = cache
    if dy.dtype != np.float32 or dy.size == 0:
        return numpy_cpu.upsampling2d_backward(dy, cache)
    dx = empty(shape, dy.dtype)
    rows, columns = (_sources(length, factor, interpolation) for length, factor in zip(shape[1:3], size, strict=True))
    parallel(_backward, shape[0], np.ascontiguousarray(dy), dx, *rows, *columns)
    return dx


@kernel
def _backward(
    start: int, stop: int, dy: Any, dx: Any, top: Any, bottom: Any, down: Any, left: Any, right: Any, across: Any
) -> None:
    channels = dy.shape[3]
    for n in range(start, stop):
        image = dx[n]
        for h in range(image.shape[0]):
            for w in range(image.shape[1]):
                for c in range(channels):
                    image[h, w, c] = 0
        for oh in range(dy.shape[1]):
            upper, lower, t = image[top[oh]], image[bottom[oh]], down[oh]
            for ow in range(dy.shape[2]):
                a, b, s = left[ow], right[ow], across[ow]
                if t == 0 and s == 0:
                    for c in range(channels):
                        upper[a, c] += dy[n, oh, ow, c]
                    continue
                for c in range(channels):
                    d = dy[n, oh, ow, c]
                    upper[a, c] += d * (1 - t) * (1 - s)
                    upper[b, c] += d * (1 - t) * s
                    lower[a, c] += d * t * (1 - s)
                    lower[b, c] += d * t * s
