"""Winograd's convolution F(4x4, 3x3) in CUDA C++.

a quarter of the multiplications, for 3x3 kernels of stride 1 without dilation (derivation: conv2d_winograd.cu).

Images are cut into tiles of 4x4 outputs. Transformed tiles, 36 numbers for 16 pixels of a channel, are scratch memory:
they are made, multiplied and used for a part of the tiles at a time, so that scratch stays small and warm in the GPU's
cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ...device import contiguous, empty, zeros
from ...gemm.batched_gpu import batched_products
from ...gpu.cuda import Source, blocks
from ...types import Argument, DTypeLike, FloatArray, Pair

_SOURCE = Source(__file__, "conv2d_winograd.cu")
_THREADS, _MOST_BLOCKS = 256, 1 << 16

POINTS, TILE = 36, 4

SCRATCH_BYTES = 64 << 20
"""Transformed inputs and products of one part of the tiles."""

LONGEST_SUM = 512
"""Tiles that are added up in one go for dkernel: longer sums in float32 would lose digits."""

LEAST_CHANNELS, LEAST_SIZE = 32, 12
"""Below, transforms cost more than multiplications saved, or too many outputs of the tiles lie outside of the image."""


def possible(kernel_shape: tuple[int, ...], strides: Pair, dilation_rate: Pair) -> bool:
    """Return whether Winograd's convolution can compute it at all."""
    return tuple(kernel_shape[:2]) == (3, 3) and tuple(strides) == (1, 1) and tuple(dilation_rate) == (1, 1)


def suits(
    x_shape: tuple[int, ...], kernel_shape: tuple[int, ...], strides: Pair, dilation_rate: Pair, dtype: DTypeLike
) -> bool:
    """Return whether it is the better choice: float32, and enough channels, filters and pixels."""
    return (
        possible(kernel_shape, strides, dilation_rate)
        and np.dtype(dtype) == np.float32
        and min(kernel_shape[2:]) >= LEAST_CHANNELS
        and min(x_shape[1:3]) >= LEAST_SIZE
    )


def forward(x: FloatArray, kernel: FloatArray, bias: FloatArray | None, padding: tuple[Pair, Pair]) -> FloatArray:
    """Return y (N, OH, OW, F); padding as pairs."""
    (top, bottom), (left, right) = padding
    size = (x.shape[1] + top + bottom - 2, x.shape[2] + left + right - 2)
    return _correlate(x, kernel, bias, size, (top, left), turned=False)


def input_gradient(
    dy: FloatArray, kernel: FloatArray, x_shape: tuple[int, ...], padding: tuple[Pair, Pair]
) -> FloatArray:
    """Return dx (N, H, W, C).

    dy correlated with the turned kernel, whose window starts 2 - top rows before the pixel.
    """
    (top, _), (left, _) = padding
    return _correlate(dy, kernel, None, (x_shape[1], x_shape[2]), (2 - top, 2 - left), turned=True)


def kernel_gradient(
    x: FloatArray, dy: FloatArray, kernel_shape: tuple[int, ...], padding: tuple[Pair, Pair]
) -> FloatArray:
    """Return dkernel (3, 3, C, F)."""
    (top, _), (left, _) = padding
    channels, filters = kernel_shape[2:]
    x, dy = contiguous(x), contiguous(dy)
    dkernel = zeros(kernel_shape, x.dtype)
    pairs = channels * filters
    for k, part in enumerate(_parts(dy, (dy.shape[1], dy.shape[2]), channels + filters)):
        v, upstream = _transformed(x, part, (top, left)), empty((POINTS, part.tiles, filters), x.dtype)
        arguments = (dy, upstream, *dy.shape[1:], part.tiles_h, part.tiles_w, part.first, part.tiles)
        _launch("winograd_upstream", part.tiles * filters, dy.dtype, arguments)
        # Partial sums take no more memory than the transformed tiles do.
        splits = min(blocks(part.tiles, LONGEST_SUM), max(1, SCRATCH_BYTES // (POINTS * pairs * x.itemsize)))
        sums = batched_products(v, upstream, transpose_a=True, chunk=blocks(part.tiles, splits))
        _launch("winograd_kernel_gradient", pairs, x.dtype, (sums, dkernel, len(sums), pairs, k > 0))
    return dkernel


class _Part(NamedTuple):
    """Tiles `first` to `first + tiles - 1` of images with tiles_h x tiles_w of them each."""

    tiles_h: int
    tiles_w: int
    first: int
    tiles: int


def _parts(images: FloatArray, size: Pair, channels: int) -> Iterator[_Part]:
    """Cut the tiles that cover outputs of this size into parts whose transforms, of this many channels, fit into the scratch memory."""
    tiles_h, tiles_w = blocks(size[0], TILE), blocks(size[1], TILE)
    step = max(1, SCRATCH_BYTES // (POINTS * channels * images.itemsize))
    count = images.shape[0] * tiles_h * tiles_w
    for first in range(0, count, step):
        yield _Part(tiles_h, tiles_w, first, min(step, count - first))


def _correlate(
    image: FloatArray, kernel: FloatArray, bias: FloatArray | None, size: Pair, offset: Pair, *, turned: bool
) -> FloatArray:
    """Return the outputs (N, *size, K) of the kernel, or of the turned one with channels and filters exchanged.

    `offset` rows and columns lie before the image.
    """
    image, kernel = contiguous(image), contiguous(kernel)
    channels, filters = kernel.shape[2:]
    inner, outer = (filters, channels) if turned else (channels, filters)
    y = empty((image.shape[0], *size, outer), image.dtype)
    if y.size == 0:
        return y
    u = empty((POINTS, inner, outer), image.dtype)
    _launch("winograd_kernel", channels * filters, u.dtype, (kernel, u, channels, filters, turned))
    add = kernel if bias is None else contiguous(bias)  # not read without a bias
    for part in _parts(image, size, inner + outer):
        products = batched_products(_transformed(image, part, offset), u)
        arguments = (products, add, y, *y.shape[1:], part.tiles_h, part.tiles_w, part.first, part.tiles)
        _launch("winograd_output", part.tiles * outer, y.dtype, (*arguments, bias is not None))
    return y


def _transformed(image: FloatArray, part: _Part, offset: Pair) -> FloatArray:
    """Return B^T d B of all tiles of a part: (36, tiles, C)."""
    v = empty((POINTS, part.tiles, image.shape[3]), image.dtype)
    arguments = (image, v, *image.shape[1:], part.tiles_h, part.tiles_w, *offset, part.first, part.tiles)
    _launch("winograd_input", part.tiles * image.shape[3], v.dtype, arguments)
    return v


def _launch(kernel: str, threads: int, dtype: DTypeLike, arguments: tuple[Argument, ...]) -> None:
    _SOURCE.launch(kernel, dtype, blocks(threads, _THREADS, limit=_MOST_BLOCKS), _THREADS, arguments)
