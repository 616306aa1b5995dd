// Convolution's gradient by the kernel, version 4: implicit GEMM by tiles in registers. M = KH*KW*C, N = F, K = N*OH*OW positions.
//
// M and N are small and K is huge, so K is split over blocks; their partial sums are added afterwards in a fixed order (gemm.cu), without atomics: same bits in every
// run. A has m innermost: its quads are four channels of one tap. dy (positions, F) as it lies in memory is B.
// Macros: C_IN_QUADS and F_IN_QUADS (a multiple of four, and the arrays start aligned), BM, BN, TM, TN.
#include "../conv2d/gpu/geometry.cuh"
#include "register_tiles.cuh"

// A[m, k]: tap and channel m, at output position k. A thread has the same four rows m for all k; a cursor (n, oh, ow) follows k without divisions.
template <bool IN_QUADS>
struct WindowColumns {
  static constexpr bool K_INNER = false;
  static constexpr int TAPS = IN_QUADS ? 1 : 4;
  const real *__restrict__ x;
  const Geometry &g;
  int down[TAPS], right[TAPS], channel[TAPS];  // from a window's corner to each number; a channel of -1 for rows that do not exist
  int k, k_end, n, oh, ow;

  __device__ __forceinline__ WindowColumns(const real *x, const Geometry &g, int m0, int begin, int end) : x(x), g(g), k(begin + first_k<BM, false>()), k_end(end) {
#pragma unroll
    for (int e = 0; e < TAPS; e++) {
      const int m = m0 + first_row<BM, false>() + e;
      int i, j;
      unravel(m, g.KW, g.C, i, j, channel[e]);
      down[e] = i * g.DH - g.TOP;
      right[e] = j * g.DW - g.LEFT;
      if (m >= g.rows_of_kernel()) channel[e] = -1;
    }
    unravel(k, g.OH, g.OW, n, oh, ow);
  }
  __device__ __forceinline__ void advance(int steps) {
    k += steps;
    ow += steps;
    while (ow >= g.OW) {
      ow -= g.OW;
      if (++oh == g.OH) oh = 0, n++;
    }
  }
  __device__ __forceinline__ int place(int e) const {
    return channel[e] < 0 || k >= k_end ? -1 : g.pixel(n, oh * g.SH + down[e], ow * g.SW + right[e]);
  }
  __device__ __forceinline__ quad at() const {
    quad v = {0, 0, 0, 0};
    if constexpr (IN_QUADS) {
      const int start = place(0);
      if (start >= 0) v = read_quad(x + start + channel[0]);
    } else {
      real numbers[4] = {0, 0, 0, 0};
#pragma unroll
      for (int e = 0; e < 4; e++) {
        const int start = place(e);
        if (start >= 0) numbers[e] = x[start + channel[e]];
      }
      v = quad{numbers[0], numbers[1], numbers[2], numbers[3]};
    }
    return v;
  }
};

// Grid (tiles of M * tiles of N, splits), block THREADS. Split s sums over positions [s * chunk, (s + 1) * chunk) into dkernel + s * its size; chunk is a multiple of BK.
extern "C" __global__ void TILE_BOUNDS
    register_tiles_kernel_gradient(const real *__restrict__ x, const real *__restrict__ dy, real *__restrict__ dkernel, GEOMETRY_PARAMETERS, int chunk) {
  __shared__ Tiles tiles;
  const Geometry g = GEOMETRY;
  const int M = g.rows_of_kernel(), K = g.positions();
  int tile_m, tile_n;
  tile_of_block(blockIdx.x, (M + BM - 1) / BM, (F + BN - 1) / BN, tile_m, tile_n);
  const int m0 = tile_m * BM, n0 = tile_n * BN, begin = min(K, blockIdx.y * chunk), end = min(K, begin + chunk);
  WindowColumns<C_IN_QUADS> a(x, g, m0, begin, end);
  Matrix<BN, false, F_IN_QUADS> b(dy, F, F, n0, begin, end);
  Sums sum;
  multiply(tiles, a, b, (end - begin + BK - 1) / BK, sum);
  const auto start = [&](int m) { return m < M ? (long long)m * F : -1LL; };
  write_outputs(dkernel + (long long)blockIdx.y * M * F, dkernel, false, start, m0, n0, F, sum);
}
