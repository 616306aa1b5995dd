//= half 16x16x16 | accepted | float 16
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(float *out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
  __shared__ float s[256];
  wmma::fill_fragment(a, __float2half(1.0f));
  wmma::fill_fragment(b, __float2half(1.0f));
  wmma::fill_fragment(c, 0.0f);
  wmma::mma_sync(c, a, b, c);
  wmma::store_matrix_sync(s, c, 16, wmma::mem_row_major);
  __syncwarp();
  out[0] = s[255];
}
//= half accumulator 32x8x16 | accepted | float 32
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(float *out) {
  wmma::fragment<wmma::matrix_a, 32, 8, 16, half, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 32, 8, 16, half, wmma::row_major> b;
  wmma::fragment<wmma::accumulator, 32, 8, 16, half> c;
  __shared__ half s[256];
  wmma::fill_fragment(a, __float2half(1.0f));
  wmma::fill_fragment(b, __float2half(2.0f));
  wmma::fill_fragment(c, __float2half(0.0f));
  wmma::mma_sync(c, a, b, c);
  wmma::store_matrix_sync(s, c, 32, wmma::mem_col_major);
  __syncwarp();
  out[0] = s[7];
}
//= signed char 8x32x16 | accepted | int -32
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(int *out) {
  wmma::fragment<wmma::matrix_a, 8, 32, 16, signed char, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 8, 32, 16, signed char, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 8, 32, 16, int> c;
  __shared__ int s[256];
  wmma::fill_fragment(a, -1);
  wmma::fill_fragment(b, 2);
  wmma::fill_fragment(c, 0);
  wmma::mma_sync(c, a, b, c);
  wmma::store_matrix_sync(s, c, 32, wmma::mem_row_major);
  __syncwarp();
  out[0] = s[7];
}
//= bfloat16 16x16x16 | accepted | float 16
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(float *out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __nv_bfloat16, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __nv_bfloat16, wmma::row_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
  __shared__ float s[256];
  wmma::fill_fragment(a, __float2bfloat16(1.0f));
  wmma::fill_fragment(b, __float2bfloat16(1.0f));
  wmma::fill_fragment(c, 0.0f);
  wmma::mma_sync(c, a, b, c);
  wmma::store_matrix_sync(s, c, 16, wmma::mem_row_major);
  __syncwarp();
  out[0] = s[17];
}
//= tf32 16x16x8 | accepted | float 8
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(float *out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> c;
  __shared__ float s[256];
  wmma::fill_fragment(a, wmma::__float_to_tf32(1.0f));
  wmma::fill_fragment(b, 1.0f);
  wmma::fill_fragment(c, 0.0f);
  wmma::mma_sync(c, a, b, c);
  wmma::store_matrix_sync(s, c, 16, wmma::mem_row_major);
  __syncwarp();
  out[0] = s[17];
}
//= double 8x8x4 | accepted | double 4
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(double *out) {
  wmma::fragment<wmma::matrix_a, 8, 8, 4, double, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 8, 8, 4, double, wmma::col_major> b;
  wmma::fragment<wmma::accumulator, 8, 8, 4, double> c;
  __shared__ double s[64];
  wmma::fill_fragment(a, 1.0);
  wmma::fill_fragment(b, 1.0);
  wmma::fill_fragment(c, 0.0);
  wmma::mma_sync(c, a, b, c);
  wmma::store_matrix_sync(s, c, 8, wmma::mem_row_major);
  __syncwarp();
  out[0] = s[63];
}
//= shape 16x16x32 | refused
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 32, float> c;
nvcuda::wmma::fill_fragment(c, 0.0f);
//= float matrix_a | refused
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, float, nvcuda::wmma::row_major> a;
nvcuda::wmma::fill_fragment(a, 0.0f);
//= accumulator with a layout | refused
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, float, nvcuda::wmma::row_major> c;
nvcuda::wmma::fill_fragment(c, 0.0f);
//= matrix_a without a layout | refused
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, half> a;
nvcuda::wmma::fill_fragment(a, __float2half(0.0f));
//= load of an accumulator without a layout | refused
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, float> c;
nvcuda::wmma::load_matrix_sync(c, out, 16);
//= load of half from floats | refused
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, half, nvcuda::wmma::row_major> a;
nvcuda::wmma::load_matrix_sync(a, out, 16);
//= mixed shapes | refused
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(float *out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 32, 8, 16, half, wmma::row_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> c;
  wmma::mma_sync(c, a, b, c);
}
//= bfloat16 with half sums | refused
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void k(float *out) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __nv_bfloat16, wmma::row_major> a;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __nv_bfloat16, wmma::row_major> b;
  wmma::fragment<wmma::accumulator, 16, 16, 16, half> c;
  wmma::mma_sync(c, a, b, c);
}
//= elements of a fragment | accepted | int 16 8
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, half, nvcuda::wmma::row_major> a;
nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, float> c;
nvcuda::wmma::fill_fragment(c, 0.0f);
for (int i = 0; i < c.num_elements; i++) c.x[i] = c.x[i] * 2 + 1;
out[0] = a.num_elements;
out[1] = c.num_elements;
//= half fragment filled with an int | accepted
#include <mma.h>
nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, half> c;
nvcuda::wmma::fill_fragment(c, 0);
