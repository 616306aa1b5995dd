"""`math` and `cuda.libdevice` for simulated kernels: a float32 argument gives a float32 result, and nothing raises."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .typed.conversions import CONVERSIONS

_UFUNCS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p,
    "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "pow": np.power, "fmod": np.fmod, "hypot": np.hypot, "fabs": np.abs,
    "copysign": np.copysign, "ldexp": np.ldexp, "degrees": np.degrees, "radians": np.radians,
    "remainder": lambda a, b: a - b * np.rint(a / b), "nextafter": np.nextafter, "exp2": np.exp2, "cbrt": np.cbrt,
}  # fmt: skip
"""Functions of `math` that return a float -> the ufunc that gives their limits where `math` raises."""


def _narrow(name: str) -> Callable[..., Any]:
    exact = getattr(math, name)
    limit = _UFUNCS.get(name)

    def function(*args: Any) -> Any:
        try:
            result = exact(*args)
        except (OverflowError, ValueError):
            if limit is None:
                raise
            result = float(limit(*(np.float64(a) for a in args)))
        if name == "nextafter" and isinstance(args[0], np.float32):
            return np.nextafter(args[0], np.float32(args[1]))
        kind = type(args[0])
        return kind(result) if kind is np.float32 or kind is np.float16 else result

    function.__name__ = name
    return function


def _whole(function: Callable[..., Any]) -> Callable[[Any], int]:
    """Make `math.floor` and its kin of a ufunc: what does not fit is converted as a GPU does it."""
    return lambda x: CONVERSIONS["int64"](function(x)) if isinstance(x, float | np.floating) else int(x)


class _FloatMath:
    """Stands in for the module `math`: float32 in, float32 out, as Numba types it.

    Infinity or NaN where Python would raise.
    """

    pi, e, inf, nan, tau = math.pi, math.e, math.inf, math.nan, math.tau
    floor, ceil, trunc = staticmethod(_whole(np.floor)), staticmethod(_whole(np.ceil)), staticmethod(_whole(np.trunc))
    frexp = staticmethod(math.frexp)
    isnan, isinf, isfinite = staticmethod(math.isnan), staticmethod(math.isinf), staticmethod(math.isfinite)
    gcd = staticmethod(math.gcd)

    def __init__(self) -> None:
        for name in (*_UFUNCS, "erf", "erfc", "gamma", "lgamma"):
            if hasattr(math, name):  # Python 3.10 has no cbrt and exp2
                setattr(self, name, _narrow(name))

    def modf(self, x: Any) -> tuple[Any, Any]:
        """Return the fraction and the whole part."""
        kind = type(x) if isinstance(x, np.floating) else np.float64
        fraction, whole = np.modf(np.float64(x))
        return kind(fraction), kind(whole)


class _Libdevice:
    """Stands in for `cuda.libdevice`: the commonest functions, by NumPy in the precision of their name.

    `expf` is float32, `exp` float64.

    The `fast_` ones are as exact as the others here, where a GPU is not.
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        plain = name.removeprefix("fast_")
        is_float32 = plain.endswith("f") and plain not in ("erf",)
        stem = plain[:-1] if is_float32 else plain
        kind = np.float32 if is_float32 else np.float64
        function = _LIBDEVICE.get(stem)
        if function is None:
            raise AttributeError(
                f"the simulator has no cuda.libdevice.{name}; it has {', '.join(sorted(_LIBDEVICE))} (with and "
                "without a final f)"
            )
        return lambda *args: kind(function(*(float(a) for a in args)))


_LIBDEVICE: dict[str, Callable[..., Any]] = {
    **{name: function for name, function in _UFUNCS.items() if name not in ("degrees", "radians", "ldexp")},
    "exp2": np.exp2, "exp10": lambda x: np.power(10.0, x), "rsqrt": lambda x: 1 / np.sqrt(np.float64(x)),
    "cbrt": np.cbrt, "fma": lambda a, b, c: a * b + c, "fmax": np.fmax, "fmin": np.fmin, "rint": np.rint,
    "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "round": lambda x: np.copysign(np.floor(np.abs(x) + 0.5), x),
    "rcp": lambda x: 1 / np.float64(x), "erf": math.erf, "erfc": math.erfc, "fdivide": lambda a, b: np.float64(a) / b,
}  # fmt: skip

MATH = _FloatMath()
LIBDEVICE = _Libdevice()
