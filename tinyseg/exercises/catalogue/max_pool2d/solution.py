"""max_pool2d: forward remembers the winner of each window, backward gives it dy.

Near x the function is y = x[winner]: its derivative is 1 for the winner and 0 for all others. argmax numbers the places
of a window row by row and returns the first of equal ones, which is the rule for ties. A pixel can win several windows;
their gradients add up.
"""

import numpy as np


def max_pool2d_forward(x, *, pool_size, strides):
    """Return (y, cache) with the winner's number in its window, from 0 to KH * KW - 1."""
    images, height, width, channels = x.shape
    (kh, kw), (sh, sw) = pool_size, strides
    oh, ow = (height - kh) // sh + 1, (width - kw) // sw + 1
    y = np.empty((images, oh, ow, channels), x.dtype)
    winner = np.empty(y.shape, int)
    for n, h, w, c in np.ndindex(y.shape):
        window = x[n, h * sh : h * sh + kh, w * sw : w * sw + kw, c]
        y[n, h, w, c] = window.max()
        winner[n, h, w, c] = window.argmax()
    return y, (x, winner, pool_size, strides)


def max_pool2d_backward(dy, cache):
    """Return dx: zeros, plus each dy at its winner."""
    x, winner, (kh, kw), (sh, sw) = cache
    dx = np.zeros(x.shape, dy.dtype)
    for n, h, w, c in np.ndindex(dy.shape):
        i, j = np.unravel_index(winner[n, h, w, c], (kh, kw))
        dx[n, h * sh + i, w * sw + j, c] += dy[n, h, w, c]
    return dx
