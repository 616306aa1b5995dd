// Rows of many classes, a warp or a whole block for each: maximum and sum of exponentials in one pass over the row.
//
// The maximum has to be known before the first exponential; instead of a pass of its own for it, the sum so far is scaled down whenever a larger number turns up:
//     sum of exp(x - new top) = (sum of exp(x - top)) * exp(top - new top)
// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018 (arXiv:1805.02867).
#pragma once
#include "pack.cuh"

#define ROW_BLOCK 256  // threads of a block, which has 8 rows, or one
#define ROW_BLOCKS 4   // of them on a multiprocessor: for more of them the compiler would spill float64 registers
#define WARPS (ROW_BLOCK / WARP)
#define AHEAD 4        // numbers that a thread loads before it uses the first one

struct RunningSum {
  real top = minus_infinity(), total = 0;

  // The group is scaled to once. Where there are fewer numbers it is filled up with minus infinity, whose exponential is 0 - as is that of a true one, except
  // where it is itself the maximum: see `sum`.
  __device__ __forceinline__ void add(const real (&group)[AHEAD]) {
    real group_top = group[0];
#pragma unroll
    for (int j = 1; j < AHEAD; j++) group_top = fmax(group_top, group[j]);
    if (group_top > top) {
      total *= exp(top - group_top);
      top = group_top;
    }
#pragma unroll
    for (int j = 0; j < AHEAD; j++) total += group[j] == minus_infinity() ? 0 : exp(group[j] - top);
  }

  // Scale to a maximum that is at least this one. Equal ones may both be infinite, and their difference NaN.
  __device__ __forceinline__ void scale_to(real new_top) {
    total *= top == new_top ? 1 : exp(top - new_top);
    top = new_top;
  }

  // The sum of exponentials; NaN where the maximum is infinite, since an infinity minus itself is no number.
  __device__ __forceinline__ real sum() const { return total + (top - top); }
};

// Lane of a thread in its row, and how many lanes a row has. WHOLE_BLOCK: 256 lanes, else a warp.
template <bool WHOLE_BLOCK>
struct RowLanes {
  int lane, lanes;
  long long row;
  real *scratch;  // shared memory, 2 * WARPS numbers; not used by a warp on its own

  __device__ __forceinline__ RowLanes(real *shared) {
    scratch = shared;
    lanes = WHOLE_BLOCK ? ROW_BLOCK : WARP;
    lane = threadIdx.x % lanes;
    row = WHOLE_BLOCK ? blockIdx.x : (long long)blockIdx.x * WARPS + threadIdx.x / WARP;
  }

  // Maximum and sum of exponentials of a row, in every lane.
  __device__ __forceinline__ RunningSum exponentials(const real *__restrict__ x, int classes) const {
    RunningSum running;
    for (int k = lane; k < classes; k += AHEAD * lanes) {
      real v[AHEAD];
#pragma unroll
      for (int j = 0; j < AHEAD; j++) v[j] = j * lanes < classes - k ? x[k + j * lanes] : minus_infinity();
      running.add(v);
    }
    real top = running.top;
    for (int offset = WARP / 2; offset > 0; offset /= 2) top = fmax(top, __shfl_xor_sync(FULL_WARP, top, offset));
    running.scale_to(top);
    running.total = warp_sum(running.total);
    if (WHOLE_BLOCK) {
      real *tops = scratch, *totals = scratch + WARPS;
      if (threadIdx.x % WARP == 0) {
        tops[threadIdx.x / WARP] = running.top;
        totals[threadIdx.x / WARP] = running.total;
      }
      __syncthreads();
      for (int w = 0; w < WARPS; w++) top = fmax(top, tops[w]);
      running.total = 0;
      for (int w = 0; w < WARPS; w++) running.total += totals[w] * (tops[w] == top ? 1 : exp(tops[w] - top));
      running.top = top;
    }
    return running;
  }

  // Sum over the row's lanes, in every lane.
  __device__ __forceinline__ real sum(real v) const {
    v = warp_sum(v);
    if (WHOLE_BLOCK) {
      __syncthreads();  // it may still be read
      if (threadIdx.x % WARP == 0) scratch[threadIdx.x / WARP] = v;
      __syncthreads();
      v = 0;
      for (int w = 0; w < WARPS; w++) v += scratch[w];
    }
    return v;
  }
};
