"""conv2d_backward: the loops of the forward once more; each product passes on what it owes.

One product p = x[n, h + i, w + j, c] * kernel[i, j, c, f] is a term of y[n, h, w, f] with the factor 1. So the loss
grows with p by g, the dy of that output, and with the two numbers in p by

    dp/dx * g = kernel[i, j, c, f] * g        dp/dkernel * g = x[n, h + i, w + j, c] * g

A pixel is in as many products as there are windows over it, filters included; a kernel number is in one product for
each output and each image. Influences add up, hence the += everywhere. The bias is a term of each output of its filter.
"""

import numpy as np


def conv2d_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    x, kernel = cache
    images, oh, ow, filters = dy.shape
    kh, kw, channels, _ = kernel.shape
    dx = np.zeros(x.shape, dy.dtype)
    dkernel = np.zeros(kernel.shape, dy.dtype)
    dbias = np.zeros(filters, dy.dtype)
    for n in range(images):
        for h in range(oh):
            for w in range(ow):
                for f in range(filters):
                    g = dy[n, h, w, f]
                    dbias[f] += g
                    for i in range(kh):
                        for j in range(kw):
                            for c in range(channels):
                                dx[n, h + i, w + j, c] += kernel[i, j, c, f] * g
                                dkernel[i, j, c, f] += x[n, h + i, w + j, c] * g
    return dx, dkernel, dbias
