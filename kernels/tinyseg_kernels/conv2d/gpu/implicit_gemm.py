"""Launches of the convolution's versions that add up the formulas' products as they stand.

Naive, coalesced, shared_tiles and register_tiles.

conv2d_direct.cu, conv2d_shared_tiles.cu and conv2d_*_tiles.cu say what each gains.
"""

from __future__ import annotations

from math import gcd

from ...device import empty, zeros
from ...gemm.cupy_gpu import add_partial_sums, optional
from ...gemm.tiles import LARGE, SMALL, TILES, Tile, choose_splits, choose_tile
from ...gpu.alignment import in_quads
from ...gpu.cuda import Source, blocks
from ...gpu.tensor_cores import TENSOR_CORE_MACROS, tensor_core_macros
from ...types import Argument, DTypeLike, FloatArray
from .geometry import Geometry

VERSIONS = ("naive", "coalesced", "shared_tiles", "register_tiles")

_DIRECT = Source(__file__, "conv2d_direct.cu")
_SHARED_TILES = Source(__file__, "conv2d_shared_tiles.cu")
_REGISTER_TILES = {
    name: Source(__file__, f"conv2d_{name}_tiles.cu") for name in ("forward", "input_gradient", "kernel_gradient")
}
_THREADS = 256
_SIDE = 16
"""Side of a tile in gpu/shared_tiles.cuh."""

MOST_PHASES = 64
"""Of a stride so large that nearly every pixel has a phase of its own, register tiles would be empty; shared tiles take
over."""


def forward(version: str, x: FloatArray, kernel: FloatArray, bias: FloatArray | None, g: Geometry) -> FloatArray:
    """Return y (N, OH, OW, F) from contiguous arrays; bias (F,) or None."""
    rows, columns, length = g.positions, g.filters, g.kernel_rows
    if version != "register_tiles" or length == 0:
        y = empty(g.y_shape, x.dtype)
        _launch(version, "forward", rows, columns, 1, (x, kernel, *_with_bias(bias, x, y, g)), x.dtype)
        return y
    tile = choose_tile(rows, columns, x.dtype)
    tiles = tile.cover(rows, columns)
    splits, chunk = choose_splits(tiles, rows * columns, length)
    parts = empty((splits, *g.y_shape), x.dtype)
    arguments = (x, kernel, *_with_bias(bias if splits == 1 else None, x, parts, g), chunk)
    _launch_register_tiles("forward", tile, (tiles, splits), arguments, x, kernel, g)
    return parts[0] if splits == 1 else add_partial_sums(parts, bias)


def input_gradient(
    version: str, dy: FloatArray, kernel: FloatArray, g: Geometry, bias: FloatArray | None = None
) -> FloatArray:
    """Return dx (N, H, W, C); bias (C,) is added to it, for transposed convolutions, whose output it is."""
    rows, columns, phases = g.pixels, g.channels, g.phases
    if version == "register_tiles" and (phases > MOST_PHASES or g.filters == 0):
        version = "shared_tiles"
    if version != "register_tiles":
        dx = empty(g.x_shape, dy.dtype)
        _launch(version, "input_gradient", rows, columns, 1, (dy, kernel, *_with_bias(bias, dy, dx, g)), dy.dtype)
        return dx
    down, right = blocks(g.height, g.stride_down), blocks(g.width, g.stride_right)
    rows_of_phase = g.images * down * right
    tile = choose_tile(rows_of_phase * phases, columns, dy.dtype)
    tiles = tile.cover(rows_of_phase, columns)
    taps = blocks(g.kernel_height, g.stride_down) * blocks(g.kernel_width, g.stride_right)  # of most phases
    splits, chunk = choose_splits(tiles * phases, rows * columns, taps * g.filters)
    if splits == 1:  # a phase may have more taps than that, where stride and dilation have a common divisor
        chunk = max(1, g.kernel_height * g.kernel_width * g.filters)
    splits = 1 if splits == 1 else blocks(_most_taps(g) * g.filters, chunk)
    parts = empty((splits, *g.x_shape), dy.dtype)
    arguments = (dy, kernel, *_with_bias(bias if splits == 1 else None, dy, parts, g), chunk)
    _launch_register_tiles("input_gradient", tile, (tiles, splits, phases), arguments, dy, kernel, g)
    return parts[0] if splits == 1 else add_partial_sums(parts, bias)


def kernel_gradient(version: str, x: FloatArray, dy: FloatArray, g: Geometry) -> FloatArray:
    """Return dkernel (KH, KW, C, F)."""
    rows, columns, length = g.kernel_rows, g.filters, g.positions
    if length == 0:
        return zeros(g.kernel_shape, x.dtype)
    tile = choose_tile(rows, columns, x.dtype) if version == "register_tiles" else SMALL
    tiles = tile.cover(rows, columns) if version == "register_tiles" else _grid(version, rows, columns)
    splits, chunk = (1, length) if version == "naive" else choose_splits(tiles, rows * columns, length)
    parts = empty((splits, *g.kernel_shape), x.dtype)
    arguments = (x, dy, parts, *g, chunk)
    if version == "register_tiles":
        _launch_register_tiles("kernel_gradient", tile, (tiles, splits), arguments, x, dy, g)
    else:
        _launch(version, "kernel_gradient", rows, columns, splits, arguments, x.dtype)
    return parts[0] if splits == 1 else add_partial_sums(parts)


def _most_taps(g: Geometry) -> int:
    """Return how many taps the phase with most of them has."""
    down = g.stride_down // gcd(g.stride_down, g.dilation_down)
    right = g.stride_right // gcd(g.stride_right, g.dilation_right)
    return blocks(g.kernel_height, down) * blocks(g.kernel_width, right)


def _with_bias(bias: FloatArray | None, other: FloatArray, result: FloatArray, g: Geometry) -> tuple[Argument, ...]:
    array, has_bias = optional(bias, other)
    return (array, result, *g, has_bias)


def _grid(version: str, rows: int, columns: int) -> int:
    """Return how many blocks the versions with one output per thread take."""
    if version == "shared_tiles":
        return blocks(rows, _SIDE) * blocks(columns, _SIDE)
    return blocks(rows * columns, _THREADS)


def _launch(
    version: str, kernel: str, rows: int, columns: int, splits: int, arguments: tuple[Argument, ...], dtype: DTypeLike
) -> None:
    if version == "register_tiles":  # asked for, where there is nothing to sum: any version writes the zeros
        version = "coalesced"
    source, block = (_SHARED_TILES, (_SIDE, _SIDE)) if version == "shared_tiles" else (_DIRECT, (_THREADS, 1))
    source.launch(f"{version}_{kernel}", dtype, (_grid(version, rows, columns), splits), block, arguments)


def _launch_register_tiles(
    kernel: str, tile: Tile, grid: tuple[int, ...], arguments: tuple[Argument, ...], first: FloatArray,
    second: FloatArray, g: Geometry,
) -> None:  # fmt: skip
    defines = {
        **tile.defines,
        "C_IN_QUADS": int(in_quads(g.channels, first)),
        "F_IN_QUADS": int(in_quads(g.filters, first, second)),
        **tensor_core_macros(first.dtype),
    }
    if kernel == "input_gradient":
        del defines["C_IN_QUADS"]
    _REGISTER_TILES[kernel].launch(
        f"register_tiles_{kernel}", first.dtype, grid, tile.threads, arguments, defines=defines
    )


_WITH_QUADS = [
    {**tile.compiled_for, "C_IN_QUADS": c, "F_IN_QUADS": f}
    for tile in TILES
    for c, f in ((0, 0), (0, 1), (1, 1))
    if tile is LARGE or c == f
] + [
    {**SMALL.defines, "C_IN_QUADS": quads, "F_IN_QUADS": quads, **macros}
    for quads in (0, 1)
    for macros in TENSOR_CORE_MACROS
]
COMPILED_WITH = {
    "conv2d_forward_tiles.cu": _WITH_QUADS,
    "conv2d_kernel_gradient_tiles.cu": _WITH_QUADS,
    "conv2d_input_gradient_tiles.cu": [{**tile.compiled_for, "F_IN_QUADS": f} for tile in TILES for f in (0, 1)]
    + [{**LARGE.defines, "F_IN_QUADS": f, **macros} for f in (0, 1) for macros in TENSOR_CORE_MACROS],
}
"""What is compiled to see registers and spills."""
