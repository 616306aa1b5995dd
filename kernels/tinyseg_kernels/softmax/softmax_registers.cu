// softmax along the last axis for few classes (2 to 32, as in segmentation): one thread for each row, which lies in its registers. x is read once, y written once.
#include "softmax_registers.cuh"

// y = exp(x - max) / sum
extern "C" __global__ void __launch_bounds__(ROWS, ROW_BLOCKS) softmax(const real *__restrict__ x, real *__restrict__ y, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real r[CLASSES];
  tile.load(x, r);
  const real scale = 1 / exponentials(r, maximum(r));
#pragma unroll
  for (int k = 0; k < CLASSES; k++) r[k] *= scale;
  tile.store(y, r);
}

// dx = y * (dy - sum of dy * y)
extern "C" __global__ void __launch_bounds__(ROWS, ROW_BLOCKS)
    softmax_gradient(const real *__restrict__ dy, const real *__restrict__ y, real *__restrict__ dx, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real p[CLASSES], d[CLASSES], sum = 0;
  tile.load(y, p);
  tile.load(dy, d);
#pragma unroll
  for (int k = 0; k < CLASSES; k++) sum += d[k] * p[k];
#pragma unroll
  for (int k = 0; k < CLASSES; k++) p[k] *= d[k] - sum;
  tile.store(dx, p);
}
