// Cross-entropy of probabilities against distributions of few classes: each thread has its rows of p and target in shared memory, through which they are read
// coalesced. There is a logarithm for each class, so the loop is not unrolled, and rows that lie in registers could not be indexed by it.
#include "probabilities.cuh"
#include "softmax_registers.cuh"

// loss = - sum of t * log(p / S); mass = sum of t
extern "C" __global__ void __launch_bounds__(ROWS)
    distributions_loss(const real *__restrict__ p, const real *__restrict__ target, real *__restrict__ loss, real *__restrict__ total,
                       real *__restrict__ mass, int rows) {
  __shared__ real shared_p[ROWS * PITCH], shared_t[ROWS * PITCH];
  const RowTile tile(shared_p, rows), targets(shared_t, rows);
  real copy[CLASSES];  // not used: the registers of a row are dropped by the compiler
  tile.load(p, copy);
  targets.load(target, copy);
  if (!tile.active) return;
  const real *r = shared_p + threadIdx.x * PITCH, *t = shared_t + threadIdx.x * PITCH;
  real sum = 0, all = 0, value = 0;
  for (int k = 0; k < CLASSES; k++) {
    sum += r[k];
    all += t[k];
  }
#pragma unroll 1
  for (int k = 0; k < CLASSES; k++) value -= t[k] * clipped_log(r[k] / sum);
  total[tile.row] = sum;
  mass[tile.row] = all;
  loss[tile.row] = value;
}
