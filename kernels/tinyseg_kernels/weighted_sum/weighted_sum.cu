// The weighted sum of losses in float64, by two launches: a sum of each block, then the sum of those. The grid depends on the number of losses alone,
// and each sum is made in a fixed order, without atomics: the same bits in every run.
//
// A weight may stand for `repeat` losses in a row, such as that of a whole image.
#include "common.cuh"

#define THREADS 256

extern "C" __global__ void __launch_bounds__(THREADS)
    sums_of_blocks(const real *__restrict__ losses, const real *__restrict__ weight, const bool *__restrict__ valid,
                   double *__restrict__ sums, int numbers, int repeat, int has_weight, int has_valid) {
  __shared__ double scratch[THREADS / WARP];
  double sum = 0;
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads())
    // An ignored loss is not read: it may be NaN, and 0 * NaN is NaN.
    if (!has_valid || valid[i]) sum += has_weight ? losses[i] * weight[i / repeat] : losses[i];
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    sum_of_sums(const double *__restrict__ sums, double *__restrict__ value, int count, double divisor) {
  __shared__ double scratch[THREADS / WARP];
  double sum = 0;
  for (int i = threadIdx.x; i < count; i += THREADS) sum += sums[i];
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) *value = sum / divisor;
}

// dl = weight * factor
extern "C" __global__ void __launch_bounds__(THREADS)
    spread(const real *__restrict__ weight, real *__restrict__ dl, int numbers, int repeat, int has_weight, real factor) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) dl[i] = has_weight ? weight[i / repeat] * factor : factor;
}

// 0 to the `columns` numbers of each position that is not valid; the others are not touched.
extern "C" __global__ void __launch_bounds__(THREADS)
    clear_ignored(real *__restrict__ gradient, const bool *__restrict__ valid, int numbers, int columns) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads())
    if (!valid[i / columns]) gradient[i] = 0;
}
