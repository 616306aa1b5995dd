// A matrix product by tiles in registers: the fast version of GEMM and of convolution, which differ only in where a number of A or B is found.
//
// A block computes BM x BN outputs, a thread TM x TN of them, as a sum of outer products: for each k it reads TM numbers of A and TN of B from shared memory and
// does TM * TN multiplications with them. So shared memory gives (TM + TN) / (TM * TN) numbers for each product, 1/4 at 8 x 8, where one output per thread needs 2.
//
//   quads       Numbers are read from global and from shared memory four at a time, with one instruction instead of four.
//   prefetch    While a tile is multiplied, the next one is already on its way from global memory to registers. So nothing may touch these numbers before the
//               multiplications: an operand that has nothing at a place jumps over the load. To load and then choose 0 instead would need no jump, but the thread
//               would wait for the number right there (NVRTC 13 moves the load behind the multiplications, or the choice before them).
//   two tiles   The next tile is stored into a second buffer, so one barrier for BK steps is enough.
//   no bank conflicts   A's tile lies as [k][m], so a thread's numbers of A for one k are neighbours. A warp is 8 x 4 threads: it reads 8 neighbouring quads of A
//               (32 banks, each once) and 4 of B. A thread's outputs are quads 32 rows and 16 columns apart, for that reason. Where memory has k innermost, a quad
//               is turned on its way into shared memory; rows of BM + 4 numbers let its 16 x 2 threads hit 32 banks.
//
// Needs as macros BM and BN (tile of a block), TM and TN (tile of a thread), multiples of 4, and may have BK, 8 or 16. With 8 a thread holds half as many prefetched
// numbers: for 8 x 8 outputs per thread that leaves it at 128 registers, so that 512 threads fit on a multiprocessor and hide each other's waiting.
#pragma once
#include "common.cuh"

#ifndef BK
#define BK 16
#endif
#define THREADS ((BM / TM) * (BN / TN))
#define WARP_M (8 * TM)
#define WARP_N (4 * TN)

struct alignas(16) quad {
  real x, y, z, w;
};
__device__ __forceinline__ quad read_quad(const real *p) { return *reinterpret_cast<const quad *>(p); }
__device__ __forceinline__ void write_quad(real *p, quad v) { *reinterpret_cast<quad *>(p) = v; }

struct alignas(16) RegisterTiles {
  real a[2][BK][BM + 4];
  real b[2][BK][BN + 4];
};

// How a block's threads share the loading of a tile of TILE x BK numbers.
template <int TILE>
struct Shares {
  static constexpr int QUADS = TILE * BK / 4 / THREADS;  // of a thread
  // Memory with k innermost: neighbouring threads take ACROSS quads of a row. A thread has ROWS rows, ROW_STEP apart, and K_PASSES quads of each.
  static constexpr int ACROSS = BK == 8 || QUADS >= 2 ? 2 : 4;
  static constexpr int K_PASSES = BK / 4 / ACROSS;
  static constexpr int ROWS = QUADS / K_PASSES;
  static constexpr int ROW_STEP = THREADS / ACROSS;
  // Memory with m (or n) innermost: a row of the tile is TILE / 4 quads; a thread has the same quad of QUADS rows, K_STEP apart.
  static constexpr int LANES = TILE / 4;
  static constexpr int K_STEP = THREADS / LANES;
  static_assert(QUADS >= 1 && ROWS >= 1 && K_STEP * QUADS == BK, "the tile does not suit the number of threads");
};

// Operands. One with k innermost (K_INNER) has `at(row)`: the quad at its k in the thread's row number `row`; one with m innermost has `at()`. Both have
// `advance(n)`, which moves k on. A whole tile moves k by BK.
template <int TILE, class Operand>
__device__ __forceinline__ void fetch(Operand &operand, quad (&held)[Shares<TILE>::QUADS]) {
  using S = Shares<TILE>;
  if constexpr (Operand::K_INNER) {
#pragma unroll
    for (int pass = 0; pass < S::K_PASSES; pass++) {
#pragma unroll
      for (int row = 0; row < S::ROWS; row++) held[pass * S::ROWS + row] = operand.at(row);
      operand.advance(4 * S::ACROSS);
    }
  } else {
#pragma unroll
    for (int pass = 0; pass < S::QUADS; pass++) {
      held[pass] = operand.at();
      operand.advance(S::K_STEP);
    }
  }
}

template <int TILE, bool K_INNER>
__device__ __forceinline__ void keep(real (&tile)[BK][TILE + 4], const quad (&held)[Shares<TILE>::QUADS]) {
  using S = Shares<TILE>;
  const int t = threadIdx.x;
  if constexpr (K_INNER) {
#pragma unroll
    for (int pass = 0; pass < S::K_PASSES; pass++)
#pragma unroll
      for (int row = 0; row < S::ROWS; row++) {
        const int k = 4 * (t % S::ACROSS + pass * S::ACROSS), m = t / S::ACROSS + row * S::ROW_STEP;
        const quad v = held[pass * S::ROWS + row];
        tile[k][m] = v.x;
        tile[k + 1][m] = v.y;
        tile[k + 2][m] = v.z;
        tile[k + 3][m] = v.w;
      }
  } else {
#pragma unroll
    for (int pass = 0; pass < S::QUADS; pass++) write_quad(&tile[t / S::LANES + pass * S::K_STEP][t % S::LANES * 4], held[pass]);
  }
}

// Where a thread starts: the k of its first quad within a tile, and its first row (or the first of its four) of the tile.
template <int TILE, bool K_INNER>
__device__ __forceinline__ int first_k() {
  return K_INNER ? threadIdx.x % Shares<TILE>::ACROSS * 4 : threadIdx.x / Shares<TILE>::LANES;
}
template <int TILE, bool K_INNER>
__device__ __forceinline__ int first_row() {
  return K_INNER ? threadIdx.x / Shares<TILE>::ACROSS : threadIdx.x % Shares<TILE>::LANES * 4;
}

// First row and column of the thread's outputs within the block's; further quads lie 32 rows and 16 columns on.
__device__ __forceinline__ int output_row() { return threadIdx.x / WARP / (BN / WARP_N) * WARP_M + threadIdx.x % WARP / 4 * 4; }
__device__ __forceinline__ int output_column() { return threadIdx.x / WARP % (BN / WARP_N) * WARP_N + threadIdx.x % 4 * 4; }

// sum[i][j] = products over `steps` tiles of BK, all threads of the block.
template <class A, class B>
__device__ __forceinline__ void multiply(RegisterTiles &tiles, A &a, B &b, int steps, real (&sum)[TM][TN]) {
  quad held_a[Shares<BM>::QUADS], held_b[Shares<BN>::QUADS];
  const int row = output_row(), column = output_column();
#pragma unroll
  for (int i = 0; i < TM; i++)
#pragma unroll
    for (int j = 0; j < TN; j++) sum[i][j] = 0;
  if (steps == 0) return;
  fetch<BM>(a, held_a);
  fetch<BN>(b, held_b);
  keep<BM, A::K_INNER>(tiles.a[0], held_a);
  keep<BN, B::K_INNER>(tiles.b[0], held_b);
  __syncthreads();
  for (int step = 0; step < steps; step++) {
    const int now = step & 1;
    const bool more = step + 1 < steps;
    if (more) {
      fetch<BM>(a, held_a);
      fetch<BN>(b, held_b);
    }
#pragma unroll
    for (int k = 0; k < BK; k++) {
      real of_a[TM], of_b[TN];
#pragma unroll
      for (int q = 0; q < TM / 4; q++) {
        const quad v = read_quad(&tiles.a[now][k][row + 32 * q]);
        of_a[4 * q] = v.x, of_a[4 * q + 1] = v.y, of_a[4 * q + 2] = v.z, of_a[4 * q + 3] = v.w;
      }
#pragma unroll
      for (int q = 0; q < TN / 4; q++) {
        const quad v = read_quad(&tiles.b[now][k][column + 16 * q]);
        of_b[4 * q] = v.x, of_b[4 * q + 1] = v.y, of_b[4 * q + 2] = v.z, of_b[4 * q + 3] = v.w;
      }
#pragma unroll
      for (int i = 0; i < TM; i++)
#pragma unroll
        for (int j = 0; j < TN; j++) sum[i][j] += of_a[i] * of_b[j];
    }
    if (more) {
      keep<BM, A::K_INNER>(tiles.a[now ^ 1], held_a);
      keep<BN, B::K_INNER>(tiles.b[now ^ 1], held_b);
      __syncthreads();
    }
  }
}

// Writes the thread's outputs: row m0 + i of the product starts at c + start(m0 + i), which is negative for a row that does not exist; it has N columns.
template <class Start>
__device__ __forceinline__ void write_outputs(real *c, const real *bias, bool has_bias, const Start &start, int m0, int n0, int N, const real (&sum)[TM][TN]) {
  const bool in_quads = N % 4 == 0;
#pragma unroll
  for (int p = 0; p < TN / 4; p++) {
    const int n = n0 + output_column() + 16 * p;
    real add[4] = {0, 0, 0, 0};
    if (has_bias)
#pragma unroll
      for (int e = 0; e < 4; e++)
        if (n + e < N) add[e] = bias[n + e];
#pragma unroll
    for (int i = 0; i < TM; i++) {
      const long long first = start(m0 + output_row() + i / 4 * 32 + i % 4);
      if (first < 0) continue;
      const real *s = &sum[i][4 * p];
      if (in_quads && n < N)
        write_quad(c + first + n, quad{s[0] + add[0], s[1] + add[1], s[2] + add[2], s[3] + add[3]});
      else
#pragma unroll
        for (int e = 0; e < 4; e++)
          if (n + e < N) c[first + n + e] = s[e] + add[e];
    }
  }
}

// An operand that is a matrix in memory: element (k, m) at [m * stride + k] (K_INNER) or [k * stride + m]. IN_QUADS: rows are multiples of four, start aligned.
template <int TILE, bool K_INNER_, bool IN_QUADS>
struct Matrix {
  static constexpr bool K_INNER = K_INNER_;
  const real *__restrict__ p;
  int stride, rows, k_end, m, k;

  __device__ __forceinline__ Matrix(const real *p, int stride, int rows, int m0, int k_begin, int k_end)
      : p(p), stride(stride), rows(rows), k_end(k_end), m(m0 + first_row<TILE, K_INNER>()), k(k_begin + first_k<TILE, K_INNER>()) {}
  __device__ __forceinline__ void advance(int n) { k += n; }
  __device__ __forceinline__ quad at(int row = 0) const {
    const int line = K_INNER ? m + row * Shares<TILE>::ROW_STEP : k, lines = K_INNER ? rows : k_end;
    const int place = K_INNER ? k : m, places = K_INNER ? k_end : rows;
    quad v = {0, 0, 0, 0};
    if (line < lines) {
      const real *from = p + ((long long)line * stride + place);
      if constexpr (IN_QUADS) {
        if (place < places) v = read_quad(from);
      } else {
        if (place < places) v.x = from[0];
        if (place + 1 < places) v.y = from[1];
        if (place + 2 < places) v.z = from[2];
        if (place + 3 < places) v.w = from[3];
      }
    }
    return v;
  }
};

// Which tile of the output a block has. Blocks run in about this order, so tiles go in bands of 8 tiles of rows: those in flight share rows of A and columns of B
// in the cache.
__device__ __forceinline__ void tile_of_block(int block, int tiles_m, int tiles_n, int &tile_m, int &tile_n) {
  const int band = block / (8 * tiles_n) * 8, height = min(8, tiles_m - band), rest = block - band * tiles_n;
  tile_m = band + rest % height;
  tile_n = rest / height;
}

// What the kernels are written with: the product above, or tensor cores for it (TENSOR_CORES 1 or 2).
#if TENSOR_CORES
#include "tensor_core_tiles.cuh"
#else
typedef RegisterTiles Tiles;
typedef real Sums[TM][TN];
#define TILE_BOUNDS __launch_bounds__(THREADS)
#endif
