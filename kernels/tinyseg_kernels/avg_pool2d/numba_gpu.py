"""avg_pool2d by Numba kernels: one thread for each number of the result, forward and backward."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_places import place_of
from ..gpu.numba_windows import end_covering, first_covering, inside
from ..types import FloatArray, Padding, Pair
from ..windows import explicit_padding, output_size
from .cache import AvgPool2DCache

BLOCK = 128


def avg_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, AvgPool2DCache]:
    """Mean over the positions of each window that lie in the image."""
    strides = strides or pool_size
    size: Pair = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    cache = AvgPool2DCache(x.shape, pool_size, strides, pads)
    y = empty((x.shape[0], *output_size(size, pool_size, strides, pads), x.shape[3]), x.dtype)
    launch(_forward, blocks(y.size, BLOCK), BLOCK, contiguous(x), y, *_windows(cache))
    return y, cache


def avg_pool2d_backward(dy: FloatArray, cache: AvgPool2DCache) -> FloatArray:
    """Each pixel gathers its share of the windows that cover it.

    No two threads write to the same place, and the order of the sum is fixed.
    """
    dx = empty(cache.shape, dy.dtype)
    launch(_backward, blocks(dx.size, BLOCK), BLOCK, contiguous(dy), dx, *_windows(cache))
    return dx


def _windows(cache: AvgPool2DCache) -> tuple[int, ...]:
    return (*cache.pool_size, *cache.strides, cache.padding[0][0], cache.padding[1][0])


@jit
def _forward(x: FloatArray, y: FloatArray, kh: int, kw: int, sh: int, sw: int, top: int, left: int) -> None:
    t = cuda.grid(1)
    if t >= y.size:
        return
    n, oh, ow, c = place_of(t, y)
    h0, w0 = oh * sh - top, ow * sw - left
    total = x.dtype.type(0)
    for h in range(max(h0, 0), min(h0 + kh, x.shape[1])):
        for w in range(max(w0, 0), min(w0 + kw, x.shape[2])):
            total += x[n, h, w, c]
    y[n, oh, ow, c] = total / y.dtype.type(inside(h0, kh, x.shape[1]) * inside(w0, kw, x.shape[2]))


@jit
def _backward(dy: FloatArray, dx: FloatArray, kh: int, kw: int, sh: int, sw: int, top: int, left: int) -> None:
    t = cuda.grid(1)
    if t >= dx.size:
        return
    n, h, w, c = place_of(t, dx)
    total = dx.dtype.type(0)
    for oh in range(first_covering(h, top, kh, sh), end_covering(h, top, sh, dy.shape[1])):
        rows = inside(oh * sh - top, kh, dx.shape[1])
        for ow in range(first_covering(w, left, kw, sw), end_covering(w, left, sw, dy.shape[2])):
            total += dy[n, oh, ow, c] / dx.dtype.type(rows * inside(ow * sw - left, kw, dx.shape[2]))
    dx[n, h, w, c] = total


PTX_SIGNATURES = [(kernel, ("float32[:, :, :, ::1]",) * 2 + ("int32",) * 6) for kernel in (_forward, _backward)]
"""For the check that float32 stays float32."""
