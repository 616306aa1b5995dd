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
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, strides: Pair, padding: str, dilation_rate: Pair,
    output_padding: Pair | None = None,
) -> Conv2DTransposeCache:  # fmt: skip
    """Work out y's size, and the padding of the convolution that leads back from it."""
    window: Pair = kernel.shape[:2]
    size = output_size((x.shape[1], x.shape[2]), window, strides, padding, dilation_rate, output_padding)
    pads = stamp_padding((x.shape[1], x.shape[2]), size, window, strides, padding, dilation_rate, output_padding)
    return Conv2DTransposeCache(x, kernel, bias is not None, strides, pads, dilation_rate, size)


def stamp_padding(
    size: Pair, out: Pair, window: Pair, strides: Pair, padding: str, dilation_rate: Pair, output_padding: Pair | None
) -> tuple[Pair, Pair]:
    """Return the padding of the convolution from y's size to x's: input i reaches outputs i * stride - before + tap."""
    if output_padding is None:
        return explicit_padding(padding, out, window, strides, dilation_rate)
    spans = [window_span(k, d) for k, d in zip(window, dilation_rate, strict=True)]
    vertical, horizontal = (
        _padding(n, y, span, s, padding, more)
        for n, y, span, s, more in zip(size, out, spans, strides, output_padding, strict=True)
    )
    return vertical, horizontal


def output_size(
    size: Pair, window: Pair, strides: Pair, padding: str, dilation_rate: Pair, output_padding: Pair | None
) -> Pair:
    """Return the height and width of y; the formulas stand in `__init__.py`."""
    found = []
    for axis, (n, k, s, d) in enumerate(zip(size, window, strides, dilation_rate, strict=True)):
        span = window_span(k, d)
        if output_padding is None:
            found.append(n * s if padding == "same" else (n - 1) * s + max(span, s))
        else:
            found.append((n - 1) * s + (span % 2 if padding == "same" else span) + output_padding[axis])
    return found[0], found[1]


def _padding(n: int, size: int, span: int, stride: int, padding: str, more: int) -> Pair:
    """Return what the convolution from `size` back to n pixels has before and after them.

    Of the (n - 1) * stride + span pixels that the stamps cover, Keras cuts off for 'same' about half of what is too
    much on either side, with the odd one on the left kept where the kernel's span is odd. What y has more than they
    cover, less than a stride, no stamp reaches.
    """
    before = 0
    if padding == "same":
        kept = span + span % 2 - 2 + more
        before = span - 1 - min(kept // 2 + kept % 2, span - 1)
    return before, max((n - 1) * stride + span - size - before, 0)
