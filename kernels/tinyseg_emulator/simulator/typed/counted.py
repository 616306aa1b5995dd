"""What an operation of a kernel counts as, of the kinds of `checks/roofline/work.py`; '' for nothing."""

from __future__ import annotations

import ast
from collections.abc import Mapping

_TYPES: Mapping[object, str] = {"float16": "fp16", "float32": "fp32", "float64": "fp64"}
_SYMBOLS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "add", ast.Mult: "mul", ast.Div: "special", ast.FloorDiv: "special", ast.Mod: "special",
    ast.Pow: "special",
}  # fmt: skip
_SPECIAL = frozenset(
    [
        "exp",
        "exp2",
        "exp10",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "arcsin",
        "arccos",
        "arctan",
        "arctan2",
        "arcsinh",
        "arccosh",
        "arctanh",
        "pow",
        "power",
        "powi",
        "cbrt",
        "rcbrt",
        "sqrt",
        "rsqrt",
        "rcp",
        "hypot",
        "rhypot",
        "erf",
        "erfc",
        "erfinv",
        "gamma",
        "lgamma",
        "tgamma",
        "fmod",
        "remainder",
        "div",
        "fdiv",
        "ddiv",
        "fdivide",
        "divide",
        "true_divide",
        "reciprocal",
        "hrcp",
        "hexp",
        "hexp2",
        "hexp10",
        "hlog",
        "hlog2",
        "hlog10",
        "hsin",
        "hcos",
        "hsqrt",
        "hrsqrt",
        "hdiv",
        "float_power",
    ]
)
_FUNCTIONS = {
    **dict.fromkeys(_SPECIAL, "special"),
    **dict.fromkeys(("add", "sub", "subtract", "fadd", "dadd", "fsub", "dsub", "hadd", "hsub"), "add"),
    **dict.fromkeys(("mul", "multiply", "fmul", "dmul", "hmul", "degrees", "radians", "square"), "mul"),
    **dict.fromkeys(("fma", "hfma"), "fma"),
}


def kind_of_operator(symbol: ast.operator, kind: object) -> str:
    """Return what an operator with a result of this type counts as."""
    operation = _SYMBOLS.get(type(symbol))
    return f"{_TYPES[kind]} {operation}" if operation and kind in _TYPES else ""


def kind_of_call(callee: str, kind: object) -> str:
    """Return what a call of a function with a result of this type counts as."""
    if kind not in _TYPES or callee.startswith("atomic"):
        return ""
    name = callee.rpartition(".")[2].removeprefix("fast_")
    for end in ("_rn", "_rz", "_ru", "_rd"):
        name = name.removesuffix(end)
    operation = _FUNCTIONS.get(name) or _FUNCTIONS.get(name.removesuffix("f"))
    return f"{_TYPES[kind]} {operation}" if operation else ""


def helper(kind: str) -> str:
    """Return the name, behind `PREFIX`, of the function that counts a kind."""
    return "count_" + kind.replace(" ", "_")
