"""conv2d with one thread per output in Numba: the formulas of `__init__.py`, one sum a thread.

The first steps of the ladder, and the choice for small shapes.

Every thread reads all its pixels and weights from memory. What differs between the two versions is which output a
thread has:

    naive      neighbouring threads have neighbouring positions of one channel: what a warp reads or writes at once lies a whole pixel apart
    coalesced  neighbouring threads have neighbouring channels, in memory's order: they read kernel and dy and write results in one piece, and all read the same pixel
"""

from __future__ import annotations

from ...gpu.numba_cuda import cuda, device_function, jit
from ...gpu.numba_places import place_of
from ...types import FloatArray


@device_function
def row_and_column(t: int, rows: int, columns: int, coalesced: int) -> tuple[int, int]:
    """Return which number of a matrix thread t has: its neighbours share the row, or the column if not `coalesced`."""
    return (t // columns, t % columns) if coalesced else (t % rows, t // rows)


@jit
def forward_threads(
    x: FloatArray, kernel: FloatArray, bias: FloatArray, y: FloatArray, sh: int, sw: int, top: int, left: int, dh: int,
    dw: int, coalesced: int,
) -> None:  # fmt: skip
    """y[n, oh, ow, f] = bias[f] + sum of x[n, oh*sh - top + i*dh, ow*sw - left + j*dw, c] * kernel[i, j, c, f]."""
    t = cuda.grid(1)
    if t >= y.size:
        return
    place, f = row_and_column(t, y.size // y.shape[3], y.shape[3], coalesced)
    n, oh, ow, _ = place_of(place * y.shape[3], y)
    total = bias[f]
    for i in range(kernel.shape[0]):
        h = oh * sh - top + i * dh
        if h >= 0 and h < x.shape[1]:
            for j in range(kernel.shape[1]):
                w = ow * sw - left + j * dw
                if w >= 0 and w < x.shape[2]:
                    for c in range(x.shape[3]):
                        total += x[n, h, w, c] * kernel[i, j, c, f]
    y[n, oh, ow, f] = total


@jit
def input_gradient_threads(
    dy: FloatArray, kernel: FloatArray, dx: FloatArray, sh: int, sw: int, top: int, left: int, dh: int, dw: int,
    coalesced: int,
) -> None:  # fmt: skip
    """dx[n, h, w, c] = sum of dy[n, oh, ow, f] * kernel[i, j, c, f] over the outputs and taps that met the pixel: a
    gather, so nothing collides.
    """
    t = cuda.grid(1)
    if t >= dx.size:
        return
    place, c = row_and_column(t, dx.size // dx.shape[3], dx.shape[3], coalesced)
    n, h, w, _ = place_of(place * dx.shape[3], dx)
    total = dx.dtype.type(0)
    for i in range(kernel.shape[0]):
        oh = h + top - i * dh
        if oh >= 0 and oh % sh == 0 and oh // sh < dy.shape[1]:
            for j in range(kernel.shape[1]):
                ow = w + left - j * dw
                if ow >= 0 and ow % sw == 0 and ow // sw < dy.shape[2]:
                    for f in range(dy.shape[3]):
                        total += dy[n, oh // sh, ow // sw, f] * kernel[i, j, c, f]
    dx[n, h, w, c] = total


@jit
def kernel_gradient_threads(
    x: FloatArray,
    dy: FloatArray,
    parts: FloatArray,
    length: int,
    kw: int,
    sh: int,
    sw: int,
    top: int,
    left: int,
    dh: int,
    dw: int,
    coalesced: int,
) -> None:
    """parts[split, (i, j, c), f] = sum of x * dy over `length` positions (n, oh, ow)."""
    t, split = cuda.grid(1), cuda.blockIdx.z
    if t >= parts.shape[1] * parts.shape[2]:
        return
    term, f = row_and_column(t, parts.shape[1], parts.shape[2], coalesced)
    c, j, i = term % x.shape[3], term // x.shape[3] % kw, term // x.shape[3] // kw
    outputs = dy.shape[1] * dy.shape[2]
    begin, end = split * length, min((split + 1) * length, dy.shape[0] * outputs)
    n, oh, ow = begin // outputs, begin % outputs // dy.shape[2], begin % dy.shape[2]
    total = parts.dtype.type(0)
    for _ in range(begin, end):
        h, w = oh * sh - top + i * dh, ow * sw - left + j * dw
        if h >= 0 and h < x.shape[1] and w >= 0 and w < x.shape[2]:
            total += x[n, h, w, c] * dy[n, oh, ow, f]
        ow += 1
        if ow == dy.shape[2]:
            ow = 0
            oh += 1
            if oh == dy.shape[1]:
                oh = 0
                n += 1
    parts[split, term, f] = total
