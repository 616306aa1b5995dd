// Kernels of the kinds that students write, for the speed of the emulator's checks.
extern "C" __global__ void saxpy(const float *x, float *y, float a, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = a * x[i] + y[i];
}
extern "C" __global__ void matmul_tiles(const float *a, const float *b, float *c, int n) {
  __shared__ float left[16][16], right[16][16];
  const int row = blockIdx.y * 16 + threadIdx.y, column = blockIdx.x * 16 + threadIdx.x;
  float sum = 0;
  for (int k = 0; k < n; k += 16) {
    left[threadIdx.y][threadIdx.x] = a[row * n + k + threadIdx.x];
    right[threadIdx.y][threadIdx.x] = b[(k + threadIdx.y) * n + column];
    __syncthreads();
    for (int j = 0; j < 16; j++) sum += left[threadIdx.y][j] * right[j][threadIdx.x];
    __syncthreads();
  }
  c[row * n + column] = sum;
}
extern "C" __global__ void block_sums(const float *x, float *sums, int n) {
  __shared__ float part[256];
  float sum = 0;
  for (int i = blockIdx.x * 256 + threadIdx.x; i < n; i += gridDim.x * 256) sum += x[i];
  part[threadIdx.x] = sum;
  for (int half = 128; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = part[0];
}
extern "C" __global__ void histogram(const int *x, int *counts, int n) {
  __shared__ int bins[64];
  if (threadIdx.x < 64) bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * 256 + threadIdx.x; i < n; i += gridDim.x * 256) atomicAdd(&bins[x[i] & 63], 1);
  __syncthreads();
  if (threadIdx.x < 64) atomicAdd(&counts[threadIdx.x], bins[threadIdx.x]);
}
extern "C" __global__ void stencil(const float *x, float *y, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < 8 || i >= n - 8) return;
  float sum = 0;
  for (int k = -8; k <= 8; k++) sum += x[i + k];
  y[i] = sum;
}
extern "C" __global__ void transpose(const float *x, float *y, int n) {
  __shared__ float tile[32][33];
  const int row = blockIdx.y * 32, column = blockIdx.x * 32;
  for (int i = threadIdx.y; i < 32; i += 8) tile[i][threadIdx.x] = x[(row + i) * n + column + threadIdx.x];
  __syncthreads();
  for (int i = threadIdx.y; i < 32; i += 8) y[(column + i) * n + row + threadIdx.x] = tile[threadIdx.x][i];
}
extern "C" __global__ void warp_sums(const float *x, float *sums, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  float sum = i < n ? x[i] : 0;
  for (int half = 16; half > 0; half /= 2) sum += __shfl_down_sync(0xffffffffu, sum, half);
  if (threadIdx.x % 32 == 0) atomicAdd(sums, sum);
}
extern "C" __global__ void in_place_steps(float *x, int n, int steps) {
  __shared__ float row[258];
  const int i = threadIdx.x + 1;
  row[i] = x[blockIdx.x * 256 + threadIdx.x];
  if (threadIdx.x < 2) row[threadIdx.x * 257] = 0;
  for (int k = 0; k < steps; k++) {
    __syncthreads();
    const float next = 0.25f * row[i - 1] + 0.5f * row[i] + 0.25f * row[i + 1];
    __syncthreads();
    row[i] = next;
  }
  x[blockIdx.x * 256 + threadIdx.x] = row[i];
}
