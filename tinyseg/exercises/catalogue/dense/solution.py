"""Dense, forward and backward.

Row n of y is row n of x times the kernel, plus the bias, so that all rows together are one product of matrices.

For a gradient ask which y contain the number, and with which factor:

    x[n, d]       is in y[n, f] for every f, with factor kernel[d, f]:     dx[n, d] = sum_f dy[n, f] kernel[d, f]
    kernel[d, f]  is in y[n, f] for every n, with factor x[n, d]:          dkernel[d, f] = sum_n x[n, d] dy[n, f]
    bias[f]       is in y[n, f] for every n, with factor 1:                dbias[f] = sum_n dy[n, f]

A product of matrices sums over the last axis of the left one and the first axis of the right one. The sum over f runs
over the kernel's last axis and the sum over n over the first axis of x, so each of these two is transposed.
"""

import numpy as np


def dense_forward(x, kernel, bias):
    """Multiply and add the bias. Backward needs both factors of the product."""
    y = x @ kernel + bias
    return y, (x, kernel)


def dense_backward(dy, cache):
    """Sum over what each gradient does not have: f, n, n."""
    x, kernel = cache
    dx = dy @ kernel.T
    dkernel = x.T @ dy
    dbias = np.sum(dy, axis=0)
    return dx, dkernel, dbias
