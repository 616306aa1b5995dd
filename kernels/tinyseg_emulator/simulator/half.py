"""`cuda.fp16` of simulated kernels: each function rounds its result to float16 once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_UNARY: dict[str, Callable[..., Any]] = {
    "hneg": np.negative, "habs": np.abs, "hsin": np.sin, "hcos": np.cos, "htanh": np.tanh, "hlog": np.log,
    "hlog2": np.log2, "hlog10": np.log10, "hexp": np.exp, "hexp2": np.exp2, "hexp10": lambda x: np.power(10.0, x),
    "hsqrt": np.sqrt, "hrsqrt": lambda x: 1 / np.sqrt(x), "hrcp": lambda x: 1 / x, "hfloor": np.floor, "hceil": np.ceil,
    "htrunc": np.trunc, "hrint": np.rint,
}  # fmt: skip
_SEVERAL: dict[str, Callable[..., Any]] = {
    "hadd": np.add, "hsub": np.subtract, "hmul": np.multiply, "hdiv": np.divide, "hmax": np.fmax, "hmin": np.fmin,
    "hfma": lambda a, b, c: a * b + c,
}  # fmt: skip
_COMPARED: dict[str, Callable[..., Any]] = {
    "heq": np.equal, "hne": np.not_equal, "hge": np.greater_equal, "hgt": np.greater, "hle": np.less_equal,
    "hlt": np.less,
}  # fmt: skip


class Half:
    """Stands in for the module `cuda.fp16`."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in _COMPARED:
            return lambda *args: bool(_COMPARED[name](*args))
        function = _UNARY.get(name) or _SEVERAL.get(name)
        if function is None:
            known = ", ".join(sorted([*_UNARY, *_SEVERAL, *_COMPARED]))
            raise AttributeError(f"the simulator has no cuda.fp16.{name}; it has {known}")
        return lambda *args: np.float16(function(*(np.float64(value) for value in args)))


HALF = Half()
