"""upsampling2d in CUDA C++ (upsampling2d.cu)."""

from __future__ import annotations

from typing import TypeAlias

from ..device import contiguous, empty
from ..gpu.cuda import Source
from ..gpu.packs import VECTORS, pair_grid, vectors, width
from ..types import Argument, Array, FloatArray, Pair

_SOURCE = Source(__file__, "upsampling2d.cu")
COMPILED_WITH = VECTORS

UpSamplingCache: TypeAlias = tuple[tuple[int, ...], Pair, str]
"""(shape of x, size, interpolation)"""


def upsampling2d_forward(
    x: FloatArray, *, size: Pair, interpolation: str = "nearest"
) -> tuple[FloatArray, UpSamplingCache]:
    """Every pixel into its block, or blended."""
    images, height, across, channels = x.shape
    x = contiguous(x)
    y: Array = empty((images, height * size[0], across * size[1], channels), x.dtype)
    _launch("forward", interpolation, x, y, x.shape, size, y.shape if interpolation == "bilinear" else x.shape)
    return y, (x.shape, size, interpolation)


def upsampling2d_backward(dy: FloatArray, cache: UpSamplingCache) -> FloatArray:
    """Each pixel gathers from the places that it had a part in."""
    shape, size, interpolation = cache
    dx: Array = empty(shape, dy.dtype)
    _launch("backward", interpolation, contiguous(dy), dx, shape, size, shape)
    return dx


def _launch(
    direction: str, interpolation: str, given: Array, result: FloatArray, shape: tuple[int, ...], size: Pair,
    threads: tuple[int, ...],
) -> None:  # fmt: skip
    """Launch a kernel with a thread for each pack of an array of the shape `threads`; `shape` is that of x."""
    vector = vectors(shape[3], given, result)
    pack = width(given.dtype) if vector else 1
    grid, block = pair_grid(threads[0] * threads[1], threads[2] * (threads[3] // pack))
    dimensions = shape if interpolation == "bilinear" else (shape[0] * shape[1], shape[2], shape[3])
    arguments: tuple[Argument, ...] = (given, result, *dimensions, *size)
    _SOURCE.launch(f"{interpolation}_{direction}", given.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})
