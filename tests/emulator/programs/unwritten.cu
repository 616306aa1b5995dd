// Memory that the kernels read before something has written it, when there is an argument.
#include <cstdio>

struct Padded {
  double wide;
  int narrow;
};

__global__ void add(float *o, const float *x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) o[i] = x[i] + 1;
}
__global__ void count(int *counter) { atomicAdd(counter, 1); }
__global__ void fill(Padded *p, int n) {
  int i = threadIdx.x;
  if (i < n) p[i].wide = i, p[i].narrow = i;
}
__global__ void copy(Padded *q, const Padded *p, int n) {
  int i = threadIdx.x;
  if (i < n) q[i] = p[i];
}

int main(int argc, char **) {
  const int n = 101;
  const bool right = argc == 1;
  float *x, *o, *half, *never;
  int *counter;
  Padded *p, *q;
  cudaMalloc(&x, n * sizeof(float));
  cudaMalloc(&o, n * sizeof(float));
  cudaMalloc(&half, n * sizeof(float));
  cudaMalloc(&never, n * sizeof(float));
  cudaMalloc(&counter, sizeof(int));
  cudaMalloc(&p, n * sizeof(Padded));
  cudaMalloc(&q, n * sizeof(Padded));
  float h[n];
  for (int i = 0; i < n; i++) h[i] = i;
  if (right) cudaMemset(counter, 0, sizeof(int));
  if (right) cudaMemset(never, 0xFF, n * sizeof(float));  // as what nothing has written looks here
  cudaMemcpy(x, h, n * sizeof(float), cudaMemcpyHostToDevice);
  cudaMemcpy(half, x, (right ? n : n - 3) * sizeof(float), cudaMemcpyDeviceToDevice);
  cudaMemcpy(h, never, n * sizeof(float), cudaMemcpyDeviceToHost);
  cudaMemcpy(h, half, n * sizeof(float), cudaMemcpyDeviceToHost);
  add<<<1, 128>>>(o, half, n);
  count<<<1, 32>>>(counter);
  for (int k = 0; k < 5; k++) add<<<1, 128>>>(o, o, n);
  fill<<<1, 128>>>(p, n);
  copy<<<1, 128>>>(q, p, n);
  Padded host[n];
  cudaMemcpy(host, q, sizeof host, cudaMemcpyDeviceToHost);
  cudaMemcpy(h, o, n * sizeof(float), cudaMemcpyDeviceToHost);
  printf("%d %g\n", host[100].narrow, h[3]);
  cudaFree(x), cudaFree(o), cudaFree(half), cudaFree(never), cudaFree(counter), cudaFree(p), cudaFree(q);
}
