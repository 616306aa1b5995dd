// Copies and kernels that overlap, in chunks; with an argument, an event is left out.
#include <cstdio>
#include <thread>
#include <vector>

const int N = 1024, STREAMS = 4, CHUNK = N / STREAMS;

__global__ void scale(float *x, int offset) { x[offset + blockIdx.x * blockDim.x + threadIdx.x] *= 2; }
__global__ void add(const float *x, float *sum, int n) {
  float own = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) own += x[i];
  atomicAdd(sum, own);
}
void CUDART_CB told(cudaStream_t, cudaError_t status, void *data) { *(int *)data += status == cudaSuccess; }

int main(int argc, char **argv) {
  float *h, *d, *sum, *result;
  int callbacks = 0;
  cudaHostAlloc((void **)&h, N * sizeof(float), cudaHostAllocDefault);
  cudaMallocHost((void **)&result, sizeof(float));
  cudaMalloc(&d, N * sizeof(float));
  cudaMalloc(&sum, sizeof(float));
  std::vector<cudaStream_t> streams(STREAMS);
  std::vector<cudaEvent_t> ready(STREAMS);
  cudaStream_t last;
  for (auto &stream : streams) cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  for (auto &event : ready) cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
  cudaStreamCreateWithFlags(&last, cudaStreamNonBlocking);
  for (int i = 0; i < N; i++) h[i] = 1;
  cudaMemsetAsync(sum, 0, sizeof(float), last);
  for (int s = 0; s < STREAMS; s++) {
    const int offset = s * CHUNK;
    cudaMemcpyAsync(d + offset, h + offset, CHUNK * sizeof(float), cudaMemcpyHostToDevice, streams[s]);
    scale<<<CHUNK / 64, 64, 0, streams[s]>>>(d, offset);
    cudaEventRecord(ready[s], streams[s]);
    if (argc == 1 || s != 2) cudaStreamWaitEvent(last, ready[s], 0);
  }
  add<<<1, 32, 0, last>>>(d, sum, N);
  cudaStreamAddCallback(last, told, &callbacks, 0);
  cudaMemcpyAsync(result, sum, sizeof(float), cudaMemcpyDeviceToHost, last);
  cudaStreamSynchronize(last);
  std::thread other([&] { printf("sum %g, %d callback\n", *result, callbacks); });
  other.join();
  for (auto &stream : streams) cudaStreamDestroy(stream);
  for (auto &event : ready) cudaEventDestroy(event);
  cudaStreamDestroy(last);
  cudaFreeHost(h), cudaFreeHost(result), cudaFree(d), cudaFree(sum);
}
