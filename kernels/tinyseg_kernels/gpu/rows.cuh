// Walking over the rows of a matrix (rows, columns) with each thread in columns of its own, whose parameters and sums it keeps in registers.
//
// A block of ROW_THREADS threads takes a chunk of rows, and a tile of `tile` packs of columns:
//
//     thread t:  pack of columns  blockIdx.y * tile + t % tile        (WIDTH neighbouring columns, see pack.cuh)
//                rows             t / tile, + lanes, + 2 lanes, ...    (lanes = ROW_THREADS / tile, see lanes_of)
//
// Where the tile is as wide as the matrix, a step of the block is one contiguous piece of memory, whatever the number of columns: coalesced for 3
// channels as for 64.
#pragma once
#include "pack.cuh"

#define ROW_THREADS 256

// Rows of a step of the block. Where many are possible, a multiple of 8: then a step of single numbers begins at a sector of 32 bytes, and no load touches two for one.
__device__ __forceinline__ int lanes_of(int tile) {
  const int lanes = ROW_THREADS / tile;
  return lanes < 32 ? lanes : lanes - lanes % 8;
}

struct Walk {
  int pack;         // this thread's columns are WIDTH * pack + 0 .. WIDTH - 1
  int lane, lanes;  // its rows of the chunk are lane, lane + lanes, ...
  int rows;         // of the chunk; 0 for a thread without work
  int packs;        // in a row of the matrix
  long long start;  // pack number of the chunk's first row in this thread's columns

  __device__ __forceinline__ Walk(int all_rows, int columns, int tile, int chunk) {
    packs = columns / WIDTH;
    pack = blockIdx.y * tile + threadIdx.x % tile;
    lane = threadIdx.x / tile;
    lanes = lanes_of(tile);
    const long long first = (long long)blockIdx.x * chunk;
    const long long left = all_rows - first;
    rows = lane < lanes && pack < packs ? (int)(left < chunk ? left : chunk) : 0;
    start = first * packs + pack;
  }

  // Number of the pack in row `row` of the chunk.
  __device__ __forceinline__ long long at(int row) const { return start + (long long)row * packs; }

  // Number of rows that a lane of this chunk has.
  __device__ __forceinline__ int rows_of_lane() const { return lane < rows ? (rows - lane - 1) / lanes + 1 : 0; }
};

__device__ __forceinline__ const Pack<real> *packs_of(const real *p) { return reinterpret_cast<const Pack<real> *>(p); }
__device__ __forceinline__ Pack<real> *packs_of(real *p) { return reinterpret_cast<Pack<real> *>(p); }

// A sum that keeps what each addition loses to rounding (Neumaier; the error of one addition by Knuth's TwoSum), so it is as exact as one rounding.
struct Sum {
  real total = 0, lost = 0;

  __device__ __forceinline__ void add(real value) {
    const real sum = total + value, part = sum - total;
    lost += (total - (sum - part)) + (value - part);
    total = sum;
  }

  // With an infinity among the numbers `lost` is NaN, and the plain sum is the answer.
  __device__ __forceinline__ real value() const { return lost - lost == 0 ? total + lost : total; }
};
