"""cross_entropy in CUDA C++: p is read once; for class ids the backward does not read it at all."""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..softmax.cupy_gpu import ROWS_OF_A_BLOCK, fit_registers
from ..types import Array, FloatArray
from .cache import DeviceCache

_SOURCE = Source(__file__, "probabilities.cu")
_IDS = Source(__file__, "ids_in_registers.cu")
_DISTRIBUTIONS = Source(__file__, "distributions_in_shared_memory.cu")

THREADS = 256
MOST_BLOCKS = 1 << 16

MOST_CLASSES_IN_SHARED_MEMORY = 16
"""Rows of p and target of a block then fit in shared memory in float64 too."""

COMPILED_WITH = {
    "ids_in_registers.cu": [{"CLASSES": classes} for classes in (1, 2, 11, 16, 32)],
    "distributions_in_shared_memory.cu": [{"CLASSES": classes} for classes in (1, 2, 11, 16)],
}
"""Some of the numbers of classes; each is compiled when it is met."""


def cross_entropy_forward(p: FloatArray, target: Array) -> tuple[FloatArray, DeviceCache]:
    """loss = - sum of t * log(p / sum of p); a class id picks its one term."""
    p, ids = contiguous(p), target.ndim < p.ndim
    target = contiguous(target.astype(np.int32, copy=False) if ids else target)
    loss, total, kept = (empty(p.shape[:-1], p.dtype) for _ in range(3))
    rows, classes = loss.size, p.shape[-1]
    kernel = "ids_loss" if ids else "distributions_loss"
    if fit_registers(classes, p.dtype.itemsize) if ids else classes <= MOST_CLASSES_IN_SHARED_MEMORY:
        args = (p, target, loss, total, kept, rows)
        grid = blocks(rows, ROWS_OF_A_BLOCK)
        few = _IDS if ids else _DISTRIBUTIONS
        few.launch(kernel, p.dtype, grid, ROWS_OF_A_BLOCK, args, defines={"CLASSES": classes})
    else:
        grid = blocks(rows, THREADS // 32)
        _SOURCE.launch(kernel, p.dtype, grid, THREADS, (p, target, loss, total, kept, rows, classes))
    return loss, (target, None if ids else p, total, kept, p.shape)


def cross_entropy_backward(dloss: FloatArray, cache: DeviceCache) -> FloatArray:
    """dp = (sum of t / S - t / p) * dloss; for class ids, dloss / p is taken from dloss / S at the id."""
    target, p, total, kept, shape = cache
    dp = empty(shape, total.dtype)
    grid = blocks(dp.size, THREADS, limit=MOST_BLOCKS)
    args = (total, kept, contiguous(dloss), dp, dp.size, shape[-1])
    if p is None:
        _SOURCE.launch("ids_gradient", dp.dtype, grid, THREADS, (target, *args))
    else:
        _SOURCE.launch("distributions_gradient", dp.dtype, grid, THREADS, (p, target, *args))
    return dp
