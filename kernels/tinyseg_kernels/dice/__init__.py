r"""One minus the overlap of labels and predictions in each region: Dice, Tversky and Jaccard, one family.

Three sums of a region say all: I = sum of t * p, T = sum of t, P = sum of p. P - I is what was found beside the truth
(false positives), T - I what was missed of it (false negatives). With a weight for either,

    loss = 1 - I / D        D = I + extra * (P - I) + missed * (T - I) + epsilon

    Dice       extra = missed = 1/2     I / D = 2 I / (T + P + 2 epsilon)
    Jaccard    extra = missed = 1       I / D = I / (T + P - I + epsilon), intersection over union
    Tversky    any two weights

The sums run over `axes`; each place along the other axes is a region of its own. Gradient: with b = 1 - extra - missed,
D = b I + extra P + missed T + epsilon, dI / dp_j = t_j and dD / dp_j = b t_j + extra. So, with s = I / D, by the
quotient rule

    dp_j = - (t_j - s (b t_j + extra)) / D * dloss = (offset + slope * t_j) * dloss
    offset = s extra / D        slope = (b s - 1) / D

two numbers for each region, whatever the family's member. Sums are kept in float64, and so is the loss: a float32 sum
over millions of pixels soon is too large to notice one more.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.dice import dice_forward
    >>> p, target = np.array([[1.0, 0.0, 0.0]]), np.array([[1.0, 1.0, 0.0]])
    >>> round(float(dice_forward(p, target, axes=(0, 1))[0]), 4)
    0.3333
    >>> round(float(dice_forward(p, target, axes=(0, 1), extra=1.0, missed=1.0)[0]), 4)
    0.5
"""

from __future__ import annotations

import numpy as np

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_integer, as_number, check_float, check_shape
from ..errors import InvalidInput
from ..types import FloatArray

EPSILON = 0.5e-7
"""Keeps the quotient finite where there is nothing, neither in the labels nor in the predictions.

As in Keras the loss there is 1, not 0. Keras's Dice adds 1e-7 to T + P, which is this.
"""


def dice_forward(
    p: FloatArray, target: FloatArray, *, axes: tuple[int, ...], extra: float = 0.5, missed: float = 0.5,
    epsilon: float = EPSILON,
) -> tuple[FloatArray, Kept]:  # fmt: skip
    """Return the loss of each region.

    Args:
        p: Probabilities of any shape, float32 or float64.
        target: Labels from 0 to 1 of the same shape and dtype.
        axes: The axes to sum over, counted from 0, each once.
        extra: Weight of what was found beside the truth, at least 0.
        missed: Weight of what was missed of it, at least 0.
        epsilon: Added to D, above 0.

    Returns:
        loss (float64), of p's shape without the axes summed over, and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit, axes that p does not have, or a weight below 0.
    """
    check_float("dice", p=p, target=target)
    check_shape("dice", "target", target.shape, p.shape)
    if not isinstance(axes, (tuple, list)):
        raise InvalidInput(f"dice: axes: expected a tuple of integers, got {axes!r}")
    axes = tuple(as_integer("dice: axes", axis, -(2**31), 2**31) for axis in axes)
    if not axes or len(set(axes)) < len(axes) or not all(0 <= axis < p.ndim for axis in axes):
        raise InvalidInput(f"dice: axes: expected different axes of p of shape {p.shape}, got {axes!r}")
    weights = {
        "extra": as_number("dice: extra", extra, "a number of at least 0", 0.0),
        "missed": as_number("dice: missed", missed, "a number of at least 0", 0.0),
        "epsilon": as_number("dice: epsilon", epsilon, "a number above 0", 1e-300),
    }
    loss, cache = keep("dice", *rung("dice").dice_forward(p, target, axes=tuple(sorted(axes)), **weights))
    return loss, cache._replace(y_dtype=p.dtype)  # what the gradient by a loss has, everywhere else too


def dice_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return dp = (offset + slope * t) * dloss, for dloss of the loss's shape."""
    if getattr(dloss, "dtype", None) == np.float64:  # the loss's own
        dloss = dloss.astype(getattr(cache, "y_dtype", np.float64), copy=False)
    return rung("dice").dice_backward(*given_back("dice", dloss, cache))
