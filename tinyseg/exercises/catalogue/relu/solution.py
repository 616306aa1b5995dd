"""ReLU, forward and backward.

y = max(x, 0) is x itself where x > 0, with derivative 1, and the constant 0 where x < 0, with derivative 0. Each y
depends on one x only, so that the chain rule is a product: dx = dy * dy/dx. At x = 0 there is no derivative; 0 is the
usual choice, as in Keras and PyTorch.
"""

import numpy as np


def relu_forward(x):
    """y = max(x, 0). Backward needs only where x was positive."""
    return np.maximum(x, 0), x > 0


def relu_backward(dy, positive):
    """dx = dy where x > 0."""
    return np.where(positive, dy, 0).astype(dy.dtype)
