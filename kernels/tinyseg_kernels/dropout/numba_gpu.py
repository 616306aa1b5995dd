"""dropout by Numba kernels.

The same mask as NumPy draws and dropout.cu explains, computed where it is used and never stored.
"""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, device_function, jit, launch
from ..types import FloatArray, Real
from .cache import Mask
from .mask import threshold

_THREADS, _WARP, _FULL_WARP, _ELEMENTS, _ROUNDS = 128, 32, 0xFFFFFFFF, 8, 10

# Integers of 64 bits without a sign throughout: one with a sign among them would make Numba compute in float64.
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_UNUSED = np.uint64(8)
"""Bits of a half word that a float32 number has no place for."""
_FACTOR_0, _FACTOR_1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_KEY_STEP_0, _KEY_STEP_1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)


@device_function
def _product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the upper and the lower 64 bits of a * b, from the four products of their halves."""
    a_low, a_high, b_low, b_high = a & _LOW, a >> _HALF, b & _LOW, b >> _HALF
    first = a_low * b_low
    second = a_high * b_low + (first >> _HALF)
    third = a_low * b_high + (second & _LOW)
    return a_high * b_high + (second >> _HALF) + (third >> _HALF), ((third & _LOW) << _HALF) | (first & _LOW)


@device_function
def _kept_bits(word: np.uint64, least: np.uint64) -> int:
    """Return two bits: whether the numbers drawn in the lower and in the upper half of a word are at least `least`."""
    lower = 1 if (word & _LOW) >> _UNUSED >= least else 0
    return lower + 2 if (word >> _HALF) >> _UNUSED >= least else lower


@jit
def _dropout(x: FloatArray, y: FloatArray, least: np.uint64, share: Real, seed: int, step: int) -> None:
    """y = x / share where the number drawn is at least `least`.

    A thread draws one block of Philox, the mask of 8 neighbouring elements; a warp moves its 256 elements in the order
    of memory, and each thread asks the one that drew an element for its bit.
    """
    block = cuda.grid(1)
    lane = cuda.threadIdx.x % _WARP
    key_0, key_1 = np.uint64(seed), np.uint64(step)
    c_0, c_1, c_2, c_3 = np.uint64(block + 1), np.uint64(0), np.uint64(0), np.uint64(0)
    for _ in range(_ROUNDS):
        high_0, low_0 = _product(_FACTOR_0, c_0)
        high_1, low_1 = _product(_FACTOR_1, c_2)
        c_0, c_1, c_2, c_3 = high_1 ^ c_1 ^ key_0, low_1, high_0 ^ c_3 ^ key_1, low_0
        key_0 += _KEY_STEP_0
        key_1 += _KEY_STEP_1
    kept = _kept_bits(c_0, least) + 4 * _kept_bits(c_1, least)
    kept += 16 * _kept_bits(c_2, least) + 64 * _kept_bits(c_3, least)
    first = (block - lane) * _ELEMENTS
    for k in range(_ELEMENTS):
        element = k * _WARP + lane  # of the warp's
        bits = cuda.shfl_sync(_FULL_WARP, kept, element // _ELEMENTS)
        if first + element < x.size:
            keep = (bits >> (element % _ELEMENTS)) & 1
            y[first + element] = x[first + element] / share if keep else x.dtype.type(0)


PTX_SIGNATURES = [(_dropout, ("float32[::1]", "float32[::1]", "uint64", "float32", "uint64", "uint64"))]
"""For the check that float32 stays float32."""


def dropout_forward(x: FloatArray, *, rate: float, seed: int, step: int = 0) -> tuple[FloatArray, Mask]:
    """x / (1 - rate) where kept, else 0."""
    cache = Mask(rate, seed, step)
    return dropout_backward(x, cache), cache  # the same linear function both ways


def dropout_backward(dy: FloatArray, cache: Mask) -> FloatArray:
    """dy / (1 - rate) where kept, else 0."""
    dy = contiguous(dy)
    dx = empty(dy.shape, dy.dtype)
    seed, step = np.uint64(cache.seed % 2**64), np.uint64(cache.step % 2**64)
    numbers = (np.uint64(threshold(cache.rate)), float(1 - cache.rate), seed, step)
    grid = blocks(dy.size, _THREADS * _ELEMENTS)
    launch(_dropout, grid, _THREADS, dy.reshape(-1), dx.reshape(-1), *numbers)
    return dx
