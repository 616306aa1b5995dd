// Dice: sums of t, p and t * p over the positions of each region, in float64, then the loss, then the gradient.
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

// loss = 1 - 2 I / S from the sums (3, regions); 2 I / S and S are kept for the gradient.
extern "C" __global__ void __launch_bounds__(THREADS)
    dice_loss(const double *__restrict__ sums, double *__restrict__ loss, real *__restrict__ dice, real *__restrict__ size, int regions,
              double epsilon) {
  const int region = grid_thread();
  if (region >= regions) return;
  const double s = sums[region] + sums[region + regions] + epsilon, overlap = 2 * sums[region + 2 * regions] / s;
  loss[region] = 1 - overlap;
  dice[region] = overlap;
  size[region] = s;
}

// dp = (2 I / S - 2 t) / S * dloss
extern "C" __global__ void __launch_bounds__(THREADS)
    dice_gradient(const real *__restrict__ target, const real *__restrict__ dice, const real *__restrict__ size,
                  const real *__restrict__ dloss, real *__restrict__ dp, int numbers, int reduced, int inner) {
  for (unsigned i = grid_thread(); i < (unsigned)numbers; i += grid_threads()) {
    const unsigned region = i / inner / reduced * inner + i % inner;
    dp[i] = (dice[region] - 2 * target[i]) * (dloss[region] / size[region]);
  }
}
