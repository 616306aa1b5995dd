"""softmax_cross_entropy by Numba kernels: as in CUDA C++, no array of probabilities exists.

Backward computes them again from the logits.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..device import contiguous, empty
from ..gpu.numba_cuda import cuda, device_function, jit, launch
from ..gpu.numba_rows import THREADS, lanes_maximum, lanes_sum, row_geometry
from ..types import Array, FloatArray, IntArray, Real
from .cache import SoftmaxCrossEntropyCache

_NAN = math.nan


@device_function
def _exponentials(logits: FloatArray, row: int, scratch: FloatArray) -> tuple[Real, Real]:
    """Return (maximum, sum of exp(z - maximum)) of a row of logits, in each of its lanes."""
    classes = logits.shape[1]
    top = logits[row, 0]
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        top = logits[row, k] if logits[row, k] > top else top
    top = lanes_maximum(top, scratch)
    total = logits.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        total += math.exp(logits[row, k] - top)
    return top, lanes_sum(total, scratch)


@jit
def _ids_loss(logits: FloatArray, ids: IntArray, loss: FloatArray, nan: Real) -> None:
    """loss = log(sum of exp(z - max)) - (z_id - max); NaN for an id that is no class."""
    scratch = cuda.shared.array(THREADS, logits.dtype)
    rows, classes = logits.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)  # a thread without a row of its own takes part in the barriers
    top, total = _exponentials(logits, row, scratch)
    if place < rows and cuda.threadIdx.x == 0:
        k = ids[row]
        loss[row] = math.log(total) - (logits[row, k] - top) if k >= 0 and k < classes else nan


@jit
def _ids_gradient(dloss: FloatArray, logits: FloatArray, ids: IntArray, dlogits: FloatArray, nan: Real) -> None:
    """dz = (p - [k = id]) * dloss."""
    scratch = cuda.shared.array(THREADS, logits.dtype)
    rows, classes = logits.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)
    top, total = _exponentials(logits, row, scratch)
    if place < rows:
        chosen = ids[row]
        upstream = dloss[row] if chosen >= 0 and chosen < classes else nan
        for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
            p = math.exp(logits[row, k] - top) / total
            dlogits[row, k] = (p - logits.dtype.type(k == chosen)) * upstream


@jit
def _distributions_loss(logits: FloatArray, target: Array, loss: FloatArray) -> None:
    """loss = sum of t * (log(sum of exp(z - max)) - (z - max))."""
    scratch = cuda.shared.array(THREADS, logits.dtype)
    rows, classes = logits.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)
    top, total = _exponentials(logits, row, scratch)
    log_total = math.log(total)
    result = logits.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        result += target[row, k] * (log_total - (logits[row, k] - top))
    result = lanes_sum(result, scratch)
    if place < rows and cuda.threadIdx.x == 0:
        loss[row] = result


@jit
def _distributions_gradient(dloss: FloatArray, logits: FloatArray, target: Array, dlogits: FloatArray) -> None:
    """dz = (p * sum of t - t) * dloss."""
    scratch = cuda.shared.array(THREADS, logits.dtype)
    rows, classes = logits.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)
    top, total = _exponentials(logits, row, scratch)
    weight = logits.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        weight += target[row, k]
    weight = lanes_sum(weight, scratch)
    if place < rows:
        for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
            p = math.exp(logits[row, k] - top) / total
            dlogits[row, k] = (p * weight - target[row, k]) * dloss[row]


_ROWS, _ROW = "float32[:, ::1]", "float32[::1]"
PTX_SIGNATURES = [
    *((_ids_loss, (_ROWS, f"{ids}[::1]", _ROW, "float32")) for ids in ("uint8", "int32", "int64")),
    *((_ids_gradient, (_ROW, _ROWS, f"{ids}[::1]", _ROWS, "float32")) for ids in ("uint8", "int32", "int64")),
    (_distributions_loss, (_ROWS, _ROWS, _ROW)),
    (_distributions_gradient, (_ROW, _ROWS, _ROWS, _ROWS)),
]
"""For the check that float32 stays float32."""


def softmax_cross_entropy_forward(logits: FloatArray, target: Array) -> tuple[FloatArray, SoftmaxCrossEntropyCache]:
    """loss = sum of t * (log of the sum of exp(z) - z), all relative to the maximum of z.

    NaN for an id that is no class.
    """
    logits, target = contiguous(logits), contiguous(target)
    if target.ndim < logits.ndim and target.dtype == np.uint64:
        target = target.astype(np.int64)  # too large ones become negative, and are no class either
    loss = empty(logits.shape[:-1], logits.dtype)
    if logits.size:
        rows, grid, block = _geometry(logits)
        if target.ndim < logits.ndim:
            launch(_ids_loss, grid, block, rows(logits), target.reshape(-1), loss.reshape(-1), _NAN)
        else:
            launch(_distributions_loss, grid, block, rows(logits), rows(target), loss.reshape(-1))
    return loss, (logits, target)


def softmax_cross_entropy_backward(dloss: FloatArray, cache: tuple[Array, Array]) -> FloatArray:
    """dz = (p * sum of t - t) * dloss."""
    logits, target = cache
    dlogits = empty(logits.shape, logits.dtype)
    if logits.size:
        rows, grid, block = _geometry(logits)
        upstream = contiguous(dloss).reshape(-1)
        if target.ndim < logits.ndim:
            launch(_ids_gradient, grid, block, upstream, rows(logits), target.reshape(-1), rows(dlogits), _NAN)
        else:
            launch(_distributions_gradient, grid, block, upstream, rows(logits), rows(target), rows(dlogits))
    return dlogits


def _geometry(logits: FloatArray) -> tuple[Callable[[Array], Array], int, tuple[int, int]]:
    """Return a function that views an array as rows, the grid and the block."""
    classes = logits.shape[-1]
    count = logits.size // classes
    return (lambda array: array.reshape(count, classes)), *row_geometry(count, classes)
