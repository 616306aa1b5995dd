"""batch_norm compiled for the CPU, and the ReLU after it.

Bound by memory: x is read twice forward (statistics, result), and x and dy twice backward.

A ReLU costs nothing here: forward it is one instruction on numbers that are in registers. Backward its mask is not read
but computed again from x, with the instructions of the forward. On its own it would read and write two whole arrays
each way (8 images of 128x128 with 16 channels, two Zen 3 cores: 0.6 ms forward, 0.8 ms backward).

Statistics: each thread merges the moments of blocks of rows. Of two groups with (count, mean, sum of squares around the
mean)

    mean = mean_a + (mean_b - mean_a) * n_b / n          squares = squares_a + squares_b + (mean_b - mean_a)^2 * n_a * n_b / n

which loses no digits when the mean is far above the spread, as E[x^2] - mean^2 would, in one pass over x.
Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.memory.non_temporal import too_large_to_stay, write, written
from ..cpu.memory.prefetch import prefetch
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import get_num_threads, parallel, parallel_parts
from ..cpu.vectors.channels import PAIR, add_pair, first_of_pair, rows_of_block, second_of_pair
from ..cpu.vectors.vectors import Vector, load, maximum, splat, where_positive
from ..types import Array, FloatArray
from . import numpy_cpu
from .cache import BatchNormCache, BatchNormReluCache

AnyCache = BatchNormReluCache | BatchNormCache
"""Of float32, and of float64, which the NumPy rung computes."""

ROWS = 64
"""Rows of a block, whose sums are kept in float32 around a number close to their mean."""

AHEAD = SIZES.batch_norm_ahead


def batch_norm_train_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, *, epsilon: float = 1e-3, relu: bool = False
) -> tuple[FloatArray, AnyCache]:
    """Statistics, then the normalisation by them."""
    if x.dtype != np.float32:
        return numpy_cpu.batch_norm_train_forward(  # type: ignore[call-arg]  # `relu_after`
            x, gamma, beta, epsilon=epsilon, relu=relu
        )
    mean, variance = _moments(_rows(x))
    return batch_norm_inference_forward(
        x, gamma, beta, mean.astype(np.float32), variance.astype(np.float32), epsilon=epsilon, relu=relu
    )


def _rows(x: FloatArray) -> FloatArray:
    return np.ascontiguousarray(x).reshape(-1, x.shape[-1])


def _moments(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of each column, in float64."""
    blocks = -(-len(rows) // ROWS)
    parts = max(1, min(get_num_threads(), blocks))
    partial = np.zeros((parts, 3, rows.shape[1]))
    parallel_parts(_partial_moments, blocks, parts, rows, partial)
    count, mean, squares = partial[0]
    for other_count, other_mean, other_squares in partial[1:]:
        total = count + other_count
        shift = other_mean - mean
        mean = mean + shift * other_count / total
        squares = squares + other_squares + shift * shift * count * other_count / total
        count = total
    return mean, squares / count


@kernel
def _partial_moments(part: int, start: int, stop: int, rows: FloatArray, partial: FloatArray) -> None:
    channels = rows.shape[1]
    sums, squares = np.empty(channels, np.float32), np.empty(channels, np.float32)
    means, moments = partial[part, 1], partial[part, 2]
    before = 0.0
    for block in range(start, stop):
        first, last = block * ROWS, min((block + 1) * ROWS, rows.shape[0])
        _sums_around_first(rows[first:last], sums, squares)
        n = np.float64(last - first)
        weight, cross = n / (before + n), before * n / (before + n)
        for c in range(channels):
            s = np.float64(sums[c]) / n
            shift = np.float64(rows[first, c]) + s - means[c]
            means[c] += shift * weight
            moments[c] += np.float64(squares[c]) - s * s * n + shift * shift * cross
        before += n
    partial[part, 0, :] = before


@inlined
def _sums_around_first(rows: FloatArray, sums: FloatArray, squares: FloatArray) -> None:
    """Add up x - origin and its square for each channel; the origin is the first row."""
    count, channels = rows.shape
    source, row = rows.ctypes.data, channels * 4
    if channels < LANES:
        for c in range(channels):
            s = q = np.float32(0)
            for r in range(count):
                d = rows[r, c] - rows[0, c]
                s += d
                q += d * d
            sums[c], squares[c] = s, q
        return
    step = rows_of_block(channels)
    zero = splat(np.float32(0))
    sums[:] = 0
    squares[:] = 0
    for first in range(0, count, step):
        for c in range(0, channels, PAIR):
            i, j = first_of_pair(c, channels), second_of_pair(c, channels)
            origin_i, origin_j = load(source + i), load(source + j)
            s_i = s_j = q_i = q_j = zero
            for r in range(first, min(first + step, count)):
                prefetch(source + (r + step) * row + i)
                prefetch(source + (r + step) * row + j)
                d_i, d_j = load(source + r * row + i) - origin_i, load(source + r * row + j) - origin_j
                s_i, s_j = s_i + d_i, s_j + d_j
                q_i, q_j = q_i + d_i * d_i, q_j + d_j * d_j
            add_pair(sums.ctypes.data, c, channels, s_i, s_j)
            add_pair(squares.ctypes.data, c, channels, q_i, q_j)


OVERWRITES_DY = True
"""`batch_norm_train_backward` takes `overwrite_dy`."""


def batch_norm_train_backward(
    dy: FloatArray, cache: AnyCache, *, overwrite_dy: bool = False
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * (dy - dbeta / P - z * dgamma / P), written as a * dy + b * (x - mean) + c with a, b, c per channel.

    With `overwrite_dy` dx is written where dy was, if dy lies in one piece and may be written: memory that is in the
    cache already.
    """
    if isinstance(cache, BatchNormCache):
        return numpy_cpu.batch_norm_train_backward(dy, cache)
    dgamma, dbeta = _parameter_gradients(dy, cache)
    count, scale = dy[..., 0].size, _scale(cache)
    slope = (-scale * cache.inverse_deviation * dgamma / count).astype(np.float32)
    shift = (-scale * dbeta / count).astype(np.float32)
    return _input_gradient(dy, cache, slope, shift, overwrite_dy), dgamma, dbeta


def _input_gradient(
    dy: FloatArray, cache: BatchNormReluCache, slope: Array, shift: Array, overwrite_dy: bool = False
) -> FloatArray:
    """Return dy * scale + (x - mean) * slope + shift, with dy = 0 where a ReLU was closed."""
    # Numbers that two overlapping vectors share are read again after they were written.
    overlapping = dy.shape[-1] > LANES and dy.shape[-1] % LANES > 0
    dx = dy if overwrite_dy and dy.flags.carray and not overlapping else empty(dy.shape, dy.dtype)
    rows = _rows(dy)
    numbers = _of_channels(cache, slope, shift)
    parallel(
        _write_input_gradient, len(rows), rows, _rows(cache.x), numbers, cache.relu, dx.reshape(rows.shape),
        too_large_to_stay(dx),
    )  # fmt: skip
    return dx


def _of_channels(cache: BatchNormReluCache, *more: Array) -> FloatArray:
    """Return mean, scale, offset, and more, of each channel: (3 + more, C)."""
    numbers = np.empty(
        (3 + len(more), cache.mean.size), np.float32
    )  # row by row: `np.stack` takes as long as the kernel of a small layer
    rows = cache.mean, _scale(cache), 0 if cache.beta is None else cache.beta, *more
    for k, row in enumerate(rows):
        numbers[k] = row
    return numbers


@inlined
def _five(numbers: int, row: int) -> tuple[Vector, Vector, Vector, Vector, Vector]:
    """Load the vectors of five rows."""
    return load(numbers), load(numbers + row), load(numbers + 2 * row), load(numbers + 3 * row), load(numbers + 4 * row)


@kernel
def _write_input_gradient(
    start: int, stop: int, dy: FloatArray, x: FloatArray, numbers: FloatArray, relu: bool, dx: FloatArray,
    past_cache: bool,
) -> None:  # fmt: skip
    channels = dy.shape[1]
    row = channels * 4
    step = rows_of_block(channels)
    for first in range(start, stop, step):
        last = min(first + step, stop)
        if channels < LANES:
            for r in range(first, last):
                for c in range(channels):
                    centred = x[r, c] - numbers[0, c]
                    opened = not relu or centred * numbers[1, c] + numbers[2, c] > 0
                    d = dy[r, c] if opened else np.float32(0)
                    dx[r, c] = d * numbers[1, c] + centred * numbers[3, c] + numbers[4, c]
            continue
        for c in range(0, channels, PAIR):
            i, j = first_of_pair(c, channels), second_of_pair(c, channels)
            mean_i, scale_i, offset_i, slope_i, shift_i = _five(numbers.ctypes.data + i, row)
            mean_j, scale_j, offset_j, slope_j, shift_j = _five(numbers.ctypes.data + j, row)
            for r in range(first, last):
                source, upstream, target = x.ctypes.data + r * row, dy.ctypes.data + r * row, dx.ctypes.data + r * row
                centred_i, centred_j = load(source + i) - mean_i, load(source + j) - mean_j
                d_i, d_j = load(upstream + i), load(upstream + j)
                if relu:
                    d_i = where_positive(centred_i * scale_i + offset_i, d_i)
                    d_j = where_positive(centred_j * scale_j + offset_j, d_j)
                write(target + i, d_i * scale_i + (centred_i * slope_i + shift_i), past_cache)
                write(target + j, d_j * scale_j + (centred_j * slope_j + shift_j), past_cache)
    written()


def batch_norm_inference_forward(
    x: FloatArray,
    gamma: FloatArray | None,
    beta: FloatArray | None,
    mean: FloatArray,
    variance: FloatArray,
    *,
    epsilon: float = 1e-3,
    relu: bool = False,
) -> tuple[FloatArray, AnyCache]:
    """y = (x - mean) * (gamma * s) + beta."""
    if x.dtype != np.float32:
        return numpy_cpu.batch_norm_inference_forward(  # type: ignore[call-arg]  # `relu_after`
            x, gamma, beta, mean, variance, epsilon=epsilon, relu=relu
        )
    inverse = (1.0 / np.sqrt(variance.astype(np.float64) + epsilon)).astype(np.float32)
    cache = BatchNormReluCache(x, gamma, mean, variance, inverse, beta, relu)
    y, rows = empty(x.shape, x.dtype), _rows(x)
    parallel(_normalise, len(rows), rows, _of_channels(cache), relu, y.reshape(rows.shape), too_large_to_stay(y))
    return y, cache


@kernel
def _normalise(
    start: int, stop: int, x: FloatArray, numbers: FloatArray, relu: bool, y: FloatArray, past_cache: bool
) -> None:
    channels = x.shape[1]
    row = channels * 4
    least = np.float32(0) if relu else np.float32(-np.inf)
    step = rows_of_block(channels)
    for first in range(start, stop, step):
        last = min(first + step, stop)
        if channels < LANES:
            for r in range(first, last):
                for c in range(channels):
                    value = (x[r, c] - numbers[0, c]) * numbers[1, c] + numbers[2, c]
                    y[r, c] = least if value < least else value  # a NaN is not less, and stays
            continue
        for c in range(0, channels, PAIR):
            i, j = first_of_pair(c, channels), second_of_pair(c, channels)
            mean_i, scale_i = load(numbers.ctypes.data + i), load(numbers.ctypes.data + row + i)
            mean_j, scale_j = load(numbers.ctypes.data + j), load(numbers.ctypes.data + row + j)
            offset_i, offset_j = load(numbers.ctypes.data + 2 * row + i), load(numbers.ctypes.data + 2 * row + j)
            lowest = splat(least)
            for r in range(first, last):
                source, target = x.ctypes.data + r * row, y.ctypes.data + r * row
                value_i, value_j = load(source + i) - mean_i, load(source + j) - mean_j
                write(target + i, maximum(value_i * scale_i + offset_i, lowest), past_cache)
                write(target + j, maximum(value_j * scale_j + offset_j, lowest), past_cache)
    written()


def batch_norm_inference_backward(dy: FloatArray, cache: AnyCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * dy; dgamma = sum of dy * z; dbeta = sum of dy."""
    if isinstance(cache, BatchNormCache):
        return numpy_cpu.batch_norm_inference_backward(dy, cache)
    dgamma, dbeta = _parameter_gradients(dy, cache)
    zero = np.zeros(dy.shape[-1], np.float32)
    return _input_gradient(dy, cache, zero, zero), dgamma, dbeta


def _scale(cache: BatchNormReluCache) -> FloatArray:
    """Return gamma * s of each channel."""
    inverse = cache.inverse_deviation
    return inverse if cache.gamma is None else inverse * cache.gamma


def _parameter_gradients(dy: FloatArray, cache: BatchNormReluCache) -> tuple[FloatArray, FloatArray]:
    """Return (dgamma, dbeta), both in one pass over dy and x."""
    rows = _rows(dy)
    blocks = -(-len(rows) // ROWS)
    parts = max(1, min(get_num_threads(), blocks))
    partial = np.zeros((parts, 2, rows.shape[1]))
    if blocks:
        parallel_parts(
            _partial_gradients, blocks, parts, rows, _rows(cache.x), _of_channels(cache), cache.relu, partial
        )
    products, sums = partial.sum(axis=0)
    return (products * cache.inverse_deviation).astype(np.float32), sums.astype(np.float32)


@kernel
def _partial_gradients(
    part: int, start: int, stop: int, dy: FloatArray, x: FloatArray, numbers: FloatArray, relu: bool,
    partial: FloatArray,
) -> None:  # fmt: skip
    channels = dy.shape[1]
    products, sums = np.empty(channels, np.float32), np.empty(channels, np.float32)
    for block in range(start, stop):
        first, last = block * ROWS, min((block + 1) * ROWS, dy.shape[0])
        _products_and_sums(dy[first:last], x[first:last], numbers, relu, products, sums)
        for c in range(channels):
            partial[part, 0, c] += products[c]
            partial[part, 1, c] += sums[c]


@inlined
def _products_and_sums(
    dy: FloatArray, x: FloatArray, numbers: FloatArray, relu: bool, products: FloatArray, sums: FloatArray
) -> None:
    """Add up dy * (x - mean) and dy for each channel, with dy = 0 where a ReLU was closed."""
    count, channels = dy.shape
    row = channels * 4
    if channels < LANES:
        for c in range(channels):
            p = s = np.float32(0)
            for r in range(count):
                centred = x[r, c] - numbers[0, c]
                opened = not relu or centred * numbers[1, c] + numbers[2, c] > 0
                d = dy[r, c] if opened else np.float32(0)
                p += d * centred
                s += d
            products[c], sums[c] = p, s
        return
    step = rows_of_block(channels)
    zero = splat(np.float32(0))
    products[:] = 0
    sums[:] = 0
    base = numbers.ctypes.data
    for first in range(0, count, step):
        last, c = min(first + step, count), 0
        while c + 2 * PAIR <= channels:  # four vectors: memory is read in longer pieces
            i, j = first_of_pair(c, channels), second_of_pair(c, channels)
            k, m = first_of_pair(c + PAIR, channels), second_of_pair(c + PAIR, channels)
            n_i, n_j, n_k, n_m = (
                _three(base + i, row),
                _three(base + j, row),
                _three(base + k, row),
                _three(base + m, row),
            )
            p_i = p_j = p_k = p_m = s_i = s_j = s_k = s_m = zero
            for r in range(first, last):
                source, upstream = x.ctypes.data + r * row, dy.ctypes.data + r * row
                p_i, s_i = _with_product(source + i, upstream + i, n_i, relu, p_i, s_i)
                p_j, s_j = _with_product(source + j, upstream + j, n_j, relu, p_j, s_j)
                p_k, s_k = _with_product(source + k, upstream + k, n_k, relu, p_k, s_k)
                p_m, s_m = _with_product(source + m, upstream + m, n_m, relu, p_m, s_m)
            add_pair(products.ctypes.data, c, channels, p_i, p_j)
            add_pair(sums.ctypes.data, c, channels, s_i, s_j)
            add_pair(products.ctypes.data, c + PAIR, channels, p_k, p_m)
            add_pair(sums.ctypes.data, c + PAIR, channels, s_k, s_m)
            c += 2 * PAIR
        while c < channels:
            i, j = first_of_pair(c, channels), second_of_pair(c, channels)
            n_i, n_j = _three(base + i, row), _three(base + j, row)
            p_i = p_j = s_i = s_j = zero
            for r in range(first, last):
                source, upstream = x.ctypes.data + r * row, dy.ctypes.data + r * row
                p_i, s_i = _with_product(source + i, upstream + i, n_i, relu, p_i, s_i)
                p_j, s_j = _with_product(source + j, upstream + j, n_j, relu, p_j, s_j)
            add_pair(products.ctypes.data, c, channels, p_i, p_j)
            add_pair(sums.ctypes.data, c, channels, s_i, s_j)
            c += PAIR


@inlined
def _three(numbers: int, row: int) -> tuple[Vector, Vector, Vector]:
    """Load the vectors of mean, scale and offset."""
    return load(numbers), load(numbers + row), load(numbers + 2 * row)


@inlined
def _with_product(
    source: int, upstream: int, of_channel: tuple[Vector, Vector, Vector], relu: bool, product: Vector, total: Vector
) -> tuple[Vector, Vector]:
    """Return product + dy * (x - mean) and total + dy, with dy = 0 where a ReLU was closed."""
    mean, scale, offset = of_channel
    centred, d = load(source) - mean, load(upstream)
    if relu:  # LLVM reads only the lanes that count, which it knows when x is there: too late to begin
        prefetch(upstream + AHEAD)
        d = where_positive(centred * scale + offset, d)
    return product + d * centred, total + d
