"""Every version of Numba's matrix products and convolutions, over several blocks and tiles of both sizes.

The contract tests run what suits their small shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.gpu.versions import versions
from tinyseg_kernels.types import Array

from tests.kernels.backends import MISSING, choose
from tests.kernels.portable import (
    conv2d_backward,
    conv2d_forward,
    depthwise_conv2d_backward,
    depthwise_conv2d_forward,
)
from tests.support.errors import relative_error

pytestmark = pytest.mark.skipif("numba-cuda" in MISSING, reason=str(MISSING.get("numba-cuda")))

LIMITS = {"float32": 2e-6, "float64": 1e-14}


@pytest.fixture(autouse=True)
def numba_backend() -> Iterator[None]:
    with choose("numba-cuda"):
        yield


def drawn(rng: np.random.Generator, dtype: str, *shapes: tuple[int, ...]) -> list[Array]:
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


class TestMatmul:
    """gemm/numba_gpu.py."""

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("transposed", ["", "a", "b", "ab"])
    @pytest.mark.parametrize("shape", [(1, 1, 1), (9, 17, 10), (35, 20, 37), (30, 0, 2), (0, 3, 4)])
    @pytest.mark.parametrize("version", ["naive", "coalesced", "shared_tiles", "register_tiles"])
    def test_agrees_with_numpy(
        self, rng: np.random.Generator, version: str, shape: tuple[int, int, int], transposed: str, dtype: str
    ) -> None:
        from tinyseg_kernels.gemm.numba_gpu import matmul

        m, k, n = shape
        a, b, bias = drawn(rng, dtype, (m, k), (k, n), (n,))
        # A transposed factor is a view of an array that lies the other way round.
        there = [to_device(f.T.copy()).T if name in transposed else to_device(f) for name, f in (("a", a), ("b", b))]
        with versions(gemm=version):
            c = to_host(matmul(*there, to_device(bias)))
        assert c.dtype == dtype
        assert c.shape == (m, n)
        if c.size:
            assert relative_error(c, a.astype(np.float64) @ b.astype(np.float64) + bias) < LIMITS[dtype]

    @pytest.mark.parametrize("version", ["naive", "register_tiles"])
    def test_a_long_sum_is_split_and_keeps_its_digits(
        self, rng: np.random.Generator, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tinyseg_kernels.gemm import numba_gpu
        from tinyseg_kernels.gemm.numba_gpu import matmul

        monkeypatch.setattr(numba_gpu, "SPLIT", 40)
        a, b, bias = drawn(rng, "float32", (2, 125), (125, 3), (3,))
        a, b = a + np.float32(10), b + np.float32(10)
        with versions(gemm=version):
            first = to_host(matmul(to_device(a), to_device(b), to_device(bias)))
            second = to_host(matmul(to_device(a), to_device(b), to_device(bias)))
        assert relative_error(first, a.astype(np.float64) @ b.astype(np.float64) + bias) < 1e-6
        np.testing.assert_array_equal(first, second)


class TestConv2D:
    """conv2d/numba_gpu.py: results and gradients against NumPy's rung in float64."""

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("version", ["naive", "coalesced", "shared_tiles", "register_tiles"])
    @pytest.mark.parametrize(
        ("x", "kernel", "options"),
        [
            ((2, 7, 5, 3), (3, 2, 3, 9), {"padding": "same"}),
            ((2, 9, 8, 9), (2, 3, 9, 2), {"strides": (2, 3), "dilation_rate": (2, 1), "padding": ((1, 2), (0, 3))}),
            ((1, 7, 6, 33), (1, 1, 33, 34), {}),
            ((3, 4, 3, 1), (3, 3, 1, 4), {"padding": "same", "strides": 2}),
        ],
        ids=["same", "strided-dilated", "large-tiles", "one-channel"],
    )
    def test_agrees_with_numpy(
        self, rng: np.random.Generator, x: Any, kernel: Any, options: Any, version: str, dtype: str
    ) -> None:
        inputs = drawn(rng, dtype, x, kernel, (kernel[3],))
        with versions(conv2d=version):
            y, cache = conv2d_forward(*inputs, **options)
            dy = rng.standard_normal(y.shape).astype(dtype)
            gradients = conv2d_backward(dy, cache)
            again = conv2d_backward(dy, cache)
        with backend("numpy"):
            expected_y, cache = conv2d_forward(*(a.astype(np.float64) for a in inputs), **options)
            expected = conv2d_backward(dy.astype(np.float64), cache)
        for name, actual, right, second in zip(
            ("y", "dx", "dkernel", "dbias"), (y, *gradients), (expected_y, *expected), (y, *again), strict=True
        ):
            assert actual.dtype == dtype, name
            assert relative_error(actual, right) < LIMITS[dtype], name
            np.testing.assert_array_equal(actual, second)

    @pytest.mark.parametrize("version", ["naive", "register_tiles"])
    def test_dkernel_over_several_splits(
        self, rng: np.random.Generator, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tinyseg_kernels.conv2d import numba_gpu

        monkeypatch.setattr(numba_gpu, "SPLIT", 37)
        x, kernel = drawn(rng, "float32", (3, 7, 6, 1), (3, 3, 1, 2))
        with versions(conv2d=version):
            y, cache = conv2d_forward(x, kernel, padding="same")
            dkernel = conv2d_backward(y, cache, need_dx=False)[1]
        with backend("numpy"):
            _, cache = conv2d_forward(x.astype(np.float64), kernel.astype(np.float64), padding="same")
            expected = conv2d_backward(y.astype(np.float64), cache, need_dx=False)[1]
        assert relative_error(dkernel, expected) < 1e-6


@pytest.mark.parametrize("split", [7, 60])
def test_depthwise_dkernel_over_several_splits(
    rng: np.random.Generator, split: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tinyseg_kernels.depthwise_conv2d import numba_gpu

    monkeypatch.setattr(numba_gpu, "SPLIT", split)
    x, kernel = drawn(rng, "float32", (3, 7, 6, 2), (3, 3, 2, 2))
    y, cache = depthwise_conv2d_forward(x, kernel, padding="same")
    dkernel = depthwise_conv2d_backward(y, cache, need_dx=False)[1]
    with backend("numpy"):
        _, cache = depthwise_conv2d_forward(x.astype(np.float64), kernel.astype(np.float64), padding="same")
        expected = depthwise_conv2d_backward(y.astype(np.float64), cache, need_dx=False)[1]
    assert relative_error(dkernel, expected) < 1e-6


@pytest.mark.parametrize("shape", [(0, 3), (1, 5), (63, 3), (64, 1), (65, 2), (5000, 3)])
def test_sums_of_rows_keep_their_digits(rng: np.random.Generator, shape: tuple[int, int]) -> None:
    """Numbers far from zero: a sum in one chain would lose digits."""
    from tinyseg_kernels.gpu.numba_sums import sum_rows

    rows = (rng.random(shape) + 100).astype(np.float32)
    sums = to_host(sum_rows(to_device(rows)))
    assert sums.shape == shape[1:]
    assert relative_error(sums, rows.astype(np.float64).sum(axis=0)) < 5e-7 if shape[0] else not sums.any()
