"""dice by Numba kernels: the sums over (outer, reduced, inner) are folded as in dice.cu."""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty, zeros
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..types import FloatArray, Real
from .cache import RegionsCache
from .regions import ROWS_OF_A_THREAD, Regions, regions_of

THREADS = 128


@jit
def _fold_inputs(p: FloatArray, target: FloatArray, sums: FloatArray) -> None:
    """Sums of t, p and t * p over rows g, g + G, ...

    of (outer, reduced, inner), for each of G groups: (3, outer, G, inner).
    """
    place = cuda.grid(1)
    groups, inner = sums.shape[2], sums.shape[3]
    if place < sums.shape[1] * groups * inner:
        i, rest = place % inner, place // inner
        g, o = rest % groups, rest // groups
        truth, found, both = sums.dtype.type(0), sums.dtype.type(0), sums.dtype.type(0)
        for r in range(g, p.shape[1], groups):
            t, q = sums.dtype.type(target[o, r, i]), sums.dtype.type(p[o, r, i])
            truth += t
            found += q
            both += t * q
        sums[0, o, g, i] = truth
        sums[1, o, g, i] = found
        sums[2, o, g, i] = both


@jit
def _fold_sums(sums: FloatArray, folded: FloatArray) -> None:
    """Sums over rows g, g + G, ... of (N, reduced, inner), for each of G groups."""
    place = cuda.grid(1)
    groups, inner = folded.shape[1], folded.shape[2]
    if place < folded.size:
        i, rest = place % inner, place // inner
        g, n = rest % groups, rest // groups
        total = folded.dtype.type(0)
        for r in range(g, sums.shape[1], groups):
            total += sums[n, r, i]
        folded[n, g, i] = total


@jit
def _dice_loss(
    sums: FloatArray, loss: FloatArray, offset: FloatArray, slope: FloatArray, extra: Real, missed: Real, epsilon: Real
) -> None:
    """loss = 1 - I / D; offset = I / D * extra / D and slope = (rest * I / D - 1) / D are kept."""
    region = cuda.grid(1)
    if region < loss.size:
        one = loss.dtype.type(1)
        rest = one - extra - missed
        size = rest * sums[2, region] + extra * sums[1, region] + missed * sums[0, region] + epsilon
        overlap = sums[2, region] / size
        loss[region] = one - overlap
        offset[region] = overlap * extra / size
        slope[region] = (rest * overlap - one) / size


@jit
def _gradient(target: FloatArray, offset: FloatArray, slope: FloatArray, dloss: FloatArray, dp: FloatArray) -> None:
    """dp = (offset + slope * t) * dloss."""
    place = cuda.grid(1)
    reduced, inner = dp.shape[1], dp.shape[2]
    if place < dp.size:
        i, rest = place % inner, place // inner
        r, o = rest % reduced, rest // reduced
        region = o * inner + i
        dp[o, r, i] = (offset[region] + slope[region] * target[o, r, i]) * dloss[region]


def dice_forward(
    p: FloatArray, target: FloatArray, *, axes: tuple[int, ...], extra: float, missed: float, epsilon: float
) -> tuple[FloatArray, RegionsCache]:
    """Return the loss of each region."""
    regions, shape = regions_of(p.shape, axes), p.shape
    grouped = (regions.outer, regions.reduced, regions.inner)
    p, target = regions.arranged(p).reshape(grouped), regions.arranged(target).reshape(grouped)
    loss = empty(tuple(length for axis, length in enumerate(shape) if axis not in axes), np.float64)
    offset, slope = empty(regions.number, p.dtype), empty(regions.number, p.dtype)
    sums = _sums(p, target, regions).reshape(3, regions.number)
    grid = blocks(regions.number, THREADS)
    weights = (np.float64(extra), np.float64(missed), np.float64(epsilon))
    launch(_dice_loss, grid, THREADS, sums, loss.reshape(-1), offset, slope, *weights)
    return loss, (target, offset, slope, regions, shape)


def dice_backward(dloss: FloatArray, cache: RegionsCache) -> FloatArray:
    """Return (offset + slope * t) * dloss."""
    target, offset, slope, regions, shape = cache
    dp = empty(target.shape, target.dtype)
    dloss = contiguous(dloss.astype(dp.dtype, copy=False)).reshape(-1)
    launch(_gradient, blocks(dp.size, THREADS), THREADS, target, offset, slope, dloss, dp)
    return regions.restored(dp, shape)


def _sums(p: FloatArray, target: FloatArray, regions: Regions) -> FloatArray:
    """Return the sums of t, p and t * p of each region, float64."""
    outer, reduced, inner, _ = regions
    if reduced == 0:
        return zeros((3, regions.number), np.float64)
    groups = blocks(reduced, ROWS_OF_A_THREAD)
    sums = empty((3, outer, groups, inner), np.float64)
    launch(_fold_inputs, blocks(outer * groups * inner, THREADS), THREADS, p, target, sums)
    while groups > 1:
        rows, groups = groups, blocks(groups, ROWS_OF_A_THREAD)
        folded = empty((3 * outer, groups, inner), np.float64)
        launch(_fold_sums, blocks(folded.size, THREADS), THREADS, sums.reshape(3 * outer, rows, inner), folded)
        sums = folded
    return sums


_WHY = "float64-on-purpose: a float32 sum over millions of pixels soon is too large to notice one more"
_VECTOR, _CUBE = "float32[::1]", "float32[:,:,::1]"
PTX_SIGNATURES = [
    (_fold_inputs, (_CUBE, _CUBE, "float64[:,:,:,::1]"), _WHY),
    (_fold_sums, ("float64[:,:,::1]", "float64[:,:,::1]"), _WHY),
    (_dice_loss, ("float64[:,::1]", "float64[::1]", _VECTOR, _VECTOR, "float64", "float64", "float64"), _WHY),
    (_gradient, (_CUBE, _VECTOR, _VECTOR, _VECTOR, _CUBE)),
]
"""For the check that float32 stays float32."""
