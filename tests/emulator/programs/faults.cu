// One fault for each name that is given as argument; each is told in a line of this file.
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

__global__ void increment(int *x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] += 1;
}
struct Counted {
  int *x, n;
};
__global__ void increment_all(Counted counted) {
  if (threadIdx.x < counted.n) counted.x[threadIdx.x] += 1;
}
__global__ void past_the_end(int *x, int n) { x[threadIdx.x + n] = 1; }
__global__ void racing(int *x) { x[0] = threadIdx.x; }
__global__ void asserting(int n) { assert(n == 0); }

int depth(int n) {
  volatile char room[4096];
  room[0] = char(n);
  return n < 0 ? 0 : depth(n + 1) + room[0];
}

int main(int argc, char **argv) {
  const std::string fault = argv[1];
  const int n = 256;
  int *device, *managed, *pinned, *host = (int *)malloc(n * sizeof(int));
  cudaStream_t first, second;
  cudaStreamCreate(&first);
  cudaStreamCreate(&second);
  cudaMalloc(&device, n * sizeof(int));
  cudaMemset(device, 0, n * sizeof(int));
  cudaMallocManaged(&managed, n * sizeof(int));
  cudaMallocHost(&pinned, n * sizeof(int));
  for (int i = 0; i < n; i++) managed[i] = pinned[i] = host[i] = i;
  printf("fault: %s\n", fault.c_str());
  if (fault == "host reads device") printf("%d\n", device[3]);
  if (fault == "kernel reads host") increment<<<1, n>>>(host, n);
  if (fault == "managed without sync") {
    increment<<<1, n>>>(managed, n);
    printf("%d\n", managed[3]);
  }
  if (fault == "managed inside of a structure") {
    const Counted counted = {managed, n};
    increment_all<<<1, n>>>(counted);
    printf("%d\n", counted.x[3]);
  }
  if (fault == "the other half of managed memory") {
    increment<<<1, n / 2>>>(managed, n / 2);
    managed[n / 2] += managed[n - 1];
    printf("%d\n", managed[n / 2]);
  }
  if (fault == "managed after the other half") {
    increment<<<1, n / 2>>>(managed, n / 2);
    managed[3] = 7;
  }
  if (fault == "pinned without sync") {
    cudaMemsetAsync(device, 0, n * sizeof(int), first);
    cudaMemcpyAsync(pinned, device, n * sizeof(int), cudaMemcpyDeviceToHost, first);
    printf("%d\n", pinned[3]);
  }
  if (fault == "pinned overwritten") {
    cudaMemcpyAsync(device, pinned, n * sizeof(int), cudaMemcpyHostToDevice, first);
    printf("%d may be read\n", pinned[3]);
    pinned[3] = 7;
  }
  if (fault == "streams") {
    increment<<<1, n, 0, first>>>(device, n);
    increment<<<1, n, 0, second>>>(device, n);
  }
  if (fault == "copy on another stream") {
    cudaMemcpyAsync(device, pinned, n * sizeof(int), cudaMemcpyHostToDevice, first);
    increment<<<1, n, 0, second>>>(device, n);
  }
  if (fault == "direction") cudaMemcpy(device, host, n * sizeof(int), cudaMemcpyDeviceToHost);
  if (fault == "size") cudaMemcpy(device, host, 2 * n * sizeof(int), cudaMemcpyHostToDevice);
  if (fault == "double free") {
    cudaFree(device);
    cudaFree(device);
    device = nullptr;
  }
  if (fault == "use after free") {
    cudaFree(device);
    increment<<<1, n>>>(device, n);
    device = nullptr;
  }
  if (fault == "too many threads") increment<<<1, 2048>>>(device, n);
  if (fault == "too much shared memory") increment<<<1, 32, 64 << 10>>>(device, n);
  if (fault == "handled") {
    increment<<<1, 0>>>(device, n);
    printf("%s\n", cudaGetErrorString(cudaGetLastError()));
  }
  if (fault == "bounds") {
    past_the_end<<<1, 32>>>(device, n);
    printf("%s\n", cudaGetErrorString(cudaDeviceSynchronize()));
  }
  if (fault == "managed bounds") {
    past_the_end<<<1, 32>>>(managed, n);
    cudaDeviceSynchronize();
    printf("%d\n", managed[3]);
  }
  if (fault == "race") racing<<<1, 64>>>(device);
  if (fault == "device assert") asserting<<<1, 1>>>(n);
  if (fault == "leak") cudaMalloc(&device, 100);
  if (fault == "stream leak") cudaStreamCreate(&first);
  if (fault == "elapsed") {
    float ms;
    cudaEvent_t begin, end;
    cudaEventCreate(&begin), cudaEventCreate(&end);
    cudaEventRecord(begin), cudaEventRecord(end);
    cudaEventElapsedTime(&ms, begin, end);
    cudaEventDestroy(begin), cudaEventDestroy(end);
  }
  if (fault == "null pointer") *(volatile int *)nullptr = 3;
  if (fault == "stack") return depth(0);
  if (fault == "exception") throw std::runtime_error("out of ideas");
  if (fault == "exit") exit(3);
  if (fault == "loop")
    for (volatile int i = 0;; i++) i = 0;
  if (fault == "output")
    for (;;) puts("more and more and more and more and more");
  if (fault == "system") return system("ls");
  if (fault == "memory") {
    std::string all;
    for (;;) all.append(1 << 24, 'x');
  }
  cudaFree(device);
  cudaFree(managed);
  cudaFreeHost(pinned);
  cudaStreamDestroy(first);
  cudaStreamDestroy(second);
  free(host);
  return 0;
}
