"""Exercise: conv2d_transpose   (chapter 8, difficulty 4 of 5)

A transposed convolution makes images larger: in a U-Net it brings the coarse maps back to the size of the image. Each
pixel of x leaves a stamp on y, the kernel times the pixel; stamps begin a stride apart, and where they overlap they add
up. Then the bias is added to every number of y, also where no stamp reaches:

    whole[n, h * SH + i, w * SW + j, f]  +=  x[n, h, w, c] * kernel[i, j, f, c]      for all n, h, w, c, i, j, f
    y = whole, cut or filled up to its size, + bias

    x          (N, H, W, C)
    kernel     (KH, KW, F, C)      mind the order: F, the channels of y, before C, those of x
    bias       (F,)
    strides    (SH, SW)
    padding    'valid' or 'same'
    y, dy      (N, OH, OW, F)
    dx, dkernel, dbias             the gradients of the loss by x, kernel and bias, in their shapes

'valid'  OH = (H - 1) * SH + max(KH, SH). If the stride is larger than the kernel, rows at the end have only the bias.
'same'   OH = H * SH. If the kernel is larger than the stride, KH - SH rows are cut off: (KH - SH) // 2 of them at the
         top, the others at the bottom. If not, nothing is cut off, and rows at the end have only the bias.
Columns are treated like rows. Backward gets dy, the gradient of the loss by y, and the cache that your forward made.

By hand, with strides=(1, 2) and padding='valid', one image of one row, one channel, one filter, a kernel of (1, 3)
(axes of length 1 are not shown):

    x = [1, 2]
    kernel = [1, 3, -1]
    bias = [10]
    y = [11, 13, 11, 16, 8]
    dy = [1, 0, 2, 0, -1]
    dx = [-1, 3]
    dkernel = [5, 0, 0]
    dbias = [2]

The stamps are 1 * [1, 3, -1] and 2 * [1, 3, -1], and they overlap in the third number of y: 10 - 1 + 2 = 11. With
padding='same' one column is cut off, at the right:

    ysame = [11, 13, 11, 16]

Loops are welcome. Arrays that are given may not be changed. Allowed: NumPy and plain Python.
"""

import numpy as np


def conv2d_transpose_forward(x, kernel, bias, *, strides, padding):
    """Return (y, cache); the cache is whatever conv2d_transpose_backward needs."""
    raise NotImplementedError("conv2d_transpose_forward is yours to write")


def conv2d_transpose_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    raise NotImplementedError("conv2d_transpose_backward is yours to write")
