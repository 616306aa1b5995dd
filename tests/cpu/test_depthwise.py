"""Depthwise convolution on the CPU against the NumPy rung in float64.

Channels with and without a remainder of a vector, rows with and without a remainder of four pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.cpu.gemm.micro_kernel import LANES
from tinyseg_kernels.cpu.memory.buffers import poison
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.depthwise_conv2d import numba_cpu, numpy_cpu

from tests.support.errors import ErrorLog, relative_error


@pytest.mark.parametrize("filters", [1, 3])
@pytest.mark.parametrize("channels", [1, LANES - 1, LANES, 2 * LANES + 3])
@pytest.mark.parametrize(
    ("window", "options"),
    [
        ((3, 3), {"padding": "same"}),
        ((3, 3), {"padding": "valid"}),
        ((3, 3), {"padding": ((3, 0), (0, 4))}),
        ((3, 3), {"padding": ((0, 2), (5, 1))}),
        ((3, 3), {"padding": "same", "strides": (2, 2)}),
        ((5, 4), {"padding": "valid", "strides": (1, 3)}),
        ((3, 3), {"padding": "same", "dilation_rate": (2, 3)}),
        ((2, 2), {"padding": "same", "strides": (2, 3), "dilation_rate": (3, 2)}),
        ((1, 1), {"padding": "valid", "strides": (2, 2)}),
        ((2, 3), {"padding": ((4, 0), (0, 6))}),
        ((1, 9), {"padding": "same"}),
    ],
)
def test_all_gradients(
    window: tuple[int, int],
    options: dict[str, Any],
    channels: int,
    filters: int,
    rng: np.random.Generator,
    record_error: ErrorLog,
) -> None:
    poison(True)
    set_num_threads(3)
    for width in range(9, 14):
        x = rng.standard_normal((2, 10, width, channels)).astype(np.float32)
        kernel = rng.standard_normal((*window, channels, filters)).astype(np.float32)
        bias = rng.standard_normal(channels * filters).astype(np.float32)
        y, cache = numba_cpu.depthwise_conv2d_forward(x, kernel, bias, **options)
        dy = rng.standard_normal(y.shape).astype(np.float32)
        expected_y, expected_cache = numpy_cpu.depthwise_conv2d_forward(
            *(array.astype(np.float64) for array in (x, kernel, bias)), **options
        )
        expected = numpy_cpu.depthwise_conv2d_backward(dy.astype(np.float64), expected_cache)
        actual = numba_cpu.depthwise_conv2d_backward(dy, cache)
        # A lone dbias may come out near 0, a sum of numbers of both signs: what counts beside it is the size that such
        # a sum has.
        size = max(np.sqrt(dy[..., 0].size), np.abs(expected[2]).max())
        assert np.abs(actual[2] - expected[2]).max() < 1e-6 * size
        pairs = zip(("y", "dx", "dkernel"), (y, *actual[:2]), (expected_y, *expected[:2]), strict=True)
        for name, a, b in pairs:
            error = relative_error(a, b)
            record_error("depthwise convolution, float32 against float64", error)
            assert error < 1e-6, name


@pytest.mark.parametrize("shape", [(1, 3, 3), (2, 1, 1), (1, 2, 5), (3, 7, 6)])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_images_no_larger_than_a_tile(shape: tuple[int, int, int], threads: int, rng: np.random.Generator) -> None:
    poison(True)
    set_num_threads(threads)
    x, kernel = rng.standard_normal((*shape, 16)), rng.standard_normal((3, 3, 16, 1))
    y, cache = numba_cpu.depthwise_conv2d_forward(x.astype(np.float32), kernel.astype(np.float32), padding="same")
    dy = rng.standard_normal(y.shape)
    expected_y, expected_cache = numpy_cpu.depthwise_conv2d_forward(x, kernel, padding="same")
    expected = numpy_cpu.depthwise_conv2d_backward(dy, expected_cache)
    actual = numba_cpu.depthwise_conv2d_backward(dy.astype(np.float32), cache)
    for a, b in zip((y, *actual[:2]), (expected_y, *expected[:2]), strict=True):
        assert relative_error(a, b) < 1e-6
