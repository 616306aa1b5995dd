"""Exercise: avg_pool2d   (chapter 4, difficulty 3 of 5)

Average pooling replaces each window by the mean of its pixels, for each image and each channel alone:

    y[n, h, w, c] = mean over i < KH, j < KW of  x[n, h * SH - top + i, w * SW - left + j, c]

Windows may reach beyond the image: `padding` says by how many rows and columns the image is thought to be larger. Those
padded places are no pixels: the mean is over the pixels of the window that are in the image, however few they are.

    x          (N, H, W, C)
    pool_size  (KH, KW)                          rows and columns of the window
    strides    (SH, SW)                          by how many rows and columns it moves from one output to the next
    padding    ((top, bottom), (left, right))    rows above and below, columns left and right
    y, dy      (N, OH, OW, C)                    OH = (H + top + bottom - KH) // SH + 1
                                                 OW = (W + left + right - KW) // SW + 1
    dx         (N, H, W, C)

Backward gets dy, the gradient of the loss by y, and finds dx, the gradient by x: each pixel of a window has an equal
share in its mean. A pixel that is in several windows gets the sum, a pixel in no window gets 0. Each window has at
least one pixel in the image.

By hand, with pool_size=(2, 2), strides=(2, 2) and padding=((0, 1), (0, 1)), one image and one channel (axes of length 1
are not shown):

    x = [[1, 3, 4],
         [5, 7, 2],
         [6, 2, 9]]
    y = [[4, 3],
         [4, 9]]
    dy = [[4, 2],
          [6, 5]]
    dx = [[1, 1, 1],
          [1, 1, 1],
          [3, 3, 5]]

Arrays that are given may not be changed. Allowed: NumPy and plain Python; loops are welcome.
"""

import numpy as np


def avg_pool2d_forward(x, *, pool_size, strides, padding):
    """Return (y, cache); the cache is whatever avg_pool2d_backward needs."""
    raise NotImplementedError("avg_pool2d_forward is yours to write")


def avg_pool2d_backward(dy, cache):
    """Return dx."""
    raise NotImplementedError("avg_pool2d_backward is yours to write")
