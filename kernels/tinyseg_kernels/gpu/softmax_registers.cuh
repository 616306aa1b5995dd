// Rows of few classes, one thread for each: the row lies in the thread's registers, so it crosses the memory once however often it is used.
//
// A thread that loaded its own row would make a warp touch 32 rows at a time. So a block copies its ROWS rows to shared memory and back as one contiguous
// piece. The pitch of a row in shared memory is odd: the 32 threads of a warp, each in its own row, then meet 32 different banks.
// CLASSES is a compile-time constant: loops over it are unrolled, without which no array lies in registers, and the division by it is a multiplication.
#pragma once
#include "common.cuh"

#ifndef CLASSES
#define CLASSES 2
#endif
#define ROWS 128
#define PITCH (CLASSES | 1)
// Blocks on a multiprocessor that the registers must suffice for. Left to itself, the compiler spills float64 numbers for the sake of more blocks.
#define ROW_BLOCKS (CLASSES * sizeof(real) < 48 ? 8 : CLASSES * sizeof(real) <= 64 ? 4 : 2)

struct RowTile {
  real *tile;       // shared memory, ROWS * PITCH numbers
  long long start;  // of the block's first row
  int numbers;      // that the block has
  bool active;      // whether this thread has a row
  long long row;

  __device__ __forceinline__ RowTile(real *shared, int rows) {
    tile = shared;
    const long long first = (long long)blockIdx.x * ROWS;
    start = first * CLASSES;
    row = first + threadIdx.x;
    active = row < rows;
    const long long left = rows - first;
    numbers = (int)(left < ROWS ? left : ROWS) * CLASSES;
  }

  // Read this thread's row of x. All threads of the block must call it.
  __device__ __forceinline__ void load(const real *__restrict__ x, real (&r)[CLASSES]) const {
    __syncthreads();  // the tile may still be read
#pragma unroll
    for (int k = 0; k < CLASSES; k++) {
      const int i = k * ROWS + threadIdx.x;
      if (i < numbers) tile[i / CLASSES * PITCH + i % CLASSES] = x[start + i];
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < CLASSES; k++) r[k] = active ? tile[threadIdx.x * PITCH + k] : 0;
  }

  // Write this thread's row to y. All threads of the block must call it.
  __device__ __forceinline__ void store(real *__restrict__ y, const real (&r)[CLASSES]) const {
    __syncthreads();
    if (active) {
#pragma unroll
      for (int k = 0; k < CLASSES; k++) tile[threadIdx.x * PITCH + k] = r[k];
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < CLASSES; k++) {
      const int i = k * ROWS + threadIdx.x;
      if (i < numbers) y[start + i] = tile[i / CLASSES * PITCH + i % CLASSES];
    }
  }
};

__device__ __forceinline__ real maximum(const real (&r)[CLASSES]) {
  real top = r[0];
#pragma unroll
  for (int k = 1; k < CLASSES; k++) top = r[k] > top ? r[k] : top;
  return top;
}

// Replace r by exp(r - top) and return their sum. An infinite or NaN top makes it NaN.
__device__ __forceinline__ real exponentials(real (&r)[CLASSES], real top) {
  real total = 0;
#pragma unroll
  for (int k = 0; k < CLASSES; k++) total += r[k] = exp(r[k] - top);
  return total;
}
