"""Winograd's convolution in CUDA C++.

Exact but for rounding, accurate in float32, in parts and with gradients, and a quarter of the multiplications.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.conv2d import numpy_cpu
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.types import Array

from tests.kernels.backends import MISSING, choose
from tests.support.errors import relative_error

pytestmark = pytest.mark.skipif("cupy" in MISSING, reason=str(MISSING.get("cupy")))


@pytest.fixture(autouse=True)
def cupy_backend() -> Iterator[None]:
    with choose("cupy"):
        yield


def compare(rng: np.random.Generator, x_shape: Any, filters: int, padding: Any, dtype: str) -> list[float]:
    """Return the relative errors (in norm) of y, dx and dkernel against NumPy's rung in float64."""
    from tinyseg_kernels.conv2d.gpu import winograd

    channels = x_shape[3]
    kernel_shape = (3, 3, channels, filters)
    x, bias = rng.standard_normal(x_shape).astype(dtype), rng.standard_normal(filters).astype(dtype)
    kernel = (rng.standard_normal(kernel_shape) * np.sqrt(2 / 9 / channels)).astype(dtype)
    with backend("numpy"):
        exact = [a.astype(np.float64) for a in (x, kernel, bias)]
        y, cache = numpy_cpu.conv2d_forward(*exact, padding=padding)
        dy = rng.standard_normal(y.shape).astype(dtype)
        dx, dkernel, _ = numpy_cpu.conv2d_backward(dy.astype(np.float64), cache)
    x, kernel, bias, dy = map(to_device, (x, kernel, bias, dy))
    results = (
        winograd.forward(x, kernel, bias, cache.padding),
        winograd.input_gradient(dy, kernel, x_shape, cache.padding),
        winograd.kernel_gradient(x, dy, kernel_shape, cache.padding),
    )
    again = winograd.kernel_gradient(x, dy, kernel_shape, cache.padding)
    np.testing.assert_array_equal(to_host(results[2]), to_host(again))  # the same bits in every run
    hosts = [to_host(r) for r in results]
    assert all(h.dtype == dtype for h in hosts)
    return [norm_error(h, expected) for h, expected in zip(hosts, (y, dx, dkernel), strict=True)]


def norm_error(actual: Array, expected: Array) -> float:
    """||actual - expected|| / ||expected||."""
    assert actual.shape == expected.shape
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


SHAPES = [
    ((2, 7, 5, 3), 4, "same"),
    ((1, 6, 9, 5), 3, "valid"),
    ((2, 5, 6, 4), 8, ((3, 4), (0, 1))),  # wider than the window reaches: dx cuts outputs off
    ((1, 1, 1, 2), 3, "same"),
    ((3, 4, 8, 1), 1, "same"),
    ((1, 13, 3, 6), 2, "valid"),
]


@pytest.mark.parametrize(("x", "filters", "padding"), SHAPES)
def test_is_the_convolution_in_exact_arithmetic(rng: np.random.Generator, x: Any, filters: int, padding: Any) -> None:
    """In float64, where the transforms' constants have all their digits: nothing but rounding is left."""
    assert max(compare(rng, x, filters, padding, "float64")) < 5e-15


@pytest.mark.parametrize(
    ("x", "filters"), [((2, 32, 32, 64), 64), ((1, 16, 16, 256), 128), ((4, 64, 48, 32), 32)], ids=str
)
def test_keeps_its_digits_in_float32(rng: np.random.Generator, x: Any, filters: int) -> None:
    errors = compare(rng, x, filters, "same", "float32")
    assert max(errors) < 3e-6


@pytest.mark.parametrize("scratch", [1, 40_000])
def test_parts_of_the_tiles_give_the_whole(
    rng: np.random.Generator, scratch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one tile at a time, without room for a second partial sum, to a few."""
    from tinyseg_kernels.conv2d.gpu import winograd

    monkeypatch.setattr(winograd, "SCRATCH_BYTES", scratch)
    monkeypatch.setattr(winograd, "LONGEST_SUM", 3)
    assert max(compare(rng, (2, 9, 14, 5), 6, "same", "float64")) < 5e-15


def test_an_empty_batch(rng: np.random.Generator) -> None:
    from tinyseg_kernels.conv2d.gpu import winograd

    x, dy = to_device(np.empty((0, 6, 5, 2), np.float32)), to_device(np.empty((0, 6, 5, 3), np.float32))
    kernel = to_device(rng.standard_normal((3, 3, 2, 3)).astype(np.float32))
    pads = ((1, 1), (1, 1))
    assert winograd.forward(x, kernel, None, pads).shape == (0, 6, 5, 3)
    assert winograd.input_gradient(dy, kernel, x.shape, pads).shape == x.shape
    assert not to_host(winograd.kernel_gradient(x, dy, kernel.shape, pads)).any()


def test_without_a_bias(rng: np.random.Generator) -> None:
    from tinyseg_kernels.conv2d.gpu import winograd

    x, kernel = rng.standard_normal((1, 6, 5, 2)), rng.standard_normal((3, 3, 2, 3))
    y = to_host(winograd.forward(to_device(x), to_device(kernel), None, ((0, 0), (0, 0))))
    assert relative_error(y, numpy_cpu.conv2d_forward(x, kernel)[0]) < 1e-13


def test_suits_what_it_can_compute_and_what_pays() -> None:
    from tinyseg_kernels.conv2d.gpu.winograd import possible, suits

    x, kernel = (8, 32, 32, 64), (3, 3, 64, 64)
    assert suits(x, kernel, (1, 1), (1, 1), np.float32)
    assert not suits(x, kernel, (1, 1), (1, 1), np.float64)
    assert not suits(x, kernel, (2, 1), (1, 1), np.float32)
    assert not suits(x, kernel, (1, 1), (1, 2), np.float32)
    assert not suits(x, (5, 3, 64, 64), (1, 1), (1, 1), np.float32)
    assert not suits((8, 32, 32, 3), (3, 3, 3, 64), (1, 1), (1, 1), np.float32)
    assert not suits((8, 6, 32, 64), kernel, (1, 1), (1, 1), np.float32)
    assert possible((3, 3, 3, 64), (1, 1), (1, 1))
    assert not possible((3, 1, 64, 64), (1, 1), (1, 1))


def test_multiplies_a_quarter_as_often(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix products that are launched, against what the sums of the convolution and its gradients take, where the
    tiles fit exactly.
    """
    from tinyseg_kernels.conv2d.gpu import winograd

    counts = []

    def counted(a: Any, b: Any, *, transpose_a: bool = False, **rest: Any) -> Any:
        counts.append(a.size * b.shape[2])
        return batched_products(a, b, transpose_a=transpose_a, **rest)

    batched_products = winograd.batched_products
    monkeypatch.setattr(winograd, "batched_products", counted)
    compare(rng, (2, 8, 12, 5), 6, "same", "float32")
    plain = 2 * 8 * 12 * 9 * 5 * 6
    assert counts == [plain / 4] * 4  # y, dx, and dkernel twice
