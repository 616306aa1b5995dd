"""CUDA C++ kernels on the CPU compute what they would on a GPU: indices, shared memory, barriers, warps, atomics."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation

from tests.emulator.cuda_source import THREAD_ORDERS, compiled, launch, three

SOURCE = r"""
#include "common.cuh"
__constant__ float weights[3] = {0.25f, 0.5f, 0.25f};
__device__ int calls;

extern "C" __global__ void indices(int *out) {
  const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] = block * 1000 + thread;
}
extern "C" __global__ void product(const float *a, const float *b, float *c, int m, int n, int k) {
  __shared__ float ta[8][8], tb[8][8];
  const int row = blockIdx.y * 8 + threadIdx.y, column = blockIdx.x * 8 + threadIdx.x;
  float sum = 0;
  for (int k0 = 0; k0 < k; k0 += 8) {
    ta[threadIdx.y][threadIdx.x] = row < m && k0 + threadIdx.x < k ? a[row * k + k0 + threadIdx.x] : 0.0f;
    tb[threadIdx.y][threadIdx.x] = column < n && k0 + threadIdx.y < k ? b[(k0 + threadIdx.y) * n + column] : 0.0f;
    __syncthreads();
    for (int i = 0; i < 8; i++) sum += ta[threadIdx.y][i] * tb[i][threadIdx.x];
    __syncthreads();
  }
  if (row < m && column < n) c[row * n + column] = sum;
}
extern "C" __global__ void reverse(const real *x, real *y, int n) {
  extern __shared__ real copy[];
  for (int i = threadIdx.x; i < n; i += blockDim.x) copy[i] = x[i];
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) y[i] = copy[n - 1 - i];
}
extern "C" __global__ void sums(const real *x, real *out, int n) {
  __shared__ real scratch[32];
  real v = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) v += x[i];
  const real total = block_sum(v, scratch);
  if (threadIdx.x == 0) out[0] = total;
}
extern "C" __global__ void histogram(const unsigned char *x, int *bins, int n) {
  __shared__ int own[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x) own[i] = 0;
  __syncthreads();
  for (int i = grid_thread(); i < n; i += grid_threads()) atomicAdd(&own[x[i]], 1);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x) atomicAdd(&bins[i], own[i]);
}
extern "C" __global__ void warps(int *out) {
  const int lane = threadIdx.x % 32, i = threadIdx.x;
  out[i] = __shfl_sync(0xffffffffu, lane * 10, lane + 3, 8);
  out[64 + i] = __shfl_up_sync(0xffffffffu, lane, 2u);
  out[128 + i] = __shfl_down_sync(0xffffffffu, lane, 5u, 16);
  out[192 + i] = (int)__ballot_sync(0xffffffffu, lane % 3 == 0);
  out[256 + i] = __any_sync(0xffffffffu, i == 40) + 2 * __all_sync(0xffffffffu, i < 32);
  out[320 + i] = __syncthreads_count(i % 5 == 0) + 100 * __syncthreads_or(i == 63) + 1000 * __syncthreads_and(i < 63);
  if (lane < 16) out[384 + i] = __shfl_xor_sync(0x0000ffffu, lane, 1);
  else out[384 + i] = __shfl_xor_sync(0xffff0000u, lane, 2);
}
extern "C" __global__ void atomics(int *a, unsigned *u, float *f, double *d) {
  const int i = threadIdx.x;
  atomicAdd(&a[0], i); atomicSub(&a[1], 1); atomicMax(&a[2], i); atomicMin(&a[3], -i);
  atomicOr(&a[4], i); atomicAnd(&a[5], ~i); atomicXor(&a[6], 1);
  atomicExch(&a[7], 7); atomicInc(&u[0], 9u); atomicDec(&u[1], 9u); atomicAdd(f, 0.5f); atomicAdd(d, 0.25);
  int old = a[8], seen;
  do { seen = old; old = atomicCAS(&a[8], seen, seen + 2); } while (seen != old);
}
extern "C" __global__ void constants(float *y) {
  if (threadIdx.x < 3) y[threadIdx.x] = weights[threadIdx.x];
  atomicAdd(&calls, 1);
  __syncthreads();
  y[3] = calls;
}
extern "C" __global__ void vectors(const float4 *x, float *y) {
  const float4 v = x[threadIdx.x];
  y[threadIdx.x] = v.x + 10 * v.y + 100 * v.z + 1000 * v.w;
}
extern "C" __global__ void early(const float *x, float *y, int n) {
  __shared__ float s[64];
  if (threadIdx.x >= n) return;
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[n - 1 - threadIdx.x];
}
extern "C" __global__ void unset(float *y, float *z) {
  __shared__ float s[32];
  extern __shared__ real dynamic[];
  y[threadIdx.x] = s[threadIdx.x];
  z[threadIdx.x] = dynamic[threadIdx.x];
  s[threadIdx.x] = dynamic[threadIdx.x] = 0;  // must be gone in the next block
}
extern "C" __global__ void __launch_bounds__(2 * 16, 4) bounded(float *y) { y[threadIdx.x] = 1; }
extern "C" __global__ void big(float *y) {
  __shared__ float s[1024];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  y[threadIdx.x] = s[1023 - threadIdx.x];
}
extern "C" __global__ void order(int *y, int *next) { y[atomicAdd(next, 1)] = blockIdx.x * blockDim.x + threadIdx.x; }
struct Shape { int h, w; float scale; };
extern "C" __global__ void structure(Shape s, float *y) { y[0] = s.h * s.w * s.scale; }
"""


def test_indices_in_three_dimensions() -> None:
    out = np.zeros(3 * 2 * 4 * 24, np.int32)
    launch(SOURCE, "indices", (3, 2, 4), (2, 3, 4), (out,))
    np.testing.assert_array_equal(out.reshape(24, 24), np.arange(24)[:, None] * 1000 + np.arange(24))


@pytest.mark.parametrize("order", THREAD_ORDERS)
def test_tiled_product_in_every_thread_order(order: str, rng: np.random.Generator) -> None:
    m, n, k = 19, 23, 21
    a, b = rng.standard_normal((m, k)).astype(np.float32), rng.standard_normal((k, n)).astype(np.float32)
    c = np.full((m, n), np.nan, np.float32)
    with emulation(thread_order=order):
        launch(SOURCE, "product", (3, 3), (8, 8), (a, b, c, np.int32(m), np.int32(n), np.int32(k)))
    np.testing.assert_allclose(c, a.astype(np.float64) @ b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("order", THREAD_ORDERS)
def test_dynamic_shared_memory_and_block_sums(order: str, rng: np.random.Generator) -> None:
    x = rng.standard_normal(517).astype(np.float32)
    y, total = np.zeros_like(x), np.zeros(1, np.float32)
    with emulation(thread_order=order):
        launch(SOURCE, "reverse", 1, 96, (x, y, np.int32(x.size)), x.nbytes)
        launch(SOURCE, "sums", 1, 96, (x, total, np.int32(x.size)))
    np.testing.assert_array_equal(y, x[::-1])
    np.testing.assert_allclose(total[0], x.sum(dtype=np.float64), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("order", THREAD_ORDERS)
def test_shuffles_votes_and_masks(order: str) -> None:
    out = np.zeros(448, np.int32)
    with emulation(thread_order=order):
        launch(SOURCE, "warps", 1, 64, (out,))
    lane, i = np.arange(64) % 32, np.arange(64)
    expected = [
        (lane // 8 * 8 + (lane + 3) % 8) * 10,
        np.where(lane >= 2, lane - 2, lane),
        np.where(lane % 16 + 5 < 16, lane + 5, lane),
        np.full(64, np.array(sum(1 << k for k in range(0, 32, 3)), np.uint32).astype(np.int32)),
        np.where(i < 32, 2, 1),
        np.full(64, 13 + 100),
        np.where(lane < 16, lane ^ 1, lane ^ 2),
    ]
    np.testing.assert_array_equal(out.reshape(7, 64), expected)


def test_atomics(rng: np.random.Generator) -> None:
    a, u = np.array([0, 0, 0, 0, 0, -1, 0, 0, 0], np.int32), np.array([0, 0], np.uint32)
    f, d = np.zeros(1, np.float32), np.zeros(1)
    launch(SOURCE, "atomics", 2, 40, (a, u, f, d))
    np.testing.assert_array_equal(a, [2 * 780, -80, 39, -39, 63, ~63, 0, 7, 160])
    np.testing.assert_array_equal(u, [0, 0])
    assert (f[0], d[0]) == (40.0, 20.0)
    x, bins = rng.integers(0, 256, 3001, dtype=np.uint8), np.zeros(256, np.int32)
    launch(SOURCE, "histogram", 5, 64, (x, bins, np.int32(x.size)))
    np.testing.assert_array_equal(bins, np.bincount(x, minlength=256))


def test_constants_variables_vectors_and_structures(rng: np.random.Generator) -> None:
    y = np.zeros(4, np.float32)
    launch(SOURCE, "constants", 1, 32, (y,))
    np.testing.assert_array_equal(y, [0.25, 0.5, 0.25, 32])
    x, z = rng.integers(0, 9, (8, 4)).astype(np.float32), np.zeros(8, np.float32)
    launch(SOURCE, "vectors", 1, 8, (x, z))
    np.testing.assert_array_equal(z, x @ np.array([1, 10, 100, 1000], np.float32))
    shape = np.array((3, 5, 0.5), np.dtype([("h", "i4"), ("w", "i4"), ("scale", "f4")]))[()]
    launch(SOURCE, "structure", 1, 1, (shape, y))
    assert y[0] == 7.5


def test_threads_that_have_ended_count_at_a_barrier() -> None:
    x, y = np.arange(50, dtype=np.float32), np.zeros(50, np.float32)
    launch(SOURCE, "early", 1, 64, (x, y, np.int32(50)))
    np.testing.assert_array_equal(y, x[::-1])


def test_shared_memory_is_full_of_nan_before_each_block() -> None:
    y, z = np.zeros(32, np.float32), np.zeros(32, np.float32)
    launch(SOURCE, "unset", 3, 32, (y, z), 128)
    assert np.isnan(y).all()
    assert np.isnan(z).all()


def test_a_block_of_1024_threads() -> None:
    y = np.zeros(1024, np.float32)
    launch(SOURCE, "big", 1, 1024, (y,))
    np.testing.assert_array_equal(y, np.arange(1024)[::-1])


def test_thread_and_block_orders() -> None:
    seen = {}
    for order in ("up", "down", "rotated:3"):
        y, next_place = np.zeros(6 * 8, np.int32), np.zeros(1, np.int32)
        with emulation(thread_order=order):
            launch(SOURCE, "order", 6, 8, (y, next_place))
        assert sorted(y) == list(range(48))
        seen[order] = y.tolist()
    assert seen["up"] == list(range(48))
    assert seen["down"] == list(range(48))[::-1]
    assert seen["rotated:3"] not in (seen["up"], seen["down"])


def test_limits_of_a_gpu() -> None:
    kernel, y = compiled(SOURCE).kernel("bounded"), np.zeros(64, np.float32)
    kernel.launch((1, 1, 1), (32, 1, 1), (y,))
    for grid, block, shared, text in (
        (1, 33, 0, "__launch_bounds__"),
        ((1, 65536), 1, 0, "at most"),
        (1, (1, 1, 65), 0, "64 along z"),
        (1, 32, 228 << 10, "shared memory"),
        (0, 32, 0, "at least 1"),
    ):
        with pytest.raises(KernelError, match=text):
            kernel.launch(three(grid), three(block), (y,), shared)
    with pytest.raises(KernelError, match="1024 threads"):
        launch(SOURCE, "big", 1, 1025, (y,))
    source = (
        'extern "C" __global__ void greedy(float *y) { __shared__ float s[12289]; s[threadIdx.x] = 1; y[0] = s[0]; }'
    )
    with pytest.raises(KernelError, match="49152 bytes of static shared memory, got 49156"):
        launch(source, "greedy", 1, 1, (y,))


def test_two_python_threads_may_launch_at_once(rng: np.random.Generator) -> None:
    m = n = k = 40
    a, b = rng.standard_normal((m, k)).astype(np.float32), rng.standard_normal((k, n)).astype(np.float32)
    results = [np.zeros((m, n), np.float32) for _ in range(4)]

    def work(c: np.ndarray) -> None:
        for _ in range(10):
            launch(SOURCE, "product", (5, 5), (8, 8), (a, b, c, np.int32(m), np.int32(n), np.int32(k)))

    threads = [threading.Thread(target=work, args=(c,)) for c in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for c in results:
        np.testing.assert_allclose(c, a.astype(np.float64) @ b, rtol=1e-5, atol=1e-5)
