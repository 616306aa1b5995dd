"""Bilinear upsampling, forward and backward.

Along one axis every output is a weighted sum of two pixels, y[i] = (1 - t) x[low] + t x[high], with t how far the
position lies beyond the pixel before it. That is a matrix product, y = A x, with two numbers in each row of A (one at
the border, where both pixels are the same). Along both axes it is y = A x B^T for each image and channel.

The gradient of a matrix product is the product with the transpose: each pixel collects from every output what it gave
to it, with the same weight. So dx = A^T dy B.
"""

import numpy as np


def weights(n, factor, dtype):
    """The matrix (n * factor, n) of one axis."""
    position = (np.arange(n * factor) + 0.5) / factor - 0.5
    low = np.floor(position).astype(int)
    t = position - low
    first, second = np.clip(low, 0, n - 1), np.clip(low + 1, 0, n - 1)
    matrix = np.zeros((n * factor, n), dtype)
    np.add.at(matrix, (np.arange(n * factor), first), 1 - t)
    np.add.at(matrix, (np.arange(n * factor), second), t)
    return matrix


def upsampling_bilinear_forward(x, *, size):
    """Multiply along the rows and along the columns."""
    a = weights(x.shape[1], size[0], x.dtype)
    b = weights(x.shape[2], size[1], x.dtype)
    y = np.einsum("ah,bw,nhwc->nabc", a, b, x)
    return y, (a, b)


def upsampling_bilinear_backward(dy, cache):
    """Multiply with the same weights, summed over the outputs."""
    a, b = cache
    return np.einsum("ah,bw,nabc->nhwc", a, b, dy)
