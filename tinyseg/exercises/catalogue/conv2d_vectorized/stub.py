"""Exercise: conv2d_vectorized   (chapter 3, difficulty 3 of 5)

A convolution in seven loops takes minutes for what a network does many times a second, because Python thinks anew about
each product. NumPy works through a whole array in one call. Write forward and backward of the convolution so that the
only loops are over the taps of the kernel, KH * KW rounds, and each round handles all outputs of all images at once:

    y[n, h, w, f] = bias[f] + sum over i, j of ( sum over c of  x[n, h + i, w + j, c] * kernel[i, j, c, f] )

The sum in brackets is a matrix product for a fixed tap (i, j). No array that is larger than x or y is needed: pixels
are not copied into a matrix of windows (that is the exercise conv2d_im2col).

    x        (N, H, W, C)        kernel  (KH, KW, C, F)        bias  (F,)
    y, dy    (N, OH, OW, F)      OH = H - KH + 1 and OW = W - KW + 1 (the window moves by one pixel, no padding)
    dx, dkernel, dbias           the gradients of the loss by x, kernel and bias, in their shapes

Backward gets dy, the gradient of the loss by y, and the cache that your forward made.

By hand, with one image, one channel and one filter (axes of length 1 are not shown):

    x = [[1, 2, 0],
         [3, 1, 1],
         [0, 2, 4]]
    kernel = [[1, 0],
              [2, -1]]
    bias = [5]
    y = [[11, 8],
         [6, 6]]
    dy = [[1, 0],
          [2, -1]]
    dx = [[1, 0, 0],
          [4, -2, 0],
          [4, -4, 1]]
    dkernel = [[6, 3],
               [1, 1]]
    dbias = [2]

Tap (1, 0), of value 2, meets the pixels [[3, 1], [0, 2]] and so adds [[6, 2], [0, 4]] to y.

Whether it is fast, `tinyseg exercises bench conv2d_vectorized` shows: loops over pixels pass the check, and come last
there. Arrays that are given may not be changed. Allowed: NumPy and plain Python.
"""

import numpy as np


def conv2d_vectorized_forward(x, kernel, bias):
    """Return (y, cache); the cache is whatever conv2d_vectorized_backward needs."""
    raise NotImplementedError("conv2d_vectorized_forward is yours to write")


def conv2d_vectorized_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    raise NotImplementedError("conv2d_vectorized_backward is yours to write")
