// Cross-entropy of probabilities of few classes: each thread has its row (softmax_registers.cuh), so that p is read once, coalesced.
// What the backward needs of a row is kept: its sum, and the right class's probability (ids) or the sum of the target (distributions).
#include "probabilities.cuh"
#include "softmax_registers.cuh"

// loss = - log(p_t / S). An id that is no class gives NaN; nothing is read for it.
extern "C" __global__ void __launch_bounds__(ROWS)
    ids_loss(const real *__restrict__ p, const int *__restrict__ ids, real *__restrict__ loss, real *__restrict__ total,
             real *__restrict__ right, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real r[CLASSES];
  tile.load(p, r);
  if (!tile.active) return;
  const int id = ids[tile.row];
  real sum = 0, chosen = not_a_number();
#pragma unroll
  for (int k = 0; k < CLASSES; k++) {
    sum += r[k];
    if (k == id) chosen = r[k];
  }
  total[tile.row] = sum;
  right[tile.row] = chosen;
  loss[tile.row] = -clipped_log(chosen / sum);
}

// loss = - sum of t * log(p / S); mass = sum of t. With a logarithm for each class, the loop is not unrolled and the rows stay in shared memory.
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
