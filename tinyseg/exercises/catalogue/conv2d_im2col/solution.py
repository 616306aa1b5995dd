"""conv2d_im2col: copy windows into rows, multiply once; on the way back multiply, and add rows into windows.

With X the columns, K the kernel as a matrix and Y = X K + b, the gradients of a matrix product are

    dX = dY K^T        dK = X^T dY        db = sum of dY over its rows

X holds copies of pixels. A pixel's gradient is the sum of those of its copies, so the copying slice by slice of the
forward turns into adding slice by slice ("col2im").
"""

import numpy as np


def conv2d_im2col_forward(x, kernel, bias, *, strides):
    """Return (columns, y)."""
    kh, kw, channels, filters = kernel.shape
    sh, sw = strides
    oh, ow = (x.shape[1] - kh) // sh + 1, (x.shape[2] - kw) // sw + 1
    windows = np.zeros((len(x), oh, ow, kh, kw, channels), x.dtype)
    for i in range(kh):
        for j in range(kw):
            windows[:, :, :, i, j] = x[:, i : i + sh * oh : sh, j : j + sw * ow : sw]
    columns = windows.reshape(len(x) * oh * ow, kh * kw * channels)
    y = columns @ kernel.reshape(kh * kw * channels, filters) + bias
    return columns, y.reshape(len(x), oh, ow, filters)


def conv2d_im2col_backward(dy, cache):
    """Return (dcolumns, dx, dkernel, dbias)."""
    columns, kernel, shape, (sh, sw) = cache
    images, oh, ow, filters = dy.shape
    kh, kw, channels, _ = kernel.shape
    rows = dy.reshape(images * oh * ow, filters)
    dcolumns = rows @ kernel.reshape(kh * kw * channels, filters).T
    dkernel = (columns.T @ rows).reshape(kernel.shape)
    dwindows = dcolumns.reshape(images, oh, ow, kh, kw, channels)
    dx = np.zeros(shape, dy.dtype)
    for i in range(kh):
        for j in range(kw):
            dx[:, i : i + sh * oh : sh, j : j + sw * ow : sw] += dwindows[:, :, :, i, j]
    return dcolumns, dx, dkernel, rows.sum(axis=0)
