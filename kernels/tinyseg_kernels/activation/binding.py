"""The table's functions with another mathematics: the same lines for NumPy, for compiled code, for the text of C++.

A Python function looks up the names in it, such as `exp`, in a dictionary, its globals. So a function made of the same
code and another dictionary computes with another `exp`. The constants become numbers of the dtype that is computed
with: to a compiler 0.5 is a float64, and float32 times float64 is float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import NamedTuple, TypeVar

from . import table
from .table import PARTS, TABLE, Formula, Number

Function = TypeVar("Function", bound=Formula)

MOST_OPTIONS = 3
"""How many options an entry may have; kernels take this many, some of them idle."""


class Bound(NamedTuple):
    """An entry's functions for one rung and dtype, of (number, option, option, option)."""

    value: Formula
    slope: Formula


def bind_table(
    mathematics: Mapping[str, object],
    real: Callable[[float], object] = float,
    compiled: Callable[[Formula], Formula] = lambda function: function,
) -> dict[str, Bound]:
    """Return the table's functions by their names.

    Args:
        mathematics: exp, where, ... of the rung.
        real: What makes a number of the rung's type.
        compiled: What the rung makes of a function.
    """
    constants = {name: real(value) for name, value in vars(table).items() if isinstance(value, float)}
    namespace = {**constants, **mathematics}

    def bind(function: Formula) -> Formula:
        made = namespace[function.__name__] = compiled(bound(function, namespace, real))
        return made

    for part in PARTS:
        bind(part)
    found = {}
    for name, entry in TABLE.items():
        takes = _TAKES[len(entry.options)]
        found[name] = Bound(*(compiled(bound(takes, {"of": bind(f)}, real)) for f in (entry.value, entry.slope)))
    return found


def bound(
    function: Function, namespace: dict[str, object], real: Callable[[float], object] = float, name: str | None = None
) -> Function:
    """Return a function of the same code whose names mean what the namespace says."""
    assert isinstance(function, FunctionType)
    code = function.__code__
    constants = tuple(real(value) if isinstance(value, float) else value for value in code.co_consts)
    made = FunctionType(code.replace(co_consts=constants), namespace, function.__name__)
    made.__qualname__, made.__module__ = name or function.__qualname__, function.__module__
    made.__doc__ = function.__doc__
    return made  # type: ignore[return-value]


def _takes_0(x: Number, a: Number, b: Number, c: Number) -> Number:
    return of(x)  # type: ignore[name-defined]  # noqa: F821


def _takes_1(x: Number, a: Number, b: Number, c: Number) -> Number:
    return of(x, a)  # type: ignore[name-defined]  # noqa: F821


def _takes_2(x: Number, a: Number, b: Number, c: Number) -> Number:
    return of(x, a, b)  # type: ignore[name-defined]  # noqa: F821


def _takes_3(x: Number, a: Number, b: Number, c: Number) -> Number:
    return of(x, a, b, c)  # type: ignore[name-defined]  # noqa: F821


_TAKES = (_takes_0, _takes_1, _takes_2, _takes_3)
"""The functions of compiled code, which all take as many arguments."""
