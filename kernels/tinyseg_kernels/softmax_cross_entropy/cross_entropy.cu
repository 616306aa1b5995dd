// Softmax and cross-entropy for many classes: a warp for each position (..._warps), or a block (..._blocks) where rows are long.
//
// A row's maximum and sum of exponentials take one pass over its logits; backward's second pass, and that of distributions, finds them in the cache as a rule.
// As for few classes, backward computes the probabilities again instead of reading them (cross_entropy_registers.cu).
#include "class_ids.cuh"
#include "softmax_rows.cuh"

// loss = log(sum of exp(z - max)) - (z_id - max); NaN for an id that is no class
template <bool WHOLE_BLOCK>
__device__ __forceinline__ void ids_forward(const real *__restrict__ logits, const class_id *__restrict__ ids, real *__restrict__ loss,
                                            int rows, int classes, real *scratch) {
  const RowLanes<WHOLE_BLOCK> lanes(scratch);
  if (lanes.row >= rows) return;  // the whole warp
  logits += lanes.row * classes;
  const RunningSum running = lanes.exponentials(logits, classes);
  if (lanes.lane == 0) {
    const int id = checked(ids[lanes.row], classes);
    loss[lanes.row] = id < 0 ? not_a_number() : log(running.sum()) - (logits[id] - running.top);
  }
}

// dlogits = (p - [k = id]) * dloss
template <bool WHOLE_BLOCK>
__device__ __forceinline__ void ids_backward(const real *__restrict__ dloss, const real *__restrict__ logits,
                                             const class_id *__restrict__ ids, real *__restrict__ dlogits, int rows, int classes,
                                             real *scratch) {
  const RowLanes<WHOLE_BLOCK> lanes(scratch);
  if (lanes.row >= rows) return;
  logits += lanes.row * classes;
  dlogits += lanes.row * classes;
  const RunningSum running = lanes.exponentials(logits, classes);
  const int id = checked(ids[lanes.row], classes);
  const real upstream = id < 0 ? not_a_number() : dloss[lanes.row], scale = 1 / running.sum();
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes)
    dlogits[k] = (exp(logits[k] - running.top) * scale - (k == id ? 1 : 0)) * upstream;
}

// loss = sum of t * (log(sum of exp(z - max)) - (z - max))
template <bool WHOLE_BLOCK>
__device__ __forceinline__ void distributions_forward(const real *__restrict__ logits, const real *__restrict__ target,
                                                      real *__restrict__ loss, int rows, int classes, real *scratch) {
  const RowLanes<WHOLE_BLOCK> lanes(scratch);
  if (lanes.row >= rows) return;
  logits += lanes.row * classes;
  target += lanes.row * classes;
  const RunningSum running = lanes.exponentials(logits, classes);
  const real log_total = log(running.sum());
  real result = 0;
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes) result += target[k] * (log_total - (logits[k] - running.top));
  result = lanes.sum(result);
  if (lanes.lane == 0) loss[lanes.row] = result;
}

// dlogits = (p * sum of t - t) * dloss
template <bool WHOLE_BLOCK>
__device__ __forceinline__ void distributions_backward(const real *__restrict__ dloss, const real *__restrict__ logits,
                                                       const real *__restrict__ target, real *__restrict__ dlogits, int rows,
                                                       int classes, real *scratch) {
  const RowLanes<WHOLE_BLOCK> lanes(scratch);
  if (lanes.row >= rows) return;
  logits += lanes.row * classes;
  target += lanes.row * classes;
  dlogits += lanes.row * classes;
  const RunningSum running = lanes.exponentials(logits, classes);
  real weight = 0;
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes) weight += target[k];
  const real upstream = dloss[lanes.row], scale = lanes.sum(weight) / running.sum();
#pragma unroll 4
  for (int k = lanes.lane; k < classes; k += lanes.lanes)
    dlogits[k] = (exp(logits[k] - running.top) * scale - target[k]) * upstream;
}

#define LOSS(NAME, BODY, TARGET)                                                                                     \
  extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)                                                \
      NAME(const real *__restrict__ logits, const TARGET *__restrict__ target, real *__restrict__ loss, int rows,    \
           int classes) {                                                                                            \
    __shared__ real scratch[2 * WARPS];                                                                              \
    BODY(logits, target, loss, rows, classes, scratch);                                                              \
  }
#define GRADIENT(NAME, BODY, TARGET)                                                                                 \
  extern "C" __global__ void __launch_bounds__(ROW_BLOCK, ROW_BLOCKS)                                                \
      NAME(const real *__restrict__ dloss, const real *__restrict__ logits, const TARGET *__restrict__ target,       \
           real *__restrict__ dlogits, int rows, int classes) {                                                      \
    __shared__ real scratch[2 * WARPS];                                                                              \
    BODY(dloss, logits, target, dlogits, rows, classes, scratch);                                                    \
  }

LOSS(ids_loss_warps, ids_forward<false>, class_id)
LOSS(ids_loss_blocks, ids_forward<true>, class_id)
GRADIENT(ids_gradient_warps, ids_backward<false>, class_id)
GRADIENT(ids_gradient_blocks, ids_backward<true>, class_id)
LOSS(distributions_loss_warps, distributions_forward<false>, real)
LOSS(distributions_loss_blocks, distributions_forward<true>, real)
GRADIENT(distributions_gradient_warps, distributions_backward<false>, real)
GRADIENT(distributions_gradient_blocks, distributions_backward<true>, real)
