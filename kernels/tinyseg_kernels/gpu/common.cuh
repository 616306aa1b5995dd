// What all .cu files share: the floating type, index helpers, and sums over a warp and a block.
#pragma once

// A file is compiled once with REAL_IS_FLOAT=1 and once with 0: float32 and float64 arrays run through the same lines.
#ifndef REAL_IS_FLOAT
#define REAL_IS_FLOAT 1
#endif
#if REAL_IS_FLOAT
typedef float real;
#else
typedef double real;
#endif

#define WARP 32
#define FULL_WARP 0xffffffffu

// Position of this thread in the whole grid, and how many threads the grid has: for loops that stride over an array,
//   for (int i = grid_thread(); i < n; i += grid_threads())
__device__ __forceinline__ int grid_thread() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ __forceinline__ int grid_threads() { return gridDim.x * blockDim.x; }

// Sum of v over the 32 lanes of a full warp, in every lane. The butterfly adds in the same order each time: same bits in every run.
template <typename T>
__device__ __forceinline__ T warp_sum(T v) {
  for (int offset = WARP / 2; offset > 0; offset /= 2) v += __shfl_xor_sync(FULL_WARP, v, offset);
  return v;
}

// Sum of v over a block of a multiple of 32 threads, at most 1024, valid in thread 0 (all threads must call it). `scratch` has room for one T per warp.
template <typename T>
__device__ __forceinline__ T block_sum(T v, T *scratch) {
  const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  const int warps = (blockDim.x * blockDim.y * blockDim.z) / WARP;
  v = warp_sum(v);
  __syncthreads();  // scratch may still be read from an earlier call
  if (thread % WARP == 0) scratch[thread / WARP] = v;
  __syncthreads();
  T total = 0;
  if (thread == 0)
    for (int w = 0; w < warps; w++) total += scratch[w];
  return total;
}
