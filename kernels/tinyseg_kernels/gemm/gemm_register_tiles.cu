// c (M, N) = op(a) @ op(b) + bias, version 4: register tiles (gpu/register_tiles.cuh says how they work and what they gain).
//
// Macros: A_TRANSPOSED and B_TRANSPOSED, A_IN_QUADS and B_IN_QUADS (a row in memory is a multiple of four numbers and starts aligned), BM, BN, TM, TN.
#include "register_tiles.cuh"

// Grid (tiles of M * tiles of N, splits), block THREADS. Split s sums over k in [s * chunk, (s + 1) * chunk) into c + s * M * N: a product of few outputs and a long
// sum would otherwise be left to a few blocks. chunk is a multiple of BK; with more than one split has_bias is 0, and add_partial_sums follows.
extern "C" __global__ void TILE_BOUNDS
    gemm_register_tiles(const real *__restrict__ a, const real *__restrict__ b, const real *__restrict__ bias, real *__restrict__ c, int M, int N, int K, int chunk, int has_bias) {
  __shared__ Tiles tiles;
  int tile_m, tile_n;
  tile_of_block(blockIdx.x, (M + BM - 1) / BM, (N + BN - 1) / BN, tile_m, tile_n);
  const int m0 = tile_m * BM, n0 = tile_n * BN, begin = min(K, blockIdx.y * chunk), end = min(K, begin + chunk);
  Matrix<BM, !A_TRANSPOSED, A_IN_QUADS> of_a(a, A_TRANSPOSED ? M : K, M, m0, begin, end);
  Matrix<BN, B_TRANSPOSED, B_IN_QUADS> of_b(b, B_TRANSPOSED ? K : N, N, n0, begin, end);
  Sums sum;
  multiply(tiles, of_a, of_b, (end - begin + BK - 1) / BK, sum);
  const auto start = [&](int m) { return m < M ? (long long)m * N : -1LL; };
  write_outputs(c + (long long)blockIdx.y * M * N, bias, has_bias, start, m0, n0, N, sum);
}
