"""Exercise: max_pool2d   (chapter 4, difficulty 2 of 5)

Max pooling keeps the largest number of each window, for each image and each channel alone:

    y[n, h, w, c] = max over i < KH, j < KW of  x[n, h * SH + i, w * SW + j, c]

    x          (N, H, W, C)
    pool_size  (KH, KW)          rows and columns of the window
    strides    (SH, SW)          by how many rows and columns it moves from one output to the next
    y, dy      (N, OH, OW, C)    OH = (H - KH) // SH + 1 and OW = (W - KW) // SW + 1: only whole windows count
    dx         (N, H, W, C)

Backward gets dy, the gradient of the loss by y, and finds dx, the gradient by x. Only the largest number of a window
made its y, so it alone gets that window's dy. If the largest number stands in a window more than once, the first of
them wins, reading row by row. Windows overlap when the stride is smaller than the window: then a pixel gets the sum of
all that it won. When the stride is larger, some pixels are in no window, and nothing comes back to them.

By hand, with pool_size=(2, 2) and strides=(1, 1), one image and one channel (axes of length 1 are not shown):

    x = [[1, 2, 0],
         [0, 5, 3],
         [4, 4, 1]]
    y = [[5, 5],
         [5, 5]]
    dy = [[1, 10],
          [2, 3]]
    dx = [[0, 0, 0],
          [0, 16, 0],
          [0, 0, 0]]

and with pool_size=(1, 2) and strides=(2, 1) on the same x, where the two 4 are a tie:

    y2 = [[2, 2],
          [4, 4]]
    dy2 = [[1, 10],
           [2, 3]]
    dx2 = [[0, 11, 0],
           [0, 0, 0],
           [2, 3, 0]]

Arrays that are given may not be changed. Allowed: NumPy and plain Python; loops are welcome.
"""

import numpy as np


def max_pool2d_forward(x, *, pool_size, strides):
    """Return (y, cache); the cache is whatever max_pool2d_backward needs."""
    raise NotImplementedError("max_pool2d_forward is yours to write")


def max_pool2d_backward(dy, cache):
    """Return dx."""
    raise NotImplementedError("max_pool2d_backward is yours to write")
