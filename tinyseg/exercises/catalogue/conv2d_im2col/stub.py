"""Exercise: conv2d_im2col   (chapter 11, difficulty 3 of 5)

Processors multiply matrices faster than they do anything else. A convolution becomes one matrix product when each
window is written as a row of a matrix: `columns` has a row for each output and a column for each number of a window.

    columns[(n, h, w), (i, j, c)] = x[n, h * SH + i, w * SW + j, c]
    y = columns @ kernel + bias         with the kernel as a matrix (KH * KW * C, F)

(n, h, w) is a row's number when the outputs are counted image by image, row by row, column by column; (i, j, c) is a
column's number when the window is counted row by row, column by column, channel by channel.

    x        (N, H, W, C)        kernel  (KH, KW, C, F)        bias  (F,)        strides  (SH, SW)
    columns  (N * OH * OW, KH * KW * C)                        OH = (H - KH) // SH + 1, OW likewise (no padding)
    y, dy    (N, OH, OW, F)

Forward returns the columns and y. Backward gets dy, the gradient of the loss by y, and
cache = (columns, kernel, (N, H, W, C), (SH, SW)): the right columns, the kernel, the shape of x and the strides. It
returns the gradient by the columns, dcolumns, and with its help dx, dkernel and dbias, in the shapes of x, kernel and
bias.

By hand, with strides=(1, 1), one image, one channel, one filter (axes of length 1 are not shown):

    x = [[1, 2, 0],
         [3, 1, 1],
         [0, 2, 4]]
    kernel = [[1, 0],
              [2, -1]]
    bias = [5]
    columns = [[1, 2, 3, 1],
               [2, 0, 1, 1],
               [3, 1, 0, 2],
               [1, 1, 2, 4]]
    y = [[11, 8],
         [6, 6]]
    dy = [[1, 0],
          [2, -1]]
    dcolumns = [[1, 0, 2, -1],
                [0, 0, 0, 0],
                [2, 0, 4, -2],
                [-1, 0, -2, 1]]
    dx = [[1, 0, 0],
          [4, -2, 0],
          [4, -4, 1]]
    dkernel = [[6, 3],
               [1, 1]]
    dbias = [2]

The pixel in the middle, x[1, 1], stands in all four rows: dx[1, 1] is -1 + 0 + 0 - 1, one number of each row of
dcolumns. How much larger than x are the columns for a window of 3x3?

Arrays that are given may not be changed. Allowed: NumPy and plain Python. Loops over taps are fine; loops over pixels
are right, but slow (`tinyseg exercises bench conv2d_im2col`).
"""

import numpy as np


def conv2d_im2col_forward(x, kernel, bias, *, strides):
    """Return (columns, y)."""
    raise NotImplementedError("conv2d_im2col_forward is yours to write")


def conv2d_im2col_backward(dy, cache):
    """Return (dcolumns, dx, dkernel, dbias) for cache = (columns, kernel, shape of x, strides)."""
    raise NotImplementedError("conv2d_im2col_backward is yours to write")
