"""Checks that the operations share.

Each raises `InvalidInput` naming the operation, what was expected and what came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from math import inf, isfinite
from numbers import Integral, Real
from types import NoneType
from typing import Any, TypeVar

import numpy as np

from .device import check_unusual, is_array, to_host, usual_type
from .errors import InvalidInput
from .types import FLOATS, Array, DType, DTypeLike, Padding, Pair, Shape
from .windows import explicit_padding, output_size, valid_taps

Check = TypeVar("Check", bound=Callable[..., object])

OPTIONAL = ("bias", "gamma", "beta", "weight")
"""Arrays that an operation may be called without."""

LIMIT = 2**20
"""Steps, windows and borders are smaller: a number of pixels stays one that fits into 64 bits."""


def as_pair(name: str, value: int | tuple[int, ...], minimum: int = 1) -> Pair:
    """Turn an integer n into (n, n) and check a pair of integers that are at least `minimum`."""
    if type(value) is tuple and len(value) == 2:  # from a layer: seen without asking what counts as an integer
        first, second = value
        if type(first) is int and type(second) is int and minimum <= first < LIMIT and minimum <= second < LIMIT:
            return value
    pair: Any = (value, value) if isinstance(value, Integral) else value
    try:
        first, second = pair
        whole = isinstance(first, Integral) and isinstance(second, Integral)
    except (TypeError, ValueError):
        whole = False
    if not whole or bool in (type(first), type(second)) or not minimum <= min(pair) <= max(pair) < LIMIT:
        raise _no_pair(name, value, f"{minimum} and below {LIMIT}" if whole and max(pair) >= LIMIT else str(minimum))
    return (int(first), int(second))


def _no_pair(name: str, value: object, limits: str) -> InvalidInput:
    return InvalidInput(f"{name}: expected an integer or a pair of integers of at least {limits}, got {value!r}")


def as_padding(name: str, value: str | Sequence[Sequence[int]]) -> Padding:
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


# Shapes, and where windows lie in them


def remembered(check: Check) -> Check:
    """Remember what a check returned: layers ask for the same in each step, with shapes, pairs and texts."""
    known = lru_cache(maxsize=1024)(check)

    @wraps(check)
    def ask(*arguments: object) -> object:
        return (known if all(map(_is_usual, arguments)) else check)(*arguments)

    return ask  # type: ignore[return-value]


def _is_usual(argument: object) -> bool:
    """Return whether this is a text, None, or a tuple of integers: not of True or 1.0, which are equal to 1."""
    return {*map(type, argument)} <= {int} if type(argument) is tuple else type(argument) in (str, NoneType)


def check_rank(operation: str, name: str, shape: Shape, axes: str) -> None:
    """Check the number of axes, given as text such as 'N, H, W, C'."""
    rank = len(axes.split(","))
    if len(shape) != rank:
        wanted = f"{name} of shape ({axes}), that is {rank} axes"
        raise InvalidInput(f"{operation}: expected {wanted}, got shape {shape}")


def check_kernel(operation: str, shape: Shape, axes: str) -> None:
    """Check the number of axes of a kernel, and that none of them is empty."""
    check_rank(operation, "kernel", shape, axes)
    if 0 in shape:
        raise InvalidInput(f"{operation}: expected kernel ({axes}) of at least one number, got shape {shape}")


def wrong_channels(operation: str, x: Shape, kernel: Shape, axis: int, axes: str = "") -> InvalidInput:
    """Say that the last axis of x has another length than an axis of the kernel."""
    return InvalidInput(
        f"{operation}: expected {kernel[axis]} channels in the last axis of x (kernel has shape {kernel}"
        f"{axes}), got shape {x}"
    )


def check_shape(operation: str, name: str, found: Shape | None, shape: Shape, why: str = "") -> None:
    """Check the exact shape of an array, if there is one."""
    if found is not None and found != shape:
        raise InvalidInput(f"{operation}: expected {name} of shape {shape}{why}, got shape {found}")


def as_windows(
    operation: str, size: Pair, window: Pair, strides: int | Pair, padding: Padding, dilation_rate: int | Pair = (1, 1)
) -> tuple[Pair, Padding, Pair]:
    """Return strides, padding and dilation rate in their usual form; a window must fit into the image at least once."""
    steps, rate = as_pair(f"{operation}: strides", strides), as_pair(f"{operation}: dilation_rate", dilation_rate)
    padding = as_padding(f"{operation}: padding", padding)
    pads = explicit_padding(padding, size, window, steps, rate)
    if min(output_size(size, window, steps, pads, rate)) < 1:
        raise _too_large(operation, size, window, padding, rate)
    return steps, padding, rate


def _too_large(operation: str, size: Pair, window: Pair, padding: Padding, dilation_rate: Pair) -> InvalidInput:
    dilated = f" with dilation {dilation_rate}" if dilation_rate != (1, 1) else ""
    return InvalidInput(
        f"{operation}: the window {window}{dilated} is larger than the image of {size[0]} x {size[1]} pixels "
        f"with padding {padding!r}; use a larger image, a smaller window or padding='same'"
    )


def as_pooling(
    operation: str, x: Array, pool_size: int | Pair, strides: int | Pair | None, padding: Padding
) -> tuple[Pair, Pair, tuple[Pair, Pair]]:
    """Return (window, strides, explicit padding); every window must meet at least one pixel."""
    check_float(operation, x=x)
    return _pooling(operation, x.shape, pool_size, pool_size if strides is None else strides, padding)


@remembered
def _pooling(
    operation: str, shape: Shape, pool_size: int | Pair, strides: int | Pair, padding: Padding
) -> tuple[Pair, Pair, tuple[Pair, Pair]]:
    check_rank(operation, "x", shape, "N, H, W, C")
    size, window = (shape[1], shape[2]), as_pair(f"{operation}: pool_size", pool_size)
    steps, padding, _ = as_windows(operation, size, window, strides, padding)
    pads = explicit_padding(padding, size, window, steps)
    if not isinstance(padding, str) and valid_taps(size, window, steps, pads).min() == 0:  # 'same' never pads so much
        raise InvalidInput(f"{operation}: padding {padding!r}: a window {window} lies wholly outside the image")
    return window, steps, pads


# Options of one kind. Who calls often asks first whether the type is the usual one, and comes here only when it is not.


def as_count(name: str, value: object, least: int) -> int:
    """Return an integer of at least `least`; a float is none, nor is True."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise InvalidInput(f"{name}: expected an integer of at least {least}, got {value!r}")
    return int(value)


def as_integer(name: str, value: object, least: int, most: int) -> int:
    """Return an integer within limits."""
    number = as_count(name, value, least)
    if number > most:
        raise InvalidInput(f"{name}: expected an integer of at most {most}, got {value!r}")
    return number


def as_axis(name: str, value: object, rank: int, where: str) -> int:
    """Return the number of an axis, which may be counted from the end."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise InvalidInput(f"{name}: expected an integer, got {value!r}")
    if not -rank <= int(value) < rank:
        raise InvalidInput(f"{name} {value} does not exist in {where}")
    return int(value)


def as_flag(name: str, value: object) -> bool:
    """Return True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidInput(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def as_number(
    name: str, value: object, expected: str = "a finite number", least: float = -inf, most: float = inf
) -> float:
    """Return a finite number from `least` to `most`; an array without axes is one, True is not."""
    as_float = as_scalar(name, value, expected)
    if not isfinite(as_float) or not least <= as_float <= most:
        raise InvalidInput(f"{name}: expected {expected}, got {value!r}")
    return as_float


def as_scalar(name: str, value: object, expected: str = "a number") -> float:
    """Return a number, which may be infinite or NaN."""
    number = to_host(value)[()] if is_array(value) and value.ndim == 0 else value
    if isinstance(number, (bool, np.bool_)) or not isinstance(number, Real):
        raise InvalidInput(f"{name}: expected {expected}, got {value!r}")
    try:
        return float(number)
    except OverflowError:  # an integer that no float reaches
        return -inf if number < 0 else inf


def as_kind(name: str, dtype: DTypeLike) -> DType:
    """Return the dtype float32 or float64 for any spelling of the two."""
    try:
        kind = np.dtype(dtype)
    except (TypeError, ValueError):
        kind = None
    if kind is None or kind not in FLOATS:
        raise InvalidInput(f"{name}: expected float32 or float64, got {dtype!r}")
    return kind
