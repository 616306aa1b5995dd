"""avg_pool2d: y is the sum of the window's pixels by their number K, so each of them has the derivative 1 / K.

The window of output h begins at row h * SH - top of the image and has KH rows. Those from 0 to H - 1 exist; a slice
between the two limits holds them, and its size is what is divided by, forward and back.
"""

import numpy as np


def avg_pool2d_forward(x, *, pool_size, strides, padding):
    """Return (y, cache)."""
    images, height, width, channels = x.shape
    (kh, kw), (sh, sw), ((top, bottom), (left, right)) = pool_size, strides, padding
    oh = (height + top + bottom - kh) // sh + 1
    ow = (width + left + right - kw) // sw + 1
    y = np.zeros((images, oh, ow, channels), x.dtype)
    for h in range(oh):
        for w in range(ow):
            rows = inside(h * sh - top, kh, height)
            columns = inside(w * sw - left, kw, width)
            y[:, h, w] = x[:, rows, columns].mean(axis=(1, 2))
    return y, (x.shape, pool_size, strides, padding)


def avg_pool2d_backward(dy, cache):
    """Return dx: an equal share of dy for each pixel of its window."""
    shape, (kh, kw), (sh, sw), ((top, _), (left, _)) = cache
    _, height, width, _ = shape
    dx = np.zeros(shape, dy.dtype)
    for h in range(dy.shape[1]):
        for w in range(dy.shape[2]):
            rows = inside(h * sh - top, kh, height)
            columns = inside(w * sw - left, kw, width)
            pixels = (rows.stop - rows.start) * (columns.stop - columns.start)
            dx[:, rows, columns] += dy[:, h, w][:, None, None] / pixels
    return dx


def inside(start, length, size):
    """Return the part of a window's positions along one axis that lies in the image."""
    return slice(max(start, 0), min(start + length, size))
