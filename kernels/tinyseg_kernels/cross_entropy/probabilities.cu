// Cross-entropy of probabilities: rows of many classes, a warp for each, and both gradients. Few classes: ids_in_registers.cu and
// distributions_in_shared_memory.cu.
#include "probabilities.cuh"

#define THREADS 256

// The row of this warp, and this thread's place in it.
__device__ __forceinline__ long long warp_row() { return ((long long)blockIdx.x * THREADS + threadIdx.x) / WARP; }

// loss = - log(p_t / S). An id that is no class gives NaN; nothing is read for it.
extern "C" __global__ void __launch_bounds__(THREADS)
    ids_loss(const real *__restrict__ p, const int *__restrict__ ids, real *__restrict__ loss, real *__restrict__ total,
             real *__restrict__ right, int rows, int classes) {
  const long long row = warp_row();
  if (row >= rows) return;  // the whole warp
  const int lane = threadIdx.x % WARP;
  real sum = 0;
  for (int k = lane; k < classes; k += WARP) sum += p[row * classes + k];
  sum = warp_sum(sum);
  if (lane > 0) return;
  const int id = ids[row];
  const real chosen = id >= 0 && id < classes ? p[row * classes + id] : not_a_number();
  total[row] = sum;
  right[row] = chosen;
  loss[row] = -clipped_log(chosen / sum);
}

// loss = - sum of t * log(p / S); mass = sum of t. The row is read twice, the second time from the cache.
extern "C" __global__ void __launch_bounds__(THREADS)
    distributions_loss(const real *__restrict__ p, const real *__restrict__ target, real *__restrict__ loss, real *__restrict__ total,
                       real *__restrict__ mass, int rows, int classes) {
  const long long row = warp_row();
  if (row >= rows) return;
  const int lane = threadIdx.x % WARP;
  real sum = 0, all = 0, value = 0;
  for (int k = lane; k < classes; k += WARP) {
    sum += p[row * classes + k];
    all += target[row * classes + k];
  }
  sum = warp_sum(sum);
  all = warp_sum(all);
  for (int k = lane; k < classes; k += WARP) value -= target[row * classes + k] * clipped_log(p[row * classes + k] / sum);
  value = warp_sum(value);
  if (lane > 0) return;
  total[row] = sum;
  mass[row] = all;
  loss[row] = value;
}

// dp = dloss / S, less dloss / p_t at the right class: p itself is not read.
extern "C" __global__ void __launch_bounds__(THREADS)
    ids_gradient(const int *__restrict__ ids, const real *__restrict__ total, const real *__restrict__ right,
                 const real *__restrict__ dloss, real *__restrict__ dp, int numbers, int classes) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) {
    const unsigned row = i / classes;
    const real d = dloss[row], share = d / total[row];
    dp[i] = (int)(i - row * classes) == ids[row] ? share - d / bounded(right[row]) : share;
  }
}

// dp = (sum of t / S - t / p) * dloss
extern "C" __global__ void __launch_bounds__(THREADS)
    distributions_gradient(const real *__restrict__ p, const real *__restrict__ target, const real *__restrict__ total,
                           const real *__restrict__ mass, const real *__restrict__ dloss, real *__restrict__ dp, int numbers,
                           int classes) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) {
    const unsigned row = i / classes;
    dp[i] = (mass[row] / total[row] - target[i] / bounded(p[i])) * dloss[row];
  }
}
