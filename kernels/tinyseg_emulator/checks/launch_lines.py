"""Reads the comments in a file of kernels that say how `tinyseg racecheck` shall launch them.

In a .cu file, and in a Python file of Numba kernels:

    // racecheck: scale<<<2, 64>>>(float x[128] = random, float y[128], float factor = 0.5, int n = 128)
    #  racecheck: scale[2, 64](x: float32[128] = random, y: float32[128], factor: float32 = 0.5, n: int32 = 128)

Between the brackets stand blocks, threads per block and, if there is any, bytes of dynamic shared memory; blocks and
threads are a number or up to three in parentheses. Lengths and numbers may be products and sums (`16 * 16`). An array
of several axes is `x[4][8]` in C++ and `float32[4, 8]` in Python. An array's numbers are `random` (normal for floats, 0
to 9 for integers), `random(low, high)`, `zeros`, `ones`, `arange`, or one number; without `= ...` nothing has written
to it.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from .kernel_error import Index3
from .launch_example import launch_example

DTYPES: dict[str, str] = {
    "bool": "bool", "char": "int8", "signed char": "int8", "unsigned char": "uint8", "short": "int16",
    "unsigned short": "uint16", "int": "int32", "unsigned": "uint32", "unsigned int": "uint32", "long long": "int64",
    "unsigned long long": "uint64", "half": "float16", "__half": "float16", "float": "float32", "double": "float64",
    "real": "float32",
    **{name: name for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16",
        "float32", "float64")},
}  # fmt: skip
"""Name of a type in C++ or Python -> dtype; `real` is what `common.cuh` calls float."""

LARGEST_SIZE = 10**8
"""Most numbers in an array: what a check may take of memory and time."""


@dataclass(frozen=True)
class Argument:
    """One argument of a launch.

    Args:
        name: Its name, for reports.
        dtype: Its dtype.
        shape: An array's lengths, None for a number.
        value: How an array is filled, or the number, as it is written; None for an array that nothing has written to.
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...] | None
    value: str | None

    def make(self, generator: np.random.Generator) -> Any:
        """Return the array or number."""
        if self.shape is None:
            assert self.value is not None
            return self.dtype.type(_number(self.value))
        if self.value is None:
            raw = np.full(int(np.prod(self.shape)) * self.dtype.itemsize, 0xFF, np.uint8)  # NaN for floats
            return raw.view(self.dtype).reshape(self.shape)
        if self.value in ("zeros", "ones"):
            return np.full(self.shape, int(self.value == "ones"), self.dtype)
        if self.value == "arange":
            return np.arange(int(np.prod(self.shape))).astype(self.dtype).reshape(self.shape)
        if self.value == "random" and self.dtype.kind == "f":
            return generator.standard_normal(self.shape).astype(self.dtype)
        if self.value.startswith("random"):
            low, high = _limits(self.value)
            if self.dtype.kind == "f":
                return generator.uniform(low, high, self.shape).astype(self.dtype)
            return generator.integers(int(low), int(high) + 1, self.shape).astype(self.dtype)
        return np.full(self.shape, _number(self.value), self.dtype)


@dataclass(frozen=True)
class LaunchLine:
    """One launch that a file asks for.

    Args:
        kernel: Name of the kernel.
        grid: Number of blocks.
        block: Threads per block.
        shared_mem: Bytes of dynamic shared memory.
        arguments: What it is given.
        line: Number of the comment's line.
    """

    kernel: str
    grid: Index3
    block: Index3
    shared_mem: int
    arguments: tuple[Argument, ...]
    line: int

    def make_arguments(self, seed: int = 0) -> list[Any]:
        """Return new arrays and numbers for a launch."""
        generator = np.random.default_rng(seed)
        return [argument.make(generator) for argument in self.arguments]


def has_launch_lines(text: str) -> bool:
    """Return whether a file says how to launch a kernel, be it well or badly."""
    return re.search(r"^\s*(?://|#)\s*racecheck:", text, re.MULTILINE) is not None


def launch_lines(text: str, filename: str) -> list[LaunchLine]:
    """Read the launches that a file's comments ask for.

    Raises:
        InvalidInput: A comment that cannot be read, with the line and an example, or none at all.
    """
    example = launch_example(text, filename)
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        comment = re.match(r"\s*(?://|#)\s*racecheck:\s*(.*?)\s*$", line)
        if comment is not None:
            try:
                lines.append(_launch(comment[1], number))
            except ValueError as error:
                raise InvalidInput(f"{filename}:{number}: {error}; expected a line such as: {example}") from None
    if not lines:
        raise InvalidInput(
            f"{filename}: found no comment that says how to launch a kernel; expected a line such as: {example}"
        )
    return lines


def _launch(text: str, line: int) -> LaunchLine:
    parts = re.fullmatch(r"(\w+)\s*(?:<<<(.*)>>>|\[((?:[^\[\]])*)\])\s*\((.*)\)", text)
    if parts is None:
        raise ValueError(f"{text!r} is no launch")
    configuration = _split(parts[2] if parts[2] is not None else parts[3])
    if len(configuration) not in (2, 3):
        raise ValueError(
            f"expected blocks, threads and, if there is any, bytes of shared memory, got {len(configuration)} values"
        )
    arguments = tuple(_argument(argument) for argument in _split(parts[4]))
    shared_mem = _whole(configuration[2]) if len(configuration) == 3 else 0
    return LaunchLine(parts[1], _three(configuration[0]), _three(configuration[1]), shared_mem, arguments, line)


def _argument(text: str) -> Argument:
    declaration, equals, value = (part.strip() for part in text.partition("="))
    python = re.fullmatch(r"(\w+)\s*:\s*(\w+)\s*(?:\[(.*)\])?", declaration)
    c = re.fullmatch(r"(?:const\s+)?([\w ]+?)\s+(\w+)\s*((?:\[[^\]]*\])*)", declaration)
    if python is not None:
        name, kind, lengths = python[1], python[2], None if python[3] is None else _split(python[3])
    elif c is not None:
        kind, name, lengths = c[1], c[2], re.findall(r"\[([^\]]*)\]", c[3]) or None
    else:
        raise ValueError(f"argument {text!r} has no name and type")
    if kind not in DTYPES:
        raise ValueError(f"argument {name!r}: unknown type {kind!r} (known: {', '.join(sorted(DTYPES))})")
    shape = None if lengths is None else tuple(_whole(length) for length in lengths)
    if shape is not None and (min(shape, default=1) < 0 or int(np.prod(shape, dtype=object)) > LARGEST_SIZE):
        raise ValueError(f"argument {name!r}: expected 0 to {LARGEST_SIZE} numbers in an array, got shape {shape}")
    argument = Argument(name, np.dtype(DTYPES[kind]), shape, value if equals else None)
    if shape is None and not equals:
        raise ValueError(f"argument {name!r}: a number needs a value")
    try:
        argument.make(np.random.default_rng(0))  # so that a wrong value is noticed here
    except OverflowError as error:
        raise ValueError(f"argument {name!r}: {error}") from None
    return argument


def _split(text: str) -> list[str]:
    """Split at the commas that are not inside brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    last = text[start:].strip()
    return [*parts, last] if last or parts else []


def _three(text: str) -> Index3:
    inside = re.fullmatch(r"(?:dim3)?\s*\((.*)\)", text)
    numbers = [_whole(part) for part in (_split(inside[1]) if inside is not None else [text])]
    if not 1 <= len(numbers) <= 3:
        raise ValueError(f"expected 1 to 3 lengths, got {text!r}")
    x, y, z = (*numbers, 1, 1)[:3]
    return x, y, z


def _limits(text: str) -> tuple[float, float]:
    if text == "random":
        return 0, 9
    inside = re.fullmatch(r"random\s*\((.*)\)", text)
    limits = [_number(part) for part in _split(inside[1])] if inside is not None else []
    if len(limits) != 2:
        raise ValueError(f"expected random or random(low, high), got {text!r}")
    return limits[0], limits[1]


_OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}  # fmt: skip


def _number(text: str) -> Any:
    """Work out a number, or sums and products of numbers; a float may end in f as in C."""
    plain = re.sub(r"(?<=[\d.])f\b", "", text.strip())
    try:
        return _value(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ZeroDivisionError):
        raise ValueError(f"{text!r} is no number") from None


def _whole(text: str) -> int:
    number = _number(text)
    if not float(number).is_integer():
        raise ValueError(f"expected a whole number, got {text!r}")
    return int(number)


def _value(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        return node.value
    if isinstance(node, ast.Name) and node.id in ("true", "false", "inf", "nan"):
        return {"true": True, "false": False, "inf": np.inf, "nan": np.nan}[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError(f"{ast.unparse(node)!r} is no number")
