"""avg_pool2d in CUDA C++ (avg_pool2d.cu)."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import Source
from ..gpu.packs import VECTORS, vectors, width
from ..gpu.pooling import pooling_launch
from ..types import Argument, Array, FloatArray, Padding, Pair
from ..windows import explicit_padding
from .cache import AvgPool2DCache

_SOURCE = Source(__file__, "avg_pool2d.cu")
COMPILED_WITH = VECTORS


def avg_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, AvgPool2DCache]:
    """Mean over the positions of each window that lie in the image."""
    strides = strides or pool_size
    pads = explicit_padding(padding, (x.shape[1], x.shape[2]), pool_size, strides)
    windows = pooling_launch(x.shape, pool_size, strides, pads)
    x = contiguous(x)
    y: Array = empty(windows.out_shape, x.dtype)
    vector = vectors(x.shape[3], x, y)
    grid, block = windows.grid(windows.out_height, windows.out_width, width(x.dtype) if vector else 1)
    _SOURCE.launch("avg_pool2d_forward", x.dtype, grid, block, (x, y, *windows), defines={"VECTOR": int(vector)})
    return y, AvgPool2DCache(x.shape, pool_size, strides, pads)


def avg_pool2d_backward(dy: FloatArray, cache: AvgPool2DCache) -> FloatArray:
    """dy / count to every pixel of a window.

    Written window by window where no two overlap, else gathered pixel by pixel.
    """
    windows = pooling_launch(*cache)
    dy = contiguous(dy)
    dx: Array = empty(cache.shape, dy.dtype)
    vector = vectors(windows.channels, dy, dx)
    pack = width(dy.dtype) if vector else 1
    arguments: tuple[Argument, ...] = (dy, dx, *windows)
    if windows.disjoint:
        grid, block = windows.grid(*windows.cells, pack)
        kernel, arguments = "avg_pool2d_backward_cells", (*arguments, *windows.cells)
    else:
        grid, block = windows.grid(windows.height, windows.width, pack)
        kernel = "avg_pool2d_backward_gather"
    _SOURCE.launch(kernel, dy.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})
    return dx
