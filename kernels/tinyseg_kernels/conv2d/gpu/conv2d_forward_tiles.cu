// Convolution forward, version 4: implicit GEMM by tiles in registers (gpu/register_tiles.cuh). M = N*OH*OW windows, N = F, K = KH*KW*C.
//
// A is gathered from x (taps.cuh); the kernel (KH, KW, C, F) as it lies in memory is B, a matrix (K, F).
// Macros: C_IN_QUADS and F_IN_QUADS (a multiple of four, and the arrays start aligned), BM, BN, TM, TN.
#include "../conv2d/gpu/taps.cuh"

// Where the windows of the thread's rows meet the image.
struct Windows {
  const Geometry &g;
  int n[Shares<BM>::ROWS], h[Shares<BM>::ROWS], w[Shares<BM>::ROWS];

  __device__ __forceinline__ Windows(const Geometry &g, int m0) : g(g) {
#pragma unroll
    for (int row = 0; row < Shares<BM>::ROWS; row++) {
      const int m = m0 + first_row<BM, true>() + row * Shares<BM>::ROW_STEP;
      int oh, ow;
      unravel(m, g.OH, g.OW, n[row], oh, ow);
      h[row] = m < g.positions() ? oh * g.SH - g.TOP : FAR_OUTSIDE;
      w[row] = ow * g.SW - g.LEFT;
    }
  }
  __device__ __forceinline__ int operator()(int row, int i, int j) const { return g.pixel(n[row], h[row] + i * g.DH, w[row] + j * g.DW); }
};

// Grid (tiles of M * tiles of N, splits), block THREADS. Split s sums over k in [s * chunk, (s + 1) * chunk) into y + s * its size; chunk is a multiple of BK.
extern "C" __global__ void TILE_BOUNDS
    register_tiles_forward(const real *__restrict__ x, const real *__restrict__ kernel, const real *__restrict__ bias, real *__restrict__ y, GEOMETRY_PARAMETERS, int has_bias, int chunk) {
  __shared__ Tiles tiles;
  const Geometry g = GEOMETRY;
  const int M = g.positions(), K = g.rows_of_kernel();
  int tile_m, tile_n;
  tile_of_block(blockIdx.x, (M + BM - 1) / BM, (F + BN - 1) / BN, tile_m, tile_n);
  const int m0 = tile_m * BM, n0 = tile_n * BN, begin = min(K, blockIdx.y * chunk), end = min(K, begin + chunk);
  const Windows windows(g, m0);
  GatheredRows<BM, C_IN_QUADS, Windows> a(x, windows, TapCursor(KH, KW, C, begin + first_k<BM, true>()));
  Matrix<BN, false, F_IN_QUADS> b(kernel, F, F, n0, begin, end);
  Sums sum;
  multiply(tiles, a, b, (end - begin + BK - 1) / BK, sum);
  const auto start = [&](int m) { return m < M ? (long long)m * F : -1LL; };
  write_outputs(y + (long long)blockIdx.y * M * F, bias, has_bias, start, m0, n0, F, sum);
}
