// Managed memory, a linked list in it, occupancy, properties; all is given back by cudaDeviceReset.
#include <cstdio>

struct Node {
  int value;
  Node *next;
};
__managed__ int visited;

__global__ void walk(Node *node) {
  for (; node; node = node->next) node->value *= 2, visited++;
}
__global__ void fill(float *x, int n) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += blockDim.x * gridDim.x) x[i] = i;
}

int main() {
  int device, count, sms;
  cudaDeviceProp p;
  cudaGetDeviceCount(&count);
  cudaSetDevice(0);
  cudaGetDevice(&device);
  cudaGetDeviceProperties(&p, device);
  cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, device);
  printf("%d device, warps of %d, %d.%d, %d\n", count, p.warpSize, p.major, p.minor, sms == p.multiProcessorCount);
  Node *nodes;
  cudaMallocManaged(&nodes, 3 * sizeof(Node));
  for (int i = 0; i < 3; i++) nodes[i] = {i + 1, i < 2 ? nodes + i + 1 : nullptr};
  cudaMemPrefetchAsync(nodes, 3 * sizeof(Node), device, NULL);
  walk<<<1, 1>>>(nodes);
  cudaDeviceSynchronize();
  printf("%d %d %d, visited %d\n", nodes[0].value, nodes[1].value, nodes[2].value, visited);
  const int n = 1000;
  float *x;
  int blocks, threads, most;
  cudaMallocManaged((void **)&x, n * sizeof(float));
  cudaOccupancyMaxPotentialBlockSize(&blocks, &threads, fill, 0, 0);
  cudaOccupancyMaxActiveBlocksPerMultiprocessor(&most, fill, 128, 0);
  fill<<<(n + threads - 1) / threads, threads>>>(x, n);
  cudaStreamSynchronize(0);
  size_t free_bytes, all_bytes;
  cudaMemGetInfo(&free_bytes, &all_bytes);
  printf("%g, %d blocks, %d\n", x[n - 1], most, free_bytes < all_bytes);
  cudaDeviceReset();
  return 0;
}
