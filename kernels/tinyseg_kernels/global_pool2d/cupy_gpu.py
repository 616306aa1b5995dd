"""Global pooling in CUDA C++ (global_pool2d.cu)."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.column_sums import column_sums
from ..gpu.cuda import Source, blocks
from ..gpu.packs import MOST_BLOCKS, THREADS, VECTORS, pair_grid, vectors, width
from ..types import Array, FloatArray, IntArray, Shape
from .cache import MaximaCache

_SOURCE = Source(__file__, "global_pool2d.cu")
_WIDEST = 32
_ENOUGH_BLOCKS = 1024
_PIXELS_OF_A_THREAD = 8
COMPILED_WITH = VECTORS


def global_avg_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Shape]:
    """Mean over the pixels."""
    images, height, across, channels = x.shape
    x, pixels = contiguous(x), height * across
    vector = vectors(channels, x)
    grid, block = _split(images, pixels, channels, width(x.dtype) if vector else 1)
    sums: FloatArray = empty((grid[1], images * channels), x.dtype)
    _SOURCE.launch(
        "partial_sums", x.dtype, grid, block, (x, sums, images, pixels, channels), defines={"VECTOR": int(vector)}
    )
    y = sums.reshape(-1) if grid[1] == 1 else column_sums(sums)
    divisions = blocks(y.size, THREADS, limit=MOST_BLOCKS)
    _SOURCE.launch("divide", x.dtype, divisions, THREADS, (y, y.size, pixels), defines={"VECTOR": 0})
    return y.reshape(_shape(images, channels, keepdims)), x.shape


def global_avg_pool2d_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy / (H * W) to each pixel."""
    dy = contiguous(dy)
    dx: FloatArray = empty(shape, dy.dtype)
    _spread("global_avg_backward", (dy,), dx)
    return dx


def global_max_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, MaximaCache]:
    """Maximum over the pixels, and the position of the first one, counted row by row."""
    images, height, across, channels = x.shape
    y, found = _maxima(contiguous(x), None, images, height * across, channels)
    while len(y) > 1:
        y, found = _maxima(y, found, 1, len(y), images * channels)
    return y.reshape(_shape(images, channels, keepdims)), (found.reshape(images, channels), x.shape)


def global_max_pool2d_backward(dy: FloatArray, cache: MaximaCache) -> FloatArray:
    """dy to the position of the maximum."""
    found, shape = cache
    dy = contiguous(dy)
    dx: FloatArray = empty(shape, dy.dtype)
    _spread("global_max_backward", (dy, found), dx)
    return dx


def _maxima(
    x: FloatArray, found: IntArray | None, images: int, rows: int, channels: int
) -> tuple[FloatArray, IntArray]:
    """Reduce the rows of each image to one for each block.

    `found` are the pixels of the rows, if rows are no pixels any more.
    """
    vector = vectors(channels, x)
    grid, block = _split(images, rows, channels, width(x.dtype) if vector else 1)
    values: FloatArray = empty((grid[1], images, channels), x.dtype)
    pixels: IntArray = empty(values.shape, "int32")
    again = found is not None
    arguments = (x, pixels if found is None else found, values, pixels, images, rows, channels, again)
    _SOURCE.launch("partial_maxima", x.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})
    return values, pixels


def _split(images: int, rows: int, channels: int, pack: int) -> tuple[tuple[int, int, int], tuple[int, int]]:
    """Return (grid, block) of a reduction.

    The number of splits, the grid's second number, follows from the shape alone, and so does every rounding.
    """
    packs = channels // pack
    across = 1
    while across < min(packs, _WIDEST):
        across *= 2
    down, tiles = THREADS // across, blocks(packs, across)
    wanted = blocks(_ENOUGH_BLOCKS, max(tiles * images, 1))
    splits = max(min(wanted, blocks(rows, down * _PIXELS_OF_A_THREAD)), 1)
    return (tiles, splits, min(images, MOST_BLOCKS)), (across, down)


def _spread(kernel: str, given: tuple[Array, ...], dx: FloatArray) -> None:
    images, height, across, channels = dx.shape
    vector = vectors(channels, given[0], dx)
    pack = width(dx.dtype) if vector else 1
    grid, block = pair_grid(images * height * across, channels // pack)
    arguments = (*given, dx, images, height * across, channels)
    _SOURCE.launch(kernel, dx.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})


def _shape(images: int, channels: int, keepdims: bool) -> Shape:
    return (images, 1, 1, channels) if keepdims else (images, channels)
