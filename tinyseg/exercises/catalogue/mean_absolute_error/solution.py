"""Mean absolute error and its gradient.

With d = y_pred - y_true, |d| is d where d > 0, with slope 1, and -d where d < 0, with slope -1: the slope is the sign
of d, and at d = 0, where there is none, 0 is agreed on, which is what a sign function gives. The mean of n numbers
grows by 1/n when one of them grows by 1. Each entry of y_pred is in one |d| only, so that the chain rule is a product
of the three: dloss, 1/n and the sign. How large the difference is does not matter.
"""

import numpy as np


def mean_absolute_error_forward(y_true, y_pred):
    """Average the distances. Backward needs the signs of the differences."""
    difference = y_pred - y_true
    return np.mean(np.abs(difference)), difference


def mean_absolute_error_backward(dloss, difference):
    """Share dloss out among all entries, with the sign of each."""
    slope = np.sign(difference)
    return dloss * slope / difference.size
