r"""Cross-entropy of yes or no, averaged over the last axis of C answers.

From probabilities p, with labels t between 0 and 1:

    loss = mean over c of - t * log p - (1 - t) * log(1 - p)            dp = ((1 - t) / (1 - p) - t / p) * dloss / C

How p near 0 and 1 is treated: `probabilities.py`. From logits z, with p = sigmoid(z):

    loss = mean over c of max(z, 0) - z * t + log(1 + exp(-|z|))        dz = (sigmoid(z) - t) * dloss / C

For z >= 0, - t * log p - (1 - t) * log(1 - p) = z - z * t + log(1 + exp(-z)); for z < 0 it is - z * t + log(1 +
exp(z)). No z overflows either.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.binary_cross_entropy import binary_cross_entropy_backward, binary_cross_entropy_forward
    >>> losses, cache = binary_cross_entropy_forward(np.array([[0.5]]), np.array([[1.0]]))
    >>> losses.round(4), binary_cross_entropy_backward(np.ones(1), cache)
    (array([0.6931]), array([[-2.]]))
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_flag, check_float, check_shape
from ..errors import InvalidInput
from ..types import FloatArray


def binary_cross_entropy_forward(
    p: FloatArray, target: FloatArray, *, from_logits: bool = False
) -> tuple[FloatArray, Kept]:
    """Return the loss of each position.

    Args:
        p: Probabilities, or logits, (..., C), float32 or float64.
        target: Labels from 0 to 1 of the same shape and dtype.
        from_logits: Whether p are logits.

    Returns:
        loss (...) and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    check_float("binary_cross_entropy", p=p, target=target)
    if p.ndim < 1:
        raise InvalidInput(f"binary_cross_entropy: expected p (..., C), got shape {p.shape}")
    check_shape("binary_cross_entropy", "target", target.shape, p.shape)
    from_logits = as_flag("binary_cross_entropy: from_logits", from_logits)
    return keep(
        "binary_cross_entropy",
        *rung("binary_cross_entropy").binary_cross_entropy_forward(p, target, from_logits=from_logits),
    )


def binary_cross_entropy_backward(dloss: FloatArray, cache: Kept) -> FloatArray:
    """Return the gradient by p, or by the logits, for dloss of the loss's shape."""
    return rung("binary_cross_entropy").binary_cross_entropy_backward(*given_back("binary_cross_entropy", dloss, cache))
