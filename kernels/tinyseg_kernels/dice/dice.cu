// Dice and its family: sums of t, p and t * p over the positions of each region, in float64, then the loss, then the gradient.
//
// The arrays are (outer, reduced, inner): the sums run over the middle axis, and each (outer, inner) is a region. The middle axis is folded: with S groups, row r
// is added to group r mod S, and the groups are folded again until few are left. Thread t reads numbers t, t + inner * S, ... of its image, so neighbouring
// threads read neighbouring numbers whatever the axes are. The order is fixed, and no chain of additions is long: the same bits in every run, and accurate.
#include "common.cuh"

#define THREADS 256

// Where thread `place` of (outer, groups, inner) begins in (outer, reduced, inner), and how far it is from one of its rows to the next.
struct Fold {
  long long first, last, step;
  __device__ __forceinline__ Fold(int place, int reduced, int groups, int inner) {
    const int of_image = groups * inner, image = place / of_image;
    const long long start = (long long)image * reduced * inner;
    first = start + place % of_image;
    last = start + (long long)reduced * inner;
    step = of_image;
  }
};

// sums: (3, outer, groups, inner), of t, p and t * p
extern "C" __global__ void __launch_bounds__(THREADS)
    fold_inputs(const real *__restrict__ p, const real *__restrict__ target, double *__restrict__ sums, int count, int reduced,
                int groups, int inner) {
  const int place = grid_thread();
  if (place >= count) return;
  const Fold fold(place, reduced, groups, inner);
  double truth = 0, found = 0, both = 0;
  for (long long i = fold.first; i < fold.last; i += fold.step) {
    const real t = target[i], q = p[i];
    truth += t;
    found += q;
    both += t * q;
  }
  sums[place] = truth;
  sums[place + (long long)count] = found;
  sums[place + 2 * (long long)count] = both;
}

extern "C" __global__ void __launch_bounds__(THREADS)
    fold_sums(const double *__restrict__ sums, double *__restrict__ folded, int count, int reduced, int groups, int inner) {
  const int place = grid_thread();
  if (place >= count) return;
  const Fold fold(place, reduced, groups, inner);
  double sum = 0;
  for (long long i = fold.first; i < fold.last; i += fold.step) sum += sums[i];
  folded[place] = sum;
}

// loss = 1 - I / D from the sums (3, regions), with D = rest * I + extra * P + missed * T + epsilon; offset and slope are kept for the gradient.
extern "C" __global__ void __launch_bounds__(THREADS)
    dice_loss(const double *__restrict__ sums, double *__restrict__ loss, real *__restrict__ offset, real *__restrict__ slope, int regions,
              double extra, double missed, double epsilon) {
  const int region = grid_thread();
  if (region >= regions) return;
  const double both = sums[region + 2 * regions], rest = 1 - extra - missed;
  const double size = rest * both + extra * sums[region + regions] + missed * sums[region] + epsilon, overlap = both / size;
  loss[region] = 1 - overlap;
  offset[region] = overlap * extra / size;
  slope[region] = (rest * overlap - 1) / size;
}

// dp = (offset + slope * t) * dloss
extern "C" __global__ void __launch_bounds__(THREADS)
    dice_gradient(const real *__restrict__ target, const real *__restrict__ offset, const real *__restrict__ slope,
                  const real *__restrict__ dloss, real *__restrict__ dp, int numbers, int reduced, int inner) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) {
    const unsigned region = i / inner / reduced * inner + i % inner;
    dp[i] = (offset[region] + slope[region] * target[i]) * dloss[region];
  }
}
