"""Exercise: gpu_race_repair   (chapter 12, difficulty 3 of 5)

The kernel below counts how many pixels of an image are how bright, in 8 bins:

    counts[b] = number of pixels i with image[i] / 32 == b          b = 0 ... 7

Each block counts its own pixels in shared memory, because that is near; at the end it adds its 8 counts to those of all
blocks. The plan is good, and on some days the result is even right. But threads get into each other's way at several
places. Repair it. The launch is

    histogram<<<blocks, threads>>>(image, counts, n)

with image of n numbers of 8 bits, counts of 8 zeros, and blocks * threads >= n; a block has at least 8 threads.

What may help:

    __syncthreads();            all threads of the block wait here for each other: every one of them must come by
    atomicAdd(&place, 1);       adds in one go: nobody comes between the reading and the writing

Every thread still reads one pixel, and each block still adds to counts once for each bin.

By hand: why one is lost. Both threads want to count a pixel in bin 6, which has 4 so far.

    thread 0    reads 4              writes 5
    thread 1             reads 4              writes 5        5, and 6 would be right

Allowed: CUDA C++. It runs on your CPU; no GPU is needed.
"""

SOURCE = r"""
#define BINS 8

__global__ void histogram(const unsigned char *image, int *counts, int n) {
  __shared__ int own[BINS];
  const int t = threadIdx.x;
  const int i = blockIdx.x * blockDim.x + t;
  if (t < BINS) own[t] = 0;
  if (i < n) own[image[i] / 32]++;
  if (t < BINS) counts[t] += own[t];
}
"""
