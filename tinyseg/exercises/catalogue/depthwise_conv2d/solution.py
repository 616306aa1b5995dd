"""depthwise_conv2d: a convolution whose sum leaves the channels alone.

With y and dy as (N, OH, OW, C, M), one product x * kernel is a term of one y, so it sends kernel * dy to its pixel and
x * dy to its kernel number. A pixel meets the M kernels of its own channel: dx is a sum over m, and over the windows
that the pixel is in. (C, M) in row-major order is the contract's c * M + m, so a reshape takes the two axes together
and apart.
"""

import numpy as np


def depthwise_conv2d_forward(x, kernel, bias, *, strides):
    """Return (y, cache)."""
    images, height, width, channels = x.shape
    kh, kw, _, multiplier = kernel.shape
    sh, sw = strides
    oh, ow = (height - kh) // sh + 1, (width - kw) // sw + 1
    y = np.zeros((images, oh, ow, channels, multiplier), x.dtype)
    for h in range(oh):
        for w in range(ow):
            window = x[:, h * sh : h * sh + kh, w * sw : w * sw + kw, :]
            y[:, h, w] = (window[..., None] * kernel).sum(axis=(1, 2))
    return y.reshape(images, oh, ow, channels * multiplier) + bias, (x, kernel, strides)


def depthwise_conv2d_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    x, kernel, (sh, sw) = cache
    kh, kw, channels, multiplier = kernel.shape
    images, oh, ow, _ = dy.shape
    split = dy.reshape(images, oh, ow, channels, multiplier)
    dx, dkernel = np.zeros(x.shape, dy.dtype), np.zeros(kernel.shape, dy.dtype)
    for h in range(oh):
        for w in range(ow):
            g = split[:, h, w][:, None, None]
            place = (slice(None), slice(h * sh, h * sh + kh), slice(w * sw, w * sw + kw))
            dx[place] += (g * kernel).sum(axis=-1)
            dkernel += (g * x[place][..., None]).sum(axis=0)
    return dx, dkernel, dy.sum(axis=(0, 1, 2))
