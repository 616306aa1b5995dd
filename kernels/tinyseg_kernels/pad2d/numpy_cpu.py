"""zero_padding2d and cropping2d in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import FloatArray, Pair


def zero_padding2d_forward(x: FloatArray, *, padding: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Zeros around x."""
    return np.pad(x, ((0, 0), *padding, (0, 0))), padding


def zero_padding2d_backward(dy: FloatArray, padding: tuple[Pair, Pair]) -> FloatArray:
    """The inside of dy."""
    return cropping2d_forward(dy, cropping=padding)[0]


def cropping2d_forward(x: FloatArray, *, cropping: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """The inside of x, as an array of its own."""
    (top, bottom), (left, right) = cropping
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right].copy(), cropping


def cropping2d_backward(dy: FloatArray, cropping: tuple[Pair, Pair]) -> FloatArray:
    """Zeros around dy."""
    return zero_padding2d_forward(dy, padding=cropping)[0]
