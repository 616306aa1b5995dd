"""zero_padding2d and cropping2d by a Numba kernel: one thread for each number of the result."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_places import place_of
from ..types import FloatArray, Pair

BLOCK = 256


def zero_padding2d_forward(x: FloatArray, *, padding: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Zeros around x."""
    return _surrounded(x, padding), padding


def zero_padding2d_backward(dy: FloatArray, padding: tuple[Pair, Pair]) -> FloatArray:
    """The inside of dy."""
    return _surrounded(dy, _opposite(padding))


def cropping2d_forward(x: FloatArray, *, cropping: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """The inside of x, as an array of its own."""
    return _surrounded(x, _opposite(cropping)), cropping


def cropping2d_backward(dy: FloatArray, cropping: tuple[Pair, Pair]) -> FloatArray:
    """Zeros around dy."""
    return _surrounded(dy, cropping)


def _opposite(borders: tuple[Pair, Pair]) -> tuple[Pair, Pair]:
    (top, bottom), (left, right) = borders
    return (-top, -bottom), (-left, -right)


def _surrounded(x: FloatArray, borders: tuple[Pair, Pair]) -> FloatArray:
    """Surround images with this many zeros; a negative number cuts off."""
    (top, bottom), (left, right) = borders
    images, height, width, channels = x.shape
    y = empty((images, top + height + bottom, left + width + right, channels), x.dtype)
    launch(_shift, blocks(y.size, BLOCK), BLOCK, contiguous(x), y, top, left)
    return y


@jit
def _shift(x: FloatArray, y: FloatArray, top: int, left: int) -> None:
    """y[n, h, w, c] = x[n, h - top, w - left, c], and 0 where x has no such pixel."""
    t = cuda.grid(1)
    if t < y.size:
        n, h, w, c = place_of(t, y)
        from_h, from_w = h - top, w - left
        if from_h >= 0 and from_h < x.shape[1] and from_w >= 0 and from_w < x.shape[2]:
            y[n, h, w, c] = x[n, from_h, from_w, c]
        else:
            y[n, h, w, c] = y.dtype.type(0)


PTX_SIGNATURES = [(_shift, ("float32[:, :, :, ::1]",) * 2 + ("int32",) * 2)]
"""For the check that float32 stays float32."""
