// Kernels whose operations and bytes are known by hand (test_roofline.py).
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>
// racecheck: saxpy<<<3, 128>>>(float a = 2, float x[301] = random, float y[301] = random, int n = 301)
// racecheck: matmul<<<(2, 3), (8, 8)>>>(float a[24][11] = random, float b[11][16] = random, float c[24][16], int k = 11)
// racecheck: tiled<<<(2, 2), (8, 8)>>>(float a[16][24] = random, float b[24][16] = random, float c[16][16], int k = 24)
// racecheck: stencil<<<2, 64>>>(double x[130] = random, double y[130], int n = 130)
// racecheck: block_sum<<<3, 64>>>(float x[192] = random, float sums[3])
// racecheck: axpy2<<<1, 40>>>(half2 a = {1, 2}, half2 x[40] = random, half2 y[40] = random)
// racecheck: blend<<<1, 32>>>(__nv_bfloat16 x[32] = random, __nv_bfloat16 y[32])
// racecheck: tensor<<<1, 64>>>(half a[256] = random, half b[256] = random, float c[512])
// racecheck: special<<<1, 32>>>(float x[32] = random(1, 2), float y[32])
// racecheck: branches<<<1, 64>>>(float x[64] = arange, float y[64])
// racecheck: strided<<<1, 32>>>(float x[256] = random, float y[32])
// racecheck: again<<<1, 32>>>(float x[32] = random)
// racecheck: rounded<<<1, 32>>>(float x[32] = random(1, 2), float y[32])

__global__ void saxpy(float a, const float *x, float *y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}

__global__ void matmul(const float *a, const float *b, float *c, int k) {
  const int row = blockIdx.y * 8 + threadIdx.y, column = blockIdx.x * 8 + threadIdx.x;
  float sum = 0;
  for (int i = 0; i < k; i++) sum += a[row * k + i] * b[i * 16 + column];
  c[row * 16 + column] = sum;
}

__global__ void tiled(const float *a, const float *b, float *c, int k) {
  __shared__ float ta[8][8], tb[8][8];
  const int row = blockIdx.y * 8 + threadIdx.y, column = blockIdx.x * 8 + threadIdx.x;
  float sum = 0;
  for (int first = 0; first < k; first += 8) {
    ta[threadIdx.y][threadIdx.x] = a[row * k + first + threadIdx.x];
    tb[threadIdx.y][threadIdx.x] = b[(first + threadIdx.y) * 16 + column];
    __syncthreads();
    for (int i = 0; i < 8; i++) sum = fmaf(ta[threadIdx.y][i], tb[i][threadIdx.x], sum);
    __syncthreads();
  }
  c[row * 16 + column] = sum;
}

__global__ void stencil(const double *x, double *y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x + 1;
  if (i < n - 1) y[i] = 0.25 * (x[i - 1] + 2.5 * x[i] + x[i + 1]);
}

__global__ void block_sum(const float *x, float *sums) {
  __shared__ float part[64];
  const int t = threadIdx.x;
  part[t] = x[blockIdx.x * 64 + t];
  for (int half = 32; half > 0; half /= 2) {
    __syncthreads();
    if (t < half) part[t] += part[t + half];
  }
  if (t == 0) sums[blockIdx.x] = part[0];
}

__global__ void axpy2(half2 a, const half2 *x, half2 *y) {
  y[threadIdx.x] = __hfma2(a, x[threadIdx.x], y[threadIdx.x]) + x[threadIdx.x];
}

__global__ void blend(const __nv_bfloat16 *x, __nv_bfloat16 *y) {
  y[threadIdx.x] = x[threadIdx.x] * x[threadIdx.x] - x[threadIdx.x];
}

__global__ void tensor(const half *a, const half *b, float *c) {
  using namespace nvcuda;
  wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::row_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> sum;
  wmma::fill_fragment(sum, 0.0f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  for (int i = 0; i < 3; i++) wmma::mma_sync(sum, fa, fb, sum);
  wmma::store_matrix_sync(c + threadIdx.x / 32 * 256, sum, 16, wmma::mem_row_major);
}

__device__ float scaled(float x) { return expf(x) / x; }

__global__ void special(const float *x, float *y) {
  const float v = x[threadIdx.x];
  y[threadIdx.x] = scaled(v) + rsqrtf(v) + sqrtf(v) + powf(v, v) + __sinf(v) + __fdividef(v, x[0]);
}

// Half of the threads do one thing, a quarter each of the others another; comparisons and minima count as nothing.
__global__ void branches(const float *x, float *y) {
  float v = x[threadIdx.x];
  if (threadIdx.x % 2) {
    for (int i = 0; i < 5; i++) v = v * 1.5f;
  } else if (threadIdx.x % 4) {
    v = v + x[0];
  } else {
    v = fminf(fabsf(v), -v);
  }
  y[threadIdx.x] = v;
}

__global__ void strided(const float *x, float *y) { y[threadIdx.x] = x[threadIdx.x * 8]; }

// What it reads in its second half it has written itself: only the first reading must come.
__global__ void again(float *x) {
  x[threadIdx.x] = x[threadIdx.x] + 1.0f;
  __syncthreads();
  x[threadIdx.x] = x[threadIdx.x] * 3.0f;
}

__global__ void rounded(const float *x, float *y) {
  const float v = x[threadIdx.x];
  y[threadIdx.x] = __fadd_rz(v, __fmul_rn(v, v)) + __fmaf_ru(v, v, v) + __frsqrt_rn(v) + __frcp_rd(v);
}
