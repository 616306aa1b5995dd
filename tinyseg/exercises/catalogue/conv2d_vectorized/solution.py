"""conv2d_vectorized: one matrix product for each tap.

Over all outputs, tap (i, j) meets the pixels x[:, i : i + OH, j : j + OW]: the image, shifted and cut to the size of y.
For each of these pixels the sum over channels is a row vector (C,) times the tap's matrix (C, F), and @ does that for
the whole array. Backward, with p these pixels, K the matrix and y += p K:

    dp = dy K^T (added to the same slice of dx)        dK = p^T dy, summed over images, rows and columns
"""

import numpy as np


def conv2d_vectorized_forward(x, kernel, bias):
    """Return (y, cache)."""
    kh, kw, _, filters = kernel.shape
    oh, ow = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    y = np.zeros((len(x), oh, ow, filters), x.dtype)
    for i in range(kh):
        for j in range(kw):
            y += x[:, i : i + oh, j : j + ow] @ kernel[i, j]
    return y + bias, (x, kernel)


def conv2d_vectorized_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    x, kernel = cache
    _, oh, ow, _ = dy.shape
    dx, dkernel = np.zeros(x.shape, dy.dtype), np.zeros(kernel.shape, dy.dtype)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            met = (slice(None), slice(i, i + oh), slice(j, j + ow))
            dx[met] += dy @ kernel[i, j].T
            dkernel[i, j] = np.tensordot(x[met], dy, ((0, 1, 2), (0, 1, 2)))
    return dx, dkernel, dy.sum(axis=(0, 1, 2))
