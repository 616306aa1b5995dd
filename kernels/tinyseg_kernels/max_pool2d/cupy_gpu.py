"""max_pool2d in CUDA C++ (max_pool2d.cu)."""

from __future__ import annotations

from typing import NamedTuple

from ..device import contiguous, empty
from ..gpu.cuda import Source
from ..gpu.packs import VECTORS, vectors, width
from ..gpu.pooling import PoolingLaunch, pooling_launch
from ..types import Argument, Array, FloatArray, IntArray, Padding, Pair
from ..windows import explicit_padding

_SOURCE = Source(__file__, "max_pool2d.cu")
_TAPS_OF_A_BYTE = 256
COMPILED_WITH = [{"WIDE_TAPS": wide, **vector} for wide in (0, 1) for vector in VECTORS]


class MaxPool2DCache(NamedTuple):
    """Which tap won each window (uint8, or int32 for windows of more than 256 taps), and where the windows lay."""

    winner: IntArray
    windows: PoolingLaunch


def max_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, MaxPool2DCache]:
    """The largest number of each window, and the tap that it came from."""
    strides = strides or pool_size
    windows = pooling_launch(
        x.shape, pool_size, strides, explicit_padding(padding, (x.shape[1], x.shape[2]), pool_size, strides)
    )
    x = contiguous(x)
    y: FloatArray = empty(windows.out_shape, x.dtype)
    wide = pool_size[0] * pool_size[1] > _TAPS_OF_A_BYTE
    winner: IntArray = empty(y.shape, "int32" if wide else "uint8")
    vector = vectors(x.shape[3], x, y)
    grid, block = windows.grid(windows.out_height, windows.out_width, width(x.dtype) if vector else 1)
    defines = {"VECTOR": int(vector), "WIDE_TAPS": int(wide)}
    _SOURCE.launch("max_pool2d_forward", x.dtype, grid, block, (x, y, winner, *windows), defines=defines)
    return y, MaxPool2DCache(winner, windows)


def max_pool2d_backward(dy: FloatArray, cache: MaxPool2DCache) -> FloatArray:
    """dy to the pixel that won: written window by window where no two overlap, else gathered pixel by pixel."""
    winner, windows = cache
    dy = contiguous(dy)
    dx: Array = empty((windows.images, windows.height, windows.width, windows.channels), dy.dtype)
    vector = vectors(windows.channels, dy, dx)
    pack = width(dy.dtype) if vector else 1
    defines = {"VECTOR": int(vector), "WIDE_TAPS": int(winner.dtype.itemsize > 1)}
    if windows.disjoint:
        grid, block = windows.grid(*windows.cells, pack)
        arguments: tuple[Argument, ...] = (dy, winner, dx, *windows, *windows.cells)
        _SOURCE.launch("max_pool2d_backward_cells", dy.dtype, grid, block, arguments, defines=defines)
    else:
        grid, block = windows.grid(windows.height, windows.width, pack)
        arguments = (dy, winner, dx, *windows)
        _SOURCE.launch("max_pool2d_backward_gather", dy.dtype, grid, block, arguments, defines=defines)
    return dx
