"""Where the windows of a convolution or a pooling lie: padding, output sizes, and a view of all windows.

For one axis of length `size`, a window of length `k` with dilation `d` spans `(k - 1) * d + 1` positions. With `before`
and `after` positions of padding and stride `s`, output `o` sees the positions `o * s - before + i * d` for `i = 0 .. k
- 1`, and there are `(size + before + after - span) // s + 1` outputs.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .errors import InvalidInput
from .types import Array, Padding, Pair


def window_span(window: int, dilation: int) -> int:
    """Return the number of positions from the first to the last one that a window touches."""
    return (window - 1) * dilation + 1


@lru_cache(maxsize=1024)
def explicit_padding(
    padding: Padding, size: Pair, window: Pair, strides: Pair, dilation_rate: Pair = (1, 1)
) -> tuple[Pair, Pair]:
    """Turn 'valid', 'same' or explicit pairs into ((top, bottom), (left, right)).

    'same' gives `ceil(size / stride)` outputs; an odd number of padded positions puts the extra one after (below, to
    the right), as Keras and TensorFlow do.
    """
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0), (0, 0))
        if padding != "same":
            raise InvalidInput(f"padding: expected 'valid', 'same' or ((top, bottom), (left, right)), got {padding!r}")
        pairs = []
        for n, k, s, d in zip(size, window, strides, dilation_rate, strict=True):
            total = max((-(-n // s) - 1) * s + window_span(k, d) - n, 0)
            pairs.append((total // 2, total - total // 2))
        return (pairs[0], pairs[1])
    return padding


@lru_cache(maxsize=1024)
def output_size(
    size: Pair, window: Pair, strides: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair = (1, 1)
) -> Pair:
    """Return (height, width) of the output; zero where the window does not fit even once."""
    height, width = (
        max((n + before + after - window_span(k, d)) // s + 1, 0)
        for n, k, s, (before, after), d in zip(size, window, strides, padding, dilation_rate, strict=True)
    )
    return (height, width)


@lru_cache(maxsize=1024)
def input_gradient_padding(
    size: Pair, window: Pair, out: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair = (1, 1)
) -> tuple[Pair, Pair]:
    """Return the padding of dy (N, *out, F) whose convolution with the flipped kernel is dx (N, *size, C); stride 1.

    The window of dy that gives dx's first position begins `reach - before` positions before dy's first one, where
    `reach` is from the first to the last position of a window. What is padded in all makes dx exactly `size` long. A
    negative number means that so much of dy is cut off: outputs that saw nothing but padding. Of `padding`, that of
    the forward, only what is before counts.
    """
    pads = []
    for n, k, o, (before, _), d in zip(size, window, out, padding, dilation_rate, strict=True):
        reach = window_span(k, d) - 1
        pads.append((reach - before, n + before - o))
    return (pads[0], pads[1])


def pad_image(image: Array, padding: tuple[Pair, Pair], value: float = 0.0) -> Array:
    """Surround images (..., H, W, C) with a constant; without padding the array itself is returned, not a copy."""
    (top, bottom), (left, right) = padding
    if not (top or bottom or left or right):
        return image
    *several, height, width, channels = image.shape
    padded = np.full((*several, top + height + bottom, left + width + right, channels), value, image.dtype)
    padded[..., top : top + height, left : left + width, :] = image
    return padded


def windows_of(images: Array, window: Pair, strides: Pair, dilation_rate: Pair = (1, 1)) -> Array:
    """View all windows of images (N, H, W, C) as (N, OH, OW, KH, KW, C); no pixel is copied, and it is read-only."""
    geometry = {"window": window, "strides": strides, "dilation_rate": dilation_rate}
    if not isinstance(images, np.ndarray) or images.ndim != 4 or not all(map(_is_pair, geometry.values())):
        raise _no_windows(images, geometry)
    (kh, kw), (sh, sw), (dh, dw) = window, strides, dilation_rate
    oh, ow = output_size(images.shape[1:3], window, strides, ((0, 0), (0, 0)), dilation_rate)
    image, row, column, channel = images.strides
    shape = (len(images), oh, ow, kh, kw, images.shape[3])
    steps = (image, row * sh, column * sw, row * dh, column * dw, channel)
    return np.lib.stride_tricks.as_strided(images, shape, steps, writeable=False)


def _is_pair(value: object) -> bool:
    """Return whether this is what `as_pair` makes; windows of others might reach beyond the array."""
    return type(value) is tuple and [type(n) is int and 1 <= n < 2**31 for n in value] == [True, True]


def _no_windows(images: object, pairs: dict[str, Pair]) -> InvalidInput:
    """Say of what no view can be made."""
    for name, pair in pairs.items():
        if not _is_pair(pair):
            return InvalidInput(f"windows_of: {name}: expected a pair of integers of at least 1, got {pair!r}")
    got = f"shape {images.shape}" if isinstance(images, np.ndarray) else type(images).__name__
    return InvalidInput(f"windows_of: expected images (N, H, W, C) as a NumPy array, got {got}")


def tap(offset: int, stride: int, count: int) -> slice:
    """Return the slice of the positions that one place of the window (a *tap*) meets over all outputs of an axis."""
    return slice(offset, offset + stride * (count - 1) + 1, stride)


def valid_taps(size: Pair, window: Pair, strides: Pair, padding: tuple[Pair, Pair]) -> Array:
    """Count, for every window, the positions that lie inside the image and not in the padding: (OH, OW)."""
    counts = []
    for n, k, s, (before, after) in zip(size, window, strides, padding, strict=True):
        starts = np.arange((n + before + after - k) // s + 1) * s - before
        counts.append(np.maximum(np.minimum(starts + k, n) - np.maximum(starts, 0), 0))
    return np.multiply.outer(counts[0], counts[1])
