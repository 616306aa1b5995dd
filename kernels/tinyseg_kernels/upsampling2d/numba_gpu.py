"""upsampling2d by Numba kernels: one thread for each number of the result, forward and backward."""

from __future__ import annotations

from typing import TypeAlias

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, device_function, jit, launch
from ..gpu.numba_places import place_of
from ..types import FloatArray, Pair, Real

BLOCK = 128

UpSamplingCache: TypeAlias = tuple[tuple[int, ...], Pair, str]
"""(shape of x, size, interpolation)"""


def upsampling2d_forward(
    x: FloatArray, *, size: Pair, interpolation: str = "nearest"
) -> tuple[FloatArray, UpSamplingCache]:
    """Each place of y takes its pixel, or blends four."""
    images, height, width, channels = x.shape
    y = empty((images, height * size[0], width * size[1], channels), x.dtype)
    kernel = _bilinear_forward if interpolation == "bilinear" else _nearest_forward
    launch(kernel, blocks(y.size, BLOCK), BLOCK, contiguous(x), y, *size)
    return y, (x.shape, size, interpolation)


def upsampling2d_backward(dy: FloatArray, cache: UpSamplingCache) -> FloatArray:
    """Each pixel gathers from the places that it had a part in."""
    shape, size, interpolation = cache
    dx = empty(shape, dy.dtype)
    kernel = _bilinear_backward if interpolation == "bilinear" else _nearest_backward
    launch(kernel, blocks(dx.size, BLOCK), BLOCK, contiguous(dy), dx, *size)
    return dx


@jit
def _nearest_forward(x: FloatArray, y: FloatArray, a: int, b: int) -> None:
    t = cuda.grid(1)
    if t < y.size:
        n, oh, ow, c = place_of(t, y)
        y[n, oh, ow, c] = x[n, oh // a, ow // b, c]


@jit
def _nearest_backward(dy: FloatArray, dx: FloatArray, a: int, b: int) -> None:
    t = cuda.grid(1)
    if t < dx.size:
        n, h, w, c = place_of(t, dx)
        total = dx.dtype.type(0)
        for i in range(a):
            for j in range(b):
                total += dy[n, h * a + i, w * b + j, c]
        dx[n, h, w, c] = total


@device_function
def _low(o: int, a: int) -> int:
    """Return the first of the two inputs that output o of an axis with factor a is blended from.

    floor((o + 1/2) / a - 1/2).
    """
    return o // a - (1 if 2 * (o % a) + 1 < a else 0)


@device_function
def _part_of_second(o: int, a: int, like: FloatArray) -> Real:
    """Return how much of output o the second one makes, as a number of the type of `like`."""
    numerator = 2 * (o % a) + 1 - a  # of (o + 1/2) / a - 1/2 = numerator / (2 a), less whole pixels
    if numerator < 0:
        numerator += 2 * a
    return like.dtype.type(numerator) / like.dtype.type(2 * a)


@device_function
def _clamped(position: int, length: int) -> int:
    return min(max(position, 0), length - 1)


@device_function
def _blended(p: Real, q: Real, t: Real, a: int, like: FloatArray) -> Real:
    """With factor 1 the second pixel has no part, not even 0 times infinity."""
    return p if a == 1 else (like.dtype.type(1) - t) * p + t * q


@jit
def _bilinear_forward(x: FloatArray, y: FloatArray, a: int, b: int) -> None:
    t = cuda.grid(1)
    if t >= y.size:
        return
    n, oh, ow, c = place_of(t, y)
    top, bottom = _clamped(_low(oh, a), x.shape[1]), _clamped(_low(oh, a) + 1, x.shape[1])
    left, right = _clamped(_low(ow, b), x.shape[2]), _clamped(_low(ow, b) + 1, x.shape[2])
    down, across = _part_of_second(oh, a, y), _part_of_second(ow, b, y)
    at_left = _blended(x[n, top, left, c], x[n, bottom, left, c], down, a, y)
    at_right = _blended(x[n, top, right, c], x[n, bottom, right, c], down, a, y)
    y[n, oh, ow, c] = _blended(at_left, at_right, across, b, y)


@device_function
def _first_part(i: int, a: int) -> int:
    """Return the first output that input i has a part in: the first whose `low` is i - 1."""
    return i if a == 1 else max((i - 1) * a + a // 2, 0)


@device_function
def _end_part(i: int, a: int, length: int) -> int:
    """Return one more than the last, whose `low` is i."""
    return i + 1 if a == 1 else min((i + 1) * a + a // 2, length * a)


@device_function
def _part(o: int, i: int, a: int, length: int, like: FloatArray) -> Real:
    """Return the part that input i has in output o.

    Beyond the border the border's pixel counts, so it may be both inputs.
    """
    one, zero = like.dtype.type(1), like.dtype.type(0)
    if a == 1:
        return one
    t = _part_of_second(o, a, like)
    first = one - t if _clamped(_low(o, a), length) == i else zero
    second = t if _clamped(_low(o, a) + 1, length) == i else zero
    return first + second


@jit
def _bilinear_backward(dy: FloatArray, dx: FloatArray, a: int, b: int) -> None:
    t = cuda.grid(1)
    if t >= dx.size:
        return
    n, h, w, c = place_of(t, dx)
    total = dx.dtype.type(0)
    for oh in range(_first_part(h, a), _end_part(h, a, dx.shape[1])):
        along = dx.dtype.type(0)
        for ow in range(_first_part(w, b), _end_part(w, b, dx.shape[2])):
            along += _part(ow, w, b, dx.shape[2], dx) * dy[n, oh, ow, c]
        total += _part(oh, h, a, dx.shape[1], dx) * along
    dx[n, h, w, c] = total


_KERNELS = (_nearest_forward, _nearest_backward, _bilinear_forward, _bilinear_backward)
PTX_SIGNATURES = [(kernel, ("float32[:, :, :, ::1]",) * 2 + ("int32",) * 2) for kernel in _KERNELS]
"""For the check that float32 stays float32."""
