// The product of register_tiles.cuh on tensor cores: the same operands, brought in the same way, but rounded on their way into shared memory and multiplied by whole warps.
//
// A tensor core takes 16 x DEPTH numbers of A and DEPTH x 16 of B, spread over the registers of a warp (a *fragment*), and adds their product to 16 x 16 sums in float32.
// A warp has the same WARP_M x WARP_N outputs as with register tiles, as fragments.
//
//   TENSOR_CORES 1   tf32: 8 bits of exponent and 10 of fraction, in a float's place; rounded to nearest here, since the tensor core would cut the digits off
//   TENSOR_CORES 2   half: 5 bits of exponent and 10 of fraction, rounded to nearest: infinite beyond 65504
//
// A tile lies in shared memory as it comes from global memory, with k or with the row innermost: fragments can be read both ways, so nothing is turned. Rows have 16 bytes
// more than they need, so that the 8 rows that are read at once lie in different banks. What it gains: per step of a warp one instruction does 16 * 16 * DEPTH products, where
// the other units do 32. What is left to wait for is float32 from memory: half arrays would halve that, but nobody here stores any.
// Source: CUDA C++ Programming Guide, "Warp matrix functions" (shapes, alignment, layouts).
#pragma once
#include <mma.h>
#if TENSOR_CORES == 2
#include <cuda_fp16.h>
#endif

#if TENSOR_CORES == 2
typedef half Factor;     // what lies in shared memory
typedef half Precision;  // what the tensor core is told that it is
#define DEPTH 16
__device__ __forceinline__ Factor rounded(float v) { return __float2half_rn(v); }
#else
typedef float Factor;
typedef nvcuda::wmma::precision::tf32 Precision;
#define DEPTH 8
__device__ __forceinline__ Factor rounded(float v) { return nvcuda::wmma::__float_to_tf32(v); }
#endif

template <bool CONDITION, class Yes, class No>
struct Choose {
  typedef Yes type;
};
template <class Yes, class No>
struct Choose<false, Yes, No> {
  typedef No type;
};

struct alignas(4 * sizeof(Factor)) FourFactors {
  Factor x, y, z, w;
};

static_assert(BK % DEPTH == 0, "a tensor core takes DEPTH numbers of k at once");

// The 1 lets a thread have as many registers as it wants: else the assembler takes some away for the sake of more blocks at once, and spills.
#define TILE_BOUNDS __launch_bounds__(THREADS, 1)

#define ROW_GAP (16 / (int)sizeof(Factor))
#define STAGE_ROW 20  // numbers between rows of a 16 x 16 fragment on its way out

// A tile of TILE x BK numbers in shared memory.
template <int TILE, bool K_INNER>
struct Layout {
  static constexpr int ROW = (K_INNER ? BK : TILE) + ROW_GAP;
  static constexpr int SIZE = ROW * (K_INNER ? TILE : BK);
  static __device__ __forceinline__ int at(int k, int m) { return K_INNER ? m * ROW + k : k * ROW + m; }
};

template <int TILE>
__device__ constexpr int largest_tile() {
  return Layout<TILE, true>::SIZE > Layout<TILE, false>::SIZE ? Layout<TILE, true>::SIZE : Layout<TILE, false>::SIZE;
}

union alignas(32) Tiles {
  struct {
    Factor a[2][largest_tile<BM>()];
    Factor b[2][largest_tile<BN>()];
  } factors;
  float stage[THREADS / WARP][16 * STAGE_ROW];  // after the sums are done
};

struct Sums {
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, DEPTH, float> fragments[WARP_M / 16][WARP_N / 16];
  Tiles *tiles;
};

template <int TILE, bool K_INNER>
__device__ __forceinline__ void keep_rounded(Factor *tile, const quad (&held)[Shares<TILE>::QUADS]) {
  using S = Shares<TILE>;
  const int t = threadIdx.x;
#pragma unroll
  for (int n = 0; n < S::QUADS; n++) {
    const int k = K_INNER ? 4 * (t % S::ACROSS + n / S::ROWS * S::ACROSS) : t / S::LANES + n * S::K_STEP;
    const int m = K_INNER ? t / S::ACROSS + n % S::ROWS * S::ROW_STEP : t % S::LANES * 4;
    const quad v = held[n];
    *reinterpret_cast<FourFactors *>(tile + Layout<TILE, K_INNER>::at(k, m)) = FourFactors{rounded(v.x), rounded(v.y), rounded(v.z), rounded(v.w)};
  }
}

// First row and column of the warp's outputs within the block's.
__device__ __forceinline__ int warp_row() { return threadIdx.x / WARP / (BN / WARP_N) * WARP_M; }
__device__ __forceinline__ int warp_column() { return threadIdx.x / WARP % (BN / WARP_N) * WARP_N; }

// sum = products over `steps` tiles of BK, all threads of the block.
template <class A, class B>
__device__ __forceinline__ void multiply(Tiles &tiles, A &a, B &b, int steps, Sums &sum) {
  using namespace nvcuda::wmma;
  using LayoutA = Layout<BM, A::K_INNER>;
  using LayoutB = Layout<BN, B::K_INNER>;
  typedef typename Choose<A::K_INNER, row_major, col_major>::type OrderA;
  typedef typename Choose<B::K_INNER, col_major, row_major>::type OrderB;
  quad held_a[Shares<BM>::QUADS], held_b[Shares<BN>::QUADS];
  const int row = warp_row(), column = warp_column();
  sum.tiles = &tiles;
#pragma unroll
  for (int i = 0; i < WARP_M / 16; i++)
#pragma unroll
    for (int j = 0; j < WARP_N / 16; j++) fill_fragment(sum.fragments[i][j], 0.0f);
  if (steps == 0) return;
  fetch<BM>(a, held_a);
  fetch<BN>(b, held_b);
  keep_rounded<BM, A::K_INNER>(tiles.factors.a[0], held_a);
  keep_rounded<BN, B::K_INNER>(tiles.factors.b[0], held_b);
  __syncthreads();
  for (int step = 0; step < steps; step++) {
    const int now = step & 1;
    const bool more = step + 1 < steps;
    if (more) {
      fetch<BM>(a, held_a);
      fetch<BN>(b, held_b);
    }
#pragma unroll
    for (int k = 0; k < BK; k += DEPTH) {
      fragment<matrix_b, 16, 16, DEPTH, Precision, OrderB> of_b[WARP_N / 16];
#pragma unroll
      for (int j = 0; j < WARP_N / 16; j++) load_matrix_sync(of_b[j], tiles.factors.b[now] + LayoutB::at(k, column + 16 * j), LayoutB::ROW);
#pragma unroll
      for (int i = 0; i < WARP_M / 16; i++) {
        fragment<matrix_a, 16, 16, DEPTH, Precision, OrderA> of_a;
        load_matrix_sync(of_a, tiles.factors.a[now] + LayoutA::at(k, row + 16 * i), LayoutA::ROW);
#pragma unroll
        for (int j = 0; j < WARP_N / 16; j++) mma_sync(sum.fragments[i][j], of_a, of_b[j], sum.fragments[i][j]);
      }
    }
    if (more) {
      keep_rounded<BM, A::K_INNER>(tiles.factors.a[now ^ 1], held_a);
      keep_rounded<BN, B::K_INNER>(tiles.factors.b[now ^ 1], held_b);
    }
    __syncthreads();  // after the last step: write_outputs puts other numbers in the tiles' place
  }
}

// Writes the warp's outputs: row m0 + i of the product starts at c + start(m0 + i), which is negative for a row that does not exist; it has N columns. Where an element of a
// fragment lies is the GPU's secret, so fragments go through shared memory; then each lane has half a row.
template <class Start>
__device__ __forceinline__ void write_outputs(real *c, const real *bias, bool has_bias, const Start &start, int m0, int n0, int N, Sums &sum) {
  const int lane = threadIdx.x % WARP, row = lane / 2, first_column = n0 + warp_column() + lane % 2 * 8;
  const bool in_quads = N % 4 == 0;
  float *stage = sum.tiles->stage[threadIdx.x / WARP];
#pragma unroll
  for (int i = 0; i < WARP_M / 16; i++) {
    const long long first = start(m0 + warp_row() + 16 * i + row);
#pragma unroll
    for (int j = 0; j < WARP_N / 16; j++) {
      nvcuda::wmma::store_matrix_sync(stage, sum.fragments[i][j], STAGE_ROW, nvcuda::wmma::mem_row_major);
      __syncwarp();
#pragma unroll
      for (int q = 0; q < 2; q++) {
        const int n = first_column + 16 * j + 4 * q;
        quad v = read_quad(stage + row * STAGE_ROW + lane % 2 * 8 + 4 * q);
        if (first < 0 || n >= N) continue;
        if (has_bias) {
          v.x += bias[n];
          if (n + 1 < N) v.y += bias[n + 1];
          if (n + 2 < N) v.z += bias[n + 2];
          if (n + 3 < N) v.w += bias[n + 3];
        }
        real *to = c + first + n;
        if (in_quads) {
          write_quad(to, v);
        } else {
          to[0] = v.x;
          if (n + 1 < N) to[1] = v.y;
          if (n + 2 < N) to[2] = v.z;
          if (n + 3 < N) to[3] = v.w;
        }
      }
      __syncwarp();
    }
  }
}
