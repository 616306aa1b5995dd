"""Exercise: depthwise_conv2d   (chapter 3, difficulty 3 of 5)

A depthwise convolution treats each channel alone: channel c of the image meets its own M kernels and makes M channels
of y. Nothing is summed over channels.

    y[n, h, w, c * M + m] = bias[c * M + m]
                            + sum over i, j of  x[n, h * SH + i, w * SW + j, c] * kernel[i, j, c, m]

    x          (N, H, W, C)
    kernel     (KH, KW, C, M)          M kernels for each of the C channels
    bias       (C * M,)
    strides    (SH, SW)                by how many rows and columns the window moves
    y, dy      (N, OH, OW, C * M)      OH = (H - KH) // SH + 1 and OW = (W - KW) // SW + 1 (no padding)
    dx, dkernel, dbias                 the gradients of the loss by x, kernel and bias, in their shapes

Backward gets dy, the gradient of the loss by y, and the cache that your forward made.

By hand, with one image of one row and three columns, two channels, one kernel of (1, 2) for each of them, and
strides=(1, 1); channel 0 and channel 1 are written one after the other, axes of length 1 are not shown:

    x0 = [1, 2, 3]
    x1 = [4, 5, 6]
    kernel0 = [1, -1]
    kernel1 = [2, 1]
    bias = [10, 20]
    y0 = [9, 9]
    y1 = [33, 36]
    dy0 = [1, 2]
    dy1 = [3, -1]
    dx0 = [1, 1, -2]
    dx1 = [6, 1, -1]
    dkernel0 = [5, 8]
    dkernel1 = [7, 9]
    dbias = [3, 2]

Loops are welcome. Arrays that are given may not be changed. Allowed: NumPy and plain Python.
"""

import numpy as np


def depthwise_conv2d_forward(x, kernel, bias, *, strides):
    """Return (y, cache); the cache is whatever depthwise_conv2d_backward needs."""
    raise NotImplementedError("depthwise_conv2d_forward is yours to write")


def depthwise_conv2d_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    raise NotImplementedError("depthwise_conv2d_backward is yours to write")
