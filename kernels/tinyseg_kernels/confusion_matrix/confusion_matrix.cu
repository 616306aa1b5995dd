// Counts of (truth, prediction), with the class of the largest score found on the way, so that no array of predicted classes is written.
//
// A block counts in shared memory. Most pixels of a segmentation fall into a few cells, and atomic additions of a warp to one address are done one after the
// other; so the block keeps COPIES counts of each cell side by side, one for each lane where there is room, which lie in different banks. Whole numbers add
// up to the same sum in any order: the same counts in every run. Matrices too large for shared memory are counted in global memory.
#include "common.cuh"

#define THREADS 256

// The first of the largest scores, or of the NaN ones, as np.argmax; a single score is cut at one half.
__device__ __forceinline__ int predicted_class(const real *__restrict__ scores, int classes) {
  real top = scores[0];
  if (classes == 1) return top > (real)0.5;
  int best = 0;
  for (int k = 1; k < classes; k++) {
    const real score = scores[k];
    if (top == top && (score > top || score != score)) {
      top = score;
      best = k;
    }
  }
  return best;
}

// Number of a position's cell in the matrix, or -1 if it counts for nothing.
__device__ __forceinline__ int cell_of(int t, int p, int num_classes, int ignored, int has_ignored) {
  const bool counts = t >= 0 && t < num_classes && p >= 0 && p < num_classes && !(has_ignored && t == ignored);
  return counts ? t * num_classes + p : -1;
}

// The cell of each position, from scores (classes > 0) or from predicted ids.
__device__ __forceinline__ int cell_at(long long i, const int *__restrict__ truth, const int *__restrict__ ids,
                                       const real *__restrict__ scores, int classes, int num_classes, int ignored, int has_ignored) {
  const int p = classes > 0 ? predicted_class(scores + i * classes, classes) : ids[i];
  return cell_of(truth[i], p, num_classes, ignored, has_ignored);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    count_in_shared_memory(const int *__restrict__ truth, const int *__restrict__ ids, const real *__restrict__ scores,
                           unsigned long long *__restrict__ counts, int positions, int classes, int num_classes, int ignored,
                           int has_ignored, int copies) {
  extern __shared__ unsigned own[];
  const int cells = num_classes * num_classes;
  for (int k = threadIdx.x; k < cells * copies; k += THREADS) own[k] = 0;
  __syncthreads();
  for (unsigned i = grid_thread(); i < (unsigned)positions; i += grid_threads()) {
    const int cell = cell_at(i, truth, ids, scores, classes, num_classes, ignored, has_ignored);
    if (cell >= 0) atomicAdd(&own[cell * copies + threadIdx.x % copies], 1u);
  }
  __syncthreads();
  for (int cell = threadIdx.x; cell < cells; cell += THREADS) {
    unsigned long long sum = 0;
    for (int k = 0; k < copies; k++) sum += own[cell * copies + k];
    if (sum > 0) atomicAdd(&counts[cell], sum);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    count_in_global_memory(const int *__restrict__ truth, const int *__restrict__ ids, const real *__restrict__ scores,
                           unsigned long long *__restrict__ counts, int positions, int classes, int num_classes, int ignored,
                           int has_ignored) {
  for (unsigned i = grid_thread(); i < (unsigned)positions; i += grid_threads()) {
    const int cell = cell_at(i, truth, ids, scores, classes, num_classes, ignored, has_ignored);
    if (cell >= 0) atomicAdd(&counts[cell], 1ull);
  }
}

// With weights: sums of floating numbers depend on their order, so each cell gets a block that adds up its own in a fixed order. It reads the cells of all
// positions, K * K times in all, but 4 bytes each, and from the cache.
extern "C" __global__ void __launch_bounds__(THREADS)
    find_cells(const int *__restrict__ truth, const int *__restrict__ ids, const real *__restrict__ scores, int *__restrict__ cells,
               int positions, int classes, int num_classes, int ignored, int has_ignored) {
  for (unsigned i = grid_thread(); i < (unsigned)positions; i += grid_threads())
    cells[i] = cell_at(i, truth, ids, scores, classes, num_classes, ignored, has_ignored);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    weigh_cells(const int *__restrict__ cells, const double *__restrict__ weight, double *__restrict__ sums, int positions) {
  __shared__ double scratch[THREADS / WARP];
  double sum = 0;
  for (unsigned i = threadIdx.x; i < (unsigned)positions; i += THREADS)
    if (cells[i] == (int)blockIdx.x) sum += weight[i];
  sum = block_sum(sum, scratch);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}
