"""Exercise: gpu_reduction   (chapter 12, difficulty 3 of 5)

Sum many numbers on a GPU. Each block sums its own share, in memory that its threads have in common, by halves:

    sums[b] = x[b * T] + x[b * T + 1] + ... + x[b * T + T - 1]        T = cuda.blockDim.x, numbers beyond x's end are 0

The launch is

    block_sums[blocks, T](x, sums)

with x of shape (n,) and sums of shape (blocks,), both float32. T is a power of two up to 128. blocks * T is at least n,
and often more: the last block is then not full, or even empty, and its sum is that of the numbers it has.

The way: every thread puts one number into shared memory. Then, as long as more than one number is left, the first half
of the threads adds the second half's numbers to their own. In the end one number is left.

    part = cuda.shared.array(LARGEST_BLOCK, float32)    memory that the threads of a block share
    cuda.syncthreads()                                  waits until all threads of the block have come here

A thread must not read what another one writes unless a barrier lies between, and every thread of the block must come to
each barrier. Both are checked, and so is that the sum is made by halves.

By hand, with one block of 4 threads:

    x                       [3, 1, 4, 2]
    after the first step    [7, 3, 4, 2]
    after the second        [10, 3, 4, 2]        sums = [10]

Allowed: Numba CUDA (cuda, float32), plain arithmetic. It runs on your CPU; no GPU is needed.
"""

from numba import cuda, float32

LARGEST_BLOCK = 128


@cuda.jit
def block_sums(x, sums):
    part = cuda.shared.array(LARGEST_BLOCK, float32)
    # yours to write
