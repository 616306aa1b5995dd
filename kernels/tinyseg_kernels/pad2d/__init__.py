r"""Zeros around images, and borders cut off. Each is the other's gradient.

zero_padding2d: y is x with rows and columns of zeros around it; they do not depend on x, so dx is dy without them.
cropping2d:     y is x without its border, which has no influence any more: dx is dy with zeros around it.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.pad2d import zero_padding2d_forward
    >>> y, cache = zero_padding2d_forward(np.ones((1, 1, 1, 1)), padding=((1, 1), (1, 1)))
    >>> y[0, :, :, 0]
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_padding, check_float, check_rank
from ..errors import InvalidInput
from ..types import FloatArray, Pair


def _borders(operation: str, name: str, value: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    pairs = as_padding(f"{operation}: {name}", value)
    if isinstance(pairs, str):
        raise InvalidInput(f"{operation}: {name}: expected ((top, bottom), (left, right)), got {value!r}")
    return pairs


def zero_padding2d_forward(x: FloatArray, *, padding: tuple[Pair, Pair]) -> tuple[FloatArray, Kept]:
    """Surround images (N, H, W, C) with ((top, bottom), (left, right)) zeros."""
    check_float("zero_padding2d", x=x)
    check_rank("zero_padding2d", "x", x.shape, "N, H, W, C")
    borders = _borders("zero_padding2d", "padding", padding)
    return keep("zero_padding2d", *rung("pad2d").zero_padding2d_forward(x, padding=borders))


def zero_padding2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy without the border."""
    return rung("pad2d").zero_padding2d_backward(*given_back("zero_padding2d", dy, cache))


def cropping2d_forward(x: FloatArray, *, cropping: tuple[Pair, Pair]) -> tuple[FloatArray, Kept]:
    """Cut ((top, bottom), (left, right)) rows and columns off images (N, H, W, C)."""
    check_float("cropping2d", x=x)
    check_rank("cropping2d", "x", x.shape, "N, H, W, C")
    borders = _borders("cropping2d", "cropping", cropping)
    for length, pair in zip(x.shape[1:3], borders, strict=True):
        if sum(pair) >= length:
            raise InvalidInput(f"cropping2d: cannot cut {pair} off {length} pixels of x of shape {x.shape}")
    return keep("cropping2d", *rung("pad2d").cropping2d_forward(x, cropping=borders))


def cropping2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy with zeros around it."""
    return rung("pad2d").cropping2d_backward(*given_back("cropping2d", dy, cache))
