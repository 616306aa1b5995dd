"""What the results of a launch are expected to be, and how they are compared."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from .element_types import BFLOAT16, decoded, is_float
from .expressions import Expression
from .fills import Computed, computed
from .names import Names
from .numbers import UnknownName

TOLERANCES: dict[str, float] = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 1e-4, "float64": 1e-9}
"""How far a result may be from what is expected, as a part of the largest number that is expected (or of its own)."""


@dataclass(frozen=True)
class Expected:
    """What one array, or a part of it, shall hold after a launch.

    Args:
        target: The array or variable of the file.
        part: The slice of it that is compared, '' for all.
        value: The expression, of the arrays as they are before the launch.
        tolerance: How far it may be off, None for what its type allows.
    """

    target: str
    part: str
    value: Computed
    tolerance: float | None = None


@dataclass(frozen=True)
class Mismatch:
    """The first number of a result that is not what was expected, and how many there are."""

    index: str
    value: str
    expected: str
    wrong: int
    total: int


def read_expected(text: str, names: Names) -> Expected:
    """Read `y = 2 * x`, `y[2:5] = 0`, `y = exp(x) within 1e-3`.

    Raises:
        ValueError: It cannot be read.
    """
    within = re.fullmatch(r"(.*\S)\s+within\s+(\S.*)", text, re.DOTALL)
    tolerance = None if within is None else float(names.number(within[2]))
    parts = re.fullmatch(
        r"((?:::)?[A-Za-z_][\w:.]*)\s*(\[.*?\])?\s*(?:==?|~)\s*(.+)", within[1] if within else text, re.DOTALL
    )
    if parts is None:
        raise ValueError(f"expected  name = expression  behind the arrow, got {text!r}")
    if parts[2]:
        try:
            ast.parse(f"x{parts[2]}", mode="eval")
        except SyntaxError:
            raise ValueError(f"{parts[2]!r} is no index") from None
    try:
        value = computed(parts[3], names)
        if parts[2]:
            index = computed(f"tinyseg_result{parts[2]}", names)
            value = Computed(value.expression, (*value.constants, *index.constants))
        return Expected(parts[1], parts[2] or "", value, tolerance)
    except UnknownName as error:
        raise ValueError(f"{parts[3]!r}: {error}") from None


def compare(expected: Expected, result: Array, before: Mapping[str, Any]) -> Mismatch | None:
    """Compare a result.

    Args:
        expected: What is expected.
        result: The array after the launch.
        before: The arrays and numbers before it, by name.

    Raises:
        ValueError: The expression does not work, or has another shape.
    """
    known = {**dict(expected.value.constants), **{name: _wide(value) for name, value in before.items()}}
    want = np.asarray(expected.value.expression.evaluate(known))
    got = decoded(result)
    if expected.part:
        part = Expression(f"tinyseg_result{expected.part}")
        got = np.asarray(part.evaluate({**known, "tinyseg_result": got}))
    if want.dtype.kind not in "biuf":
        raise ValueError(f"{expected.value.expression.text!r} gives no numbers")
    if want.shape != got.shape and want.size == got.size:
        want = want.reshape(got.shape)
    try:
        want = np.broadcast_to(want, got.shape)
    except ValueError:
        raise ValueError(
            f"{expected.value.expression.text!r} has shape {want.shape}, and {expected.target!r} has {got.shape}"
        ) from None
    if result.dtype.names and result.dtype != BFLOAT16 and got.dtype.names:
        raise ValueError(f"{expected.target!r} is of structures: compare one field, as in  {expected.target}.x = ...")
    wrong = _differs(got, want, result.dtype, expected.tolerance)
    if not wrong.any():
        return None
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = ", ".join(map(str, first))
    return Mismatch(place, _text(got[first]), _text(want[first]), int(wrong.sum()), int(wrong.size))


def _wide(value: Any) -> Any:
    """Return numbers in which an expression is worked out: 64 bits, so that what is expected is more exact."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    array = decoded(np.asarray(value))
    if array.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # signalling NaN of unset numbers
            return array.astype(np.float64)
    if array.dtype.kind in "iu" and array.dtype != np.uint64:
        return array.astype(np.int64)
    return array


def _differs(got: Array, want: Array, dtype: np.dtype[Any], tolerance: float | None) -> Array:
    number = dtype.fields[dtype.names[0]][0] if dtype.names and dtype != BFLOAT16 and dtype.fields else dtype
    if not is_float(number) and tolerance is None:
        if want.dtype.kind in "iub" and number.kind in "iu":
            return np.asarray(got != want.astype(number))  # integers wrap on both sides
        return np.asarray(got != want)
    allowed = tolerance if tolerance is not None else TOLERANCES["bfloat16" if number == BFLOAT16 else number.name]
    got64, want64 = got.astype(np.float64), want.astype(np.float64)
    if number.name == "float32" and tolerance is None:
        want64 = np.where(np.abs(want64) > np.finfo(np.float32).max * (1 + 2**-25), np.copysign(np.inf, want64), want64)
    finite = np.abs(want64[np.isfinite(want64)])
    scale = np.maximum(np.abs(want64), finite.max(initial=0.0) * 0.01)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got64 - want64) <= allowed * scale
    same = (got64 == want64) | (np.isnan(got64) & np.isnan(want64))
    return np.asarray(~(near | same))


def _text(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, (float, np.floating)) else str(value)
