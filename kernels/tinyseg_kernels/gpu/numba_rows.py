"""Rows that several threads of a block share, for Numba kernels.

Maxima and sums over a row's threads, by shared memory.

A block is (lanes, rows): threadIdx.x is a thread's lane in its row. With one lane there is nothing to do, so the same
kernel serves few classes, one thread for each row, and many, up to a whole block for each.
"""

from __future__ import annotations

from ..types import FloatArray, Real
from .cuda import blocks
from .numba_cuda import cuda, device_function

THREADS = 128
"""Of a block; a kernel's scratch array has as many numbers."""


@device_function
def lanes_maximum(value: Real, scratch: FloatArray) -> Real:
    """Return the maximum over a row's lanes, in every lane; all threads of the block call it."""
    lane = cuda.threadIdx.x
    t = cuda.threadIdx.y * cuda.blockDim.x + lane
    scratch[t] = value
    half = cuda.blockDim.x // 2
    while half > 0:
        cuda.syncthreads()
        if lane < half and scratch[t + half] > scratch[t]:
            scratch[t] = scratch[t + half]
        half //= 2
    cuda.syncthreads()
    result = scratch[t - lane]
    cuda.syncthreads()  # scratch is free again
    return result


@device_function
def lanes_sum(value: Real, scratch: FloatArray) -> Real:
    """Return the sum over a row's lanes, in every lane and in a fixed order; all threads of the block call it."""
    lane = cuda.threadIdx.x
    t = cuda.threadIdx.y * cuda.blockDim.x + lane
    scratch[t] = value
    half = cuda.blockDim.x // 2
    while half > 0:
        cuda.syncthreads()
        if lane < half:
            scratch[t] += scratch[t + half]
        half //= 2
    cuda.syncthreads()
    result = scratch[t - lane]
    cuda.syncthreads()
    return result


def row_geometry(rows: int, columns: int) -> tuple[int, tuple[int, int]]:
    """Return (grid, block) for rows of this many numbers: a thread, a warp or a block for each."""
    lanes = 1 if columns <= 32 else 32 if columns <= 1024 else THREADS
    height = THREADS // lanes
    return blocks(rows, height), (lanes, height)
