r"""One minus the overlap of labels and predictions in each region.

    loss = 1 - 2 I / S        with I = sum of t * p and S = sum of t + sum of p + 1e-7

The sums run over `axes`; each place along the other axes is a region of its own. Gradient: dI / dp_j = t_j and dS /
dp_j = 1, so by the quotient rule

    dp_j = - (2 t_j S - 2 I) / S^2 * dloss = (2 I / S - 2 t_j) / S * dloss

Sums are kept in float64, and so is the loss: a float32 sum over millions of pixels soon is too large to notice one
more.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.dice import dice_forward
    >>> losses, cache = dice_forward(np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 1.0, 0.0]]), axes=(0, 1))
    >>> round(float(losses), 4)
    0.3333
"""

from __future__ import annotations

import numpy as np

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_integer, check_float, check_shape
from ..errors import InvalidInput
from ..types import FloatArray

EPSILON = 1e-7
"""Keeps the quotient finite where there is nothing, neither in the labels nor in the predictions.

As in Keras the loss there is 1, not 0.
"""


def dice_forward(p: FloatArray, target: FloatArray, *, axes: tuple[int, ...]) -> tuple[FloatArray, Kept]:
    """Return the loss of each region.

    Args:
        p: Probabilities of any shape, float32 or float64.
        target: Labels from 0 to 1 of the same shape and dtype.
        axes: The axes to sum over, counted from 0, each once.

    Returns:
        loss (float64), of p's shape without the axes summed over, and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit, or axes that p does not have.
    """
    check_float("dice", p=p, target=target)
    check_shape("dice", "target", target.shape, p.shape)
    if not isinstance(axes, (tuple, list)):
        raise InvalidInput(f"dice: axes: expected a tuple of integers, got {axes!r}")
    axes = tuple(as_integer("dice: axes", axis, -(2**31), 2**31) for axis in axes)
    if not axes or len(set(axes)) < len(axes) or not all(0 <= axis < p.ndim for axis in axes):
        raise InvalidInput(f"dice: axes: expected different axes of p of shape {p.shape}, got {axes!r}")
    loss, cache = keep("dice", *rung("dice").dice_forward(p, target, axes=tuple(sorted(axes))))
    return loss, cache._replace(y_dtype=p.dtype)  # what the gradient by a loss has, everywhere else too


def dice_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return dp = (2 I / S - 2 t) / S * dloss, for dloss of the loss's shape."""
    if getattr(dloss, "dtype", None) == np.float64:  # the loss's own
        dloss = dloss.astype(getattr(cache, "y_dtype", np.float64), copy=False)
    return rung("dice").dice_backward(*given_back("dice", dloss, cache))
