"""wmma and half on the CPU."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.records import Race
from tinyseg_kernels.types import Array

from tests.emulator.cuda_source import checked, compiled, launch

SOURCE = r"""
#include <cuda_fp16.h>
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void half_product(const half *a, const half *b, float *c, int m, int n, int k) {
  const int row = blockIdx.y * 16, column = blockIdx.x * 16;
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 0.0f);
  for (int i = 0; i < k; i += 16) {
    wmma::load_matrix_sync(fa, a + row * k + i, k);
    wmma::load_matrix_sync(fb, b + i * n + column, n);
    wmma::mma_sync(fc, fa, fb, fc);
  }
  for (int i = 0; i < fc.num_elements; i++) fc.x[i] *= 2;
  wmma::store_matrix_sync(c + row * n + column, fc, n, wmma::mem_row_major);
}
extern "C" __global__ void tf32_product(const float *a, const float *b, float *c, int convert) {
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> fc;
  wmma::load_matrix_sync(fc, c, 16, wmma::mem_col_major);
  wmma::load_matrix_sync(fa, a, 8);
  wmma::load_matrix_sync(fb, b, 8);
  if (convert) for (int i = 0; i < fa.num_elements; i++) fa.x[i] = wmma::__float_to_tf32(fa.x[i]);
  if (convert) for (int i = 0; i < fb.num_elements; i++) fb.x[i] = wmma::__float_to_tf32(fb.x[i]);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_col_major);
}
extern "C" __global__ void unset(float *c, int fill) {
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> f;
  if (fill) wmma::fill_fragment(f, 1.0f);
  wmma::store_matrix_sync(c, f, 16, wmma::mem_row_major);
}
extern "C" __global__ void round_trip(const float *a, float *c, int barrier) {
  __shared__ float s[256];
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> f;
  wmma::load_matrix_sync(f, a, 16, wmma::mem_row_major);
  wmma::store_matrix_sync(s, f, 16, wmma::mem_row_major);
  if (barrier) __syncwarp();
  for (int i = threadIdx.x; i < 256; i += 32) c[i] = s[255 - i];
}
extern "C" __global__ void rounding(const float *x, float *tf32, half *h, float *back) {
  tf32[threadIdx.x] = wmma::__float_to_tf32(x[threadIdx.x]);
  h[threadIdx.x] = __float2half(x[threadIdx.x]);
  back[threadIdx.x] = __half2float(h[threadIdx.x]);
}
"""


def tf32(x: Array, *, convert: bool) -> Array:
    """Round to 10 bits of fraction: to nearest with ties away from zero, or by truncation."""
    return ((x.view(np.uint32) + np.uint32(0x1000 * convert)) & np.uint32(0xFFFFE000)).view(np.float32)


def test_half_product(rng: np.random.Generator) -> None:
    m, n, k = 32, 48, 80
    a, b = rng.standard_normal((m, k)).astype(np.float16), rng.standard_normal((k, n)).astype(np.float16)
    c = np.full((m, n), np.nan, np.float32)
    launch(SOURCE, "half_product", (n // 16, m // 16), 32, (a, b, c, np.int32(m), np.int32(n), np.int32(k)))
    np.testing.assert_allclose(c, 2 * (a.astype(np.float64) @ b.astype(np.float64)), rtol=1e-5, atol=1e-5)
    assert compiled(SOURCE).kernel("half_product").signature[0] == "Pf2"


@pytest.mark.parametrize("convert", [True, False])
def test_tf32_product_rounds_or_truncates_its_inputs(convert: bool, rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((16, 8)).astype(np.float32), rng.standard_normal((16, 8)).astype(np.float32)
    start = rng.standard_normal((16, 16)).astype(np.float32)
    c = start.copy()
    launch(SOURCE, "tf32_product", 1, 32, (a, b, c, np.int32(convert)))
    product = tf32(a, convert=convert).astype(np.float64) @ tf32(b, convert=convert).astype(np.float64).T
    np.testing.assert_allclose(c.T, start.T + product, rtol=2e-6, atol=2e-6)
    assert np.abs(c.T - (start.T + a.astype(np.float64) @ b.T)).max() > 1e-5  # float32 products would be closer


def test_roundings(rng: np.random.Generator) -> None:
    x = np.concatenate([rng.standard_normal(29), [1 + 2.0**-11, -1 - 2.0**-11, np.inf]]).astype(np.float32)
    t, h, back = np.zeros_like(x), np.zeros(32, np.float16), np.zeros_like(x)
    launch(SOURCE, "rounding", 1, 32, (x, t, h, back))
    np.testing.assert_array_equal(t[:31], tf32(x, convert=True)[:31])
    assert t[29] == 1 + 2.0**-10  # a tie goes away from zero
    assert np.isinf(t[31])
    np.testing.assert_array_equal(h, x.astype(np.float16))
    np.testing.assert_array_equal(back, h.astype(np.float32))


def test_a_tile_in_shared_memory_needs_a_barrier(rng: np.random.Generator) -> None:
    a, c = rng.standard_normal(256).astype(np.float32), np.zeros(256, np.float32)
    findings, _ = checked(SOURCE, "round_trip", 1, 32, (a, c, np.int32(1)))
    assert len(findings) == 0
    np.testing.assert_array_equal(c, a[::-1])
    for order in ("up", "down"):
        findings, _ = checked(SOURCE, "round_trip", 1, 32, (a, c, np.int32(0)), thread_order=order)
        assert {race.array for race in findings.of(Race)} == {"s"}


def test_sums_that_nothing_was_put_into_are_nan() -> None:
    c = np.zeros((16, 16), np.float32)
    launch(SOURCE, "unset", 1, 32, (c, np.int32(1)))
    assert (c == 1).all()
    launch(SOURCE, "unset", 1, 32, (c, np.int32(0)))
    assert np.isnan(c).all()


def test_whole_warps_and_aligned_rows_are_needed() -> None:
    a, c = np.zeros((16, 24), np.float16), np.zeros((16, 16), np.float32)
    sizes = (np.int32(16), np.int32(16), np.int32(16))
    with pytest.raises(KernelError, match="all 32 lanes"):
        launch(SOURCE, "half_product", 1, 16, (a, a, c, *sizes))
    with pytest.raises(KernelError, match="multiple of 16 bytes"):
        launch(SOURCE, "half_product", 1, 32, (a, a, c, np.int32(16), np.int32(12), np.int32(16)))
