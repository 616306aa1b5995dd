r"""Distances of predictions p from targets t, averaged over the last axis of C numbers.

squared error     loss = mean over c of (p - t)^2         dp = 2 * (p - t) / C * dloss
absolute error    loss = mean over c of |p - t|           dp = sign(p - t) / C * dloss, and 0 where p = t

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.regression import squared_error_backward, squared_error_forward
    >>> losses, cache = squared_error_forward(np.array([[1.0, 3.0]]), np.zeros((1, 2)))
    >>> losses, squared_error_backward(np.ones(1), cache)
    (array([5.]), array([[1., 3.]]))
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import check_float, check_shape
from ..errors import InvalidInput
from ..types import FloatArray


def squared_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, Kept]:
    """Return the mean square of each position.

    Args:
        p: Predictions (..., C), float32 or float64.
        target: Of the same shape and dtype.

    Returns:
        loss (...) and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    _check("squared_error", p, target)
    return keep("squared_error", *rung("regression").squared_error_forward(p, target))


def squared_error_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return 2 * (p - t) / C * dloss, for dloss of the loss's shape."""
    return rung("regression").squared_error_backward(*given_back("squared_error", dloss, cache))


def absolute_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, Kept]:
    """Return the mean distance of each position; arguments and errors as for `squared_error_forward`."""
    _check("absolute_error", p, target)
    return keep("absolute_error", *rung("regression").absolute_error_forward(p, target))


def absolute_error_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return sign(p - t) / C * dloss, for dloss of the loss's shape."""
    return rung("regression").absolute_error_backward(*given_back("absolute_error", dloss, cache))


def _check(operation: str, p: FloatArray, target: FloatArray) -> None:
    check_float(operation, p=p, target=target)
    if p.ndim < 1:
        raise InvalidInput(f"{operation}: expected p (..., C), got shape {p.shape}")
    check_shape(operation, "target", target.shape, p.shape)
