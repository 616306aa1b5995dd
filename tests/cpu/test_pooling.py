"""Compiled pooling against the NumPy rung, for channels below, at and between multiples of a vector's length."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.cpu.memory import buffers
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.global_pool2d import numba_cpu as global_compiled
from tinyseg_kernels.global_pool2d import numpy_cpu as global_reference
from tinyseg_kernels.max_pool2d import numba_cpu as max_compiled
from tinyseg_kernels.max_pool2d import numpy_cpu as max_reference
from tinyseg_kernels.types import Array

CHANNELS = [1, 3, 8, 11, 16, 35, 50]

GEOMETRIES = [
    ((2, 2), (2, 2), ((0, 0), (0, 0))),
    ((2, 2), (2, 2), ((1, 0), (1, 1))),
    ((3, 2), (3, 2), ((2, 1), (0, 1))),
    ((3, 3), (2, 2), ((0, 0), (0, 0))),
    ((3, 3), (2, 2), ((1, 1), (1, 1))),
    ((3, 5), (1, 1), ((1, 1), (2, 2))),
    ((2, 1), (4, 3), ((0, 0), (0, 0))),
]


@pytest.fixture(autouse=True)
def _unwritten_numbers_are_nan() -> None:
    buffers.poison(True)
    set_num_threads(3)


def ties_and_odd_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return few different numbers, so that there are ties, with NaN and infinities among them."""
    x = rng.integers(0, 4, shape).astype(np.float32) - 5
    for special in (np.nan, -np.inf, np.inf):
        x[rng.random(shape) < 0.05] = special
    return x


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize(("window", "strides", "pads"), GEOMETRIES)
def test_max_pool2d(channels: int, window: Any, strides: Any, pads: Any, rng: np.random.Generator) -> None:
    x = ties_and_odd_numbers(rng, (2, 8, 11, channels))
    options = {"pool_size": window, "strides": strides, "padding": pads}
    y, cache = max_compiled.max_pool2d_forward(x, **options)
    expected, expected_cache = max_reference.max_pool2d_forward(x, **options)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(cache.winner, expected_cache.winner)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    dx = max_compiled.max_pool2d_backward(dy, cache)
    np.testing.assert_allclose(dx, max_reference.max_pool2d_backward(dy, expected_cache), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (37, 40)])
def test_global_pooling(channels: int, size: tuple[int, int], rng: np.random.Generator) -> None:
    """The largest image has more than one group of pixels."""
    x = rng.standard_normal((2, *size, channels)).astype(np.float32)
    mean, _ = global_compiled.global_avg_pool2d_forward(x)
    np.testing.assert_allclose(mean, x.mean(axis=(1, 2), dtype=np.float64), rtol=1e-5, atol=1e-6)
    for images in (x, ties_and_odd_numbers(rng, x.shape)):
        y, (positions, _) = global_compiled.global_max_pool2d_forward(images)
        expected, (expected_positions, _) = global_reference.global_max_pool2d_forward(images)
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(positions, expected_positions)
