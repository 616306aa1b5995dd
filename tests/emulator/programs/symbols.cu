// Variables in device memory that host code uses as if they were its own, when WRONG is defined.
#include <cstdio>

__device__ int counter;
__device__ float table[4];
__constant__ float weights[4];
__device__ const int SIZE = 4;
__managed__ int shared_by_both;
struct Lock {  // a class with functions of the device is no variable
  int *mutex;
  Lock() { cudaMalloc((void **)&mutex, sizeof(int)); }
  __device__ void lock() {
    while (atomicCAS(mutex, 0, 1) != 0) {
    }
  }
};

__global__ void work(float *o) {
  if (threadIdx.x == 0) counter = 5;
  if (o) o[threadIdx.x] = weights[threadIdx.x] + table[threadIdx.x];
}
__global__ void __launch_bounds__(64) bounded(float *o) { o[threadIdx.x] = 1; }
template <class T, int N>
void put(T (&symbol)[N], const T *values) {
  cudaMemcpyToSymbol(symbol, values, N * sizeof(T));
}
int helper(int counter) { return counter + 1; }  // a parameter of the same name

int main() {
  const float w[SIZE] = {1, 2, 3, 4};
  put(weights, w);
  cudaMemcpyToSymbol(table, w, sizeof table);
  shared_by_both = helper(1);
  Lock lock;
  cudaFree(lock.mutex);
  float *address, h[SIZE];
  cudaGetSymbolAddress((void **)&address, table);
  int value;
#ifdef WRONG
  work<<<1, 4>>>(table);
#else
  work<<<1, 4>>>(address);
  bounded<<<1, 4>>>(address);
#endif
  cudaDeviceSynchronize();
  cudaMemcpyFromSymbol(&value, counter, sizeof value);
  cudaMemcpyFromSymbol(h, table, sizeof h);
  printf("%d %g %d\n", value, h[3], shared_by_both);
#ifdef WRONG
  printf("%d\n", counter);
  int *there = &counter;
  printf("%d\n", there != nullptr);
  float *big;
  cudaMalloc(&big, 128 * sizeof(float));
  bounded<<<1, 128>>>(big);
  printf("%s\n", cudaGetErrorName(cudaGetLastError()));
  cudaFree(big);
#endif
}
