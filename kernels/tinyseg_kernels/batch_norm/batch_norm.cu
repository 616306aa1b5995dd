// Batch normalisation's passes over all numbers: y from x, and dx from dy. Each number is read and written once; a thread's channels stay the same, so their
// parameters are loaded once and lie in registers (rows.cuh).
#include "rows.cuh"

#define GROUP 4  // positions that a thread loads before it uses the first one

// 1 / sqrt(variance + epsilon) of each channel, where the statistics are given.
extern "C" __global__ void inverse_deviations(const real *__restrict__ variance, real *__restrict__ inverse_deviation, int columns,
                                              real epsilon) {
  const int c = grid_thread();
  if (c < columns) inverse_deviation[c] = 1 / sqrt(variance[c] + epsilon);
}

// gamma * inverse_deviation of a thread's channels; without a gamma the pointer is not read.
__device__ __forceinline__ Pack<real> scale_of(const real *gamma, const real *inverse_deviation, int has_gamma, int pack) {
  Pack<real> scale = packs_of(inverse_deviation)[pack];
  if (has_gamma) {
    const Pack<real> g = packs_of(gamma)[pack];
#pragma unroll
    for (int j = 0; j < WIDTH; j++) scale.v[j] *= g.v[j];
  }
  return scale;
}

// y = (x - mean) * (gamma * inverse_deviation) + beta
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    normalise(const real *__restrict__ x, const real *__restrict__ gamma, const real *__restrict__ beta, const real *__restrict__ mean,
              const real *__restrict__ inverse_deviation, real *__restrict__ y, int has_gamma, int has_beta, int all_rows, int columns,
              int tile, int chunk) {
  const Walk walk(all_rows, columns, tile, chunk);
  if (walk.lane >= walk.rows) return;
  const Pack<real> scale = scale_of(gamma, inverse_deviation, has_gamma, walk.pack), centre = packs_of(mean)[walk.pack];
  Pack<real> shift;
#pragma unroll
  for (int j = 0; j < WIDTH; j++) shift.v[j] = 0;
  if (has_beta) shift = packs_of(beta)[walk.pack];
  const Pack<real> *data = packs_of(x);
  Pack<real> *result = packs_of(y);
  for (int row = walk.lane; row < walk.rows; row += GROUP * walk.lanes) {
    Pack<real> p[GROUP];
#pragma unroll
    for (int k = 0; k < GROUP; k++)
      if (k * walk.lanes < walk.rows - row) p[k] = data[walk.at(row + k * walk.lanes)];
#pragma unroll
    for (int k = 0; k < GROUP; k++)
      if (k * walk.lanes < walk.rows - row) {
#pragma unroll
        for (int j = 0; j < WIDTH; j++) p[k].v[j] = (p[k].v[j] - centre.v[j]) * scale.v[j] + shift.v[j];
        result[walk.at(row + k * walk.lanes)] = p[k];
      }
  }
}

// dx = scale * dy + slope * (x - mean) + shift with scale = gamma * s, slope = -scale * s * dgamma / P, shift = -scale * dbeta / P (s: inverse deviation)
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    train_input_gradient(const real *__restrict__ dy, const real *__restrict__ x, const real *__restrict__ gamma,
                         const real *__restrict__ mean, const real *__restrict__ inverse_deviation, const real *__restrict__ dgamma,
                         const real *__restrict__ dbeta, real *__restrict__ dx, int has_gamma, int all_rows, int columns, int tile,
                         int chunk) {
  const Walk walk(all_rows, columns, tile, chunk);
  if (walk.lane >= walk.rows) return;
  const Pack<real> scale = scale_of(gamma, inverse_deviation, has_gamma, walk.pack), centre = packs_of(mean)[walk.pack];
  Pack<real> slope = packs_of(inverse_deviation)[walk.pack], shift = packs_of(dbeta)[walk.pack];
  const Pack<real> products = packs_of(dgamma)[walk.pack];
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    slope.v[j] *= -scale.v[j] * products.v[j] / all_rows;
    shift.v[j] *= -scale.v[j] / all_rows;
  }
  const Pack<real> *upstream = packs_of(dy), *data = packs_of(x);
  Pack<real> *result = packs_of(dx);
  for (int row = walk.lane; row < walk.rows; row += GROUP * walk.lanes) {
    Pack<real> d[GROUP], p[GROUP];
#pragma unroll
    for (int k = 0; k < GROUP; k++)
      if (k * walk.lanes < walk.rows - row) {
        d[k] = upstream[walk.at(row + k * walk.lanes)];
        p[k] = data[walk.at(row + k * walk.lanes)];
      }
#pragma unroll
    for (int k = 0; k < GROUP; k++)
      if (k * walk.lanes < walk.rows - row) {
#pragma unroll
        for (int j = 0; j < WIDTH; j++)
          d[k].v[j] = scale.v[j] * d[k].v[j] + (slope.v[j] * (p[k].v[j] - centre.v[j]) + shift.v[j]);
        result[walk.at(row + k * walk.lanes)] = d[k];
      }
  }
}

// dx = gamma * inverse_deviation * dy
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    inference_input_gradient(const real *__restrict__ dy, const real *__restrict__ gamma, const real *__restrict__ inverse_deviation,
                             real *__restrict__ dx, int has_gamma, int all_rows, int columns, int tile, int chunk) {
  const Walk walk(all_rows, columns, tile, chunk);
  if (walk.lane >= walk.rows) return;
  const Pack<real> scale = scale_of(gamma, inverse_deviation, has_gamma, walk.pack);
  for (int row = walk.lane; row < walk.rows; row += walk.lanes) {
    Pack<real> d = packs_of(dy)[walk.at(row)];
#pragma unroll
    for (int j = 0; j < WIDTH; j++) d.v[j] *= scale.v[j];
    packs_of(dx)[walk.at(row)] = d;
  }
}
