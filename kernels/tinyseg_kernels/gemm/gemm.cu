// c (M, N) = op(a) @ op(b) + bias: three versions that compute one output per thread, and what splitting the sum over blocks needs.
//
// A transpose is a choice of strides: op(a)[m, k] = a[m * am + k * ak], op(b)[k, n] = b[k * bk + n * bn]; c lies row by row.
// Counted for M = N = K = 1024 without a transpose, in reads of 32-byte sectors of global memory, for each product of two numbers:
//
//   gemm_naive          Neighbouring threads take neighbouring rows of c. A warp's 32 reads of a lie K numbers apart: a sector each, of which it uses
//                       4 bytes of 32. 33 sectors for 32 products.
//   gemm_coalesced      Neighbouring threads take neighbouring columns. A warp reads 32 neighbours of b (4 sectors) and one number of a (1 sector):
//                       5 sectors for 32 products, 6.6 times fewer, only by exchanging two indices.
//   gemm_shared_tiles   A block copies 16 x 16 tiles to shared memory and uses each number 16 times: 16 times fewer reads than one thread per output needs.
//   gemm_register_tiles (its own file) A thread computes 8 x 8 outputs from 16 numbers that it holds in registers: shared memory too is read 4 times less
//                       than its 2 numbers for each product, and global memory 128 / 16 = 8 times less often than by 16 x 16 tiles.
#include "shared_tiles.cuh"

#define THREADS 256

__device__ __forceinline__ void one_output(const real *a, const real *b, const real *bias, real *c, int M, int N, int K, int am, int ak, int bk, int bn, int has_bias, int m, int n) {
  real sum = 0;
  for (int k = 0; k < K; k++) sum += a[m * am + k * ak] * b[k * bk + n * bn];
  c[m * N + n] = has_bias ? sum + bias[n] : sum;
}

// Version 1. Grid (M * N / THREADS), block THREADS.
extern "C" __global__ void __launch_bounds__(THREADS)
    gemm_naive(const real *__restrict__ a, const real *__restrict__ b, const real *__restrict__ bias, real *__restrict__ c, int M, int N, int K, int am, int ak, int bk, int bn, int has_bias) {
  const long long i = (long long)blockIdx.x * THREADS + threadIdx.x;
  if (i < (long long)M * N) one_output(a, b, bias, c, M, N, K, am, ak, bk, bn, has_bias, i % M, i / M);
}

// Version 2. Grid and block as before.
extern "C" __global__ void __launch_bounds__(THREADS)
    gemm_coalesced(const real *__restrict__ a, const real *__restrict__ b, const real *__restrict__ bias, real *__restrict__ c, int M, int N, int K, int am, int ak, int bk, int bn, int has_bias) {
  const long long i = (long long)blockIdx.x * THREADS + threadIdx.x;
  if (i < (long long)M * N) one_output(a, b, bias, c, M, N, K, am, ak, bk, bn, has_bias, i / N, i % N);
}

// Version 3. Grid (tiles of M * tiles of N), block (SIDE, SIDE).
extern "C" __global__ void __launch_bounds__(SIDE *SIDE)
    gemm_shared_tiles(const real *__restrict__ a, const real *__restrict__ b, const real *__restrict__ bias, real *__restrict__ c, int M, int N, int K, int am, int ak, int bk, int bn, int has_bias) {
  __shared__ SharedTiles tiles;
  const int tiles_n = (N + SIDE - 1) / SIDE, m0 = blockIdx.x / tiles_n * SIDE, n0 = blockIdx.x % tiles_n * SIDE;
  const auto read_a = [&](int m, int k) { return m < M ? a[m * am + k * ak] : real(0); };
  const auto read_b = [&](int k, int n) { return n < N ? b[k * bk + n * bn] : real(0); };
  const real sum = shared_tiles_product(tiles, read_a, read_b, m0, n0, 0, K, ak != 1, bn != 1);
  const int m = m0 + threadIdx.y, n = n0 + threadIdx.x;
  if (m < M && n < N) c[m * N + n] = has_bias ? sum + bias[n] : sum;
}

// c[i] = sum over s of partial[s, i], + bias[i % N]: adds up what blocks that shared a long sum have left, in a fixed order, in four chains.
extern "C" __global__ void __launch_bounds__(THREADS)
    add_partial_sums(const real *__restrict__ partial, const real *__restrict__ bias, real *__restrict__ c, int splits, int size, int N, int has_bias) {
  const long long step = (long long)gridDim.x * THREADS;
  for (long long i = (long long)blockIdx.x * THREADS + threadIdx.x; i < size; i += step) {
    real chain[4] = {0, 0, 0, 0};
    int s = 0;
    for (; s + 4 <= splits; s += 4)
#pragma unroll
      for (int k = 0; k < 4; k++) chain[k] += partial[(long long)(s + k) * size + i];
    for (; s < splits; s++) chain[0] += partial[(long long)s * size + i];
    const real sum = (chain[0] + chain[1]) + (chain[2] + chain[3]);
    c[i] = has_bias ? sum + bias[i % N] : sum;
  }
}
