"""softmax_cross_entropy in CUDA C++: the loss in one pass over the logits, and no array of probabilities."""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..softmax.cupy_gpu import ROWS_OF_A_BLOCK, THREADS, fit_registers, row_launch
from ..types import Argument, Array, FloatArray
from .cache import SoftmaxCrossEntropyCache

_SOURCE = Source(__file__, "cross_entropy.cu")
_FEW_CLASSES = Source(__file__, "cross_entropy_registers.cu")

_ID_DTYPES = (np.dtype(np.uint8), np.dtype(np.int32), np.dtype(np.int64))
"""What the kernels read as it is; ids of another dtype are converted."""

COMPILED_WITH = {
    "cross_entropy.cu": [{"ID_BYTES": size} for size in (1, 4, 8)],
    "cross_entropy_registers.cu": [
        {"CLASSES": classes, "ID_BYTES": size} for classes, size in ((1, 4), (2, 1), (11, 1), (11, 4), (11, 8), (16, 8))
    ],
}
"""Some of the numbers of classes; each is compiled when it is met. In float32 there may be 32."""


def softmax_cross_entropy_forward(logits: FloatArray, target: Array) -> tuple[FloatArray, SoftmaxCrossEntropyCache]:
    """loss = sum of t * (log of the sum of exp(z) - z), all relative to the maximum of z.

    NaN for an id that is no class.

    The cache holds what was given: backward has to read as many numbers to compute the probabilities again as to load
    them.
    """
    logits, target = contiguous(logits), contiguous(target)
    if target.ndim < logits.ndim and target.dtype not in _ID_DTYPES:
        target = target.astype(np.int64)
    loss = empty(logits.shape[:-1], logits.dtype)
    _launch("loss", (), logits, target, loss)
    return loss, (logits, target)


def softmax_cross_entropy_backward(dloss: FloatArray, cache: tuple[Array, Array]) -> FloatArray:
    """dz = (p * sum of t - t) * dloss."""
    logits, target = cache
    dlogits = empty(logits.shape, logits.dtype)
    _launch("gradient", (contiguous(dloss),), logits, target, dlogits)
    return dlogits


def _launch(what: str, upstream: tuple[Array, ...], logits: FloatArray, target: Array, result: FloatArray) -> None:
    classes = logits.shape[-1]
    if logits.size == 0:
        return
    rows = logits.size // classes
    by_ids = target.ndim < logits.ndim
    kernel = f"{'ids' if by_ids else 'distributions'}_{what}"
    defines = {"ID_BYTES": target.itemsize} if by_ids else {}
    args: tuple[Argument, ...] = (*upstream, logits, target, result, rows)
    if fit_registers(classes, logits.itemsize):
        defines["CLASSES"] = classes
        grid = blocks(rows, ROWS_OF_A_BLOCK)
        _FEW_CLASSES.launch(kernel, logits.dtype, grid, ROWS_OF_A_BLOCK, args, defines=defines)
    else:
        ending, grid = row_launch(rows, classes)
        _SOURCE.launch(kernel + ending, logits.dtype, grid, THREADS, (*args, classes), defines=defines)
