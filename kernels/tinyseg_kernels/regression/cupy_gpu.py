"""squared_error and absolute_error in CUDA C++."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..types import FloatArray
from .cache import InputsCache

_SOURCE = Source(__file__, "regression.cu")

THREADS = 256
MOST_BLOCKS = 1 << 16
WARP = 32

COMPILED_WITH = [{"LANES": 1}, {"LANES": WARP}]


def squared_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, InputsCache]:
    """Return the mean square over the last axis."""
    return _forward(p, target, True)


def squared_error_backward(dloss: FloatArray, cache: InputsCache) -> FloatArray:
    """Return 2 * (p - t) / C * dloss."""
    return _backward(dloss, cache, True)


def absolute_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, InputsCache]:
    """Return the mean distance over the last axis."""
    return _forward(p, target, False)


def absolute_error_backward(dloss: FloatArray, cache: InputsCache) -> FloatArray:
    """Return sign(p - t) / C * dloss."""
    return _backward(dloss, cache, False)


def _forward(p: FloatArray, target: FloatArray, squared: bool) -> tuple[FloatArray, InputsCache]:
    p, target = contiguous(p), contiguous(target)
    loss = empty(p.shape[:-1], p.dtype)
    columns = p.shape[-1]
    lanes = WARP if columns >= WARP else 1
    args = (p, target, loss, loss.size, columns, squared)
    grid = blocks(loss.size, THREADS // lanes)
    _SOURCE.launch("regression_loss", p.dtype, grid, THREADS, args, defines={"LANES": lanes})
    return loss, (p, target)


def _backward(dloss: FloatArray, cache: InputsCache, squared: bool) -> FloatArray:
    p, target = cache
    dp = empty(p.shape, p.dtype)
    args = (p, target, contiguous(dloss), dp, dp.size, p.shape[-1], squared)
    grid = blocks(dp.size, THREADS, limit=MOST_BLOCKS)
    _SOURCE.launch("regression_gradient", p.dtype, grid, THREADS, args, defines={"LANES": 1})
    return dp
