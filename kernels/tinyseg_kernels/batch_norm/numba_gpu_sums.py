"""batch_norm's reductions over the positions, by Numba kernels: batch_norm_sums.cu says why they are done in this way.

A block has `width` neighbouring channels and, with the rest of its threads, `lanes` rows at a time; it reduces a chunk
of rows to one row of partial results.
"""

from __future__ import annotations

import math

from ..gpu.numba_cuda import cuda, device_function, jit
from ..types import FloatArray, Real

_THREADS = 256
"""Of a block, at most."""


@device_function
def _merge(t: int, other: int, counts: FloatArray, means: FloatArray, m2s: FloatArray) -> None:
    """Merge the triple (count, mean, M2) of a thread into that of another; one without numbers changes nothing."""
    zero = means.dtype.type(0)
    if counts[other] > zero:
        count = counts[t] + counts[other]
        share, d = counts[other] / count, means[other] - means[t]
        means[t] += d * share
        m2s[t] += m2s[other] + d * d * counts[t] * share
        counts[t] = count


@device_function
def _merge_lanes(counts: FloatArray, means: FloatArray, m2s: FloatArray) -> None:
    """Merge the triples of a block's lanes to those of lane 0, as a tree; all threads of the block call it."""
    lane, width, active = cuda.threadIdx.y, cuda.blockDim.x, cuda.blockDim.y
    t = lane * width + cuda.threadIdx.x
    while active > 1:
        half = (active + 1) // 2
        cuda.syncthreads()
        if lane + half < active:
            _merge(t, t + half * width, counts, means, m2s)
        active = half


@jit
def moments(x: FloatArray, means: FloatArray, m2s: FloatArray, chunk: int) -> None:
    """Mean, relative to x's first row, and M2 = sum of (x - mean)^2 of each chunk.

    Within a thread by Welford's update.
    """
    rows, columns = x.shape
    lane, column = cuda.threadIdx.y, cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    t = lane * cuda.blockDim.x + cuda.threadIdx.x
    counts_of, means_of = cuda.shared.array(_THREADS, x.dtype), cuda.shared.array(_THREADS, x.dtype)
    m2s_of = cuda.shared.array(_THREADS, x.dtype)
    count, mean, m2, one = x.dtype.type(0), x.dtype.type(0), x.dtype.type(0), x.dtype.type(1)
    if column < columns:
        pivot = x[0, column]
        for row in range(cuda.blockIdx.y * chunk + lane, min((cuda.blockIdx.y + 1) * chunk, rows), cuda.blockDim.y):
            value = x[row, column] - pivot
            count += one
            d = value - mean
            mean += d / count
            m2 += d * (value - mean)
    counts_of[t] = count
    means_of[t] = mean
    m2s_of[t] = m2
    _merge_lanes(counts_of, means_of, m2s_of)
    if lane == 0 and column < columns:
        means[cuda.blockIdx.y, column] = means_of[t]
        m2s[cuda.blockIdx.y, column] = m2s_of[t]


@jit
def merge_moments(
    x: FloatArray, means: FloatArray, m2s: FloatArray, mean: FloatArray, variance: FloatArray, chunk: int
) -> None:
    """Mean and variance of each channel from the chunks' moments."""
    rows, columns = x.shape
    chunks = means.shape[0]
    lane, column = cuda.threadIdx.y, cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    t = lane * cuda.blockDim.x + cuda.threadIdx.x
    counts_of, means_of = cuda.shared.array(_THREADS, x.dtype), cuda.shared.array(_THREADS, x.dtype)
    m2s_of = cuda.shared.array(_THREADS, x.dtype)
    count, m, m2 = x.dtype.type(0), x.dtype.type(0), x.dtype.type(0)
    if column < columns:
        for b in range(lane, chunks, cuda.blockDim.y):
            size = x.dtype.type(min(chunk, rows - b * chunk))
            share, d = size / (count + size), means[b, column] - m
            m += d * share
            m2 += m2s[b, column] + d * d * count * share
            count += size
    counts_of[t] = count
    means_of[t] = m
    m2s_of[t] = m2
    _merge_lanes(counts_of, means_of, m2s_of)
    if lane == 0 and column < columns:
        mean[column] = x[0, column] + means_of[t]
        variance[column] = m2s_of[t] / x.dtype.type(rows)


@device_function
def _add(total: Real, lost: Real, value: Real) -> tuple[Real, Real]:
    """Return (total + value, lost + what this addition loses to rounding): Neumaier's sum, by Knuth's TwoSum."""
    new = total + value
    part = new - total
    return new, lost + ((total - (new - part)) + (value - part))


@device_function
def _value(total: Real, lost: Real) -> Real:
    """Return the sum; with an infinity among its numbers `lost` is NaN, and the plain sum is the answer."""
    return total if math.isnan(lost) else total + lost


@device_function
def _add_lanes(sums: FloatArray, products: FloatArray) -> None:
    """Add the sums of a block's lanes to those of lane 0, as a tree; all threads of the block call it."""
    lane, width, active = cuda.threadIdx.y, cuda.blockDim.x, cuda.blockDim.y
    t = lane * width + cuda.threadIdx.x
    while active > 1:
        half = (active + 1) // 2
        cuda.syncthreads()
        if lane + half < active:
            sums[t] += sums[t + half * width]
            products[t] += products[t + half * width]
        active = half


@jit
def gradient_sums(
    dy: FloatArray, x: FloatArray, mean: FloatArray, sums: FloatArray, products: FloatArray, chunk: int
) -> None:
    """Sums of dy and of dy * (x - mean) of each chunk."""
    rows, columns = x.shape
    lane, column = cuda.threadIdx.y, cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    t = lane * cuda.blockDim.x + cuda.threadIdx.x
    sums_of, products_of = cuda.shared.array(_THREADS, x.dtype), cuda.shared.array(_THREADS, x.dtype)
    total, lost, product, lost_product = x.dtype.type(0), x.dtype.type(0), x.dtype.type(0), x.dtype.type(0)
    if column < columns:
        centre = mean[column]
        for row in range(cuda.blockIdx.y * chunk + lane, min((cuda.blockIdx.y + 1) * chunk, rows), cuda.blockDim.y):
            total, lost = _add(total, lost, dy[row, column])
            product, lost_product = _add(product, lost_product, dy[row, column] * (x[row, column] - centre))
    sums_of[t] = _value(total, lost)
    products_of[t] = _value(product, lost_product)
    _add_lanes(sums_of, products_of)
    if lane == 0 and column < columns:
        sums[cuda.blockIdx.y, column] = sums_of[t]
        products[cuda.blockIdx.y, column] = products_of[t]


@jit
def merge_gradient_sums(
    sums: FloatArray, products: FloatArray, inverse: FloatArray, dgamma: FloatArray, dbeta: FloatArray
) -> None:
    """dgamma = sum of dy * (x - mean) * s and dbeta = sum of dy, from the chunks' sums."""
    chunks, columns = sums.shape
    lane, column = cuda.threadIdx.y, cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    t = lane * cuda.blockDim.x + cuda.threadIdx.x
    sums_of, products_of = cuda.shared.array(_THREADS, sums.dtype), cuda.shared.array(_THREADS, sums.dtype)
    total, lost, product, lost_product = (
        sums.dtype.type(0),
        sums.dtype.type(0),
        sums.dtype.type(0),
        sums.dtype.type(0),
    )
    if column < columns:
        for b in range(lane, chunks, cuda.blockDim.y):
            total, lost = _add(total, lost, sums[b, column])
            product, lost_product = _add(product, lost_product, products[b, column])
    sums_of[t] = _value(total, lost)
    products_of[t] = _value(product, lost_product)
    _add_lanes(sums_of, products_of)
    if lane == 0 and column < columns:
        dbeta[column] = sums_of[t]
        dgamma[column] = products_of[t] * inverse[column]


_MATRIX, _ROW = "float32[:, ::1]", "float32[::1]"
PTX_SIGNATURES = [
    (moments, (_MATRIX, _MATRIX, _MATRIX, "int32")),
    (merge_moments, (_MATRIX, _MATRIX, _MATRIX, _ROW, _ROW, "int32")),
    (gradient_sums, (_MATRIX, _MATRIX, _ROW, _MATRIX, _MATRIX, "int32")),
    (merge_gradient_sums, (_MATRIX, _MATRIX, _ROW, _ROW, _ROW)),
]
"""For the check that float32 stays float32."""
