"""Expressions with NumPy's words, worked out without running any code: what a kernel's results are expected to be.

Only what is listed here can be written: arithmetic, comparisons, slices, and functions of arrays.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .numbers import COMPARISONS, CONSTANTS, LARGEST_POWER, OPERATIONS, plain_numbers

LARGEST_SIZE = 10**8
"""Most numbers in an array: what a check may take of memory and time."""

_ELEMENTWISE = (
    "abs", "add", "arccos", "arcsin", "arctan", "arctan2", "ceil", "clip", "cos", "cosh", "cbrt", "divide", "equal",
    "exp",
    "exp2", "expm1", "floor", "floor_divide", "fmax", "fmin", "fmod", "greater", "greater_equal", "hypot", "invert",
    "isclose", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10", "log1p", "log2", "logical_and",
    "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply", "nan_to_num", "negative",
    "not_equal", "power", "reciprocal", "remainder", "rint", "round", "sign", "sin", "sinh", "sqrt", "square",
    "subtract",
    "tan", "tanh", "trunc", "where",
)  # fmt: skip
_OF_ARRAYS = (
    "all", "any", "argmax", "argmin", "argsort", "array", "asarray", "atleast_1d", "atleast_2d", "average", "bincount",
    "broadcast_to", "column_stack", "concatenate", "convolve", "correlate", "count_nonzero", "cross", "cumprod",
    "cumsum",
    "diag", "diff", "dot", "einsum", "expand_dims", "flip", "fliplr", "flipud", "histogram", "hstack", "inner", "kron",
    "matmul", "max", "mean", "median", "min", "moveaxis", "nonzero", "outer", "pad", "prod", "ravel", "reshape", "roll",
    "rot90", "searchsorted", "sort", "squeeze", "stack", "std", "sum", "swapaxes", "take", "tensordot", "trace",
    "transpose",
    "tril", "triu", "unique", "var", "vdot", "vstack",
)  # fmt: skip
_MAKING = ("arange", "empty", "eye", "full", "full_like", "identity", "indices", "linspace", "ones", "ones_like",
"repeat",
           "tile", "zeros", "zeros_like")  # fmt: skip
_TYPES = (
    "bool_",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "float32",
    "float64",
)
_METHODS = frozenset(
    ("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumprod", "cumsum", "diagonal", "dot",
    "flatten",
     "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "reshape", "round", "squeeze", "std", "sum",
     "swapaxes",
     "take", "trace", "transpose", "var", "view")
)  # fmt: skip
_ATTRIBUTES = frozenset(("T", "shape", "size", "ndim"))
_BINARY = {**{kind: do for kind, do in OPERATIONS.items() if kind is not ast.Pow}, ast.MatMult: operator.matmul}
_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert, ast.Not: operator.not_,
}  # fmt: skip
FUNCTIONS: dict[str, Any] = {
    **{name: getattr(np, name) for name in (*_ELEMENTWISE, *_OF_ARRAYS, *_MAKING, *_TYPES)},
    **CONSTANTS,
    "e": np.e, "range": range, "len": len, "int": int, "float": float, "bool": bool,
    "abs": np.abs, "max": np.max, "min": np.min, "sum": np.sum, "concat": np.concatenate, "acos": np.arccos,
    "asin": np.arcsin, "atan": np.arctan, "atan2": np.arctan2, "fabs": np.abs, "pow": np.power,
}  # fmt: skip
"""What an expression may call, by NumPy's names; `np.` before them may be left out."""


_KEYWORDS = (
    "in",
    "lambda",
    "from",
    "with",
    "as",
    "def",
    "class",
    "global",
    "del",
    "pass",
    "try",
    "import",
    "return",
    "is",
)
_LOOP = re.compile(r"(\bfor\s+[\w\s,()]+?\s+in\b)")
_RENAMED = "tinyseg_array_"


def _without_keywords(text: str) -> str:
    """Rename arrays that have the name of a Python keyword, as `in` often is."""
    keyword = re.compile(rf"\b({'|'.join(_KEYWORDS)})\b")
    parts = _LOOP.split(text)
    return "".join(part if k % 2 else keyword.sub(rf"{_RENAMED}\1", part) for k, part in enumerate(parts))


class Expression:
    """An expression that has been read; `evaluate` works it out for given arrays."""

    def __init__(self, text: str) -> None:
        """Read an expression.

        Raises:
            ValueError: No expression, or one with something that may not be written.
        """
        self.text = text.strip()
        try:
            self._node = ast.parse(_without_keywords(plain_numbers(self.text)), mode="eval").body
        except (SyntaxError, MemoryError, RecursionError):
            raise ValueError(f"{self.text!r} is no expression") from None
        bound = {name.id for node in ast.walk(self._node) if isinstance(node, ast.comprehension)
                 for name in ast.walk(node.target) if isinstance(name, ast.Name)}  # fmt: skip
        names = {node.id for node in ast.walk(self._node) if isinstance(node, ast.Name)}
        self.names: set[str] = {name.removeprefix(_RENAMED) for name in names - bound - {"np", "numpy"}}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def evaluate(self, names: Mapping[str, Any]) -> Any:
        """Return its value.

        Raises:
            ValueError: Something in it is not allowed, or NumPy refuses it; the text says what.
        """
        try:
            with np.errstate(all="ignore"):
                return _Evaluation(names).value(self._node)
        except (TypeError, ArithmeticError, IndexError, KeyError, AttributeError, MemoryError, RecursionError) as error:
            raise ValueError(f"{self.text!r}: {error}") from None
        except ValueError as error:
            raise ValueError(f"{self.text!r}: {error}") from None


class _Evaluation:
    """Works out the nodes of one expression."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = dict(names)
        self._names |= {_RENAMED + name: names[name] for name in _KEYWORDS if name in names}

    def value(self, node: ast.AST) -> Any:
        """Return the value of a node."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ValueError(f"{ast.unparse(node)!r} may not be written here")
        return method(node)

    def _constant(self, node: ast.Constant) -> Any:
        if node.value is None or isinstance(node.value, (bool, int, float, str)):
            return node.value
        raise ValueError(f"{node.value!r} may not be written here")

    def _name(self, node: ast.Name) -> Any:
        if node.id in self._names:
            return self._names[node.id]
        if node.id in FUNCTIONS:
            return FUNCTIONS[node.id]
        known = ", ".join(sorted(self._names)) or "none"
        raise ValueError(f"{node.id!r} is no array, number or function (arrays and numbers here: {known})")

    def _attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy"):
            if node.attr in FUNCTIONS:
                return FUNCTIONS[node.attr]
            raise ValueError(f"the function np.{node.attr} may not be called here")
        value = self.value(node.value)
        if isinstance(value, np.ndarray) and value.dtype.names and node.attr in value.dtype.names:
            return value[node.attr]
        if isinstance(value, (np.ndarray, np.generic)) and node.attr in _METHODS | _ATTRIBUTES:
            return getattr(value, node.attr)
        raise ValueError(f"{ast.unparse(node)!r} may not be written here")

    def _call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        if not callable(function):
            raise ValueError(f"{ast.unparse(node.func)!r} is no function")
        values = [self.value(argument) for argument in node.args]
        options = {word.arg: self.value(word.value) for word in node.keywords if word.arg is not None}
        if len(options) != len(node.keywords) or "out" in options:
            raise ValueError(f"{ast.unparse(node)!r} may not be written here")
        self._check_size(getattr(function, "__name__", ""), [*values, *options.values()])
        return function(*values, **options)

    @staticmethod
    def _check_size(name: str, values: list[Any]) -> None:
        """Refuse what would fill the memory."""
        if name in (*_MAKING, "broadcast_to", "range", "pad", "outer", "kron", "bincount"):
            total = 1
            for value in values:
                for length in value if isinstance(value, (tuple, list)) else [value]:
                    if isinstance(length, (int, np.integer)):
                        total *= max(1, abs(int(length)))
                    elif isinstance(length, np.ndarray):
                        total *= max(1, length.size)
            if total > LARGEST_SIZE:
                raise ValueError(f"expected at most {LARGEST_SIZE} numbers, got {name} of {total}")

    def _binop(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        whole = isinstance(left, int) and isinstance(right, int)
        if isinstance(node.op, ast.Pow):
            if whole and max(1, abs(left).bit_length()) * abs(right) > LARGEST_POWER:
                raise ValueError("a power of so many bits is not worked out")
            return left**right
        if whole and isinstance(node.op, ast.LShift) and right > LARGEST_POWER:
            raise ValueError("a shift by so many bits is not worked out")
        if isinstance(node.op, ast.Mult) and (isinstance(left, (list, str)) or isinstance(right, (list, str))):
            self._check_size(
                "repeat", [left if isinstance(left, int) else len(left), right if isinstance(right, int) else 1]
            )
        if type(node.op) not in _BINARY:
            raise ValueError(f"{ast.unparse(node)!r} may not be written here")
        return _BINARY[type(node.op)](left, right)

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        return _UNARY[type(node.op)](self.value(node.operand))

    def _boolop(self, node: ast.BoolOp) -> Any:
        result = self.value(node.values[0])
        for other in node.values[1:]:
            if bool(result) is isinstance(node.op, ast.Or):
                return result
            result = self.value(other)
        return result

    def _compare(self, node: ast.Compare) -> Any:
        left, result = self.value(node.left), None
        for operation, other in zip(node.ops, node.comparators, strict=True):
            if type(operation) not in COMPARISONS:
                raise ValueError(f"{ast.unparse(node)!r} may not be written here")
            right = self.value(other)
            one = COMPARISONS[type(operation)](left, right)
            result = one if result is None else np.logical_and(result, one)
            left = right
        return result

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.value(node.test) else node.orelse)

    def _tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.value(item) for item in node.elts)

    def _list(self, node: ast.List) -> Any:
        return [self.value(item) for item in node.elts]

    def _subscript(self, node: ast.Subscript) -> Any:
        return self.value(node.value)[self.value(node.slice)]

    def _slice(self, node: ast.Slice) -> Any:
        return slice(*(None if part is None else self.value(part) for part in (node.lower, node.upper, node.step)))

    def _listcomp(self, node: ast.ListComp) -> Any:
        return list(self._items(node.elt, node.generators))

    _generatorexp = _listcomp

    def _items(self, item: ast.expr, loops: list[ast.comprehension]) -> list[Any]:
        if not loops:
            return [self.value(item)]
        first, *rest = loops
        found: list[Any] = []
        for value in self.value(first.iter):
            names = [first.target] if isinstance(first.target, ast.Name) else getattr(first.target, "elts", [])
            for name, one in zip(names, [value] if len(names) == 1 else value, strict=True):
                self._names[name.id] = one
            if all(self.value(test) for test in first.ifs):
                found += self._items(item, rest)
            if len(found) > LARGEST_SIZE:
                raise ValueError(f"expected at most {LARGEST_SIZE} numbers")
        return found
