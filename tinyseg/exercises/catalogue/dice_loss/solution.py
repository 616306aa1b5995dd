"""Dice loss and its gradient.

With u = 2 sum(t p) + epsilon and v = sum(t) + sum(p) + epsilon the loss is 1 - u / v. One p adds 2 t to u and 1 to v
when it grows by 1, so that by the quotient rule

    d(u / v) / dp = (2 t v - u 1) / v^2 = (2 t - u / v) / v

and the loss has the opposite sign. Where t is 1 the slope is at most 0, since u / v is at most 1 there: more p, less
loss. Where t is 0 it is positive. All pixels of an object have one slope, whatever their own p is.
"""

import numpy as np


def dice_loss_forward(y_true, y_pred, *, epsilon):
    """One minus the coefficient. Backward needs the labels, the coefficient and what it was divided by."""
    above = 2 * np.sum(y_true * y_pred) + epsilon
    below = np.sum(y_true) + np.sum(y_pred) + epsilon
    score = above / below
    return 1 - score, (y_true, score, below)


def dice_loss_backward(dloss, cache):
    """Quotient rule, with the sign of the loss."""
    y_true, score, below = cache
    return -dloss * (2 * y_true - score) / below
