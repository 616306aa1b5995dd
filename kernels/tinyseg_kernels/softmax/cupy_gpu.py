"""softmax in CUDA C++: the way is chosen by the axis and the number of classes."""

from __future__ import annotations

import math

from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..types import Array, FloatArray
from .cache import SoftmaxCache

_SOURCE = Source(__file__, "softmax.cu")
_FEW_CLASSES = Source(__file__, "softmax_registers.cu")

ROWS_OF_A_BLOCK = 128
"""ROWS in softmax_registers.cuh: a thread for each row."""

THREADS = 256
"""ROW_BLOCK in softmax_rows.cuh."""

LONGEST_ROW_OF_A_WARP = 2048
"""Longer rows get a whole block: a warp would take long for one, and as a rule there are few of them."""

COMPILED_WITH = {"softmax_registers.cu": [{"CLASSES": classes} for classes in (1, 2, 11, 16)]}
"""Some of the numbers of classes; each is compiled when it is met. In float32 there may be 32."""


def softmax_forward(x: FloatArray, *, axis: int = -1) -> tuple[FloatArray, SoftmaxCache]:
    """y = exp(x - max) / sum."""
    x = contiguous(x)
    y = empty(x.shape, x.dtype)
    _launch("softmax", (x, y), axis)
    return y, (y, axis)


def softmax_backward(dy: FloatArray, cache: tuple[Array, int]) -> FloatArray:
    """dx = y * (dy - sum of dy * y)."""
    y, axis = cache
    dx = empty(y.shape, y.dtype)
    _launch("softmax_gradient", (contiguous(dy), y, dx), axis)
    return dx


def fit_registers(classes: int, itemsize: int) -> bool:
    """Return whether a row of this many classes is worked on in a thread's registers: 32 in float32, 16 in float64."""
    return classes * itemsize <= 128


def row_launch(rows: int, classes: int) -> tuple[str, int]:
    """Return (ending of the kernel's name, grid) for rows of many classes, of which each gets a warp or a block."""
    if classes <= LONGEST_ROW_OF_A_WARP:
        return "_warps", blocks(rows, THREADS // 32)
    return "_blocks", rows


def _launch(kernel: str, arrays: tuple[FloatArray, ...], axis: int) -> None:
    x = arrays[0]
    if x.size == 0:
        return
    axis %= x.ndim
    classes, inner = x.shape[axis], math.prod(x.shape[axis + 1 :])
    lines = x.size // classes
    if inner > 1:
        _SOURCE.launch(f"{kernel}_lines", x.dtype, blocks(lines, THREADS), THREADS, (*arrays, lines, classes, inner))
    elif fit_registers(classes, x.itemsize):
        grid = blocks(lines, ROWS_OF_A_BLOCK)
        _FEW_CLASSES.launch(kernel, x.dtype, grid, ROWS_OF_A_BLOCK, (*arrays, lines), defines={"CLASSES": classes})
    else:
        ending, grid = row_launch(lines, classes)
        _SOURCE.launch(kernel + ending, x.dtype, grid, THREADS, (*arrays, lines, classes))
