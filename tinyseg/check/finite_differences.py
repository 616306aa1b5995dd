r"""Central differences: a gradient from the function's values alone.

    dL/dx_i = (L(x + h e_i) - L(x - h e_i)) / 2h + O(h^2)

The step h trades the error of the formula, of order h^2, against rounding, of order eps / h: with float64
(eps = 2.2e-16) the sum is smallest near h = eps^(1/3) = 6e-6 times the size of x, where about 10 digits are left. In
float32 hardly 4 digits would be left, so float64 is asked for.

A single number is needed, so a function y = f(x) is checked through L = sum(f(x) * dy) with a random dy: then dL/dx is
what backward(dy) must return. With dy all ones, a backward that divides by dy instead of multiplying by it would pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

STEP = 6e-6
"""h, relative to the size of x where that is above 1: the cube root of float64's rounding."""


def numerical_gradient(
    function: Callable[[], float], array: Array, indices: Iterable[int] | None = None, step: float = STEP
) -> Array:
    """Differentiate a function by the entries of an array that it reads.

    Args:
        function: Returns L; it must read `array` anew at each call and have no randomness of its own.
        array: float64, C-contiguous; changed in place one entry at a time, and restored.
        indices: Flat positions to differentiate by; all when None.
        step: h, relative to the entry's size where that is above 1.

    Returns:
        float64 of the array's shape; NaN at positions not asked for.

    Raises:
        InvalidInput: Not float64, or not contiguous.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import numerical_gradient
        >>> x = np.array([1.0, 2.0])
        >>> numerical_gradient(lambda: float((x**2).sum()), x).round(6).tolist()
        [2.0, 4.0]
    """
    gradient = np.full(array.size, np.nan)
    for i, (h_below, h_above, below, above) in _around(
        function, array, range(array.size) if indices is None else indices, step
    ):
        gradient[i] = (above - below) / (h_below + h_above)
    return gradient.reshape(array.shape)


def _around(
    function: Callable[[], float], array: Array, indices: Iterable[int], step: float
) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    """Yield for each position the steps that rounding left of h, below and above, and the function's values there."""
    if array.dtype != np.float64 or not array.flags.c_contiguous:
        raise InvalidInput(f"numerical_gradient: expected a contiguous float64 array, got {array.dtype}")
    flat = array.reshape(-1)
    for i in indices:
        kept = float(flat[i])
        below, above = kept - step * max(1.0, abs(kept)), kept + step * max(1.0, abs(kept))
        try:
            flat[i] = below
            value_below = function()
            flat[i] = above
            value_above = function()
        finally:
            flat[i] = kept
        yield int(i), (kept - below, above - kept, value_below, value_above)


def one_sided_slopes(
    function: Callable[[], float], array: Array, indices: Iterable[int], step: float = STEP
) -> tuple[Array, Array]:
    """Return (L(x) - L(x - h e_i)) / h and (L(x + h e_i) - L(x)) / h at some flat positions.

    Their mean is the central difference. Where they differ, the function has a kink. Arguments and
    errors as for `numerical_gradient`.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import one_sided_slopes
        >>> x = np.array([0.0, 2.0])
        >>> left, right = one_sided_slopes(lambda: float(np.abs(x).sum()), x, [0, 1])
        >>> left.round(6), right.round(6)  # a kink at 0
        (array([-1.,  1.]), array([1., 1.]))
    """
    middle = function()
    left, right = [], []
    for _, (h_below, h_above, below, above) in _around(function, array, indices, step):
        left.append((middle - below) / h_below)
        right.append((above - middle) / h_above)
    return np.array(left), np.array(right)


def sampled_indices(size: int, limit: int, seed: int = 0) -> Array:
    """Return all flat positions of an array up to `limit` of them, else a random sample of that many, sorted.

    Example:
        >>> from tinyseg.check import sampled_indices
        >>> sampled_indices(4, limit=10), len(sampled_indices(1000, limit=10))
        (array([0, 1, 2, 3]), 10)
    """
    if size <= limit:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, limit, replace=False))


def largest_relative_error(gradient: Array, numerical: Array) -> float:
    """Return the largest difference, relative to the largest entry of either.

    Relative to the array's largest entry, not to each entry: an entry that cancels to almost zero has no correct digits
    in either. Positions that are NaN in `numerical` are left out.

    Example:
        >>> import numpy as np
        >>> from tinyseg.check import largest_relative_error
        >>> round(float(largest_relative_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))), 4)
        0.5
    """
    if gradient.shape != numerical.shape:
        raise InvalidInput(f"expected gradients of one shape, got {gradient.shape} and {numerical.shape}")
    known = ~np.isnan(numerical)
    if not known.any():
        raise InvalidInput("no position of the numerical gradient is known")
    a, b = gradient[known], numerical[known]
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()), 1e-12)
    return float(np.abs(a - b).max()) / scale
