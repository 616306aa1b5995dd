"""A reduction: the sum of each block, by halves.

With T numbers left, thread t < T / 2 adds number t + T / 2 to number t: then T / 2 are left that have the same sum.
After log2(T) steps one is left. In each step the threads t < half write what only they read, and read what nobody
writes: half to 2 * half - 1. In the next step they read what others wrote in this one, so that a barrier lies between
two steps. It stands outside of the `if`, where all threads of the block come by.

A thread whose number lies beyond the end of x takes 0, which changes no sum, and goes on with the others.
"""

from numba import cuda, float32

LARGEST_BLOCK = 128


@cuda.jit
def block_sums(x, sums):
    part = cuda.shared.array(LARGEST_BLOCK, float32)
    t = cuda.threadIdx.x
    i = cuda.blockIdx.x * cuda.blockDim.x + t
    part[t] = x[i] if i < x.size else 0.0
    cuda.syncthreads()  # all numbers are there
    half = cuda.blockDim.x // 2
    while half > 0:
        if t < half:
            part[t] += part[t + half]
        cuda.syncthreads()  # this step is done
        half //= 2
    if t == 0:
        sums[cuda.blockIdx.x] = part[0]
