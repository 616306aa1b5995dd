"""Softmax and cross-entropy in one, with their gradient.

The logarithm of a quotient of exponentials needs neither the quotient nor its logarithm: with z = logits minus their
maximum, which changes no probability,

    -log(exp(z[t]) / sum_k exp(z[k])) = log(sum_k exp(z[k])) - z[t]

The largest exponential is 1, so that the sum lies between 1 and K: its logarithm is always an ordinary number.

The gradient: d log(sum) / dz[k] = exp(z[k]) / sum = p[k], and -z[t] has the slope -1 by z[t] and 0 by the others. That
the maximum was subtracted does not matter, because the loss does not change when all logits grow alike. So dlogits is
what was predicted minus what was true (1 for the label's class, 0 for the others), times the position's dloss.
"""

import numpy as np


def softmax_cross_entropy_forward(logits, target):
    """Logarithm of the sum minus the label's number. Backward needs the probabilities and the labels."""
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(shifted), axis=-1))
    true = np.arange(logits.shape[-1]) == target[..., None]
    loss = log_sum - np.sum(shifted * true, axis=-1)
    p = np.exp(shifted - log_sum[..., None])
    return loss, (p, true)


def softmax_cross_entropy_backward(dloss, cache):
    """Predicted minus true, times the dloss of the position."""
    p, true = cache
    return (p - true) * dloss[..., None]
