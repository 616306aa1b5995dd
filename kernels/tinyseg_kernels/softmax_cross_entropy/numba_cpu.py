"""softmax_cross_entropy compiled for the CPU: probabilities and loss in one pass, the gradient in another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import as_written, inlined, kernel
from ..cpu.logarithm import logarithm
from ..cpu.threads import parallel
from ..softmax.numba_cpu import block_of_rows, softmax_of_rows
from ..types import Array
from . import numpy_cpu


def softmax_cross_entropy_forward(logits: Array, target: Array) -> tuple[Array, tuple[Array, Array]]:
    """Loss = sum of t * (log of the sum of exp(z) - z)."""
    if logits.dtype != np.float32 or logits.size == 0:
        return numpy_cpu.softmax_cross_entropy_forward(logits, target)
    rows = np.ascontiguousarray(logits).reshape(-1, logits.shape[-1])
    p, loss = empty(logits.shape, logits.dtype), empty(logits.shape[:-1], logits.dtype)
    blocks = -(-len(rows) // block_of_rows(rows))
    if target.ndim == logits.ndim:
        t = np.ascontiguousarray(target).reshape(rows.shape)
        parallel(_forward_shares, blocks, rows, t, p.reshape(rows.shape), loss.reshape(-1), block_of_rows(rows))
    else:
        ids = np.ascontiguousarray(target, np.int64).reshape(-1)
        parallel(_forward_ids, blocks, rows, ids, p.reshape(rows.shape), loss.reshape(-1), block_of_rows(rows))
    return loss, (p, target)


@kernel
def _forward_ids(start: int, stop: int, z: Any, ids: Any, p: Any, loss: Any, block: int) -> None:
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, z.shape[0])
        softmax_of_rows(z, p, first, last)
        for r in range(first, last):
            top, log = _likeliest(z, p, r)
            loss[r] = _cost(top, log, z[r, ids[r]])


@kernel
def _forward_shares(start: int, stop: int, z: Any, t: Any, p: Any, loss: Any, block: int) -> None:
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, z.shape[0])
        softmax_of_rows(z, p, first, last)
        for r in range(first, last):
            (top, log), total = _likeliest(z, p, r), np.float32(0)
            for k in range(z.shape[1]):
                total += t[r, k] * _cost(top, log, z[r, k])
            loss[r] = total


@as_written
def _cost(top: Any, log: Any, logit: Any) -> Any:
    """Return - log p of a class; first the difference of logits, which may be large and equal."""
    return (top - logit) - log


@inlined
def _likeliest(z: Any, p: Any, r: int) -> Any:
    """Return (z_k, log p_k) of the likeliest class k, whose p is at least 1 / K: log of the sum of exp(z) is z_k - log p_k for any k."""
    likeliest = 0
    for k in range(1, z.shape[1]):
        likeliest = k if z[r, k] > z[r, likeliest] else likeliest
    return z[r, likeliest], logarithm(p[r, likeliest])


def softmax_cross_entropy_backward(dloss: Array, cache: tuple[Array, Array]) -> Array:
    """Dz = (p * sum of t - t) * dloss."""
    p, target = cache
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.softmax_cross_entropy_backward(dloss, cache)
    dz = empty(p.shape, p.dtype)
    rows = p.reshape(-1, p.shape[-1])
    scale = np.ascontiguousarray(dloss).reshape(-1)
    if target.ndim == p.ndim:
        t = np.ascontiguousarray(target).reshape(rows.shape)
        parallel(_backward_shares, len(rows), rows, t, scale, dz.reshape(rows.shape))
    else:
        parallel(
            _backward_ids,
            len(rows),
            rows,
            np.ascontiguousarray(target, np.int64).reshape(-1),
            scale,
            dz.reshape(rows.shape),
        )
    return dz


@kernel
def _backward_ids(start: int, stop: int, p: Any, ids: Any, scale: Any, dz: Any) -> None:
    for r in range(start, stop):
        for k in range(p.shape[1]):
            dz[r, k] = p[r, k] * scale[r]
        dz[r, ids[r]] -= scale[r]


@kernel
def _backward_shares(start: int, stop: int, p: Any, t: Any, scale: Any, dz: Any) -> None:
    for r in range(start, stop):
        total = np.float32(0)
        for k in range(p.shape[1]):
            total += t[r, k]
        for k in range(p.shape[1]):
            dz[r, k] = (p[r, k] * total - t[r, k]) * scale[r]
