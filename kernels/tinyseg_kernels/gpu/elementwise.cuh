// y[i] = f(x_0[i], x_1[i], ...) for arrays of n numbers, whatever their shape.
//
// Each thread first asks for the packs of IN_FLIGHT places, then computes, then writes: with that many loads under way at once, memory is kept busy while
// each of them takes its few hundred cycles. A rest of less than a pack is done number by number.
#pragma once
#include "pack.cuh"

#define IN_FLIGHT 4

template <int K, typename F>
__device__ __forceinline__ void elementwise(const real *const (&x)[K], real *y, int n, F f) {
  const unsigned packs = n / WIDTH, step = grid_threads();
  for (unsigned first = grid_thread(); first < packs; first += IN_FLIGHT * step) {
    Pack<real> in[IN_FLIGHT][K];
#pragma unroll
    for (int u = 0; u < IN_FLIGHT; u++)
      if (first + u * step < packs)
#pragma unroll
        for (int a = 0; a < K; a++) in[u][a] = load(x[a] + (first + u * step) * WIDTH);
#pragma unroll
    for (int u = 0; u < IN_FLIGHT; u++)
      if (first + u * step < packs) {
        Pack<real> out;
#pragma unroll
        for (int k = 0; k < WIDTH; k++) {
          real values[K];
#pragma unroll
          for (int a = 0; a < K; a++) values[a] = in[u][a].v[k];
          out.v[k] = f(values);
        }
        store(y + (first + u * step) * WIDTH, out);
      }
  }
  for (unsigned i = packs * WIDTH + grid_thread(); i < (unsigned)n; i += step) {
    real values[K];
#pragma unroll
    for (int a = 0; a < K; a++) values[a] = x[a][i];
    y[i] = f(values);
  }
}
