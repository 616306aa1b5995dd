"""Checks that the operations share: each raises `InvalidInput` naming the operation, what was expected and what came."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from .errors import InvalidInput
from .gpu.arrays import check_place, is_array
from .types import FLOATS, Array, Padding, Pair
from .windows import explicit_padding, output_size


def as_pair(name: str, value: Any, minimum: int = 1) -> Pair:
    """Turn an integer n into (n, n) and check a pair of integers that are at least `minimum`."""
    pair = (value, value) if isinstance(value, Integral) else value
    try:
        first, second = pair
        whole = isinstance(first, Integral) and isinstance(second, Integral)
    except (TypeError, ValueError):
        whole = False
    if not whole or isinstance(value, bool) or first < minimum or second < minimum:
        raise InvalidInput(f"{name}: expected an integer or a pair of integers of at least {minimum}, got {value!r}")
    return (int(first), int(second))


def as_padding(name: str, value: Any) -> Padding:
    """Check 'valid', 'same' or ((top, bottom), (left, right)) with counts of at least 0."""
    if isinstance(value, str):
        if value.lower() in ("valid", "same"):
            return value.lower()
    else:
        try:
            vertical, horizontal = value
            return (as_pair(name, tuple(vertical), 0), as_pair(name, tuple(horizontal), 0))
        except (TypeError, ValueError):
            pass
    raise InvalidInput(f"{name}: expected 'valid', 'same' or ((top, bottom), (left, right)), got {value!r}")


def check_float(operation: str, **arrays: Array | None) -> None:
    """Check that the arrays given are float32 or float64, all of the same dtype, and where the backend in use computes."""
    first: tuple[str, np.dtype[Any]] | None = None
    for name, array in arrays.items():
        if array is None:
            continue
        if not is_array(array):
            raise InvalidInput(f"{operation}: expected {name} to be an array, got {type(array).__name__}")
        check_place(operation, name, array)
        if array.dtype not in FLOATS:
            raise InvalidInput(
                f"{operation}: expected {name} of dtype float32 or float64, got {array.dtype}; "
                f"convert it first, for instance {name}.astype('float32')"
            )
        if first is None:
            first = (name, array.dtype)
        elif array.dtype != first[1]:
            raise InvalidInput(
                f"{operation}: expected {name} of the same dtype as {first[0]} ({first[1]}), got {array.dtype}"
            )


def check_rank(operation: str, name: str, array: Array, axes: str) -> None:
    """Check the number of axes, given as text such as 'N, H, W, C'."""
    rank = len(axes.split(","))
    if array.ndim != rank:
        raise InvalidInput(
            f"{operation}: expected {name} of shape ({axes}), that is {rank} axes, got shape {array.shape}"
        )


def check_shape(operation: str, name: str, array: Array, shape: tuple[int, ...], why: str = "") -> None:
    """Check an exact shape."""
    if array.shape != shape:
        raise InvalidInput(f"{operation}: expected {name} of shape {shape}{why}, got shape {array.shape}")


def check_window_fits(
    operation: str, size: Pair, window: Pair, strides: Pair, padding: Padding, dilation_rate: Pair = (1, 1)
) -> Pair:
    """Check that the window fits into the padded image at least once; returns the output's (height, width)."""
    out = output_size(
        size, window, strides, explicit_padding(padding, size, window, strides, dilation_rate), dilation_rate
    )
    if min(out) < 1:
        dilated = f" with dilation {dilation_rate}" if dilation_rate != (1, 1) else ""
        raise InvalidInput(
            f"{operation}: the window {window}{dilated} is larger than the image of {size[0]} x {size[1]} pixels "
            f"with padding {padding!r}; use a larger image, a smaller window or padding='same'"
        )
    return out
