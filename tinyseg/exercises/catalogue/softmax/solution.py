"""Softmax, forward and backward.

Adding a number c to all x of a row multiplies every exponential by exp(c), above and below the line, so that y stays as
it is. With c = minus the largest x all exponents are at most 0: nothing overflows, and the sum is at least 1.

The derivative, with s for the sum of the exponentials and e[k] for one of them, by the quotient rule:

    dy[k] / dx[k] = (e[k] s - e[k] e[k]) / s^2 = y[k] - y[k] y[k]          a number and its own probability
    dy[j] / dx[k] = (0 - e[j] e[k]) / s^2      =      - y[j] y[k]          and another one's

The chain rule adds up over all y of the row: dx[k] = dy[k] y[k] - sum_j dy[j] y[j] y[k] = y[k] (dy[k] - sum_j dy[j]
y[j]). The sum is one number for each row. Add the dx of a row: they give 0, as they must, since y does not change when
all x grow alike.
"""

import numpy as np


def softmax_forward(x):
    """Shift each row by its maximum, take exp, divide by the sum. Backward needs y alone."""
    shifted = x - np.max(x, axis=-1, keepdims=True)
    powers = np.exp(shifted)
    y = powers / np.sum(powers, axis=-1, keepdims=True)
    return y, y


def softmax_backward(dy, y):
    """Subtract from dy its mean, weighted with the probabilities; then weight the rest with them."""
    mean = np.sum(dy * y, axis=-1, keepdims=True)
    return y * (dy - mean)
