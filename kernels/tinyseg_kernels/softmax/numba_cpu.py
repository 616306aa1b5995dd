"""softmax compiled for the CPU, for the last axis.

a block of rows at a time, in explicit vectors, of which a row of a network's head, with a dozen classes, has one or
two.

    powers = x - max of the row        row by row, into a buffer in the first-level cache
    powers = exp(powers)               all rows in one loop
    y = powers / sum of the row        row by row

Doing all three with a row before the next one takes twice as long: one waits for the other, and a processor looks ahead
too little to begin with the next row meanwhile. The last vector of a row reaches into the next row. It is written
nevertheless: the next row overwrites it. For the last rows of a block, which nobody comes after, a row of scratch
memory stands in.

Against loops that the compiler had made vectors of as it could, forward takes a third of the time with 12 classes.
Other axes take the NumPy rung.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import parallel
from ..cpu.vectors.exponential import exponential_of_negatives
from ..cpu.vectors.lanes import first_lanes, first_number, largest, sum_of
from ..cpu.vectors.vectors import load, maximum, splat, store
from ..types import Array, FloatArray, Real
from . import numpy_cpu
from .cache import SoftmaxCache

BLOCK_NUMBERS = SIZES.softmax_numbers
VECTOR_BYTES = 4 * LANES
LOWEST = np.float32(-np.inf)


def softmax_forward(x: FloatArray, *, axis: int = -1) -> tuple[FloatArray, SoftmaxCache]:
    """y = exp(x - max) / sum."""
    if x.dtype != np.float32 or axis % x.ndim != x.ndim - 1 or x.size == 0:
        return numpy_cpu.softmax_forward(x, axis=axis)
    rows = np.ascontiguousarray(x).reshape(-1, x.shape[-1])
    y = empty(x.shape, x.dtype)
    parallel(_forward, -(-len(rows) // block_of_rows(rows)), rows, y.reshape(rows.shape), block_of_rows(rows))
    return y, (y, axis)


def block_of_rows(rows: FloatArray) -> int:
    """Return how many rows a block has."""
    return max(1, BLOCK_NUMBERS // rows.shape[1])


@kernel
def _forward(start: int, stop: int, x: FloatArray, y: FloatArray, block: int) -> None:
    powers, scratch = np.empty(block * x.shape[1] + LANES, np.float32), scratch_of_row(x)
    tops, sums = np.empty(block, np.float32), np.empty(block, np.float32)
    for b in range(start, stop):
        softmax_of_rows(x, y, b * block, min((b + 1) * block, x.shape[0]), powers, scratch, tops, sums)


@inlined
def scratch_of_row(x: FloatArray) -> FloatArray:
    """Return memory for one row of x (rows, classes) in whole vectors."""
    return np.zeros((x.shape[1] + LANES - 1) // LANES * LANES, np.float32)


@inlined
def softmax_of_rows(
    x: FloatArray, y: FloatArray, first: int, last: int, powers: FloatArray, scratch: FloatArray, tops: FloatArray,
    sums: FloatArray,
) -> None:  # fmt: skip
    """Write the softmax of rows first .. last.

    Of each row the largest x goes to `tops`, and the sum of exp(x - largest) to `sums`.
    `powers` has room for all rows and a vector.
    """
    classes = x.shape[1]
    row = classes * 4
    for r in range(first, last):
        source = x.ctypes.data + r * row
        if (last - r) * classes < scratch.size:
            for k in range(classes):
                scratch[k] = x[r, k]
            source = scratch.ctypes.data
        tops[r - first] = _subtract_largest(source, powers.ctypes.data + (r - first) * row, classes)
    for place in range(powers.ctypes.data, powers.ctypes.data + (last - first) * row, VECTOR_BYTES):
        store(place, exponential_of_negatives(load(place)))
    for r in range(first, last):
        whole = (last - r) * classes >= scratch.size
        target = y.ctypes.data + r * row if whole else scratch.ctypes.data
        sums[r - first] = _divide_by_sum(powers.ctypes.data + (r - first) * row, target, classes)
        if not whole:
            for k in range(classes):
                y[r, k] = scratch[k]


@inlined
def _subtract_largest(source: int, target: int, classes: int) -> Real:
    """Write x - largest x for a row; return the largest."""
    before = (classes - 1) // LANES * VECTOR_BYTES  # bytes of the vectors before the last one
    last = load(source + before)
    top = first_lanes(classes - before // 4, last, splat(LOWEST))
    if before == VECTOR_BYTES:  # two vectors: a loop would take as long as all else
        first = load(source)
        top = largest(maximum(first, top))
        store(target, first - top)
    else:
        for place in range(0, before, VECTOR_BYTES):
            top = maximum(load(source + place), top)
        top = largest(top)
        for place in range(0, before, VECTOR_BYTES):
            store(target + place, load(source + place) - top)
    store(target + before, last - top)
    return first_number(top)


@inlined
def _divide_by_sum(source: int, target: int, classes: int) -> Real:
    """Write the shares of numbers in their sum for a row; return the sum."""
    before = (classes - 1) // LANES * VECTOR_BYTES
    last = load(source + before)
    total = first_lanes(classes - before // 4, last, splat(np.float32(0)))
    if before == VECTOR_BYTES:
        first = load(source)
        number = sum_of(first + total)
        share = splat(np.float32(1) / number)
        store(target, share * first)
    else:
        for place in range(0, before, VECTOR_BYTES):
            total = total + load(source + place)
        number = sum_of(total)
        share = splat(np.float32(1) / number)
        for place in range(0, before, VECTOR_BYTES):
            store(target + place, share * load(source + place))
    store(target + before, share * last)
    return number


def softmax_backward(dy: FloatArray, cache: tuple[Array, int]) -> FloatArray:
    """dx = y * (dy - sum of dy * y)."""
    y, axis = cache
    if dy.dtype != np.float32 or axis % y.ndim != y.ndim - 1 or dy.size == 0:
        return numpy_cpu.softmax_backward(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    shape = (-1, dy.shape[-1])
    upstream, rows = np.ascontiguousarray(dy).reshape(shape), np.ascontiguousarray(y).reshape(shape)
    parallel(_backward, len(rows), upstream, rows, dx.reshape(rows.shape))
    return dx


@kernel
def _backward(start: int, stop: int, dy: FloatArray, y: FloatArray, dx: FloatArray) -> None:
    scratch, upstream = scratch_of_row(y), scratch_of_row(y)
    classes = y.shape[1]
    for r in range(start, stop):
        row = r * classes * 4
        if (stop - r) * classes >= scratch.size:
            _gradient(dy.ctypes.data + row, y.ctypes.data + row, dx.ctypes.data + row, classes)
            continue
        for k in range(classes):
            scratch[k], upstream[k] = y[r, k], dy[r, k]
        _gradient(upstream.ctypes.data, scratch.ctypes.data, scratch.ctypes.data, classes)
        for k in range(classes):
            dx[r, k] = scratch[k]


@inlined
def _gradient(dy: int, y: int, dx: int, classes: int) -> None:
    """Write the gradient of the row at an address, in whole vectors."""
    before, zero = (classes - 1) // LANES * VECTOR_BYTES, splat(np.float32(0))
    last, rest = load(y + before), classes - (classes - 1) // LANES * LANES
    total = first_lanes(rest, load(dy + before) * last, zero)
    for place in range(0, before, VECTOR_BYTES):
        total = total + load(dy + place) * load(y + place)
    mean = splat(sum_of(total))
    for place in range(0, before, VECTOR_BYTES):
        store(dx + place, load(y + place) * (load(dy + place) - mean))
    store(dx + before, last * (load(dy + before) - mean))
