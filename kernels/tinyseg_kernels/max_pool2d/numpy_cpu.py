"""max_pool2d in NumPy: one pass per tap of the window, over all windows of an image at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..types import BoolArray, FloatArray, IntArray, Padding, Pair
from ..windows import explicit_padding, output_size, pad_image, tap
from .cache import MaxPool2DCache


def max_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, MaxPool2DCache]:
    """Keep the best number so far and the tap that it came from."""
    strides = strides or pool_size
    size: Pair = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    out = output_size(size, pool_size, strides, pads)
    y = np.empty((x.shape[0], *out, x.shape[3]), x.dtype)
    winner = np.zeros(y.shape, np.min_scalar_type(pool_size[0] * pool_size[1] - 1))
    cache = MaxPool2DCache(winner, x.shape, pool_size, strides, pads)
    for n in range(x.shape[0]):
        image = pad_image(x[n], pads, -np.inf)
        best, where = y[n], winner[n]
        for number, places in _taps(cache):
            candidate = image[places]
            if number == 0:
                best[...] = candidate
                continue
            better = candidate > best  # strictly: of equal numbers the first one keeps its place
            where[better] = number
            np.maximum(best, candidate, out=best)  # hands NaN on, which > does not
        if not np.isfinite(best).all():
            where[...] = _winners_with_odd_numbers(image, pad_image(np.ones((*size, 1), bool), pads), cache)
    return y, cache


def _winners_with_odd_numbers(image: FloatArray, inside: BoolArray, cache: MaxPool2DCache) -> IntArray:
    """Return the winning taps of one image that has NaN or infinities, which the comparisons above do not place rightly.

    NumPy's argmax lets the first NaN win. A window of nothing but -inf goes to its first pixel that is not padding.
    """
    places = [place for _, place in _taps(cache)]
    candidates = np.stack([image[place] for place in places])
    first_inside = np.stack([inside[place] for place in places]).argmax(axis=0)
    return np.where(candidates.max(axis=0) == -np.inf, first_inside, candidates.argmax(axis=0))


def max_pool2d_backward(dy: FloatArray, cache: MaxPool2DCache) -> FloatArray:
    """For each tap, add dy where this tap won."""
    images, height, width, channels = cache.shape
    (top, bottom), (left, right) = cache.padding
    dx = np.empty(cache.shape, dy.dtype)
    padded = np.empty((top + height + bottom, left + width + right, channels), dy.dtype)
    for n in range(images):
        padded[...] = 0
        for number, places in _taps(cache):
            padded[places] += dy[n] * (cache.winner[n] == number)
        dx[n] = padded[top : top + height, left : left + width]
    return dx


def _taps(cache: MaxPool2DCache) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield each tap's number, in row-major order, and the positions of the padded image that it meets."""
    _, oh, ow, _ = cache.winner.shape
    (kh, kw), (sh, sw) = cache.pool_size, cache.strides
    for i in range(kh):
        for j in range(kw):
            yield i * kw + j, (tap(i, sh, oh), tap(j, sw, ow))
