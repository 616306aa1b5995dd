r"""Batch normalisation: every channel to mean 0 and variance 1, then a learned scale and shift.

Over the P positions of a channel (all axes but the last), in training:

    mean = sum of x / P          variance = sum of (x - mean)^2 / P          s = 1 / sqrt(variance + epsilon)
    z = (x - mean) * s           y = gamma * z + beta

Gradient. dbeta = sum of dy; dgamma = sum of dy * z; dz = gamma * dy. z depends on x in three ways: directly (dz * s),
through the mean, and through the variance. A change of one x shifts the mean by 1/P of it, which moves every z by -s/P;
and it changes the variance by 2 (x - mean)/P, hence s by -s^3 (x - mean)/P = -s^2 z / P, hence every z by -z * s * z_x
/ P. Together

    dx = s * (dz - mean of dz - z * mean of (dz * z)) = gamma * s * (dy - dbeta / P - z * dgamma / P)

At inference mean and variance are constants, so only the direct way is left: dx = gamma * s * dy.

Source: Ioffe and Szegedy, "Batch Normalization", ICML 2015 (arXiv:1502.03167).

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.batch_norm import batch_norm_train_forward
    >>> x = np.array([[1.0], [3.0]])
    >>> y, cache, *moments = batch_norm_train_forward(x, np.ones(1), np.zeros(1), epsilon=1e-9)
    >>> y.ravel().round(4)
    array([-1.,  1.])
"""

from __future__ import annotations

from math import inf
from typing import Any

from ..backend import rung
from ..caches import Kept, before_relu, cache_of, given_back, keep, operation_cache
from ..checks import as_flag, as_number, check_float, check_shape
from ..errors import InvalidInput
from ..types import Array, FloatArray


def _check(x: FloatArray, epsilon: float, **per_channel: Array | None) -> float:
    check_float("batch_norm", x=x, **per_channel)
    if x.ndim < 2 or x.size == 0:
        raise InvalidInput(f"batch_norm: expected x (..., C) with at least one position, got shape {x.shape}")
    for name, array in per_channel.items():
        check_shape(
            "batch_norm", name, None if array is None else array.shape, (x.shape[-1],), " (one number per channel)"
        )
    if type(epsilon) is float and 1e-300 < epsilon < inf:
        return epsilon
    return as_number("batch_norm: epsilon", epsilon, "a number above 0", 1e-300)


def batch_norm_train_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, *, epsilon: float = 1e-3, relu: bool = False
) -> tuple[FloatArray, Kept]:
    """Normalise by the batch's own statistics.

    Args:
        x: (..., C), float32 or float64.
        gamma: Scale (C,), or None for 1.
        beta: Shift (C,), or None for 0.
        epsilon: Added to the variance.
        relu: Whether y is to be max(y, 0).

    Returns:
        y and the cache for `batch_norm_train_backward` and `batch_statistics`.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit, or no position at all.
    """
    epsilon = _check(x, epsilon, gamma=gamma, beta=beta)
    relu = relu if type(relu) is bool else as_flag("batch_norm: relu", relu)
    forward = rung("batch_norm").batch_norm_train_forward
    return keep("batch_norm_train", *forward(x, gamma, beta, epsilon=epsilon, relu=relu))


def batch_statistics(cache: Kept) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance (C,) that a forward normalised by."""
    inference = getattr(cache, "operation", None) == "batch_norm_inference"
    inner: Any = operation_cache(cache_of("batch_norm_inference" if inference else "batch_norm_train", cache))
    return inner.mean, inner.variance


def batch_norm_train_backward(
    dy: FloatArray, cache: Kept, *, overwrite_dy: bool = False
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (dx, dgamma, dbeta) when the statistics depend on x.

    With `overwrite_dy` dx may be written where dy was.
    """
    dy, cache = given_back("batch_norm_train", *before_relu(dy, cache))
    module = rung("batch_norm")
    if type(overwrite_dy) is not bool:
        overwrite_dy = as_flag("batch_norm_train_backward: overwrite_dy", overwrite_dy)
    options = {"overwrite_dy": True} if overwrite_dy and hasattr(module, "OVERWRITES_DY") else {}
    gradients: tuple[FloatArray, FloatArray, FloatArray] = module.batch_norm_train_backward(dy, cache, **options)
    return gradients


def batch_norm_inference_forward(
    x: FloatArray,
    gamma: FloatArray | None,
    beta: FloatArray | None,
    mean: FloatArray,
    variance: FloatArray,
    *,
    epsilon: float = 1e-3,
    relu: bool = False,
) -> tuple[FloatArray, Kept]:
    """Normalise by given statistics (C,); with `relu`, y is max(y, 0)."""
    epsilon = _check(x, epsilon, gamma=gamma, beta=beta, mean=mean, variance=variance)
    relu = relu if type(relu) is bool else as_flag("batch_norm: relu", relu)
    forward = rung("batch_norm").batch_norm_inference_forward
    return keep("batch_norm_inference", *forward(x, gamma, beta, mean, variance, epsilon=epsilon, relu=relu))


def batch_norm_inference_backward(dy: FloatArray, cache: Kept) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (dx, dgamma, dbeta) when the statistics are constants."""
    dy, cache = given_back("batch_norm_inference", *before_relu(dy, cache))
    return rung("batch_norm").batch_norm_inference_backward(dy, cache)
