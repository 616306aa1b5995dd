"""Exercise: gpu_bounds   (chapter 12, difficulty 2 of 5)

Standardize the pixels of an image, whatever their number and whatever the number of threads:

    y[i] = (x[i] - mean) * scale        for i = 0 ... x.size - 1

The launch is

    standardize[blocks, threads](x, y, mean, scale)

with x and y of shape (n,), float32, and two numbers. The number of threads need not fit:

- there may be more threads than pixels: those that are left over must not touch anything,
- there may be fewer: then each thread does several pixels. It begins with its own, and goes on in steps of the whole
  grid, so that all threads together do one round after another.

In Numba,

    cuda.grid(1)        is the thread's number in the whole grid: blockIdx.x * blockDim.x + threadIdx.x
    cuda.gridsize(1)    is the number of threads of the whole grid: gridDim.x * blockDim.x

By hand: 1 block of 4 threads, 10 pixels, mean 2, scale 3.

    pixel      0  1  2  3    4  5  6  7    8  9
    thread     0  1  2  3    0  1  2  3    0  1        threads 2 and 3 have no pixel in the third round
    x          5  2  0  4    3  1  2  2    7  2
    y          9  0 -6  6    3 -3  0  0   15  0

Allowed: Numba CUDA, plain arithmetic. It runs on your CPU; no GPU is needed.
"""

from numba import cuda


@cuda.jit
def standardize(x, y, mean, scale):
    pass  # yours to write
