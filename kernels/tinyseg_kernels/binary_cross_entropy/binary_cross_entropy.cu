// Cross-entropy of yes or no, from probabilities or logits: the mean over the last axis, and the gradient.
//
// LANES threads share a position: 1 where it has few answers (as a rule it has one), a warp where it has many.
#include "probabilities.cuh"

#ifndef LANES
#define LANES 1
#endif
#define THREADS 256

__device__ __forceinline__ real of_logit(real z, real t) { return (z > 0 ? z : z == z ? 0 : z) - z * t + log1p(exp(-fabs(z))); }

__device__ __forceinline__ real of_probability(real p, real t) { return -(t * clipped_log(p) + (1 - t) * clipped_log(1 - p)); }

// 1 / (1 + exp(-z)) without overflow: exp of a negative number only.
__device__ __forceinline__ real sigmoid(real z) {
  const real e = exp(-fabs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    binary_loss(const real *__restrict__ p, const real *__restrict__ target, real *__restrict__ loss, int rows, int columns,
                int from_logits) {
  const long long row = ((long long)blockIdx.x * THREADS + threadIdx.x) / LANES;
  if (row >= rows) return;
  real sum = 0;
  for (int c = threadIdx.x % LANES; c < columns; c += LANES) {
    const real x = p[row * columns + c], t = target[row * columns + c];
    sum += from_logits ? of_logit(x, t) : of_probability(x, t);
  }
  if (LANES > 1) sum = warp_sum(sum);
  if (threadIdx.x % LANES == 0) loss[row] = sum / columns;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    binary_gradient(const real *__restrict__ p, const real *__restrict__ target, const real *__restrict__ dloss, real *__restrict__ dp,
                    int numbers, int columns, int from_logits) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) {
    const real x = p[i], t = target[i];
    const real slope = from_logits ? sigmoid(x) - t : (1 - t) / bounded(1 - x) - t / bounded(x);
    dp[i] = slope * (dloss[i / columns] / columns);
  }
}
