// A sum in one launch: the block that comes last adds the partial sums.
#include <stdio.h>
#include <stdlib.h>
#include <chrono>
#define THREADS 64

__device__ unsigned int finished = 0;

__global__ void sum(const int *x, volatile int *partial, int *out, int n) {
  __shared__ int s[THREADS];
  __shared__ bool last;
  const int t = threadIdx.x;
  int own = 0;
  for (int i = blockIdx.x * THREADS + t; i < n; i += gridDim.x * THREADS) own += x[i];
  s[t] = own;
  for (int half = THREADS / 2; half > 0; half >>= 1) {
    __syncthreads();
    if (t < half) s[t] += s[t + half];
  }
  if (t == 0) {
    partial[blockIdx.x] = s[0];
    __threadfence();
    last = atomicInc(&finished, gridDim.x) == gridDim.x - 1;
  }
  __syncthreads();
  if (last && t == 0) {
    int all = 0;
    for (int i = 0; i < gridDim.x; i++) all += partial[i];
    *out = all;
    finished = 0;
  }
}

int main() {
  const int n = 1 << 12, blocks = 8;
  srand(7);
  int *h = (int *)malloc(n * sizeof(int)), expected = 0, result;
  for (int i = 0; i < n; i++) expected += h[i] = rand() % 10;
  auto begin = std::chrono::high_resolution_clock::now();
  int *x, *partial, *out;
  cudaMalloc((void **)&x, n * sizeof(int));
  cudaMalloc((void **)&partial, blocks * sizeof(int));
  cudaMalloc((void **)&out, sizeof(int));
  cudaMemcpy(x, h, n * sizeof(int), cudaMemcpyHostToDevice);
  sum<<<blocks, THREADS>>>(x, partial, out, n);
  cudaMemcpy(&result, out, sizeof(int), cudaMemcpyDeviceToHost);
  auto passed = std::chrono::high_resolution_clock::now() - begin;
  printf("%s %s\n", result == expected ? "PASS" : "FAIL", passed.count() > 0 ? "in some time" : "");
  cudaFree(x), cudaFree(partial), cudaFree(out);
  free(h);
  return result != expected;
}
