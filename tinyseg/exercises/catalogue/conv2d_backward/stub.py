"""Exercise: conv2d_backward   (chapter 3, difficulty 3 of 5)

A convolution (window moved by one pixel, no padding) computed

    y[n, h, w, f] = bias[f] + sum over i, j, c of  x[n, h + i, w + j, c] * kernel[i, j, c, f]

and everything after it made a loss of y. You are given dy, the gradient of the loss by y: when y[n, h, w, f] grows by a
tiny e, the loss grows by e * dy[n, h, w, f]. Find the same for each number that went in:

    dx       by how much the loss grows with each number of x
    dkernel  ... of the kernel
    dbias    ... of the bias

    dy       (N, OH, OW, F)      OH = H - KH + 1 and OW = W - KW + 1
    cache    (x, kernel)         a tuple: x (N, H, W, C) and kernel (KH, KW, C, F) of the forward
    dx       (N, H, W, C)        dkernel (KH, KW, C, F)        dbias (F,)

By hand, with one image, one channel and one filter (axes of length 1 are not shown):

    x = [[1, 2, 0],
         [3, 1, 1],
         [0, 2, 4]]
    kernel = [[1, 0],
              [2, -1]]
    dy = [[1, 0],
          [2, -1]]

    dx = [[1, 0, 0],
          [4, -2, 0],
          [4, -4, 1]]
    dkernel = [[6, 3],
               [1, 1]]
    dbias = [2]

The pixel in the middle, x[1, 1], takes part in all four outputs: dx[1, 1] = 1 * (-1) + 0 * 2 + 2 * 0 + (-1) * 1 = -2.

Loops are welcome: that it is fast is another exercise. Arrays that are given may not be changed, dy neither.
Allowed: NumPy and plain Python.
"""

import numpy as np


def conv2d_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    raise NotImplementedError("conv2d_backward is yours to write")
