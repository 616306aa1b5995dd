// Batch normalisation's reductions over the positions: mean and variance of each channel, and the sums that dgamma and dbeta are made of.
//
// Both take two steps, in an order that the shape alone decides, so two runs give the same bits: every block reduces a chunk of positions to one row
// (`moments`, `gradient_sums`), then the blocks' rows are merged (`merge_moments`, `merge_gradient_sums`). x is read once for mean and variance together:
//
//     E[x^2] - E[x]^2       one pass, but the difference of two large numbers: no digit is left where the mean is 1000 times the deviation
//     mean, then variance   exact, but reads x twice
//     merging (here)        one pass. Four positions give (count, mean, M2 = sum of (x - mean)^2) in registers, and two such triples merge to
//                               mean = mean_a + d * n_b / n        M2 = M2_a + M2_b + d^2 * n_a * n_b / n        with d = mean_b - mean_a, n = n_a + n_b
//                           without a large difference; besides, all numbers are taken relative to the channel's first one, so that a running mean has the size of
//                           the spread, not of the mean. One division serves 4 positions of WIDTH channels.
//
// Source of the merging: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
#include "rows.cuh"

#define GROUP 4  // positions that a thread loads before it uses the first one
#define MERGE_CHANNELS 32
#define MERGE_ROWS 32

// Merge (count_b, mean_b, m2_b) into (count, mean, m2); the counts are not updated.
__device__ __forceinline__ void merge(real count, real &mean, real &m2, real count_b, real mean_b, real m2_b) {
  const real share = count_b / (count + count_b), d = mean_b - mean;
  mean += d * share;
  m2 += m2_b + d * d * count * share;
}

// Means (relative to x's first row) and M2 of each chunk: (chunks, columns) each.
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    moments(const real *__restrict__ x, real *__restrict__ means, real *__restrict__ m2s, int all_rows, int columns, int tile,
            int chunk) {
  __shared__ real mean_of[WIDTH][ROW_THREADS], m2_of[WIDTH][ROW_THREADS];
  __shared__ int count_of[ROW_THREADS];
  const Walk walk(all_rows, columns, tile, chunk);
  const Pack<real> *data = packs_of(x);
  real mean[WIDTH], m2[WIDTH];
#pragma unroll
  for (int j = 0; j < WIDTH; j++) mean[j] = m2[j] = 0;
  if (walk.lane < walk.rows) {
    const Pack<real> pivot = data[walk.pack];
    int row = walk.lane;
    real count = 0;
    for (; row < walk.rows - (GROUP - 1) * walk.lanes; row += GROUP * walk.lanes) {
      Pack<real> p[GROUP];
#pragma unroll
      for (int k = 0; k < GROUP; k++) p[k] = data[walk.at(row + k * walk.lanes)];
      const real before = count, share = GROUP / (before + GROUP);
      count += GROUP;
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        real group[GROUP], sum = 0, squares = 0;
#pragma unroll
        for (int k = 0; k < GROUP; k++) sum += group[k] = p[k].v[j] - pivot.v[j];
        const real m = sum / GROUP, d = m - mean[j];
#pragma unroll
        for (int k = 0; k < GROUP; k++) squares += (group[k] - m) * (group[k] - m);
        mean[j] += d * share;
        m2[j] += squares + d * d * before * share;
      }
    }
    for (; row < walk.rows; row += walk.lanes) {
      const Pack<real> p = data[walk.at(row)];
#pragma unroll
      for (int j = 0; j < WIDTH; j++) merge(count, mean[j], m2[j], 1, p.v[j] - pivot.v[j], 0);
      count += 1;
    }
  }
  const int t = threadIdx.x;
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    mean_of[j][t] = mean[j];
    m2_of[j][t] = m2[j];
  }
  count_of[t] = walk.rows_of_lane();
  for (int active = walk.lanes; active > 1;) {
    const int half = (active + 1) / 2, other = t + half * tile;
    __syncthreads();
    if (walk.lane + half < active && count_of[other] > 0) {
      const int count = count_of[t], count_b = count_of[other];
#pragma unroll
      for (int j = 0; j < WIDTH; j++) merge(count, mean_of[j][t], m2_of[j][t], count_b, mean_of[j][other], m2_of[j][other]);
      count_of[t] = count + count_b;
    }
    active = half;
  }
  if (walk.lane == 0 && walk.rows > 0) {
    Pack<real> a, b;
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      a.v[j] = mean_of[j][t];
      b.v[j] = m2_of[j][t];
    }
    const long long place = (long long)blockIdx.x * walk.packs + walk.pack;
    packs_of(means)[place] = a;
    packs_of(m2s)[place] = b;
  }
}

// Mean, variance and 1 / sqrt(variance + epsilon) of each channel from the chunks' moments. Block (MERGE_CHANNELS, MERGE_ROWS).
extern "C" __global__ void __launch_bounds__(MERGE_CHANNELS *MERGE_ROWS)
    merge_moments(const real *__restrict__ x, const real *__restrict__ means, const real *__restrict__ m2s, real *__restrict__ mean,
                  real *__restrict__ variance, real *__restrict__ inverse_deviation, int rows, int columns, int chunk, int chunks,
                  real epsilon) {
  __shared__ real mean_of[MERGE_ROWS][MERGE_CHANNELS], m2_of[MERGE_ROWS][MERGE_CHANNELS], count_of[MERGE_ROWS][MERGE_CHANNELS];
  const int tx = threadIdx.x, ty = threadIdx.y, c = blockIdx.x * MERGE_CHANNELS + tx;
  real m = 0, m2 = 0, count = 0;
  if (c < columns)
#pragma unroll 4
    for (int b = ty; b < chunks; b += MERGE_ROWS) {
      const long long place = (long long)b * columns + c;
      const real count_b = b < chunks - 1 ? chunk : rows - (chunks - 1) * chunk;
      merge(count, m, m2, count_b, means[place], m2s[place]);
      count += count_b;
    }
  mean_of[ty][tx] = m;
  m2_of[ty][tx] = m2;
  count_of[ty][tx] = count;
  for (int half = MERGE_ROWS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (ty < half && count_of[ty + half][tx] > 0) {
      merge(count_of[ty][tx], mean_of[ty][tx], m2_of[ty][tx], count_of[ty + half][tx], mean_of[ty + half][tx], m2_of[ty + half][tx]);
      count_of[ty][tx] += count_of[ty + half][tx];
    }
  }
  if (ty == 0 && c < columns) {
    const real v = m2_of[0][tx] / rows;
    mean[c] = x[c] + mean_of[0][tx];
    variance[c] = v;
    inverse_deviation[c] = 1 / sqrt(v + epsilon);
  }
}

// Sums of dy and of dy * (x - mean) of each chunk: (chunks, columns) each. Within a thread the sums are compensated (`Sum`).
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    gradient_sums(const real *__restrict__ dy, const real *__restrict__ x, const real *__restrict__ mean, real *__restrict__ sums,
                  real *__restrict__ products, int all_rows, int columns, int tile, int chunk) {
  __shared__ real sum_of[WIDTH][ROW_THREADS], product_of[WIDTH][ROW_THREADS];
  const Walk walk(all_rows, columns, tile, chunk);
  const Pack<real> *upstream = packs_of(dy), *data = packs_of(x);
  Sum sum[WIDTH], product[WIDTH];
  if (walk.lane < walk.rows) {
    const Pack<real> centre = packs_of(mean)[walk.pack];
    int row = walk.lane;
    for (; row < walk.rows - (GROUP - 1) * walk.lanes; row += GROUP * walk.lanes) {
      Pack<real> d[GROUP], p[GROUP];
#pragma unroll
      for (int k = 0; k < GROUP; k++) {
        d[k] = upstream[walk.at(row + k * walk.lanes)];
        p[k] = data[walk.at(row + k * walk.lanes)];
      }
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        real s = 0, z = 0;
#pragma unroll
        for (int k = 0; k < GROUP; k++) {
          s += d[k].v[j];
          z += d[k].v[j] * (p[k].v[j] - centre.v[j]);
        }
        sum[j].add(s);
        product[j].add(z);
      }
    }
    for (; row < walk.rows; row += walk.lanes) {
      const Pack<real> d = upstream[walk.at(row)], p = data[walk.at(row)];
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        sum[j].add(d.v[j]);
        product[j].add(d.v[j] * (p.v[j] - centre.v[j]));
      }
    }
  }
  const int t = threadIdx.x;
#pragma unroll
  for (int j = 0; j < WIDTH; j++) {
    sum_of[j][t] = sum[j].value();
    product_of[j][t] = product[j].value();
  }
  for (int active = walk.lanes; active > 1;) {
    const int half = (active + 1) / 2, other = t + half * tile;
    __syncthreads();
    if (walk.lane + half < active) {
#pragma unroll
      for (int j = 0; j < WIDTH; j++) {
        sum_of[j][t] += sum_of[j][other];
        product_of[j][t] += product_of[j][other];
      }
    }
    active = half;
  }
  if (walk.lane == 0 && walk.rows > 0) {
    Pack<real> a, b;
#pragma unroll
    for (int j = 0; j < WIDTH; j++) {
      a.v[j] = sum_of[j][t];
      b.v[j] = product_of[j][t];
    }
    const long long place = (long long)blockIdx.x * walk.packs + walk.pack;
    packs_of(sums)[place] = a;
    packs_of(products)[place] = b;
  }
}

// dgamma = sum of dy * (x - mean) * inverse_deviation and dbeta = sum of dy, from the chunks' sums. Block (MERGE_CHANNELS, MERGE_ROWS).
extern "C" __global__ void __launch_bounds__(MERGE_CHANNELS *MERGE_ROWS)
    merge_gradient_sums(const real *__restrict__ sums, const real *__restrict__ products, const real *__restrict__ inverse_deviation,
                        real *__restrict__ dgamma, real *__restrict__ dbeta, int columns, int chunks) {
  __shared__ real sum_of[MERGE_ROWS][MERGE_CHANNELS], product_of[MERGE_ROWS][MERGE_CHANNELS];
  const int tx = threadIdx.x, ty = threadIdx.y, c = blockIdx.x * MERGE_CHANNELS + tx;
  Sum sum, product;
  if (c < columns)
#pragma unroll 4
    for (int b = ty; b < chunks; b += MERGE_ROWS) {
      const long long place = (long long)b * columns + c;
      sum.add(sums[place]);
      product.add(products[place]);
    }
  sum_of[ty][tx] = sum.value();
  product_of[ty][tx] = product.value();
  for (int half = MERGE_ROWS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (ty < half) {
      sum_of[ty][tx] += sum_of[ty + half][tx];
      product_of[ty][tx] += product_of[ty + half][tx];
    }
  }
  if (ty == 0 && c < columns) {
    dbeta[c] = sum_of[0][tx];
    dgamma[c] = product_of[0][tx] * inverse_deviation[c];
  }
}
