"""conv2d by Numba kernels.

    naive (gpu/numba_direct.py)            one thread per output, which reads everything that it needs from memory; neighbours have neighbouring positions
    coalesced (gpu/numba_direct.py)        the same with neighbouring channels, which lie side by side in memory
    shared_tiles (gpu/numba_tiles.py)      implicit matrix products by tiles in shared memory: each number is read 16 times less often (8 in the small tile)
    register_tiles (gpu/numba_tiles.py)    and 4 x 4 outputs per thread: 64 times less often (32), and half a read of shared memory per multiplication

Tensor cores, for those who ask for them (precision.py), are left to the kernels in CUDA C++: Numba has no instructions
for them.

dkernel's sum over all positions is split over blocks, and their partial results are added in a fixed order: two runs
give the same bits.
"""

from __future__ import annotations

from ..caches import relu_after
from ..device import contiguous, empty, zeros
from ..gemm.numba_tiles import REGISTERS, SHARED, SMALL_REGISTERS, SMALL_SHARED, tile_for
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import Kernel, launch
from ..gpu.numba_sums import sum_rows
from ..gpu.tensor_cores import tensor_cores
from ..gpu.versions import forced_version
from ..types import Argument, FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size
from . import cupy_gpu as by_tensor_cores
from .cache import Conv2DCache
from .gpu.numba_direct import forward_threads, input_gradient_threads, kernel_gradient_threads
from .gpu.numba_tiles import forward_tiled, input_gradient_tiled, kernel_gradient_tiled

VERSIONS = ("naive", "coalesced", "shared_tiles", "register_tiles")
"""Those of `gpu.versions` that are written in Numba; for any other one the best of these is taken."""

_THREADS = ("naive", "coalesced")

BLOCK = 128

SPLIT, MOST_SPLITS = 512, 1024
"""Positions that a block adds up at most for dkernel, as long as there are no more blocks along this axis than
`MOST_SPLITS`."""

SMALL_WORK = 1 << 16
"""Multiplications up to which threads without tiles are taken: a tile's barriers would cost more than they save."""


@relu_after
def conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
) -> tuple[FloatArray, Conv2DCache]:
    """Convolve; the bias is added where an output is written."""
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    x, kernel = contiguous(x), contiguous(kernel)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    if tensor_cores(x.dtype):
        return by_tensor_cores.convolve(x, kernel, bias, cache), cache
    filters = kernel.shape[3]
    bias = zeros((filters,), x.dtype) if bias is None else contiguous(bias)
    y = empty((x.shape[0], *out, filters), x.dtype)
    positions, version = y[..., 0].size, choose(y.size * kernel[..., 0].size)
    if version in _THREADS:
        launch(forward_threads, blocks(y.size, BLOCK), BLOCK, x, kernel, bias, y, *_geometry(cache), version != "naive")
    else:
        tile = tile_for(version, positions, filters)
        grid = (blocks(positions, tile.height), blocks(filters, tile.width))
        matrix = kernel.reshape(-1, filters)
        launch(forward_tiled(tile), grid, tile.block, x, matrix, bias, y, window[1], *_geometry(cache))
    return y, cache


def conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """dx, dkernel and dbias, each by its own kernels."""
    dy = contiguous(dy)
    dbias = sum_rows(dy.reshape(dy[..., 0].size, dy.shape[3])) if cache.has_bias else None
    dx = input_gradient(dy, cache.kernel, cache.x.shape[1:3], cache) if need_dx else None
    return dx, kernel_gradient(cache.x, dy, cache.kernel.shape, cache), dbias


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Return dx (N, *size, C) of a convolution with this kernel and geometry (strides, padding, dilation)."""
    channels = kernel.shape[2]
    if tensor_cores(dy.dtype):
        return by_tensor_cores.input_gradient(dy, kernel, (dy.shape[0], *size, channels), geometry)
    dx = empty((dy.shape[0], *size, channels), dy.dtype)
    pixels, version = dx[..., 0].size, choose(dy.size * kernel[..., 0].size)
    if version in _THREADS:
        launch(
            input_gradient_threads,
            blocks(dx.size, BLOCK),
            BLOCK,
            dy,
            kernel,
            dx,
            *_geometry(geometry),
            version != "naive",
        )
    else:
        tile = tile_for(version, pixels, channels)
        grid = (blocks(pixels, tile.height), blocks(channels, tile.width))
        launch(input_gradient_tiled(tile), grid, tile.block, dy, kernel, dx, *_geometry(geometry))
    return dx


def kernel_gradient(x: FloatArray, dy: FloatArray, kernel_shape: tuple[int, ...], geometry: Conv2DCache) -> FloatArray:
    """Return dkernel (KH, KW, C, F)."""
    if tensor_cores(x.dtype):
        return by_tensor_cores.kernel_gradient(x, dy, kernel_shape, geometry)
    kh, kw, channels, filters = kernel_shape
    terms, positions = kh * kw * channels, dy[..., 0].size
    if positions == 0:
        return zeros(kernel_shape, x.dtype)
    splits = min(blocks(positions, SPLIT), MOST_SPLITS)
    length = blocks(positions, splits)
    parts = empty((splits, terms, filters), x.dtype)
    version = choose(dy.size * terms)
    arguments: tuple[Argument, ...] = (x, dy, parts, length, kw, *_geometry(geometry))
    if version in _THREADS:
        grid = (blocks(terms * filters, BLOCK), 1, splits)
        launch(kernel_gradient_threads, grid, BLOCK, *arguments, version != "naive")
    else:
        tile = tile_for(version, terms, filters)
        grid = (blocks(terms, tile.height), blocks(filters, tile.width), splits)
        launch(kernel_gradient_tiled(tile), grid, tile.block, *arguments)
    return sum_rows(parts.reshape(splits, terms * filters)).reshape(kernel_shape)


def choose(multiplications: int) -> str:
    """Return the version that was asked for, else the best one for so much work."""
    forced = forced_version("conv2d")
    if forced in VERSIONS:
        return forced
    return "coalesced" if multiplications <= SMALL_WORK else "register_tiles"


def _geometry(geometry: Conv2DCache) -> tuple[int, ...]:
    """Strides, padding above and to the left, dilation: what the kernels do not see from the arrays."""
    (top, _), (left, _) = geometry.padding
    return (*geometry.strides, top, left, *geometry.dilation_rate)


def _signatures() -> list[tuple[Kernel, tuple[str, ...]]]:
    image, matrix, vector = "float32[:, :, :, ::1]", "float32[:, ::1]", "float32[::1]"
    parts, six = "float32[:, :, ::1]", ("int32",) * 6
    signatures: list[tuple[Kernel, tuple[str, ...]]] = [
        (forward_threads, (image, image, vector, image, *six, "int32")),
        (input_gradient_threads, (image, image, image, *six, "int32")),
        (kernel_gradient_threads, (image, image, parts, "int32", "int32", *six, "int32")),
    ]
    for tile in (SHARED, REGISTERS, SMALL_SHARED, SMALL_REGISTERS):
        signatures += [
            (forward_tiled(tile), (image, matrix, vector, image, "int32", *six)),
            (input_gradient_tiled(tile), (image, image, image, *six)),
            (kernel_gradient_tiled(tile), (image, image, parts, "int32", "int32", *six)),
        ]
    return signatures


PTX_SIGNATURES = _signatures()
"""For the check that float32 stays float32."""
