// Squared and absolute error: the mean over the last axis, and the gradient. p - t is computed again for the gradient, which is cheaper than to keep it.
//
// LANES threads share a position: 1 where it has few numbers, a warp where it has many.
#include "common.cuh"

#ifndef LANES
#define LANES 1
#endif
#define THREADS 256

extern "C" __global__ void __launch_bounds__(THREADS)
    regression_loss(const real *__restrict__ p, const real *__restrict__ target, real *__restrict__ loss, int rows, int columns,
                    int squared) {
  const long long row = ((long long)blockIdx.x * THREADS + threadIdx.x) / LANES;
  if (row >= rows) return;
  real sum = 0;
  for (int c = threadIdx.x % LANES; c < columns; c += LANES) {
    const real d = p[row * columns + c] - target[row * columns + c];
    sum += squared ? d * d : fabs(d);
  }
  if (LANES > 1) sum = warp_sum(sum);
  if (threadIdx.x % LANES == 0) loss[row] = sum / columns;
}

// 2 * (p - t) / C * dloss, or sign(p - t) / C * dloss; the sign of NaN is NaN.
extern "C" __global__ void __launch_bounds__(THREADS)
    regression_gradient(const real *__restrict__ p, const real *__restrict__ target, const real *__restrict__ dloss,
                        real *__restrict__ dp, int numbers, int columns, int squared) {
  const real share = (squared ? (real)2 : (real)1) / columns;
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) {
    const real d = p[i] - target[i];
    dp[i] = (squared ? d : d > 0 ? 1 : d < 0 ? -1 : d) * (dloss[i / columns] * share);
  }
}
