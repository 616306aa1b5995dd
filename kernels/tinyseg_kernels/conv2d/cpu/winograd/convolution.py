r"""3x3 convolution with a quarter of the multiplications, on the CPU: Winograd's F(4x4, 3x3).

The matrices: `transforms_3x3.py`.

The outputs are cut into tiles of 4x4 pixels; the inputs that a tile needs are 6x6. For each tile

    V = B^T d B        36 numbers of each input channel, from the 6x6 inputs d
    M[p] = V[p] @ U[p]        for each of the 36 positions p: (tiles, C) @ (C, F), with U = G g G^T of the kernel
    y = A^T M A        4x4 outputs of each filter

so a tile costs 36 multiplications for each pair of channels instead of 16 * 9 = 144. V and M of a block of tiles are
written, used and forgotten in a core's cache.

dx is the same with the kernel turned by 180 degrees and its channels swapped. dkernel has the same form: y = A^T [(G g
G^T) * V] A is linear in g, so

    dU[p] = sum over tiles of V[p]^T @ D[p]   with D = A dy A^T (36 numbers of each filter, from 4x4 of dy)        dg = G^T dU G

5x5 goes the same way with tiles of 2x2 outputs, which need 6x6 inputs as well: F(2x2, 5x5), 36 multiplications instead
of 100 (`tiles_5x5.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ....cpu.compiled import kernel
from ....cpu.gemm.micro_kernel import COLUMNS, LANES, NARROW_ROWS, height_for, tile_of
from ....cpu.gemm.packing import panels, whole_tiles, with_margin
from ....cpu.memory.buffers import empty, zeros
from ....cpu.memory.non_temporal import LINE, VECTOR_IS_A_LINE, too_large_to_be_near, too_large_to_stay, written
from ....cpu.sizes import SIZES
from ....cpu.threading.threads import get_num_threads, parallel, parallel_parts
from ....types import FloatArray, Pair
from . import tiles_5x5
from .blocks import forward_of_blocks, gradient_of_blocks, place_of
from .squares import POSITIONS, TOGETHER
from .transforms_3x3 import (
    TILE,
    transform_input,
    transform_kernel,
    transform_kernel_gradient,
    transform_output,
    transform_upstream,
)

BLOCK_BYTES = SIZES.winograd_block_bytes
LEAST_TILES = SIZES.winograd_least_tiles


LEAST_CHANNELS = SIZES.winograd_least_channels

TILES_OF_A_SUM = 512
"""Tiles added up in one float32 sum of dkernel before it goes to a second one: a sum of many thousands loses digits
that Winograd's larger numbers cannot spare."""


LEAST_CHANNELS_OF_5X5 = SIZES.winograd_least_channels_of_5x5


def suits(channels: int, filters: int, window: Pair, strides: Pair, dilation_rate: Pair) -> bool:
    """Return whether a convolution can go this way, and should."""
    if window not in ((3, 3), (5, 5)) or strides != (1, 1) or dilation_rate != (1, 1):
        return False
    least = LEAST_CHANNELS if window == (3, 3) else LEAST_CHANNELS_OF_5X5
    return all(n % LANES == 0 and n >= least for n in (channels, filters))


class _Form(NamedTuple):
    """The kernels for windows of one size, and how many outputs a tile has each way."""

    tile: int
    transform_kernel: Callable[..., None]
    forward: Callable[..., None]
    kernel_gradient: Callable[..., None]
    transform_kernel_gradient: Callable[..., None]

    def tiles(self, images: int, out: Pair) -> int:
        """Return how many tiles there are."""
        return images * -(-out[0] // self.tile) * -(-out[1] // self.tile)


def _form(window: int) -> _Form:
    if window == 3:
        return _Form(TILE, transform_kernel, _forward, _kernel_gradient, transform_kernel_gradient)
    of_5x5 = tiles_5x5
    return _Form(
        of_5x5.TILE, of_5x5.transform_kernel, of_5x5.forward, of_5x5.kernel_gradient, of_5x5.transform_kernel_gradient
    )


def outputs_of_tile(window: int) -> int:
    """Return how many outputs a tile has each way, for windows of this size."""
    return _form(window).tile


def forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, out: Pair, padding: tuple[Pair, Pair],
    relu: bool = False,
) -> FloatArray:  # fmt: skip
    """Return y (N, *out, F); `padding` may be negative."""
    channels, filters = kernel.shape[2:]
    y = empty((len(x), *out, filters), x.dtype)
    if y.size == 0:
        return y
    form = _form(len(kernel))
    matrices = empty((POSITIONS, _apart(panels(filters) * channels * COLUMNS)), x.dtype)
    # 512 to 512 channels take 38 MB of them: forward of 4 images of 16x16 6.4 ms, past the cache 5.3.
    parallel(
        form.transform_kernel,
        channels,
        np.ascontiguousarray(kernel),
        matrices,
        VECTOR_IS_A_LINE and too_large_to_stay(matrices),
    )
    tiles = form.tiles(len(x), out)
    width = -(-filters // LANES) * LANES
    block = _block(channels + width, tiles)
    jobs = -(-tiles // block)
    parts = min(get_num_threads(), jobs)
    v, m = (empty((parts, POSITIONS, _apart(block * numbers)), x.dtype) for numbers in (channels, width))
    temporary = empty((parts, POSITIONS, TOGETHER), x.dtype)
    no_bias = np.zeros(filters, x.dtype)
    # Written past the cache by lines: a vector is one, or the vectors of many channels make them up one after the
    # other.
    past_cache = (filters >= TOGETHER or VECTOR_IS_A_LINE) and too_large_to_stay(y)
    parallel_parts(
        form.forward, jobs, parts, np.ascontiguousarray(x), matrices, no_bias if bias is None else bias, y, v, m, temporary, tiles,
        block, padding[0][0], padding[1][0], relu, past_cache, _is_far(x),
    )  # fmt: skip
    return y


def _is_far(image: FloatArray) -> bool:
    """Return whether tiles should be asked for ahead of time.

    Of images in memory with so few channels that those of a tile are not read in order (`TOGETHER`).
    """
    return image.shape[3] < TOGETHER and too_large_to_be_near(image)


def _block(numbers: int, tiles: int) -> int:
    """Return how many tiles a block has: a multiple of the micro-kernel's rows."""
    fitting = max(LEAST_TILES, BLOCK_BYTES // (POSITIONS * numbers * 4)) // NARROW_ROWS
    share = -(-tiles // get_num_threads() // NARROW_ROWS)
    return NARROW_ROWS * max(1, min(fitting, share))


def _apart(numbers: int) -> int:
    """Return how many numbers should lie between two positions that hold this many: an odd number of cache lines.

    At a distance of 4 KiB all 36 fell into the same few places of a
    first-level cache, and 16 to 16 channels took 1.4 times as long.
    """
    lines = -(-numbers // LINE)
    return (lines + 1 - lines % 2) * LINE


@kernel
def _forward(
    part: int, start: int, stop: int, x: FloatArray, matrices: FloatArray, bias: FloatArray, y: FloatArray,
    vs: FloatArray, ms: FloatArray, temporaries: FloatArray, tiles: int, block: int, top: int, left: int, relu: bool,
    past_cache: bool, is_far: bool,
) -> None:  # fmt: skip
    forward_of_blocks(
        TILE, transform_output, part, start, stop, x, matrices, bias, y, vs, ms, temporaries, tiles, block, top, left,
        relu, past_cache, is_far,
    )  # fmt: skip
    written()


def kernel_gradient(x: FloatArray, dy: FloatArray, padding: tuple[Pair, Pair], window: int = 3) -> FloatArray:
    """Return dkernel (window, window, C, F)."""
    channels, filters = x.shape[3], dy.shape[3]
    form = _form(window)
    tiles = form.tiles(len(x), (dy.shape[1], dy.shape[2]))
    if window == 3 and 0 < tiles <= TILES_OF_A_SUM and tiles * (channels + filters) <= 2 * channels * filters:
        return _gradient_by_positions(x, dy, padding, tiles)
    width = -(-filters // LANES) * LANES
    block = _block(channels + width, tiles)
    jobs = -(-tiles // block)
    parts = max(1, min(get_num_threads(), jobs))
    shape = (parts, POSITIONS, _apart(whole_tiles(channels, NARROW_ROWS) * width))
    totals = empty(shape, x.dtype) if jobs else zeros(shape, x.dtype)
    if jobs:
        partial = empty(shape, x.dtype)
        v = with_margin((parts, POSITIONS, _apart(block * channels)), x.dtype)
        d = empty((parts, POSITIONS, _apart(block * width)), x.dtype)
        temporary = empty((parts, POSITIONS, TOGETHER), x.dtype)
        parallel_parts(
            form.kernel_gradient, jobs, parts, np.ascontiguousarray(x), np.ascontiguousarray(dy), v, d, temporary, partial, totals, tiles,
            block, max(1, TILES_OF_A_SUM // block), padding[0][0], padding[1][0], _is_far(x), _is_far(dy),
        )  # fmt: skip
    dkernel = empty((window, window, channels, filters), x.dtype)
    parallel(form.transform_kernel_gradient, channels, totals, dkernel)
    return dkernel


@kernel
def _kernel_gradient(
    part: int,
    start: int,
    stop: int,
    x: FloatArray,
    dy: FloatArray,
    vs: FloatArray,
    ds: FloatArray,
    temporaries: FloatArray,
    partial: FloatArray,
    totals: FloatArray,
    tiles: int,
    block: int,
    group: int,
    top: int,
    left: int,
    x_is_far: bool,
    dy_is_far: bool,
) -> None:
    gradient_of_blocks(
        TILE, transform_upstream, part, start, stop, x, dy, vs, ds, temporaries, partial, totals, tiles, block, group,
        top, left, x_is_far, dy_is_far,
    )  # fmt: skip


def _gradient_by_positions(x: FloatArray, dy: FloatArray, padding: tuple[Pair, Pair], tiles: int) -> FloatArray:
    """Return dkernel of a small image with many channels.

    V and D of all tiles are smaller than dU then, which has 36 numbers for each pair of channels: 9 MiB for 256 to 256.
    So dU is what should be touched only once: first all tiles are transformed, then each thread has positions for
    itself, and writes the finished sums. (8 images of 16x16, 256 to 256 channels: a third of the time that blocks of
    tiles take.) A line of the cache lies between two tiles: at distances of 1 or 2 KiB all of a column's numbers would
    fall into a few places of the first-level cache.
    """
    channels, filters = x.shape[3], dy.shape[3]
    width = -(-filters // LANES) * LANES
    v = with_margin((POSITIONS, _apart(tiles * (channels + LINE))), x.dtype)
    d = empty((POSITIONS, _apart(tiles * (width + LINE))), x.dtype)
    parallel(
        _transform_all, tiles, np.ascontiguousarray(x), np.ascontiguousarray(dy), v, d, padding[0][0], padding[1][0]
    )
    totals = empty((1, POSITIONS, _apart(whole_tiles(channels, NARROW_ROWS) * width)), x.dtype)
    parallel(_multiply_positions, POSITIONS, v, d, totals[0], channels, width, tiles)
    dkernel = empty((3, 3, channels, filters), x.dtype)
    parallel(transform_kernel_gradient, channels, totals, dkernel)
    return dkernel


@kernel
def _transform_all(
    start: int, stop: int, x: FloatArray, dy: FloatArray, v: FloatArray, d: FloatArray, top: int, left: int
) -> None:
    """Write V and D of tiles start .. stop."""
    across, down = -(-dy.shape[2] // TILE), -(-dy.shape[1] // TILE)
    channels, width = x.shape[3], -(-dy.shape[3] // LANES) * LANES
    v_row, d_row = (channels + LINE) * 4, (width + LINE) * 4
    temporary = np.empty(POSITIONS * TOGETHER, np.float32)
    for t in range(start, stop):
        n, h0, w0 = place_of(t, down, across, TILE)
        transform_input(x, n, h0 - top, w0 - left, temporary.ctypes.data, v.ctypes.data + t * v_row, v.shape[1] * 4)
        transform_upstream(dy, n, h0, w0, temporary.ctypes.data, d.ctypes.data + t * d_row, d.shape[1] * 4)


@kernel
def _multiply_positions(
    start: int, stop: int, v: FloatArray, d: FloatArray, totals: FloatArray, channels: int, width: int, tiles: int
) -> None:
    """Write dU of positions start .. stop, a block of columns that stays in the first-level cache after the other."""
    v_row, d_row = (channels + LINE) * 4, (width + LINE) * 4
    for p in range(start, stop):
        for column in range(0, width, COLUMNS):
            for c in range(0, channels, height_for(width - column)):
                tile_of(
                    width - column, v[p].ctypes.data + c * 4, 4, v_row, d[p].ctypes.data + column * 4, d_row,
                    totals[p].ctypes.data + (c * width + column) * 4, width * 4, tiles,
                )  # fmt: skip
