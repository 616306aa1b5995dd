//= grid-stride loop with restrict | accepted
__global__ void saxpy(int n, float a, const float *__restrict__ x, float *__restrict__ y) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) y[i] = fmaf(a, x[i], y[i]);
}
//= float4 copy through casts | accepted
__global__ void copy4(const float *in, float *out) {
  int i = threadIdx.x;
  reinterpret_cast<float4 *>(out)[i] = reinterpret_cast<const float4 *>(in)[i];
}
//= int4 by make and store | accepted
__global__ void fill(int4 *out) { out[threadIdx.x] = make_int4(1, 2, 3, threadIdx.x); }
//= uchar4 pixels to grey | accepted
__global__ void grey(const uchar4 *in, unsigned char *out) {
  uchar4 p = in[threadIdx.x];
  out[threadIdx.x] = (unsigned char)(0.299f * p.x + 0.587f * p.y + 0.114f * p.z);
}
//= half2 dot product | accepted
#include <cuda_fp16.h>
__global__ void dot(const half2 *a, const half2 *b, float *out) {
  half2 s = __float2half2_rn(0.f);
  for (int i = 0; i < 8; i++) s = __hfma2(a[i], b[i], s);
  out[0] = __half2float(__hadd(__low2half(s), __high2half(s)));
}
//= half comparisons in an if | accepted
#include <cuda_fp16.h>
__global__ void relu(__half *x) {
  if (__hlt(x[threadIdx.x], __float2half(0.0f))) x[threadIdx.x] = __float2half(0.0f);
}
//= half relu with operators | accepted
#include <cuda_fp16.h>
__global__ void relu(half *x) {
  half zero = __float2half(0.f);
  x[threadIdx.x] = x[threadIdx.x] > zero ? x[threadIdx.x] : zero;
}
//= half relu with a literal zero | refused
#include <cuda_fp16.h>
__global__ void relu(half *x) { x[threadIdx.x] = x[threadIdx.x] > 0 ? x[threadIdx.x] : half(0); }
//= half times double | refused
#include <cuda_fp16.h>
__global__ void k(half *x) { x[0] = x[0] * 0.5; }
//= half accumulates into float | accepted
#include <cuda_fp16.h>
__global__ void k(const half *x, float *out) {
  float s = 0;
  for (int i = 0; i < 4; i++) s += __half2float(x[i]);
  s += float(x[5]);
  out[0] = s;
}
//= float plus-equals half | refused
#include <cuda_fp16.h>
__global__ void k(const half *x, float *out) {
  float s = 0;
  s += x[0];
  out[0] = s;
}
//= half array initialised with braces | accepted
#include <cuda_fp16.h>
__global__ void k(half *out) {
  half a[2] = {1.0f, 2.0f};
  out[0] = a[threadIdx.x & 1];
}
//= half exp and tanh | accepted
#include <cuda_fp16.h>
__global__ void k(half *x) { x[0] = hexp(x[0]) + htanh(x[1]) + hrsqrt(x[2]) + hsin(x[3]); }
//= expf of a half | accepted
#include <cuda_fp16.h>
__global__ void k(half *x) { x[0] = expf(x[0]); }
//= std::exp of a half | refused
#include <cuda_fp16.h>
#include <cmath>
__global__ void k(half *x) { x[0] = std::exp(x[0]); }
//= bfloat16 gelu in float | accepted
#include <cuda_bf16.h>
__global__ void k(__nv_bfloat16 *x) {
  float v = __bfloat162float(x[threadIdx.x]);
  x[threadIdx.x] = __float2bfloat16(0.5f * v * (1.0f + erff(v * 0.70710678f)));
}
//= bfloat16 max of two | accepted
#include <cuda_bf16.h>
__global__ void k(__nv_bfloat16 *x) { x[0] = __hmax(x[1], x[2]); }
//= atomicMax by CAS loop on float | accepted
__device__ float atomicMaxFloat(float *address, float value) {
  int *p = (int *)address, old = *p, assumed;
  do {
    assumed = old;
    old = atomicCAS(p, assumed, __float_as_int(fmaxf(value, __int_as_float(assumed))));
  } while (assumed != old);
  return __int_as_float(old);
}
__global__ void k(float *x) { atomicMaxFloat(x, threadIdx.x); }
//= atomicAdd of double by CAS loop of one's own name | accepted
__device__ double addDouble(double *address, double val) {
  unsigned long long *p = (unsigned long long *)address;
  unsigned long long old = *p, assumed;
  do {
    assumed = old;
    old = atomicCAS(p, assumed, __double_as_longlong(val + __longlong_as_double(assumed)));
  } while (assumed != old);
  return __longlong_as_double(old);
}
__global__ void k(double *x) { addDouble(x, 1.0); }
//= atomicAdd redefined for double | refused
__device__ double atomicAdd(double *address, double val) { return *address += val; }
__global__ void k(double *x) { atomicAdd(x, 1.0); }
//= atomicAdd with a literal to an unsigned long long | accepted
__global__ void k(unsigned long long *x) { atomicAdd(x, 1); }
//= atomicMin of an unsigned with an int | accepted
__global__ void k(unsigned *x) { atomicMin(x, threadIdx.x + 1); }
//= atomicOr of a long | refused
__global__ void k(long *x) { atomicOr(x, 1l); }
//= atomicExch of a pointer | refused
__global__ void k(int **x, int *v) { atomicExch(x, v); }
//= atomicAdd of an element of a shared histogram | accepted
__global__ void hist(const unsigned char *in, unsigned *bins, int n) {
  __shared__ unsigned local[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x) local[i] = 0;
  __syncthreads();
  for (int i = threadIdx.x; i < n; i += blockDim.x) atomicAdd(&local[in[i]], 1u);
  __syncthreads();
  for (int i = threadIdx.x; i < 256; i += blockDim.x) atomicAdd(&bins[i], local[i]);
}
//= warp sum by shfl_down | accepted
__inline__ __device__ float warpReduceSum(float val) {
  for (int offset = warpSize / 2; offset > 0; offset /= 2) val += __shfl_down_sync(0xffffffff, val, offset);
  return val;
}
__global__ void k(float *x) { x[0] = warpReduceSum(x[threadIdx.x]); }
//= shuffle of a uchar | accepted
__global__ void k(unsigned char *x) { x[threadIdx.x] = __shfl_sync(0xffffffff, x[threadIdx.x], 0); }
//= shuffle of a float2 | refused
__global__ void k(float2 *x) { x[threadIdx.x] = __shfl_sync(0xffffffff, x[threadIdx.x], 0); }
//= shuffle of an enum | accepted
enum Color { RED, GREEN };
__global__ void k(Color c, int *x) { x[0] = __shfl_sync(0xffffffff, c, 0); }
//= shuffle of a size_t | accepted
__global__ void k(size_t *x) { x[threadIdx.x] = __shfl_xor_sync(0xffffffff, x[threadIdx.x], 1); }
//= ballot and popc of lanes below | accepted
__global__ void compact(const int *in, int *out) {
  unsigned mask = __ballot_sync(0xffffffff, in[threadIdx.x] > 0);
  int rank = __popc(mask & ((1u << threadIdx.x) - 1));
  if (in[threadIdx.x] > 0) out[rank] = in[threadIdx.x];
}
//= bool reduce with __syncthreads_or | accepted
__global__ void k(int *x) { x[0] = __syncthreads_or(x[threadIdx.x] == 3); }
//= __reduce_add_sync of a long long | refused
__global__ void k(long long *x) { x[0] = __reduce_add_sync(0xffffffff, x[threadIdx.x]); }
//= tiled_partition in a device function | accepted
#include <cooperative_groups.h>
using namespace cooperative_groups;
__device__ int sum(thread_block_tile<32> g, int v) {
  for (int i = g.size() / 2; i > 0; i /= 2) v += g.shfl_down(v, i);
  return v;
}
__global__ void k(int *x) {
  auto tile = tiled_partition<32>(this_thread_block());
  x[0] = sum(tile, x[threadIdx.x]);
}
//= reduce over a template group | accepted
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
template <typename G>
__device__ int reduce_sum(G g, int *temp, int val) {
  int lane = g.thread_rank();
  for (int i = g.size() / 2; i > 0; i /= 2) {
    temp[lane] = val;
    g.sync();
    if (lane < i) val += temp[lane + i];
    g.sync();
  }
  return val;
}
__global__ void k(int *x) {
  extern __shared__ int temp[];
  x[0] = reduce_sum(cg::this_thread_block(), temp, x[threadIdx.x]);
}
//= grid sync | accepted
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void k(int *x) {
  cg::grid_group grid = cg::this_grid();
  x[grid.thread_rank()] = 1;
  grid.sync();
  x[0] += x[grid.size() - 1];
}
//= cluster group | accepted
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__global__ void __cluster_dims__(2, 1, 1) k(int *x) {
  __shared__ int s;
  cg::cluster_group cluster = cg::this_cluster();
  s = cluster.block_rank();
  cluster.sync();
  int *other = cluster.map_shared_rank(&s, cluster.block_rank() ^ 1);
  x[0] = *other;
  cluster.sync();
}
//= wmma tile loop over k | accepted
#include <mma.h>
using namespace nvcuda::wmma;
__global__ void gemm(const half *a, const half *b, float *c, int n) {
  fragment<matrix_a, 16, 16, 16, half, row_major> fa;
  fragment<matrix_b, 16, 16, 16, half, row_major> fb;
  fragment<accumulator, 16, 16, 16, float> acc;
  fill_fragment(acc, 0.0f);
  for (int k = 0; k < n; k += 16) {
    load_matrix_sync(fa, a + k, n);
    load_matrix_sync(fb, b + k * n, n);
    mma_sync(acc, fa, fb, acc);
  }
  store_matrix_sync(c, acc, n, mem_row_major);
}
//= wmma with floats as matrix_b | refused
#include <mma.h>
using namespace nvcuda;
__global__ void k(const float *b) {
  wmma::fragment<wmma::matrix_b, 16, 16, 16, float, wmma::row_major> fb;
  wmma::load_matrix_sync(fb, b, 16);
}
//= dynamic shared memory split in two | accepted
__global__ void k(float *out, int n) {
  extern __shared__ unsigned char raw[];
  float *a = reinterpret_cast<float *>(raw);
  int *b = reinterpret_cast<int *>(a + n);
  a[threadIdx.x] = 1;
  b[threadIdx.x] = 2;
  __syncthreads();
  out[threadIdx.x] = a[n - 1 - threadIdx.x] + b[threadIdx.x];
}
//= two-dimensional shared tile with padding | accepted
#define TILE 32
__global__ void transpose(float *out, const float *in, int w) {
  __shared__ float tile[TILE][TILE + 1];
  tile[threadIdx.y][threadIdx.x] = in[threadIdx.y * w + threadIdx.x];
  __syncthreads();
  out[threadIdx.y * w + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}
//= constant array indexed by a loop | accepted
__constant__ float coefficients[5];
__global__ void fir(const float *in, float *out) {
  float s = 0;
#pragma unroll
  for (int i = 0; i < 5; i++) s += coefficients[i] * in[threadIdx.x + i];
  out[threadIdx.x] = s;
}
//= functor passed to a template kernel | accepted
struct Square {
  __device__ float operator()(float x) const { return x * x; }
};
template <class F>
__global__ void map(float *x, F f) { x[threadIdx.x] = f(x[threadIdx.x]); }
template __global__ void map<Square>(float *, Square);
//= host functor called in a kernel | refused
struct Square {
  float operator()(float x) const { return x * x; }
};
__global__ void map(float *x) { x[threadIdx.x] = Square()(x[threadIdx.x]); }
//= clock for timing | accepted
__global__ void k(clock_t *t) {
  clock_t a = clock();
  __syncthreads();
  t[0] = clock() - a;
}
//= int division helpers | accepted
__host__ __device__ inline int ceil_div(int a, int b) { return (a + b - 1) / b; }
__global__ void k(int *x) { x[0] = ceil_div(x[1], 32); }
//= round up to a multiple with constexpr template | accepted
template <int A, int B>
struct RoundUp { static constexpr int value = (A + B - 1) / B * B; };
__global__ void k(int *x) {
  __shared__ int s[RoundUp<30, 32>::value];
  s[threadIdx.x] = 1;
  x[0] = s[0];
}
//= printf of a size_t and a pointer | accepted
#include <stdio.h>
__global__ void k(float *x) { printf("%p %lu %d\n", x, sizeof(float), threadIdx.x); }
//= cerr in a kernel | refused
#include <iostream>
__global__ void k(int *x) { std::cerr << x[0] << std::endl; }
//= std::min in a kernel | refused
#include <algorithm>
__global__ void k(int *x) { x[0] = std::min(x[1], x[2]); }
//= std::numeric_limits lowest in a kernel | refused
#include <limits>
__global__ void k(float *x) { x[0] = -std::numeric_limits<float>::infinity(); }
//= INT_MAX and FLT_EPSILON | accepted
#include <climits>
#include <cfloat>
__global__ void k(float *x) { x[0] = INT_MAX + FLT_EPSILON; }
//= min of int and unsigned literals | accepted
__global__ void k(int *x, int n) { x[0] = min(blockDim.x, n); }
//= max of double and float literal | accepted
__global__ void k(double *x) { x[0] = max(x[1], 0.0f); }
//= max of float and double zero | accepted
__global__ void k(float *x) { x[0] = max(x[1], 0.0); }
//= min of long and int | refused
__global__ void k(long *x) { x[0] = min(x[1], 5); }
//= variable sized local array | refused
__global__ void k(int *x, int n) {
  int a[n];
  a[0] = 1;
  x[0] = a[0];
}
//= pow of ints | accepted
__global__ void k(int *x) { x[0] = pow(x[1], 2); }
//= abs of an unsigned difference | accepted
__global__ void k(unsigned *x) { x[0] = abs((int)(x[1] - x[2])); }
//= __sinf and __cosf with doubles | accepted
__global__ void k(double *x) { x[0] = __sinf(x[1]) + __cosf(x[2]); }
//= curand in a monte carlo loop | accepted
#include <curand_kernel.h>
__global__ void pi(unsigned long long seed, int *hits) {
  curandStatePhilox4_32_10_t s;
  curand_init(seed, threadIdx.x, 0, &s);
  int n = 0;
  for (int i = 0; i < 100; i++) {
    float2 p = make_float2(curand_uniform(&s), curand_uniform(&s));
    n += p.x * p.x + p.y * p.y < 1.0f;
  }
  atomicAdd(hits, n);
}
//= inline PTX with an operand | accepted
__global__ void k(unsigned *x) {
  unsigned r;
  asm("add.u32 %0, %1, %2;" : "=r"(r) : "r"(x[1]), "r"(x[2]));
  x[0] = r;
}
//= global timer by inline PTX | accepted
__global__ void k(unsigned long long *x) {
  unsigned long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  x[0] = t;
}
//= cuda::std in a kernel | accepted
#include <cuda/std/cstdint>
#include <cuda/std/utility>
__global__ void k(int *x) {
  cuda::std::pair<int, int> p(1, 2);
  x[0] = p.second;
}
//= cuda::barrier | accepted
#include <cuda/barrier>
__global__ void k(int *x) {
  __shared__ cuda::barrier<cuda::thread_scope_block> bar;
  if (threadIdx.x == 0) init(&bar, blockDim.x);
  __syncthreads();
  bar.arrive_and_wait();
  x[0] = 1;
}
