"""softmax by Numba kernels.

Rows along the last axis, and lines along any other, whose neighbours are neighbours in memory.
"""

from __future__ import annotations

import math

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import Kernel, cuda, jit, launch
from ..gpu.numba_rows import THREADS, lanes_maximum, lanes_sum, row_geometry
from ..types import Array, FloatArray
from .cache import SoftmaxCache


@jit
def _rows_forward(x: FloatArray, y: FloatArray) -> None:
    """y = exp(x - max) / sum for x (rows, classes), in three passes over a row: the later ones find it in the cache."""
    scratch = cuda.shared.array(THREADS, x.dtype)
    rows, classes = x.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)  # a thread without a row of its own takes part in the barriers
    top = x[row, 0]
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        top = x[row, k] if x[row, k] > top else top
    top = lanes_maximum(top, scratch)
    total = x.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        total += math.exp(x[row, k] - top)
    total = lanes_sum(total, scratch)
    if place < rows:
        for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
            y[row, k] = math.exp(x[row, k] - top) / total


@jit
def _rows_backward(dy: FloatArray, y: FloatArray, dx: FloatArray) -> None:
    """dx = y * (dy - sum of dy * y) for y (rows, classes)."""
    scratch = cuda.shared.array(THREADS, y.dtype)
    rows, classes = y.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)
    total = y.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        total += dy[row, k] * y[row, k]
    total = lanes_sum(total, scratch)
    if place < rows:
        for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
            dx[row, k] = y[row, k] * (dy[row, k] - total)


@jit
def _lines_forward(x: FloatArray, y: FloatArray) -> None:
    """y = exp(x - max) / sum for x (outer, classes, inner): a thread for each line along the classes."""
    outer, classes, inner = x.shape
    line = cuda.grid(1)
    if line < outer * inner:
        o, i = line // inner, line % inner
        top = x[o, 0, i]
        for k in range(1, classes):
            top = x[o, k, i] if x[o, k, i] > top else top
        total = x.dtype.type(0)
        for k in range(classes):
            total += math.exp(x[o, k, i] - top)
        for k in range(classes):
            y[o, k, i] = math.exp(x[o, k, i] - top) / total


@jit
def _lines_backward(dy: FloatArray, y: FloatArray, dx: FloatArray) -> None:
    """dx = y * (dy - sum of dy * y) for y (outer, classes, inner)."""
    outer, classes, inner = y.shape
    line = cuda.grid(1)
    if line < outer * inner:
        o, i = line // inner, line % inner
        total = y.dtype.type(0)
        for k in range(classes):
            total += dy[o, k, i] * y[o, k, i]
        for k in range(classes):
            dx[o, k, i] = y[o, k, i] * (dy[o, k, i] - total)


_ROWS, _LINES = "float32[:, ::1]", "float32[:, :, ::1]"
PTX_SIGNATURES = [
    (_rows_forward, (_ROWS, _ROWS)),
    (_rows_backward, (_ROWS, _ROWS, _ROWS)),
    (_lines_forward, (_LINES, _LINES)),
    (_lines_backward, (_LINES, _LINES, _LINES)),
]
"""For the check that float32 stays float32."""


def softmax_forward(x: FloatArray, *, axis: int = -1) -> tuple[FloatArray, SoftmaxCache]:
    """y = exp(x - max) / sum."""
    x = contiguous(x)
    y = empty(x.shape, x.dtype)
    _launch(_rows_forward, _lines_forward, (x, y), axis)
    return y, (y, axis)


def softmax_backward(dy: FloatArray, cache: tuple[Array, int]) -> FloatArray:
    """dx = y * (dy - sum of dy * y)."""
    y, axis = cache
    dx = empty(y.shape, y.dtype)
    _launch(_rows_backward, _lines_backward, (contiguous(dy), y, dx), axis)
    return dx


def _launch(rows_kernel: Kernel, lines_kernel: Kernel, arrays: tuple[FloatArray, ...], axis: int) -> None:
    x = arrays[0]
    if x.size == 0:
        return
    axis %= x.ndim
    classes, inner = x.shape[axis], math.prod(x.shape[axis + 1 :])
    lines = x.size // classes
    if inner == 1:
        grid, block = row_geometry(lines, classes)
        launch(rows_kernel, grid, block, *(a.reshape(lines, classes) for a in arrays))
    else:
        views = (a.reshape(lines // inner, classes, inner) for a in arrays)
        launch(lines_kernel, blocks(lines, THREADS), THREADS, *views)
