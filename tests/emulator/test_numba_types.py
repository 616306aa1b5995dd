"""The simulator computes with Numba's types: compared with what Numba itself compiles, on random numbers."""

from __future__ import annotations

import importlib
import itertools
import warnings
from typing import Any

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")
pytest.importorskip("numba", reason="NOT TESTED: Numba is not installed")

from tinyseg_emulator.simulator.simulate import cuda, simulate
from tinyseg_emulator.simulator.typed import front_end

pytestmark = pytest.mark.skipif(not front_end.available(), reason="NOT TESTED: numba-cuda is not installed")

DTYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
WHOLE = DTYPES[1:9]


def add(a: Any, b: Any) -> Any:
    return a + b


def subtract(a: Any, b: Any) -> Any:
    return a - b


def multiply(a: Any, b: Any) -> Any:
    return a * b


def divide(a: Any, b: Any) -> Any:
    return a / b


def floor_divide(a: Any, b: Any) -> Any:
    return a // b


def modulo(a: Any, b: Any) -> Any:
    return a % b


def bitwise(a: Any, b: Any) -> Any:
    return (a & b) * 3 + (a | b) * 5 + (a ^ b)


def shift(a: Any, b: Any) -> Any:
    return (a << (b & 31)) + (a >> (b & 31))


def compare(a: Any, b: Any) -> Any:
    return (a < b) + 2 * (a <= b) + 4 * (a == b) + 8 * (a != b)


def unary(a: Any, b: Any) -> Any:
    return (-a) * 3 + (+b)


def invert(a: Any, b: Any) -> Any:
    return ~a + ~b


def larger(a: Any, b: Any) -> Any:
    return max(a, b) + min(a, b)


def constants(a: Any, b: Any) -> Any:
    return a * 7 - 3 + b * 2


def by_float(a: Any, b: Any) -> Any:
    return a * 0.5 + b


def chosen(a: Any, b: Any) -> Any:
    return a if a > b else b


def summed(a: Any, b: Any) -> Any:
    total = 0
    for _ in range(5):
        total += a
    return total * b


def mixed(a: Any, b: Any) -> Any:
    x = 0
    for k in range(3):
        x = x + a * k
        if k == 1:
            x = x * 0.5
    return x + b


def casts(a: Any, b: Any) -> Any:
    return np.int8(a & 0xFFFF) + np.uint16(b) - np.int32(a)


def shuffled(a: Any, b: Any) -> Any:
    x = np.uint32(a & 0x7FFF) + np.uint32(1)
    for _ in range(4):
        x ^= x << np.uint32(13)
        x ^= x >> np.uint32(17)
        x ^= x << np.uint32(5)
    return np.uint32(x) ^ b


FLOATS = (divide, by_float)
EVERY = (add, subtract, multiply, compare, larger, constants, chosen, summed, mixed)
WHOLE_ONLY = (bitwise, shift, invert, unary, casts, shuffled, floor_divide, modulo)


def kernel_of(function: Any) -> Any:
    device = cuda.jit(device=True)(function)

    @cuda.jit
    def kernel(x: Any, y: Any, out: Any) -> None:
        i = cuda.grid(1)
        out[i] = device(x[i], y[i])

    return kernel


def numbers(rng: np.random.Generator, dtype: str) -> Any:
    if dtype == "bool":
        return rng.integers(0, 2, 24).astype(bool)
    if dtype.startswith("float"):
        return (rng.standard_normal(24) * 1000).astype(dtype)
    info = np.iinfo(dtype)
    edges = [info.min, info.max, info.max - 1, 1, 2, 3, 5, 7]
    return np.array([*edges, *rng.integers(info.min, info.max, 16, dtype=dtype, endpoint=True)], dtype)


def compared(function: Any, a: str, b: str, rng: np.random.Generator) -> None:
    x, y = numbers(rng, a), numbers(rng, b)
    if function in (floor_divide, modulo, divide):
        y[y == 0] = 1
    compiled = importlib.import_module("numba").njit(function, error_model="numpy")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [compiled(p, q) for p, q in zip(x, y, strict=True)]
    kind = str(compiled.overloads[next(iter(compiled.overloads))].signature.return_type)
    out = np.zeros(24, kind)
    simulate(kernel_of(function), 1, 24, (x, y, out))
    wanted = np.array(expected, dtype=kind)
    np.testing.assert_allclose(out, wanted, rtol=1e-6 if kind.startswith("float") else 0, err_msg=f"{a}, {b} -> {kind}")


@pytest.mark.parametrize("function", EVERY, ids=lambda f: f.__name__)
def test_every_pair_of_types_computes_as_numba_does(function: Any, rng: np.random.Generator) -> None:
    pairs = list(itertools.product(DTYPES, repeat=2))
    if function in (larger, chosen):
        pairs = [pair for pair in pairs if "bool" not in pair]
    for a, b in rng.permutation(pairs)[:4]:
        compared(function, str(a), str(b), rng)


@pytest.mark.parametrize("function", WHOLE_ONLY, ids=lambda f: f.__name__)
def test_every_pair_of_integers_computes_as_numba_does(function: Any, rng: np.random.Generator) -> None:
    mixed_signs = [("uint64", "int64"), ("int8", "uint64")]
    for a, b in [*mixed_signs, *rng.permutation(list(itertools.product(WHOLE, repeat=2)))[:3]]:
        compared(function, str(a), str(b), rng)


@pytest.mark.parametrize("function", FLOATS, ids=lambda f: f.__name__)
def test_what_gives_floats(function: Any, rng: np.random.Generator) -> None:
    for a, b in rng.permutation(list(itertools.product(DTYPES[1:], repeat=2)))[:3]:
        compared(function, str(a), str(b), rng)
