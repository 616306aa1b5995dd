"""Exercise: conv2d_forward   (chapter 2, difficulty 2 of 5)

A convolution slides a window over an image. Wherever the window stands, each pixel in it is multiplied by the number of
the kernel that lies over it, and the products are added up, over all channels. A bias is added to the sum:

    y[n, h, w, f] = bias[f] + sum over i, j, c of  x[n, h + i, w + j, c] * kernel[i, j, c, f]

The window moves by one pixel at a time and never leaves the image (no padding), so that y is a little smaller than x.

    x       (N, H, W, C)      N images with H rows, W columns and C channels
    kernel  (KH, KW, C, F)    F filters of KH rows and KW columns, with a number for each channel
    bias    (F,)              one number for each filter
    y       (N, OH, OW, F)    OH = H - KH + 1 and OW = W - KW + 1

By hand, with one image, one channel and one filter (axes of length 1 are not shown):

    x = [[1, 2, 0],
         [3, 1, 1],
         [0, 2, 4]]
    kernel = [[1, 0],
              [2, -1]]
    bias = [5]

    y = [[11, 8],
         [6, 6]]

y[0, 0] is 5 + 1 * 1 + 2 * 0 + 3 * 2 + 1 * (-1) = 11. The kernel is not turned round: its top left number meets the top
left pixel of the window.

Loops are welcome: that it is fast is another exercise. Arrays that are given may not be changed.
Allowed: NumPy and plain Python.
"""

import numpy as np


def conv2d_forward(x, kernel, bias):
    """Return y (N, OH, OW, F)."""
    raise NotImplementedError("conv2d_forward is yours to write")
