// softmax for any number of classes along any axis:
//     softmax_warps    the last axis, a warp for each row (see also softmax_registers.cu for few classes)
//     softmax_blocks   the last axis, a block for each row: for long rows, of which there are few
//     softmax_lines    another axis: a thread for each line, since neighbouring lines are neighbours in memory
// Each reads x twice, the second time as a rule from the cache (a row of 1,000 float32 takes 4 KB), and writes y once.
#include "softmax_rows.cuh"

// y = exp(x - max) / sum
template <bool WHOLE_BLOCK>
__device__ __forceinline__ void forward(const real *__restrict__ x, real *__restrict__ y, int rows, int classes,
                                        real *scratch = nullptr) {
  const RowLanes<WHOLE_BLOCK> lanes(scratch);
  if (lanes.row >= rows) return;  // the whole warp
  x += lanes.row * classes;
  y += lanes.row * classes;
  const RunningSum running = lanes.exponentials(x, classes);
  const real scale = 1 / running.sum();
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes) y[k] = exp(x[k] - running.top) * scale;
}

// dx = y * (dy - sum of dy * y)
template <bool WHOLE_BLOCK>
__device__ __forceinline__ void backward(const real *__restrict__ dy, const real *__restrict__ y, real *__restrict__ dx, int rows,
                                         int classes, real *scratch = nullptr) {
  const RowLanes<WHOLE_BLOCK> lanes(scratch);
  if (lanes.row >= rows) return;
  dy += lanes.row * classes;
  y += lanes.row * classes;
  dx += lanes.row * classes;
  real sum = 0;
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes) sum += dy[k] * y[k];
  sum = lanes.sum(sum);
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes) dx[k] = y[k] * (dy[k] - sum);
}

extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)
    softmax_warps(const real *__restrict__ x, real *__restrict__ y, int rows, int classes) {
  forward<false>(x, y, rows, classes);
}

extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)
    softmax_blocks(const real *__restrict__ x, real *__restrict__ y, int rows, int classes) {
  __shared__ real scratch[2 * WARPS];
  forward<true>(x, y, rows, classes, scratch);
}

extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)
    softmax_gradient_warps(const real *__restrict__ dy, const real *__restrict__ y, real *__restrict__ dx, int rows, int classes) {
  backward<false>(dy, y, dx, rows, classes);
}

extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)
    softmax_gradient_blocks(const real *__restrict__ dy, const real *__restrict__ y, real *__restrict__ dx, int rows, int classes) {
  __shared__ real scratch[2 * WARPS];
  backward<true>(dy, y, dx, rows, classes, scratch);
}

// x is (outer, classes, inner), a line has one number in each class.
extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)
    softmax_lines(const real *__restrict__ x, real *__restrict__ y, int lines, int classes, int inner) {
  const long long line = (long long)blockIdx.x * ROW_BLOCK + threadIdx.x;
  if (line >= lines) return;
  const long long start = line / inner * classes * inner + line % inner;
  x += start;
  y += start;
  RunningSum running;
  for (int k = 0; k < classes; k += AHEAD) {
    real v[AHEAD];
#pragma unroll
    for (int j = 0; j < AHEAD; j++) v[j] = k + j < classes ? x[(long long)(k + j) * inner] : minus_infinity();
    running.add(v);
  }
  const real scale = 1 / running.sum();
#pragma unroll 4
  for (int k = 0; k < classes; k++) y[(long long)k * inner] = exp(x[(long long)k * inner] - running.top) * scale;
}

extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)
    softmax_gradient_lines(const real *__restrict__ dy, const real *__restrict__ y, real *__restrict__ dx, int lines, int classes,
                           int inner) {
  const long long line = (long long)blockIdx.x * ROW_BLOCK + threadIdx.x;
  if (line >= lines) return;
  const long long start = line / inner * classes * inner + line % inner;
  dy += start;
  y += start;
  dx += start;
  real sum = 0;
#pragma unroll 4
  for (int k = 0; k < classes; k++) sum += dy[(long long)k * inner] * y[(long long)k * inner];
#pragma unroll 4
  for (int k = 0; k < classes; k++) dx[(long long)k * inner] = y[(long long)k * inner] * (dy[(long long)k * inner] - sum);
}
