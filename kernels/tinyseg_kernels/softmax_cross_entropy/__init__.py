r"""Softmax and cross-entropy in one: the loss of a classifier, from its logits.

For the target distribution t (one-hot for a class id) and p = softmax(z):

    loss = - sum over k of t_k * log p_k = sum over k of t_k * (log(sum over l of exp(z_l)) - z_k)

The logarithm of the sum is computed as max + log(sum of exp(z - max)), so logits of any size give a finite loss.

Gradient: with d log p_k / dz_l = [k = l] - p_l,

    dz_l = - sum over k of t_k * ([k = l] - p_l) * dloss = (p_l * sum over k of t_k - t_l) * dloss

which for a distribution is p - t: how much too likely each class was held.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward
    >>> losses, cache = softmax_cross_entropy_forward(np.zeros((1, 2)), np.array([1]))
    >>> losses.round(4), softmax_cross_entropy_backward(np.ones(1), cache)
    (array([0.6931]), array([[ 0.5, -0.5]]))
"""

from __future__ import annotations

import numpy as np

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_count, check_float, check_shape
from ..device import check_array, is_array, to_host
from ..errors import InvalidInput
from ..types import Array, FloatArray, IntArray


def softmax_cross_entropy_forward(logits: FloatArray, target: Array) -> tuple[FloatArray, Kept]:
    """Return the loss of each position.

    Args:
        logits: (..., K), float32 or float64; the last axis holds the classes.
        target: Class ids (...) of an integer dtype, or distributions (..., K) of the logits' dtype.

    Returns:
        loss (...) and the cache.

    Raises:
        InvalidInput: Shapes that do not fit, or a class id that is not in 0 .. K - 1.
    """
    if _check(logits, target):
        check_class_ids("softmax_cross_entropy", target, logits.shape[-1])
    return softmax_cross_entropy_of_checked_ids(logits, target)


def softmax_cross_entropy_of_checked_ids(logits: FloatArray, target: Array) -> tuple[FloatArray, Kept]:
    """Return what `softmax_cross_entropy_forward` returns, without a look at the class ids.

    For ids that were checked on the host before they were brought to a GPU (`check_class_ids`): there a look at them
    makes the host wait for the device. An id that is no class then gives a loss and a gradient of NaN from compiled
    kernels, and from the other rungs what NumPy's indexing makes of it.
    """
    _check(logits, target)
    return keep("softmax_cross_entropy", *rung("softmax_cross_entropy").softmax_cross_entropy_forward(logits, target))


def softmax_cross_entropy_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return dlogits = (p * sum of t - t) * dloss, for dloss of the loss's shape."""
    return rung("softmax_cross_entropy").softmax_cross_entropy_backward(
        *given_back("softmax_cross_entropy", dloss, cache)
    )


def _check(logits: FloatArray, target: Array) -> bool:
    """Check shapes and dtypes; return whether the target is class ids."""
    check_float("softmax_cross_entropy", logits=logits)
    if logits.ndim < 1 or logits.shape[-1] < 1:
        raise InvalidInput(f"softmax_cross_entropy: expected logits (..., K), got shape {logits.shape}")
    check_array("softmax_cross_entropy", "target", target)
    if np.issubdtype(target.dtype, np.integer):
        check_shape("softmax_cross_entropy", "target (class ids)", target.shape, logits.shape[:-1])
        return True
    check_float("softmax_cross_entropy", logits=logits, target=target)
    check_shape("softmax_cross_entropy", "target (distributions)", target.shape, logits.shape)
    return False


def check_class_ids(operation: str, ids: IntArray, classes: int) -> None:
    """Check that all class ids lie in 0 .. classes - 1; names the first that does not."""
    if not is_array(ids) or ids.dtype.kind not in "iu":
        raise InvalidInput(
            f"{operation}: expected class ids of an integer dtype, got {getattr(ids, 'dtype', type(ids).__name__)}"
        )
    classes = as_count(f"{operation}: classes", classes, 0)
    if ids.size and (ids.min() < 0 or ids.max() >= classes):
        ids = to_host(ids)
        place = tuple(int(i) for i in np.argwhere((ids < 0) | (ids >= classes))[0])
        raise InvalidInput(
            f"{operation}: expected class ids from 0 to {classes - 1} ({classes} classes), got {ids[place]} at index {place}"
        )
