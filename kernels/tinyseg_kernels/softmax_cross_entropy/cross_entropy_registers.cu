// Softmax and cross-entropy for few classes (2 to 32, as in segmentation): one thread for each position, whose logits lie in its registers.
//
// Forward reads the logits once and writes one number for each position. It keeps nothing for backward, which computes the probabilities again: it would
// have to read them, as many numbers as there are logits, and the exponentials cost less than that. So the pair reads the logits twice and writes the
// gradient once, and no array of probabilities exists at all.
#include "class_ids.cuh"
#include "softmax_registers.cuh"

// loss = log(sum of exp(z - max)) - (z_id - max); NaN for an id that is no class
extern "C" __global__ void __launch_bounds__(ROWS, ROW_BLOCKS)
    ids_loss(const real *__restrict__ logits, const class_id *__restrict__ ids, real *__restrict__ loss, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real z[CLASSES];
  tile.load(logits, z);
  if (!tile.active) return;
  const int id = checked(ids[tile.row], CLASSES);
  const real top = maximum(z);
  real at_id = not_a_number();
#pragma unroll
  for (int k = 0; k < CLASSES; k++)
    if (k == id) at_id = z[k] - top;
  loss[tile.row] = log(exponentials(z, top)) - at_id;
}

// dlogits = (p - [k = id]) * dloss
extern "C" __global__ void __launch_bounds__(ROWS, ROW_BLOCKS)
    ids_gradient(const real *__restrict__ dloss, const real *__restrict__ logits, const class_id *__restrict__ ids,
                 real *__restrict__ dlogits, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real z[CLASSES];
  tile.load(logits, z);
  if (tile.active) {
    const int id = checked(ids[tile.row], CLASSES);
    const real upstream = id < 0 ? not_a_number() : dloss[tile.row];
    const real scale = 1 / exponentials(z, maximum(z));
#pragma unroll
    for (int k = 0; k < CLASSES; k++) z[k] = (z[k] * scale - (k == id ? 1 : 0)) * upstream;
  }
  tile.store(dlogits, z);
}

// loss = sum of t * (log(sum of exp(z - max)) - (z - max))
extern "C" __global__ void __launch_bounds__(ROWS, ROW_BLOCKS)
    distributions_loss(const real *__restrict__ logits, const real *__restrict__ target, real *__restrict__ loss, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real z[CLASSES], t[CLASSES];
  tile.load(logits, z);
  tile.load(target, t);
  if (!tile.active) return;
  const real top = maximum(z);
  real total = 0, result = 0;
#pragma unroll
  for (int k = 0; k < CLASSES; k++) total += exp(z[k] - top);
  const real log_total = log(total);
#pragma unroll
  for (int k = 0; k < CLASSES; k++) result += t[k] * (log_total - (z[k] - top));
  loss[tile.row] = result;
}

// dlogits = (p * sum of t - t) * dloss
extern "C" __global__ void __launch_bounds__(ROWS, ROW_BLOCKS)
    distributions_gradient(const real *__restrict__ dloss, const real *__restrict__ logits, const real *__restrict__ target,
                           real *__restrict__ dlogits, int rows) {
  __shared__ real shared[ROWS * PITCH];
  const RowTile tile(shared, rows);
  real z[CLASSES], t[CLASSES];
  tile.load(logits, z);
  tile.load(target, t);
  if (tile.active) {
    real weight = 0;
#pragma unroll
    for (int k = 0; k < CLASSES; k++) weight += t[k];
    const real upstream = dloss[tile.row], scale = weight / exponentials(z, maximum(z));
#pragma unroll
    for (int k = 0; k < CLASSES; k++) z[k] = (z[k] * scale - t[k]) * upstream;
  }
  tile.store(dlogits, z);
}
