// A grid-wide barrier needs a cooperative launch.
#include <cooperative_groups.h>
#include <cstdio>
namespace cg = cooperative_groups;

__global__ void rounds(int *x, int *out) {
  cg::grid_group grid = cg::this_grid();
  const int i = grid.thread_rank(), n = grid.size();
  x[i] = i;
  grid.sync();
  out[i] = x[n - 1 - i];
}

int main() {
  const int blocks = 2, threads = 32, n = blocks * threads;
  int *x, *out, result[n];
  cudaMalloc(&x, sizeof result);
  cudaMalloc(&out, sizeof result);
  void *arguments[] = {&x, &out};
  cudaLaunchCooperativeKernel((void *)rounds, dim3(blocks), dim3(threads), arguments);
  cudaMemcpy(result, out, sizeof result, cudaMemcpyDeviceToHost);
  printf("%d %d\n", result[0], result[n - 1]);
  cudaFree(x);
  cudaFree(out);
}
