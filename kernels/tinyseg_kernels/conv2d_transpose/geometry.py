"""Where the stamps of a transposed convolution lie."""

from __future__ import annotations

from typing import NamedTuple

from ..types import FloatArray, Pair
from ..windows import explicit_padding, window_span


class Conv2DTransposeCache(NamedTuple):
    """Inputs of the forward; `padding` is that of the convolution from y's size to x's."""

    x: FloatArray
    kernel: FloatArray
    has_bias: bool
    strides: Pair
    padding: tuple[Pair, Pair]
    dilation_rate: Pair
    size: Pair
    """Height and width of y."""


def make_cache(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, strides: Pair, padding: str, dilation_rate: Pair
) -> Conv2DTransposeCache:
    """Work out y's size, and the padding of the convolution that leads back from it."""
    sizes = []
    for n, k, s, d in zip(x.shape[1:3], kernel.shape[:2], strides, dilation_rate, strict=True):
        sizes.append(n * s if padding == "same" else (n - 1) * s + max(window_span(k, d), s))
    size = (sizes[0], sizes[1])
    pads = explicit_padding(padding, size, kernel.shape[:2], strides, dilation_rate)
    return Conv2DTransposeCache(x, kernel, bias is not None, strides, pads, dilation_rate, size)
