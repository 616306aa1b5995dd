"""Global pooling by Numba kernels.

A forward is a reduction in two steps. The pixels of an image are cut into chunks, and each thread reduces one chunk of
one channel: neighbouring threads take neighbouring channels, so they read neighbouring numbers. Then few results are
left for each image, which a second kernel reduces, always in the same order.
"""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_sums import sum_rows
from ..types import FloatArray, IntArray, Shape
from .cache import MaximaCache

BLOCK = 128
CHUNK, MOST_CHUNKS = 64, 1024
"""Pixels that a thread reduces, as long as there are no more chunks than `MOST_CHUNKS`."""


def global_avg_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Shape]:
    """Mean over the pixels."""
    pixels, chunks = _chunks(x)
    sums = empty((chunks, x.shape[0], x.shape[3]), x.dtype)
    launch(_sum_chunks, blocks(sums.size, BLOCK), BLOCK, pixels, sums)
    y = sum_rows(sums.reshape(chunks, x.shape[0] * x.shape[3]))
    launch(_divide, blocks(y.size, BLOCK), BLOCK, y, pixels.shape[1])
    return y.reshape(_shape(x.shape, keepdims)), x.shape


def global_avg_pool2d_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy / (H * W) to each pixel."""
    dx = empty(shape, dy.dtype)
    pixels = dx.reshape(shape[0], shape[1] * shape[2], shape[3])
    launch(_share, blocks(dx.size, BLOCK), BLOCK, contiguous(dy).reshape(shape[0], shape[3]), pixels)
    return dx


def global_max_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, MaximaCache]:
    """Maximum over the pixels, and the position of the first one, counted row by row."""
    pixels, chunks = _chunks(x)
    values = empty((chunks, x.shape[0], x.shape[3]), x.dtype)
    found = empty(values.shape, "int32")
    launch(_maximum_of_chunks, blocks(values.size, BLOCK), BLOCK, pixels, values, found)
    y, position = empty((x.shape[0], x.shape[3]), x.dtype), empty((x.shape[0], x.shape[3]), "int32")
    launch(_maximum_of_maxima, blocks(y.size, BLOCK), BLOCK, values, found, y, position)
    return y.reshape(_shape(x.shape, keepdims)), (position, x.shape)


def global_max_pool2d_backward(dy: FloatArray, cache: MaximaCache) -> FloatArray:
    """dy to the position of the maximum."""
    position, shape = cache
    dx = empty(shape, dy.dtype)
    pixels = dx.reshape(shape[0], shape[1] * shape[2], shape[3])
    launch(_to_maximum, blocks(dx.size, BLOCK), BLOCK, contiguous(dy).reshape(shape[0], shape[3]), position, pixels)
    return dx


def _chunks(x: FloatArray) -> tuple[FloatArray, int]:
    """Return x as (N, pixels, C), and into how many chunks the pixels are cut."""
    images, height, width, channels = x.shape
    pixels = contiguous(x).reshape(images, height * width, channels)
    return pixels, min(blocks(height * width, CHUNK), MOST_CHUNKS)


def _shape(shape: Shape, keepdims: bool) -> Shape:
    return (shape[0], 1, 1, shape[3]) if keepdims else (shape[0], shape[3])


@jit
def _sum_chunks(x: FloatArray, sums: FloatArray) -> None:
    """sums[k, n, c] = sum of x[n, p, c] over the pixels p = k, k + chunks, k + 2 * chunks, ..."""
    t = cuda.grid(1)
    if t < sums.size:
        c, n, k = t % x.shape[2], t // x.shape[2] % x.shape[0], t // x.shape[2] // x.shape[0]
        total = sums.dtype.type(0)
        for p in range(k, x.shape[1], sums.shape[0]):
            total += x[n, p, c]
        sums[k, n, c] = total


@jit
def _divide(y: FloatArray, pixels: int) -> None:
    i = cuda.grid(1)
    if i < y.size:
        y[i] /= y.dtype.type(pixels)


@jit
def _share(dy: FloatArray, dx: FloatArray) -> None:
    t = cuda.grid(1)
    if t < dx.size:
        c, pixel = t % dx.shape[2], t // dx.shape[2]
        n, p = pixel // dx.shape[1], pixel % dx.shape[1]
        dx[n, p, c] = dy[n, c] / dx.dtype.type(dx.shape[1])


@jit
def _maximum_of_chunks(x: FloatArray, values: FloatArray, found: IntArray) -> None:
    """The first largest number of pixels k * length to (k + 1) * length - 1, or the first NaN, which alone is not equal to itself."""
    t = cuda.grid(1)
    if t < values.size:
        c, n, k = t % x.shape[2], t // x.shape[2] % x.shape[0], t // x.shape[2] // x.shape[0]
        length = (x.shape[1] + values.shape[0] - 1) // values.shape[0]
        # The last chunks may be empty; such a one repeats the last pixel, and loses against the same number further in
        # front.
        best, where = x[n, min(k * length, x.shape[1] - 1), c], min(k * length, x.shape[1] - 1)
        for p in range(k * length + 1, min((k + 1) * length, x.shape[1])):
            v = x[n, p, c]
            if v > best or (v != v and best == best):
                best, where = v, p
        values[k, n, c] = best
        found[k, n, c] = where


@jit
def _maximum_of_maxima(values: FloatArray, found: IntArray, y: FloatArray, position: IntArray) -> None:
    t = cuda.grid(1)
    if t < y.size:
        n, c = t // y.shape[1], t % y.shape[1]
        best, where = values[0, n, c], found[0, n, c]
        for k in range(1, values.shape[0]):
            v = values[k, n, c]
            if v > best or (v != v and best == best):
                best, where = v, found[k, n, c]
        y[n, c] = best
        position[n, c] = where


@jit
def _to_maximum(dy: FloatArray, position: IntArray, dx: FloatArray) -> None:
    t = cuda.grid(1)
    if t < dx.size:
        c, pixel = t % dx.shape[2], t // dx.shape[2]
        n, p = pixel // dx.shape[1], pixel % dx.shape[1]
        dx[n, p, c] = dy[n, c] if position[n, c] == p else dx.dtype.type(0)


_ROWS, _MATRIX, _FOUND = "float32[:, :, ::1]", "float32[:, ::1]", "int32[:, ::1]"
PTX_SIGNATURES = [
    (_sum_chunks, (_ROWS, _ROWS)),
    (_divide, ("float32[::1]", "int32")),
    (_share, (_MATRIX, _ROWS)),
    (_maximum_of_chunks, (_ROWS, _ROWS, "int32[:, :, ::1]")),
    (_maximum_of_maxima, (_ROWS, "int32[:, :, ::1]", _MATRIX, _FOUND)),
    (_to_maximum, (_MATRIX, _FOUND, _ROWS)),
]
"""For the check that float32 stays float32."""
