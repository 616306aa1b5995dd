"""softmax and its loss on the CPU against NumPy in float64.

Rows of every length beside a vector's, over the borders of blocks and of threads' parts.
"""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_kernels.cpu.gemm.micro_kernel import LANES
from tinyseg_kernels.cpu.memory.buffers import poison
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.softmax import numba_cpu, numpy_cpu
from tinyseg_kernels.softmax_cross_entropy import numba_cpu as loss_cpu
from tinyseg_kernels.softmax_cross_entropy import numpy_cpu as loss_numpy

SHAPES = [(5000, 1), (3001, 3), (1000, LANES - 1), (1000, LANES), (1000, LANES + 4), (777, 3 * LANES + 1), (3, 4000)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threads", [1, 3])
def test_rows(shape: tuple[int, int], threads: int, rng: np.random.Generator) -> None:
    poison(True)
    set_num_threads(threads)
    x, dy = (rng.normal(0, 3, shape).astype(np.float32) for _ in range(2))
    y, cache = numba_cpu.softmax_forward(x)
    expected, expected_cache = numpy_cpu.softmax_forward(x.astype(float), axis=-1)
    np.testing.assert_allclose(y, expected, rtol=2e-6)
    dx = numba_cpu.softmax_backward(dy, cache)
    np.testing.assert_allclose(dx, numpy_cpu.softmax_backward(dy.astype(float), expected_cache), atol=2e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shares", [False, True])
def test_loss_of_rows(shape: tuple[int, int], shares: bool, rng: np.random.Generator) -> None:
    poison(True)
    set_num_threads(3)
    z, scale = rng.normal(0, 3, shape).astype(np.float32), rng.normal(0, 1, shape[:1]).astype(np.float32)
    target = rng.dirichlet(np.ones(shape[1]), shape[0]) if shares else rng.integers(0, shape[1], shape[0])
    target = target.astype(np.float32) if shares else target
    loss, cache = loss_cpu.softmax_cross_entropy_forward(z, target)
    exact = target.astype(float) if shares else target
    expected, expected_cache = loss_numpy.softmax_cross_entropy_forward(z.astype(float), exact)
    np.testing.assert_allclose(loss, expected, rtol=2e-6, atol=2e-6)
    dz = loss_cpu.softmax_cross_entropy_backward(scale, cache)
    expected_dz = loss_numpy.softmax_cross_entropy_backward(scale.astype(float), expected_cache)
    np.testing.assert_allclose(dz, expected_dz, atol=2e-6)
