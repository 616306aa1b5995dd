"""zero_padding2d and cropping2d in CUDA C++ (pad2d.cu)."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import Source
from ..gpu.packs import VECTORS, pair_grid, vectors
from ..types import Array, FloatArray, Pair

_SOURCE = Source(__file__, "pad2d.cu")
COMPILED_WITH = VECTORS


def zero_padding2d_forward(x: FloatArray, *, padding: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Zeros around x."""
    return _surrounded(x, padding), padding


def zero_padding2d_backward(dy: FloatArray, padding: tuple[Pair, Pair]) -> FloatArray:
    """The inside of dy."""
    return _surrounded(dy, _opposite(padding))


def cropping2d_forward(x: FloatArray, *, cropping: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """The inside of x, as an array of its own."""
    return _surrounded(x, _opposite(cropping)), cropping


def cropping2d_backward(dy: FloatArray, cropping: tuple[Pair, Pair]) -> FloatArray:
    """Zeros around dy."""
    return _surrounded(dy, cropping)


def _opposite(borders: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    (top, bottom), (left, right) = borders
    return (-top, -bottom), (-left, -right)


def _surrounded(x: FloatArray, borders: tuple[Pair, Pair]) -> FloatArray:
    """Surround images with this many zeros; a negative number cuts off."""
    (top, bottom), (left, right) = borders
    x = contiguous(x)
    images, height, width, channels = x.shape
    y: Array = empty((images, top + height + bottom, left + width + right, channels), x.dtype)
    row, out_row = width * channels, y.shape[2] * channels
    vector = {"VECTOR": int(vectors(channels, x, y))}
    grid, block = pair_grid(images * y.shape[1], out_row)
    arguments = (x, y, images, height, row, y.shape[1], out_row, top, left * channels)
    _SOURCE.launch("shift_images", x.dtype, grid, block, arguments, defines=vector)
    return y
