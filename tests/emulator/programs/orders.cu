// Two launches on the same memory; the argument says what orders them, or fails to.
#include <cstdio>
#include <cstdlib>

__global__ void write(int *x) { x[threadIdx.x] = 1; }
__global__ void read(const int *x, int *o) { o[threadIdx.x] = x[threadIdx.x]; }

int main(int, char **argv) {
  const int how = atoi(argv[1]);
  int *x, *o;
  cudaMalloc(&x, 32 * sizeof(int));
  cudaMalloc(&o, 32 * sizeof(int));
  cudaMemset(x, 0, 32 * sizeof(int));
  cudaStream_t a, b;
  cudaStreamCreateWithFlags(&a, how == 4 || how == 5 ? cudaStreamNonBlocking : cudaStreamDefault);
  cudaStreamCreate(&b);
  cudaEvent_t event;
  cudaEventCreate(&event);
  cudaDeviceSynchronize();
  if (how == 8) cudaEventRecord(event, a);
  write<<<1, 32, 0, a>>>(x);
  if (how == 6 || how == 7 || how == 9) cudaEventRecord(event, a);
  if (how == 6 || how == 8) cudaStreamWaitEvent(b, event, 0);
  if (how == 7) cudaEventSynchronize(event);
  if (how == 3) write<<<1, 32>>>(o);  // the legacy default stream waits for both, and both for it
  if (how == 10) cudaStreamSynchronize(a);
  read<<<1, 32, 0, how == 1 ? a : how == 2 || how == 4 ? 0 : b>>>(x, o);
  int h[32];
  cudaDeviceSynchronize();
  cudaMemcpy(h, o, sizeof h, cudaMemcpyDeviceToHost);
  printf("%d\n", h[31]);
  cudaEventDestroy(event), cudaStreamDestroy(a), cudaStreamDestroy(b), cudaFree(x), cudaFree(o);
}
