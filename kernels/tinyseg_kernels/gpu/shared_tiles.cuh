// A matrix product by tiles in shared memory, one output per thread: what the versions "shared_tiles" of GEMM and convolution share.
//
// Outputs (m, n) of a block of SIDE x SIDE threads need the same SIDE rows of A and SIDE columns of B. The block copies a SIDE x SIDE tile of each to shared
// memory, uses each number SIDE times, and goes on along k: global memory is read SIDE times less often than by one thread per output.
#pragma once
#include "common.cuh"

#define SIDE 16

struct SharedTiles {
  real a[SIDE][SIDE + 1];  // [m][k]; one more column, so that threads that write along m hit different banks (but for one)
  real b[SIDE][SIDE + 1];  // [k][n]
};

// Returns sum over k in [k_begin, k_end) of a(m, k) * b(k, n), m = m0 + threadIdx.y, n = n0 + threadIdx.x. a and b are functions that return 0 for m and n
// outside of the matrix. `a_along_m` and `b_along_k` say along which index neighbours in memory lie: neighbouring threads read those. All threads must call it.
template <class A, class B>
__device__ __forceinline__ real shared_tiles_product(SharedTiles &tiles, const A &a, const B &b, int m0, int n0, int k_begin, int k_end, bool a_along_m, bool b_along_k) {
  const int tx = threadIdx.x, ty = threadIdx.y;
  real sum = 0;
  for (int k0 = k_begin; k0 < k_end; k0 += SIDE) {
    const int ka = k0 + (a_along_m ? ty : tx), kb = k0 + (b_along_k ? tx : ty);
    const real value_a = ka < k_end ? a(m0 + (a_along_m ? tx : ty), ka) : real(0);
    const real value_b = kb < k_end ? b(kb, n0 + (b_along_k ? ty : tx)) : real(0);
    __syncthreads();  // the tiles of the last step are no longer read
    if (a_along_m) tiles.a[tx][ty] = value_a; else tiles.a[ty][tx] = value_a;
    if (b_along_k) tiles.b[tx][ty] = value_b; else tiles.b[ty][tx] = value_b;
    __syncthreads();
#pragma unroll
    for (int k = 0; k < SIDE; k++) sum += tiles.a[ty][k] * tiles.b[k][tx];
  }
  return sum;
}
