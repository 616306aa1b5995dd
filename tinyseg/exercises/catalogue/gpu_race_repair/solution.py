"""A kernel with races, repaired.

Four places were wrong, two of each kind.

Order within a block: the counts must be 0 before anybody counts, and all must have counted before anybody reads the
counts. A barrier lies at each of these two places, outside of every `if`.

One place, many writers: `own[b]++` reads, adds, and writes; two threads with the same bin may both read the old number.
The same holds for two blocks that add to `counts`, and no barrier reaches from one block to another. An atomic addition
is one step, for the threads of a block and for those of all blocks.
"""

SOURCE = r"""
#define BINS 8

__global__ void histogram(const unsigned char *image, int *counts, int n) {
  __shared__ int own[BINS];
  const int t = threadIdx.x;
  const int i = blockIdx.x * blockDim.x + t;
  if (t < BINS) own[t] = 0;
  __syncthreads();  // all are 0
  if (i < n) atomicAdd(&own[image[i] / 32], 1);
  __syncthreads();  // all have counted
  if (t < BINS) atomicAdd(&counts[t], own[t]);
}
"""
