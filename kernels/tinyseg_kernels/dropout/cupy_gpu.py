"""dropout in CUDA C++: the mask is drawn where it is used, in backward again, and never stored."""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..gpu.packs import VECTORS, vectors
from ..types import FloatArray
from .cache import Mask
from .mask import threshold

_SOURCE = Source(__file__, "dropout.cu")
_THREADS, _ELEMENTS = 256, 8

COMPILED_WITH = VECTORS


def dropout_forward(x: FloatArray, *, rate: float, seed: int, step: int = 0) -> tuple[FloatArray, Mask]:
    """x / (1 - rate) where kept, else 0."""
    cache = Mask(rate, seed, step)
    return dropout_backward(x, cache), cache  # the same linear function both ways


def dropout_backward(dy: FloatArray, cache: Mask) -> FloatArray:
    """dy / (1 - rate) where kept, else 0."""
    dy = contiguous(dy)
    dx = empty(dy.shape, dy.dtype)
    key = (np.uint64(cache.seed % 2**64), np.uint64(cache.step % 2**64))
    args = (dy, dx, dy.size, threshold(cache.rate), float(1 - cache.rate), *key)
    grid = blocks(dy.size, _THREADS * _ELEMENTS)
    _SOURCE.launch("dropout", dy.dtype, grid, _THREADS, args, defines={"VECTOR": int(vectors(dy.size, dy, dx))})
    return dx
