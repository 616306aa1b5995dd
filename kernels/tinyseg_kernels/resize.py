r"""Images of another size, by a linear map for each axis.

    y = A x B^T        y[n, i, j, c] = sum over h, w of A[i, h] * B[j, w] * x[n, h, w, c]
    dx = A^T dy B

Row i of A holds the weights with which the pixels of an axis make pixel i of the result. Its centre, i + 1/2 in the
result, lies at s = (i + 1/2) * n / m - 1/2 among the n pixels of x (half-pixel centres), and pixel h weighs k(s - h),
divided by the sum of all, so that a constant stays one at the border too:

    bilinear    k(t) = 1 - |t| up to 1
    bicubic     k(t) = 1.5 |t|^3 - 2.5 t^2 + 1 up to 1, and -0.5 |t|^3 + 2.5 t^2 - 4 |t| + 2 up to 2 (Keys, a = -0.5)
    lanczos3    k(t) = sinc(t) sinc(t / 3) up to 3; lanczos5 with 5
    nearest     the one pixel that the centre lies in

With `antialias` an axis that becomes shorter takes k(t * m / n): every pixel of x then counts for something.

Source: Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29 (1981).

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.resize import resize_forward
    >>> y, cache = resize_forward(np.arange(4.0).reshape(1, 1, 4, 1), (1, 2), interpolation="bilinear")
    >>> y.ravel()
    array([0.5, 2.5])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from .caches import Kept, given_back, keep
from .checks import as_pair, check_float, check_rank
from .device import like
from .errors import InvalidInput, unknown_name
from .types import Array, FloatArray, Pair


def _bilinear(t: Array) -> Array:
    return np.maximum(1 - t, 0)


def _bicubic(t: Array) -> Array:
    near, far = (1.5 * t - 2.5) * t * t + 1, ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t < 1, near, np.where(t < 2, far, 0))


def _lanczos(radius: int) -> Callable[[Array], Array]:
    return lambda t: np.where(t < radius, np.sinc(t) * np.sinc(t / radius), 0)


KERNELS: dict[str, Callable[[Array], Array]] = {
    "bilinear": _bilinear, "bicubic": _bicubic, "lanczos3": _lanczos(3), "lanczos5": _lanczos(5),
}  # fmt: skip
"""k(|t|)."""

INTERPOLATIONS = ("nearest", *KERNELS)


def resize_forward(
    x: FloatArray, size: Pair, *, interpolation: str = "bilinear", antialias: bool = False
) -> tuple[FloatArray, Kept]:
    """Resize images.

    Args:
        x: (N, H, W, C), float32 or float64.
        size: Height and width of the result.
        interpolation: One of `INTERPOLATIONS`.
        antialias: Whether all pixels count where an image becomes smaller; 'nearest' has no use for it.

    Returns:
        y (N, *size, C) and the cache.

    Raises:
        InvalidInput: Wrong rank, dtype, size or interpolation, or images without a pixel.
    """
    check_float("resize", x=x)
    check_rank("resize", "x", x.shape, "N, H, W, C")
    if 0 in x.shape[1:3]:
        raise InvalidInput(f"resize: expected images of at least one pixel, got shape {x.shape}")
    if interpolation not in INTERPOLATIONS:
        raise unknown_name("interpolation of resize", interpolation, INTERPOLATIONS)
    height, width = as_pair("resize: size", size)
    rows = like(x, weights(x.shape[1], height, interpolation, antialias).astype(x.dtype))
    columns = like(x, weights(x.shape[2], width, interpolation, antialias).astype(x.dtype))
    return keep("resize", _mapped(x, rows, columns), (rows, columns))


def resize_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dx: the map the other way."""
    dy, (rows, columns) = given_back("resize", dy, cache)
    return _mapped(dy, rows.T, columns.T)


def _mapped(x: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Return rows x columns^T, the axis first that leaves less to do for the other."""
    n, h, w, c = x.shape

    def vertical(a: FloatArray) -> FloatArray:
        return (rows @ a.reshape(n, h, -1)).reshape(n, rows.shape[0], -1, c)

    def horizontal(a: FloatArray) -> FloatArray:
        return columns @ a  # of each row (W, C) of the images

    return horizontal(vertical(x)) if rows.shape[0] * w <= h * columns.shape[0] else vertical(horizontal(x))


@lru_cache(maxsize=64)
def weights(length: int, new: int, interpolation: str, antialias: bool) -> Array:
    """Return A (new, length) of an axis, in float64."""
    centres = (np.arange(new) + 0.5) * length / new - 0.5
    if interpolation == "nearest":
        taken = np.floor(centres + 0.5).astype(np.intp)
        found = np.zeros((new, length))
        found[np.arange(new), taken] = 1
        return found
    narrower = max(length / new, 1.0) if antialias else 1.0
    distances = np.abs(centres[:, None] - np.arange(length)) / narrower
    found = KERNELS[interpolation](distances)
    return found / found.sum(axis=1, keepdims=True)
