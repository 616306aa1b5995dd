// Cross-entropy of probabilities against ids of few classes: each thread has its row of p in registers (softmax_registers.cuh), so that p is read once,
// coalesced. What the backward needs of a row is kept: its sum, and the right class's probability.
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
