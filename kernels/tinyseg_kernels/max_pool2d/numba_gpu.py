"""max_pool2d by Numba kernels: one thread for each number of the result, forward and backward."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_places import place_of
from ..gpu.numba_windows import end_covering, first_covering
from ..types import FloatArray, IntArray, Padding, Pair
from ..windows import explicit_padding, output_size
from .cache import MaxPool2DCache

BLOCK = 128
TAPS_OF_A_BYTE = 256


def max_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, MaxPool2DCache]:
    """The largest number of each window, and the tap that it came from."""
    strides = strides or pool_size
    size: Pair = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    y = empty((x.shape[0], *output_size(size, pool_size, strides, pads), x.shape[3]), x.dtype)
    winner = empty(y.shape, "uint8" if pool_size[0] * pool_size[1] <= TAPS_OF_A_BYTE else "int32")
    cache = MaxPool2DCache(winner, x.shape, pool_size, strides, pads)
    launch(_forward, blocks(y.size, BLOCK), BLOCK, contiguous(x), y, winner, *_windows(cache))
    return y, cache


def max_pool2d_backward(dy: FloatArray, cache: MaxPool2DCache) -> FloatArray:
    """Each pixel gathers dy of the windows that it won.

    No two threads write to the same place, and the order of the sum is fixed.
    """
    dx = empty(cache.shape, dy.dtype)
    launch(_backward, blocks(dx.size, BLOCK), BLOCK, contiguous(dy), cache.winner, dx, *_windows(cache))
    return dx


def _windows(cache: MaxPool2DCache) -> tuple[int, ...]:
    return (*cache.pool_size, *cache.strides, cache.padding[0][0], cache.padding[1][0])


@jit
def _forward(
    x: FloatArray, y: FloatArray, winner: IntArray, kh: int, kw: int, sh: int, sw: int, top: int, left: int
) -> None:
    t = cuda.grid(1)
    if t >= y.size:
        return
    n, oh, ow, c = place_of(t, y)
    best, where = x.dtype.type(0), -1
    for i in range(kh):
        h = oh * sh - top + i
        if h >= 0 and h < x.shape[1]:
            for j in range(kw):
                w = ow * sw - left + j
                if w >= 0 and w < x.shape[2]:
                    v = x[n, h, w, c]
                    # The first one, a larger one, or the first NaN, which alone is not equal to itself.
                    if where < 0 or v > best or (v != v and best == best):
                        best, where = v, i * kw + j
    y[n, oh, ow, c] = best
    winner[n, oh, ow, c] = where


@jit
def _backward(
    dy: FloatArray, winner: IntArray, dx: FloatArray, kh: int, kw: int, sh: int, sw: int, top: int, left: int
) -> None:
    t = cuda.grid(1)
    if t >= dx.size:
        return
    n, h, w, c = place_of(t, dx)
    total = dx.dtype.type(0)
    for oh in range(first_covering(h, top, kh, sh), end_covering(h, top, sh, dy.shape[1])):
        for ow in range(first_covering(w, left, kw, sw), end_covering(w, left, sw, dy.shape[2])):
            if winner[n, oh, ow, c] == (h + top - oh * sh) * kw + w + left - ow * sw:
                total += dy[n, oh, ow, c]
    dx[n, h, w, c] = total


_IMAGES, _WINNER, _SIX = "float32[:, :, :, ::1]", "uint8[:, :, :, ::1]", ("int32",) * 6
PTX_SIGNATURES = [
    (_forward, (_IMAGES, _IMAGES, _WINNER, *_SIX)),
    (_backward, (_IMAGES, _WINNER, _IMAGES, *_SIX)),
]
"""For the check that float32 stays float32."""
