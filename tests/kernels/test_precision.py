"""Tensor cores: asked for, they round as tf32 and half do; not asked for, nothing does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_kernels.backend import backend
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu import tensor_cores as tensor_core_module
from tinyseg_kernels.gpu.tensor_cores import tensor_core_macros, tensor_cores
from tinyseg_kernels.gpu.versions import versions
from tinyseg_kernels.precision import matmul_precision, set_matmul_precision, using_matmul_precision
from tinyseg_kernels.types import Array

from tests.kernels.backends import EMULATED, MISSING, choose
from tests.kernels.portable import conv2d_backward, conv2d_forward, dense_backward, dense_forward

needs_cupy = pytest.mark.skipif("cupy" in MISSING, reason=str(MISSING.get("cupy")))
WITH_TENSOR_CORES = ("tf32", "float16")


@pytest.fixture
def cupy_backend() -> Iterator[None]:
    with choose("cupy"):
        yield


def norm_error(actual: Array, expected: Array) -> float:
    """||actual - expected|| / ||expected||."""
    assert actual.shape == expected.shape
    assert actual.dtype == np.float32
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


def rounded(error: float) -> bool:
    """Both formats keep 11 bits.

    A product of two factors is wrong by about 2^-11 / sqrt(3), and a sum of such products by as much. float32 is 1,000
    times better.
    """
    return 5e-5 < error < 1e-3


def round_to_11_bits(x: Array, precision: str) -> Array:
    """Round float32 to 11 bits of significance, to nearest.

    Of two that are equally near, tf32 takes the larger one, half the even one (in half's range).
    """
    mantissa, exponent = np.frexp(x.astype(np.float64))
    units = mantissa * 2**11
    nearest = np.copysign(np.floor(np.abs(units) + 0.5), units) if precision == "tf32" else np.rint(units)
    return np.ldexp(nearest / 2**11, exponent)


SUM_ERROR = 1e-5
"""Of the sums of rounded factors: tensor cores cut digits off, where the emulator rounds."""


@needs_cupy
@pytest.mark.usefixtures("cupy_backend")
class TestMatmul:
    """gemm/gemm_register_tiles.cu."""

    @pytest.mark.parametrize("transposed", ["", "a", "b", "ab"])
    @pytest.mark.parametrize("shape", [(1, 1, 1), (5, 7, 3), (130, 70, 33), (64, 300, 200), (40, 16, 4)], ids=str)
    @pytest.mark.parametrize("precision", WITH_TENSOR_CORES)
    def test_factors_are_rounded_and_sums_are_not(
        self, rng: np.random.Generator, precision: str, shape: tuple[int, int, int], transposed: str
    ) -> None:
        """Against the product of the rounded factors, only float32's rounding is left."""
        from tinyseg_kernels.gemm.cupy_gpu import matmul

        m, k, n = shape
        a, b, bias = (rng.standard_normal(s).astype(np.float32) for s in ((m, k), (k, n), (n,)))
        there = [to_device(f.T.copy() if name in transposed else f) for name, f in (("a", a), ("b", b))]
        turns = {"transpose_a": "a" in transposed, "transpose_b": "b" in transposed}
        with using_matmul_precision(precision):
            c = to_host(matmul(*there, to_device(bias), **turns))
        expected = round_to_11_bits(a, precision) @ round_to_11_bits(b, precision) + bias
        assert norm_error(c, expected) < SUM_ERROR
        if k > 1:
            assert rounded(norm_error(c, a.astype(np.float64) @ b.astype(np.float64) + bias))

    @pytest.mark.parametrize("precision", WITH_TENSOR_CORES)
    def test_a_split_sum_and_an_empty_one(self, rng: np.random.Generator, precision: str) -> None:
        from tinyseg_kernels.gemm.cupy_gpu import matmul

        a, b = rng.standard_normal((3, 2000)).astype(np.float32), rng.standard_normal((2000, 5)).astype(np.float32)
        bias = rng.standard_normal(5).astype(np.float32)
        with using_matmul_precision(precision):
            first, second = (to_host(matmul(to_device(a), to_device(b), to_device(bias))) for _ in range(2))
            empty = to_host(matmul(to_device(a[:, :0]), to_device(b[:0]), to_device(bias)))
        np.testing.assert_array_equal(first, second)
        expected = round_to_11_bits(a, precision) @ round_to_11_bits(b, precision) + bias
        assert norm_error(first, expected) < SUM_ERROR
        np.testing.assert_array_equal(empty, np.tile(bias, (3, 1)))

    def test_float64_stays_exact(self, rng: np.random.Generator) -> None:
        from tinyseg_kernels.gemm.cupy_gpu import matmul

        a, b = rng.standard_normal((9, 20)), rng.standard_normal((20, 7))
        with using_matmul_precision("float16"):
            np.testing.assert_allclose(to_host(matmul(to_device(a), to_device(b))), a @ b, rtol=1e-12, atol=1e-12)

    def test_the_range_of_half_and_of_tf32(self) -> None:
        """70,000 is beyond half, 2^-24 its smallest number; tf32 has float32's range."""
        from tinyseg_kernels.gemm.cupy_gpu import matmul

        a = np.array([[70000.0], [2.0**-24], [2.0**-26]], np.float32)
        one = to_device(np.ones((1, 1), np.float32))
        with using_matmul_precision("float16"):
            np.testing.assert_array_equal(to_host(matmul(to_device(a), one)), [[np.inf], [2.0**-24], [0]])
        with using_matmul_precision("tf32"):
            np.testing.assert_allclose(to_host(matmul(to_device(a), one)), a, rtol=2**-11)


@needs_cupy
@pytest.mark.usefixtures("cupy_backend")
class TestLayers:
    """Convolutions, forward and gradients, and dense."""

    @pytest.mark.parametrize("precision", WITH_TENSOR_CORES)
    @pytest.mark.parametrize(
        ("x", "kernel", "options"),
        [
            ((2, 9, 8, 6), (3, 3, 6, 5), {"padding": "same"}),
            ((1, 12, 11, 16), (3, 3, 16, 40), {"padding": "same", "strides": 2}),
            ((1, 9, 9, 8), (2, 3, 8, 4), {"dilation_rate": 2, "padding": ((1, 0), (0, 2))}),
            ((2, 5, 6, 8), (1, 1, 8, 12), {}),
            ((2, 14, 13, 32), (3, 3, 32, 32), {"padding": "same"}),
        ],
        ids=["same", "strided", "dilated", "pointwise", "where-winograd-suits"],
    )
    def test_conv2d(self, rng: np.random.Generator, x: Any, kernel: Any, options: Any, precision: str) -> None:
        inputs = [rng.standard_normal(s).astype(np.float32) for s in (x, kernel, (kernel[3],))]
        with backend("numpy"):
            y, cache = conv2d_forward(*(a.astype(np.float64) for a in inputs), **options)
            dy = rng.standard_normal(y.shape).astype(np.float32)
            dx, dkernel, dbias = conv2d_backward(dy.astype(np.float64), cache)
        with using_matmul_precision(precision):
            actual_y, cache = conv2d_forward(*inputs, **options)
            actual_dx, actual_dkernel, actual_dbias = conv2d_backward(dy, cache)
        errors = [norm_error(a, b) for a, b in ((actual_y, y), (actual_dx, dx), (actual_dkernel, dkernel))]
        assert all(map(rounded, errors)), errors
        assert norm_error(actual_dbias, dbias) < 1e-6  # a sum, not a product
        exact_y, _ = conv2d_forward(*inputs, **options)
        assert norm_error(exact_y, y) < 3e-6

    @pytest.mark.parametrize("precision", WITH_TENSOR_CORES)
    def test_dense(self, rng: np.random.Generator, precision: str) -> None:
        x, kernel, dy = (rng.standard_normal(s).astype(np.float32) for s in ((9, 30), (30, 20), (9, 20)))
        wide = [a.astype(np.float64) for a in (x, kernel, dy)]
        with using_matmul_precision(precision):
            y, cache = dense_forward(x, kernel)
            dx, dkernel, _ = dense_backward(dy, cache)
        expected = (wide[0] @ wide[1], wide[2] @ wide[1].T, wide[0].T @ wide[2])
        assert all(rounded(norm_error(a, b)) for a, b in zip((y, dx, dkernel), expected, strict=True))
        with versions(gemm="naive"), using_matmul_precision(precision):  # another version was asked for: float32
            assert norm_error(dense_forward(x, kernel)[0], expected[0]) < 1e-6

    @pytest.mark.skipif("numba-cuda" in MISSING, reason=str(MISSING.get("numba-cuda")))
    def test_numba_leaves_them_to_cuda(self, rng: np.random.Generator) -> None:
        x, kernel = (rng.standard_normal(s).astype(np.float32) for s in ((2, 6, 5, 8), (3, 2, 8, 4)))
        a, b = rng.standard_normal((9, 30)).astype(np.float32), rng.standard_normal((30, 20)).astype(np.float32)
        with using_matmul_precision("tf32"):
            results = []
            for name in ("cupy", "numba-cuda"):
                with choose(name):
                    y, conv_cache = conv2d_forward(x, kernel, padding="same")
                    z, dense_cache = dense_forward(a, b)
                    results.append((y, z, *conv2d_backward(y, conv_cache)[:2], *dense_backward(z, dense_cache)[:2]))
        for of_cupy, of_numba in zip(*results, strict=True):
            np.testing.assert_array_equal(of_cupy, of_numba)

    @pytest.mark.parametrize("precision", WITH_TENSOR_CORES)
    @pytest.mark.skipif(not EMULATED, reason="a GPU has no race detector")
    def test_no_races(self, rng: np.random.Generator, precision: str) -> None:
        x, kernel = (rng.standard_normal(s).astype(np.float32) for s in ((1, 6, 5, 6), (3, 3, 6, 5)))
        with using_matmul_precision(precision), emulation(races=True) as findings:
            y, cache = conv2d_forward(x, kernel, padding="same")
            conv2d_backward(y, cache)
        assert not list(findings), findings

    @pytest.mark.skipif(not EMULATED, reason="the version depends on the GPU")
    def test_nothing_is_compiled_for_tensor_cores_by_default(self) -> None:
        assert matmul_precision() == "float32"
        assert tensor_core_macros(np.float32) == {}
        with using_matmul_precision("tf32"):
            assert tensor_core_macros(np.float64) == {}
            assert tensor_core_macros(np.float32)["TENSOR_CORES"] == 1


class TestChoice:
    """gpu/tensor_cores.py."""

    def test_set_and_using(self) -> None:
        assert matmul_precision() == "float32"
        set_matmul_precision("tf32")
        try:
            assert matmul_precision() == "tf32"
            assert tensor_cores(np.float32)
            assert not tensor_cores(np.float64)
            with using_matmul_precision("float16"):
                assert matmul_precision() == "float16"
                with using_matmul_precision("float32"):
                    assert not tensor_cores(np.float32)
            assert matmul_precision() == "tf32"
        finally:
            set_matmul_precision("float32")

    def test_using_holds_in_its_thread_only(self) -> None:
        seen: list[str] = []
        with using_matmul_precision("tf32"):
            thread = threading.Thread(target=lambda: seen.append(matmul_precision()))
            thread.start()
            thread.join()
        assert seen == ["float32"]

    @pytest.mark.parametrize("name", ["tf23", "TF32", "half", None])
    def test_an_unknown_name_is_refused(self, name: Any) -> None:
        with pytest.raises(InvalidInput, match=r"unknown matmul precision .*\(known: (tf32, )?float16, float32"):
            set_matmul_precision(name)
        with pytest.raises(InvalidInput, match="unknown matmul precision"), using_matmul_precision(name):
            pass
        assert matmul_precision() == "float32"

    @pytest.mark.parametrize(
        ("capability", "precision", "good"),
        [
            ("75", "tf32", False),
            ("80", "tf32", True),
            ("75", "float16", True),
            ("70", "float16", False),
            ("120", "tf32", True),
        ],
    )
    def test_an_old_gpu_is_named(
        self, monkeypatch: pytest.MonkeyPatch, capability: str, precision: str, good: bool
    ) -> None:
        monkeypatch.setattr(tensor_core_module, "_compute_capability", lambda: int(capability))
        with using_matmul_precision(precision):
            if good:
                assert tensor_core_macros(np.float32)
                return
            with pytest.raises(InvalidInput, match=rf"{precision}.*expected a GPU of compute capability .* got 7\.\d"):
                tensor_core_macros(np.float32)
