// Sums over the rows of a matrix (rows, columns): gradients of biases, and the last step of every reduction over positions.
//
// One number after the other onto a running total loses a digit for each tenfold of rows. Here no chain of additions is long: a thread adds 32 rows in four
// chains of 8, the block adds its threads' sums as a tree, and the blocks' sums are a matrix with 256 times fewer rows (or more), to which the same kernel is
// applied again until one row is left. The rounding error grows with the logarithm of the number of rows, and the order of additions is fixed by the
// shape alone: same bits in every run. Each number is read once; the later passes together read less than 1/255 of that.
#include "common.cuh"

#define THREADS 256
#define CHAINS 4
#define LENGTH 8

// Grid (chunks of rows, tiles of columns), block (width, THREADS / width), width a power of two up to 32: a matrix of few columns still fills the
// warps, since its rows lie one behind the other. Row `blockIdx.x` of `sums` gets the sum of CHAINS * LENGTH * THREADS / width rows.
extern "C" __global__ void __launch_bounds__(THREADS)
    column_sums(const real *__restrict__ matrix, real *__restrict__ sums, int rows, int columns) {
  __shared__ real part[THREADS];
  const int width = blockDim.x, height = blockDim.y, place = threadIdx.y * width + threadIdx.x;
  const int first = blockIdx.x * (CHAINS * LENGTH * height) + threadIdx.y;
  for (int tile = blockIdx.y; (long long)tile * width < columns; tile += gridDim.y) {
    const int column = tile * width + threadIdx.x;
    real chain[CHAINS] = {0, 0, 0, 0};
    if (column < columns)
#pragma unroll 1
      for (int step = 0; step < LENGTH; step++)
#pragma unroll
        for (int k = 0; k < CHAINS; k++) {  // the four loads do not wait for each other
          const long long row = first + (long long)(step * CHAINS + k) * height;
          if (row < rows) chain[k] += matrix[row * columns + column];
        }
    part[place] = (chain[0] + chain[1]) + (chain[2] + chain[3]);
    for (int half = height / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.y < half) part[place] += part[place + half * width];
    }
    if (threadIdx.y == 0 && column < columns) sums[(long long)blockIdx.x * columns + column] = part[place];
    __syncthreads();  // part is used again for the next tile
  }
}
