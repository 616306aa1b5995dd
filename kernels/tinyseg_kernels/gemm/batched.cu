// c[s, b] (M, N) = sum over k in split s of op(a[b])[:, k] * b[b][k, :]: many matrix products of one shape in one launch, by register tiles
// (gpu/register_tiles.cuh). Winograd's convolution is 36 of them, each too small to occupy a GPU.
//
// Macros: A_TRANSPOSED (a[b] is (K, M)), A_IN_QUADS and B_IN_QUADS (a row in memory is a multiple of four numbers and starts aligned), BM, BN, TM, TN.
#include "register_tiles.cuh"

// Grid (tiles of M * tiles of N, splits, batch), block THREADS. Split s sums over k in [s * chunk, (s + 1) * chunk).
extern "C" __global__ void __launch_bounds__(THREADS)
    batched_products(const real *__restrict__ a, const real *__restrict__ b, real *__restrict__ c, int M, int N, int K, int chunk) {
  __shared__ RegisterTiles tiles;
  int tile_m, tile_n;
  tile_of_block(blockIdx.x, (M + BM - 1) / BM, (N + BN - 1) / BN, tile_m, tile_n);
  const int m0 = tile_m * BM, n0 = tile_n * BN, begin = min(K, blockIdx.y * chunk), end = min(K, begin + chunk);
  Matrix<BM, !A_TRANSPOSED, A_IN_QUADS> of_a(a + (long long)blockIdx.z * M * K, A_TRANSPOSED ? M : K, M, m0, begin, end);
  Matrix<BN, false, B_IN_QUADS> of_b(b + (long long)blockIdx.z * K * N, N, N, n0, begin, end);
  real sum[TM][TN];
  multiply(tiles, of_a, of_b, (end - begin + BK - 1) / BK, sum);
  const auto start = [&](int m) { return m < M ? (long long)m * N : -1LL; };
  write_outputs(c + ((long long)blockIdx.y * gridDim.z + blockIdx.z) * M * N, nullptr, false, start, m0, n0, N, sum);
}
