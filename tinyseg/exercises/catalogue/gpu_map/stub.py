"""Exercise: gpu_map   (chapter 12, difficulty 1 of 5)

Brighten an image on a GPU: each pixel is multiplied by a gain, and an offset is added.

    y[i] = gain * x[i] + offset        for every i

A GPU runs one function, the kernel, in thousands of threads at once. Threads come in blocks; each thread knows

    threadIdx.x    its number in its block, from 0
    blockIdx.x     the number of its block, from 0
    blockDim.x     how many threads a block has

and from these it finds the one pixel that is its own. The launch is

    adjust<<<blocks, threads>>>(x, y, gain, offset);

with x and y of n = blocks * threads numbers (float32): exactly one thread for each pixel. The number of blocks and
that of threads are other ones each time.

By hand: 2 blocks of 3 threads, gain 2, offset 1.

    x                  [ 5,  0, -1,    4,  2,  7]
    block               0   0   0     1   1   1
    thread              0   1   2     0   1   2
    y                  [11,  1, -1,    9,  5, 15]

Allowed: CUDA C++ (the kernel, functions with __device__, constants). It runs on your CPU; no GPU is needed.
"""

SOURCE = r"""
__global__ void adjust(const float *x, float *y, float gain, float offset) {
  // yours to write
}
"""
