r"""Cross-entropy of probabilities: the loss of a classifier that ends in a softmax.

For the target distribution t (one-hot for a class id) and probabilities p, which are divided by their sum S = sum over
l of p_l:

    loss = - sum over k of t_k * log(p_k / S)

Gradient: d log(p_k / S) / dp_j = [k = j] / p_j - 1 / S, so

    dp_j = (sum over k of t_k / S - t_j / p_j) * dloss

For a class id this is dloss / S everywhere, less dloss / p_j at the right class. How p near 0 is treated:
`probabilities.py`. From logits, without the detour through probabilities: `softmax_cross_entropy`.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.cross_entropy import cross_entropy_backward, cross_entropy_forward
    >>> losses, cache = cross_entropy_forward(np.array([[0.5, 0.5]]), np.array([[0.0, 1.0]]))
    >>> losses.round(4), cross_entropy_backward(np.ones(1), cache)
    (array([0.6931]), array([[ 1., -1.]]))
"""

from __future__ import annotations

import numpy as np

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import check_float, check_shape
from ..device import check_array
from ..errors import InvalidInput
from ..softmax_cross_entropy import check_class_ids
from ..types import Array, FloatArray


def cross_entropy_forward(p: FloatArray, target: Array) -> tuple[FloatArray, Kept]:
    """Return the loss of each position.

    Args:
        p: Probabilities (..., K), float32 or float64; they need not add up to 1.
        target: Class ids (...) of an integer dtype, or distributions (..., K) of p's dtype.

    Returns:
        loss (...) and the cache.

    Raises:
        InvalidInput: Shapes that do not fit, or a class id that is not in 0 .. K - 1.
    """
    _check("cross_entropy", p, target)
    if np.issubdtype(target.dtype, np.integer):
        check_class_ids("cross_entropy", target, p.shape[-1])
    return keep("cross_entropy", *rung("cross_entropy").cross_entropy_forward(p, target))


def cross_entropy_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return dp = (sum of t / S - t / p) * dloss, for dloss of the loss's shape."""
    return rung("cross_entropy").cross_entropy_backward(*given_back("cross_entropy", dloss, cache))


def cross_entropy_of_checked_ids(p: FloatArray, target: Array) -> tuple[FloatArray, Kept]:
    """Do what `cross_entropy_forward` does for a target whose class ids were checked on the host.

    Nothing is read back from a GPU.
    """
    _check("cross_entropy", p, target)
    return keep("cross_entropy", *rung("cross_entropy").cross_entropy_forward(p, target))


def _check(operation: str, p: FloatArray, target: Array) -> None:
    check_float(operation, p=p)
    if p.ndim < 1 or p.shape[-1] < 1:
        raise InvalidInput(f"{operation}: expected p (..., K), got shape {p.shape}")
    check_array(operation, "target", target)
    if np.issubdtype(target.dtype, np.integer):
        check_shape(operation, "target (class ids)", target.shape, p.shape[:-1])
    else:
        check_float(operation, p=p, target=target)
        check_shape(operation, "target (distributions)", target.shape, p.shape)
