"""Exercise: winograd   (chapter 11, difficulty 5 of 5)

Four neighbouring outputs (2x2) of a 3x3 convolution see 4x4 pixels. Loops need 4 * 9 = 36 multiplications for them,
Winograd's algorithm F(2x2, 3x3) needs 16. It transforms the kernel g and the tile d of 4x4 pixels, multiplies the
results number by number, and transforms back:

    2x2 outputs = A^T [ (G g G^T) * (B^T d B) ] A            * multiplies numbers at the same place

    G = [[1, 0, 0],
         [0.5, 0.5, 0.5],
         [0.5, -0.5, 0.5],
         [0, 0, 1]]
    BT = [[1, 0, -1, 0],
          [0, 1, 1, 0],
          [0, -1, 1, 0],
          [0, 1, 0, -1]]
    AT = [[1, 1, 1, 0],
          [0, 1, -1, -1]]

BT and AT are B^T and A^T; B and A are their transposes. (The matrices are from Lavin and Gray, "Fast Algorithms for
Convolutional Neural Networks", 2015.) The transforms multiply by 0, 1, -1 and 1/2 only. The sum over channels is taken
before transforming back, so that is done once per filter.

Compute the convolution (window moved by one pixel, no padding) in these steps and return all four results:

    x       (N, H, W, C)                kernel  (3, 3, C, F)                bias  (F,)
    u       (4, 4, C, F)                G g G^T for each channel and filter
    v       (N, TH, TW, 4, 4, C)        B^T d B for each tile: tile (t, s) has its top left corner at pixel (2t, 2s)
    m       (N, TH, TW, 4, 4, F)        v times u, number by number, summed over the channels
    y       (N, H - 2, W - 2, F)        A^T m A for each tile, put side by side, plus the bias

TH = ceil((H - 2) / 2) and TW = ceil((W - 2) / 2). Where a last tile reaches beyond the image (when H or W is odd), it
has zeros there, and what is too much of y is cut off.

By hand, one tile, one channel, one filter (axes of length 1 are not shown):

    x = [[1, 0, 0, 2],
         [0, 2, 1, 0],
         [0, 0, 3, 0],
         [1, 0, 0, 1]]
    kernel = [[0, 0, 0],
              [0, 4, 0],
              [0, 0, 4]]
    bias = [1]
    u = [[0, 0, 0, 0],
         [0, 2, 0, 2],
         [0, 0, 2, 2],
         [0, 2, 2, 4]]
    v = [[4, -3, -3, -2],
         [-4, 6, 2, 2],
         [-2, 0, 4, -2],
         [-2, 3, -1, 3]]
    m = [[0, 0, 0, 0],
         [0, 12, 0, 4],
         [0, 0, 8, -4],
         [0, 6, -2, 12]]
    y = [[21, 5],
         [1, 17]]

y[0, 0] is 4 * x[1, 1] + 4 * x[2, 2] + 1 = 21, as by an ordinary convolution. That all four results are asked for is
why an ordinary convolution is no answer here.

Arrays that are given may not be changed. Allowed: NumPy and plain Python.
"""

import numpy as np


def winograd_conv2d(x, kernel, bias):
    """Return (u, v, m, y)."""
    raise NotImplementedError("winograd_conv2d is yours to write")
