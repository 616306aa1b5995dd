"""binary_cross_entropy in CUDA C++."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..types import FloatArray
from .cache import BinaryCrossEntropyCache

_SOURCE = Source(__file__, "binary_cross_entropy.cu")

THREADS = 256
MOST_BLOCKS = 1 << 16
WARP = 32

COMPILED_WITH = [{"LANES": 1}, {"LANES": WARP}]


def binary_cross_entropy_forward(
    p: FloatArray, target: FloatArray, *, from_logits: bool = False
) -> tuple[FloatArray, BinaryCrossEntropyCache]:
    """Return the mean cross-entropy over the last axis."""
    p, target = contiguous(p), contiguous(target)
    loss = empty(p.shape[:-1], p.dtype)
    columns = p.shape[-1]
    lanes = WARP if columns >= WARP else 1
    args = (p, target, loss, loss.size, columns, from_logits)
    grid = blocks(loss.size, THREADS // lanes)
    _SOURCE.launch("binary_loss", p.dtype, grid, THREADS, args, defines={"LANES": lanes})
    return loss, (target, p, from_logits)


def binary_cross_entropy_backward(dloss: FloatArray, cache: BinaryCrossEntropyCache) -> FloatArray:
    """Return the gradient by each probability or logit."""
    target, p, from_logits = cache
    dp = empty(p.shape, p.dtype)
    args = (p, target, contiguous(dloss), dp, dp.size, p.shape[-1], from_logits)
    grid = blocks(dp.size, THREADS, limit=MOST_BLOCKS)
    _SOURCE.launch("binary_gradient", p.dtype, grid, THREADS, args, defines={"LANES": 1})
    return dp
