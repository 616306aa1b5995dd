"""Right Numba kernels, written for the simulator, that several tests launch."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
from tinyseg_emulator.simulator.simulate import cuda

ORDERS = ("up", "down", "rotated:1", "rotated:7")


def line_of(kernel: Any, text: str) -> int:
    """Return the number of the line at which a kernel's source has a text."""
    lines, first = inspect.getsourcelines(kernel.py_func)
    return first + next(k for k, line in enumerate(lines) if text in line)


@cuda.jit
def scale(x: Any, y: Any, factor: Any) -> None:
    i = cuda.grid(1)
    while i < x.size:
        y[i] = x[i] * factor
        i += cuda.gridsize(1)


@cuda.jit(device=True)
def exponential(x: Any) -> Any:
    return math.exp(x)


@cuda.jit
def sum_of_exponentials(x: Any, sums: Any) -> None:
    partial = cuda.shared.array(64, np.float32)
    thread = cuda.threadIdx.x
    i = cuda.grid(1)
    partial[thread] = exponential(x[i]) if i < x.size else x.dtype.type(0)
    cuda.syncthreads()
    half = cuda.blockDim.x // 2
    while half > 0:
        if thread < half:
            partial[thread] += partial[thread + half]
        cuda.syncthreads()
        half //= 2
    if thread == 0:
        sums[cuda.blockIdx.x] = partial[0]


@cuda.jit
def multiply(a: Any, b: Any, c: Any) -> None:
    left, right = cuda.shared.array(0, np.float32)[:64], cuda.shared.array(0, np.float32)[64:128]
    column, row = cuda.grid(2)
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    total = c.dtype.type(0)
    for k in range(0, a.shape[1], 8):
        left[ty * 8 + tx] = a[row, k + tx]
        right[ty * 8 + tx] = b[k + ty, column]
        cuda.syncthreads()
        for q in range(8):
            total += left[ty * 8 + q] * right[q * 8 + tx]
        cuda.syncthreads()
    c[row, column] = total


@cuda.jit
def warp_sums(x: Any, sums: Any) -> None:
    i = cuda.grid(1)
    total = x[i]
    for step in (16, 8, 4, 2, 1):
        total += cuda.shfl_down_sync(0xFFFFFFFF, total, step)
    if cuda.laneid == 0:
        sums[i // 32] = total


@cuda.jit
def warp_operations(numbers: Any, out: Any) -> None:
    i = cuda.threadIdx.x
    full, lower = 0xFFFFFFFF, 0x0000FFFF
    value = numbers[i]
    out[0, i] = cuda.shfl_sync(full, value, 3)
    out[1, i] = cuda.shfl_up_sync(full, value, 2)
    out[2, i] = cuda.shfl_xor_sync(full, value, 5)
    out[3, i] = cuda.ballot_sync(full, value > 4)
    out[4, i] = cuda.all_sync(full, value >= 0) + 2 * cuda.any_sync(full, value > 8) + 4 * cuda.eq_sync(full, value > 4)
    out[5, i] = cuda.match_any_sync(full, value)
    out[6, i] = cuda.match_all_sync(full, 7)[0] + cuda.match_all_sync(full, value)[1]
    if i % 32 < 16:
        out[7, i] = cuda.shfl_down_sync(lower, value, 8)
    else:
        out[7, i] = cuda.shfl_xor_sync(full ^ lower, value, 1)


@cuda.jit
def block_votes(x: Any, out: Any) -> None:
    i = cuda.threadIdx.x
    out[i, 0] = cuda.syncthreads_count(np.int32(x[i] > 0))
    out[i, 1] = cuda.syncthreads_and(np.int32(x[i] > 0))
    out[i, 2] = cuda.syncthreads_or(np.int32(x[i] > 0))


@cuda.jit
def every_atomic(x: Any, integers: Any, floats: Any) -> None:
    i = cuda.grid(1)
    cuda.atomic.add(floats, 0, x[i])
    cuda.atomic.max(floats, 1, x[i])
    cuda.atomic.min(floats, 2, x[i])
    cuda.atomic.sub(floats, 3, x[i])
    cuda.atomic.add(integers, 0, 1)
    cuda.atomic.xor(integers, 1, 1 << (i % 31))
    cuda.atomic.or_(integers, 2, 1 << (i % 31))
    cuda.atomic.inc(integers, 3, 9)
    cuda.atomic.exch(integers, 4, 5)


@cuda.jit
def locked_count(lock: Any, total: Any) -> None:
    while cuda.atomic.cas(lock, 0, 0, 1) != 0:
        pass
    total[0] += 1
    cuda.atomic.exch(lock, 0, 0)


@cuda.jit
def bits(numbers: Any, out: Any) -> None:
    i = cuda.grid(1)
    out[i, 0] = cuda.popc(numbers[i])
    out[i, 1] = cuda.clz(numbers[i])
    out[i, 2] = cuda.ffs(numbers[i])
    out[i, 3] = cuda.brev(numbers[i])
