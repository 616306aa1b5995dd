r"""Enlarging images by whole factors.

'nearest': y[n, h, w, c] = x[n, h // a, w // b, c]: every pixel becomes a block, and dx is the sum of dy over its block.

'bilinear': output pixel o of an axis has its centre at o + 1/2; seen from the input, at (o + 1/2) / a - 1/2. Its value
is blended from the two input pixels on either side, with weights that fall off linearly with the distance; beyond the
border the border's pixel counts. Each axis by itself:

    y[h * a + r] = (1 - t) * x[h + l] + t * x[h + l + 1],   offset = (r + 1/2) / a - 1/2,  l = floor(offset),  t = offset - l

y is linear in x, so backward hands each dy to the same two pixels with the same weights.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.upsampling2d import upsampling2d_forward
    >>> y, cache = upsampling2d_forward(np.arange(2.0).reshape(1, 1, 2, 1), size=2)
    >>> y[0, :, :, 0]
    array([[0., 0., 1., 1.],
           [0., 0., 1., 1.]])
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_pair, check_float, check_rank
from ..errors import InvalidInput, unknown_name
from ..types import FloatArray, Pair

INTERPOLATIONS = ("nearest", "bilinear")


def upsampling2d_forward(x: FloatArray, *, size: int | Pair, interpolation: str = "nearest") -> tuple[FloatArray, Kept]:
    """Enlarge.

    Args:
        x: Images (N, H, W, C), float32 or float64.
        size: Factors (vertical, horizontal).
        interpolation: 'nearest' or 'bilinear' (half-pixel centres, as Keras and TensorFlow 2).

    Returns:
        y (N, H * size[0], W * size[1], C) and the cache.

    Raises:
        InvalidInput: Wrong rank, dtype, factor or interpolation.
    """
    check_float("upsampling2d", x=x)
    check_rank("upsampling2d", "x", x.shape, "N, H, W, C")
    if not isinstance(interpolation, str) or interpolation not in INTERPOLATIONS:
        raise InvalidInput(f"upsampling2d: {unknown_name('interpolation', interpolation, INTERPOLATIONS)}")
    factors = as_pair("upsampling2d: size", size)
    return keep(
        "upsampling2d", *rung("upsampling2d").upsampling2d_forward(x, size=factors, interpolation=interpolation)
    )


def upsampling2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dx: the sum of what each pixel gave, times dy."""
    return rung("upsampling2d").upsampling2d_backward(*given_back("upsampling2d", dy, cache))
