"""conv2d_transpose: stamps that add up, and on the way back each pixel looks at its own stamp.

`whole` has room for all that stamps and size need, whichever is more. The product x[n, h, w, c] * kernel[i, j, f, c] is
a term of one number of it, so it sends dwhole * kernel to its pixel and dwhole * x to its kernel number, where dwhole
is dy put back into the place that it was cut from: what was cut off has no influence, so its gradient is 0.
"""

import numpy as np


def conv2d_transpose_forward(x, kernel, bias, *, strides, padding):
    """Return (y, cache)."""
    images, height, width, _ = x.shape
    kh, kw, filters, _ = kernel.shape
    sh, sw = strides
    if padding == "same":
        oh, ow = height * sh, width * sw
        top, left = max(kh - sh, 0) // 2, max(kw - sw, 0) // 2
    else:
        oh, ow = (height - 1) * sh + max(kh, sh), (width - 1) * sw + max(kw, sw)
        top, left = 0, 0
    rows, columns = max((height - 1) * sh + kh, top + oh), max((width - 1) * sw + kw, left + ow)
    whole = np.zeros((images, rows, columns, filters), x.dtype)
    for h in range(height):
        for w in range(width):
            stamp = np.tensordot(x[:, h, w], kernel, (1, 3))
            whole[:, h * sh : h * sh + kh, w * sw : w * sw + kw] += stamp
    y = whole[:, top : top + oh, left : left + ow] + bias
    return y, (x, kernel, strides, whole.shape, (top, left))


def conv2d_transpose_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    x, kernel, (sh, sw), shape, (top, left) = cache
    kh, kw, _, _ = kernel.shape
    dwhole = np.zeros(shape, dy.dtype)
    dwhole[:, top : top + dy.shape[1], left : left + dy.shape[2]] = dy
    dx, dkernel = np.zeros(x.shape, dy.dtype), np.zeros(kernel.shape, dy.dtype)
    for h in range(x.shape[1]):
        for w in range(x.shape[2]):
            block = dwhole[:, h * sh : h * sh + kh, w * sw : w * sw + kw]
            dx[:, h, w] = np.tensordot(block, kernel, 3)
            dkernel += np.tensordot(block, x[:, h, w], (0, 0))
    return dx, dkernel, dy.sum(axis=(0, 1, 2))
