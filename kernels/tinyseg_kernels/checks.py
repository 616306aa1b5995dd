"""Checks that the operations share: each raises `InvalidInput` naming the operation, what was expected and what came."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from .device import check_unusual, usual_type
from .errors import InvalidInput
from .types import FLOATS, Array, Padding, Pair
from .windows import explicit_padding, output_size, valid_taps

OPTIONAL = ("bias", "gamma", "beta", "weight")
"""Arrays that an operation may be called without."""


def as_pair(name: str, value: Any, minimum: int = 1) -> Pair:
    """Turn an integer n into (n, n) and check a pair of integers that are at least `minimum`."""
    if (
        type(value) is tuple and len(value) == 2
    ):  # as it comes from a layer: seen without the slow question of what counts as an integer
        first, second = value
        if type(first) is int and type(second) is int and first >= minimum and second >= minimum:
            return value
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


def check_float(operation: str, **arrays: Any) -> None:
    """Check that the arrays given are float32 or float64, all of the same dtype, and where the backend in use computes."""
    dtype, usual = None, usual_type()
    for name, array in arrays.items():
        if array is not None or name not in OPTIONAL:
            if type(array) is not usual:
                check_unusual(operation, name, array)
            if array.dtype not in FLOATS or array.dtype != (dtype or array.dtype):
                raise _wrong_dtype(operation, name, arrays)
            dtype = array.dtype


def _wrong_dtype(operation: str, name: str, arrays: dict[str, Any]) -> InvalidInput:
    """Say what is wrong with the dtype of an array, compared with that of the first one."""
    first, dtype = next((other, array.dtype) for other, array in arrays.items() if array is not None)
    got = arrays[name].dtype
    if got in FLOATS:
        return InvalidInput(f"{operation}: expected {name} of the same dtype as {first} ({dtype}), got {got}")
    return InvalidInput(
        f"{operation}: expected {name} of dtype float32 or float64, got {got}; "
        f"convert it first, for instance {name}.astype('float32')"
    )


def check_rank(operation: str, name: str, array: Array, axes: str) -> None:
    """Check the number of axes, given as text such as 'N, H, W, C'."""
    rank = len(axes.split(","))
    if array.ndim != rank:
        raise InvalidInput(
            f"{operation}: expected {name} of shape ({axes}), that is {rank} axes, got shape {array.shape}"
        )


def check_kernel(operation: str, kernel: Array, axes: str) -> None:
    """Check the number of axes of a kernel, and that none of them is empty."""
    check_rank(operation, "kernel", kernel, axes)
    if kernel.size == 0:
        raise InvalidInput(f"{operation}: expected kernel ({axes}) of at least one number, got shape {kernel.shape}")


def check_shape(operation: str, name: str, array: Array | None, shape: tuple[int, ...], why: str = "") -> None:
    """Check the exact shape of an array, if there is one."""
    if array is not None and array.shape != shape:
        raise InvalidInput(f"{operation}: expected {name} of shape {shape}{why}, got shape {array.shape}")


def check_window_fits(
    operation: str, size: Pair, window: Pair, strides: Pair, padding: Padding, dilation_rate: Pair = (1, 1)
) -> Pair:
    """Check that the window fits into the padded image at least once; returns the output's (height, width)."""
    out = output_size(
        size, window, strides, explicit_padding(padding, size, window, strides, dilation_rate), dilation_rate
    )
    if min(out) < 1:
        raise _too_large(operation, size, window, padding, dilation_rate)
    return out


def _too_large(operation: str, size: Pair, window: Pair, padding: Padding, dilation_rate: Pair) -> InvalidInput:
    dilated = f" with dilation {dilation_rate}" if dilation_rate != (1, 1) else ""
    return InvalidInput(
        f"{operation}: the window {window}{dilated} is larger than the image of {size[0]} x {size[1]} pixels "
        f"with padding {padding!r}; use a larger image, a smaller window or padding='same'"
    )


def checked_pooling(
    operation: str, x: Array, pool_size: int | Pair, strides: int | Pair | None, padding: Padding
) -> tuple[Pair, Pair, tuple[Pair, Pair]]:
    """Return (window, strides, explicit padding); every window must meet at least one pixel."""
    check_float(operation, x=x)
    check_rank(operation, "x", x, "N, H, W, C")
    window = as_pair("pool_size", pool_size)
    steps = window if strides is None else as_pair("strides", strides)
    size: Pair = (x.shape[1], x.shape[2])
    padding = as_padding("padding", padding)
    check_window_fits(operation, size, window, steps, padding)
    pads = explicit_padding(padding, size, window, steps)
    if not isinstance(padding, str) and valid_taps(size, window, steps, pads).min() == 0:  # 'same' never pads so much
        raise InvalidInput(
            f"{operation}: padding {padding!r} is so wide that a window {window} lies wholly outside the image"
        )
    return window, steps, pads


def as_count(name: str, value: Any, least: int) -> int:
    """Return an integer of at least `least`; a float is none, nor is True."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise InvalidInput(f"{name}: expected an integer of at least {least}, got {value!r}")
    return int(value)
