"""Exercise: stride_and_dilation   (chapter 3, difficulty 4 of 5)

Two numbers change which pixels a convolution reads. The *stride* is the step of the window from one output to the next.
The *dilation rate* is the step from one tap of the window to the next: with 2, every other pixel is left out, and a
window of 3 reaches over 5 pixels. Both have a value for rows and one for columns:

    y[n, h, w, f] = bias[f] + sum over i, j, c of  x[n, h * SH + i * DH, w * SW + j * DW, c] * kernel[i, j, c, f]

    x              (N, H, W, C)        kernel  (KH, KW, C, F)        bias  (F,)
    strides        (SH, SW)            dilation_rate  (DH, DW)
    y, dy          (N, OH, OW, F)      as many as the window, from its first to its last tap, fits into the image:
                                       OH = (H - ((KH - 1) * DH + 1)) // SH + 1, and OW likewise
    dx, dkernel, dbias                 the gradients of the loss by x, kernel and bias, in their shapes

Backward gets dy, the gradient of the loss by y, and the cache that your forward made.

By hand, with strides=(2, 1) and dilation_rate=(1, 2), one image, one channel, one filter (axes of length 1 are not
shown):

    x = [[1, 2, 0, 1],
         [4, 1, 2, 0],
         [0, 5, 1, 2]]
    kernel = [[1, 2],
              [3, -1]]
    bias = [1]
    y = [[12, 8]]
    dy = [[1, -2]]
    dx = [[1, -2, 2, -4],
          [3, -6, -1, 2],
          [0, 0, 0, 0]]
    dkernel = [[-3, -2],
               [2, 2]]
    dbias = [-1]

y[0, 0] is 1 + 1 * 1 + 0 * 2 + 4 * 3 + 2 * (-1) = 12. No window reaches the last row, so its gradient is 0.

Loops are welcome. Arrays that are given may not be changed. Allowed: NumPy and plain Python.
"""

import numpy as np


def strided_conv2d_forward(x, kernel, bias, *, strides, dilation_rate):
    """Return (y, cache); the cache is whatever strided_conv2d_backward needs."""
    raise NotImplementedError("strided_conv2d_forward is yours to write")


def strided_conv2d_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    raise NotImplementedError("strided_conv2d_backward is yours to write")
