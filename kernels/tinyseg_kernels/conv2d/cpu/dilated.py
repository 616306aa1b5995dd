"""Dilated convolutions by Winograd: pixels d apart as images of their own.

A window with dilation d sees every d-th pixel, so outputs o, o + d, o + 2d, ... only meet inputs of one *phase*, and
among those it is a convolution without dilation:

    y[d q + r] = sum over k of x[d (q + k) + r - p] w[k] = sum over k of x_r[q + k] w[k]        with x_r[i] = x[d i + r - p], 0 outside of the image, for r < d

So the d * d phases of each image are copied out as smaller images, with their padding, convolved as any others
(`winograd/`), and their results put back. dkernel is the sum over all phases. The copies cost two passes over x and y;
of 64 to 64 channels Winograd saves more than that. Source of the idea: Yu and Koltun, "Multi-Scale Context Aggregation
by Dilated Convolutions", 2016; copying out the phases is what frameworks call space-to-batch.
"""

from __future__ import annotations

from ...cpu.compiled import kernel as compiled_kernel
from ...cpu.gemm.micro_kernel import LANES
from ...cpu.memory.buffers import empty
from ...cpu.sizes import SIZES
from ...cpu.threading.threads import parallel
from ...cpu.vectors.vectors import load, splat, store
from ...types import FloatArray, Pair
from .winograd import convolution as winograd

LEAST_CHANNELS = SIZES.dilated_least_channels

MOST_COMPUTED = SIZES.dilated_most_computed


def suits(channels: int, filters: int, window: Pair, strides: Pair, dilation_rate: Pair, out: Pair) -> bool:
    """Return whether a convolution can go this way, and should."""
    if dilation_rate == (1, 1) or not winograd.suits(channels, filters, window, strides, (1, 1)):
        return False
    rows, columns = (-(-n // d) for n, d in zip(out, dilation_rate, strict=True))
    tile = winograd.outputs_of_tile(window[0])
    computed = dilation_rate[0] * dilation_rate[1] * -(-rows // tile) * -(-columns // tile) * tile * tile
    return min(channels, filters) >= LEAST_CHANNELS and computed <= MOST_COMPUTED * out[0] * out[1]


def forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, out: Pair, padding: tuple[Pair, Pair],
    dilation_rate: Pair, relu: bool,
) -> FloatArray:  # fmt: skip
    """Return y (N, *out, F); `padding` may be negative."""
    size = _size_of_phases(out, dilation_rate)
    images = _phases_seen(x, size, (kernel.shape[0], kernel.shape[1]), padding, dilation_rate)
    of_phases = winograd.forward(images, kernel, bias, size, ((0, 0), (0, 0)), relu)
    y = empty((len(x), *out, kernel.shape[3]), x.dtype)
    parallel(_put_back, len(x) * out[0], of_phases, y, *dilation_rate)
    return y


def kernel_gradient(
    x: FloatArray, dy: FloatArray, window: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair
) -> FloatArray:
    """Return dkernel (*window, C, F)."""
    size = _size_of_phases((dy.shape[1], dy.shape[2]), dilation_rate)
    images = _phases_seen(x, size, window, padding, dilation_rate)
    upstream = _phases(dy, (0, 0), size, dilation_rate)
    return winograd.kernel_gradient(images, upstream, ((0, 0), (0, 0)), window[0])


def _size_of_phases(out: Pair, dilation_rate: Pair) -> Pair:
    """Return height and width of the largest phase; in the others the last row or column may be of no use."""
    return -(-out[0] // dilation_rate[0]), -(-out[1] // dilation_rate[1])


def _phases_seen(
    x: FloatArray, size: Pair, window: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair
) -> FloatArray:
    """Return what the windows of this many outputs of each phase see."""
    seen = (size[0] + window[0] - 1, size[1] + window[1] - 1)
    return _phases(x, (-padding[0][0], -padding[1][0]), seen, dilation_rate)


def _phases(x: FloatArray, first: Pair, size: Pair, step: Pair) -> FloatArray:
    """Return the phases (N * steps, *size, C).

    Pixel (i, j) of phase (a, b) is x[i * step + a + first], and 0 outside of x.
    """
    result = empty((len(x) * step[0] * step[1], *size, x.shape[3]), x.dtype)
    parallel(_take_apart, len(result) * size[0], x if x.flags.c_contiguous else x.copy(), result, *first, *step)
    return result


@compiled_kernel
def _take_apart(
    start: int, stop: int, x: FloatArray, result: FloatArray, top: int, left: int, down: int, across: int
) -> None:
    """Write rows start .. stop of all phases."""
    _, height, width, channels = x.shape
    rows, columns, zero = result.shape[1], result.shape[2], splat(0.0)
    for line in range(start, stop):
        phase, i = line // rows, line % rows
        n, a, b = phase // (down * across), phase // across % down, phase % across
        h = i * down + a + top
        target = result.ctypes.data + line * columns * channels * 4
        for j in range(columns):
            w = j * across + b + left
            if 0 <= h < height and 0 <= w < width:
                source = x.ctypes.data + ((n * height + h) * width + w) * channels * 4
                for c in range(0, channels * 4, LANES * 4):
                    store(target + j * channels * 4 + c, load(source + c))
            else:
                for c in range(0, channels * 4, LANES * 4):
                    store(target + j * channels * 4 + c, zero)


@compiled_kernel
def _put_back(start: int, stop: int, of_phases: FloatArray, y: FloatArray, down: int, across: int) -> None:
    """Write rows start .. stop of all images."""
    rows, columns = of_phases.shape[1], of_phases.shape[2]
    _, height, width, channels = y.shape
    for line in range(start, stop):
        n, h = line // height, line % height
        first = (n * down + h % down) * across  # phase of the row's first pixel
        target = y.ctypes.data + line * width * channels * 4
        for w in range(width):
            phase, i, j = first + w % across, h // down, w // across
            source = of_phases.ctypes.data + ((phase * rows + i) * columns + j) * channels * 4
            for c in range(0, channels * 4, LANES * 4):
                store(target + w * channels * 4 + c, load(source + c))
