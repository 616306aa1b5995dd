"""stride_and_dilation: the index h * SH + i * DH, forward and back.

Windows move by the stride, so output h begins at row h * SH; taps are DH apart, so tap i lies i * DH below that. The
span of a window, (KH - 1) * DH + 1, takes the place of KH in the number of outputs, and the places are SH apart.

Both directions do one output after the other, for all images at once: `window` is the block x[:, rows, columns] whose
taps are picked out by slices with the dilation as their step. Backward adds to the very block that forward read.
"""

import numpy as np


def strided_conv2d_forward(x, kernel, bias, *, strides, dilation_rate):
    """Return (y, cache)."""
    images, height, width, _ = x.shape
    kh, kw, _, filters = kernel.shape
    (sh, sw), (dh, dw) = strides, dilation_rate
    span_h, span_w = (kh - 1) * dh + 1, (kw - 1) * dw + 1
    oh, ow = (height - span_h) // sh + 1, (width - span_w) // sw + 1
    y = np.zeros((images, oh, ow, filters), x.dtype)
    for h in range(oh):
        for w in range(ow):
            window = x[:, h * sh : h * sh + span_h : dh, w * sw : w * sw + span_w : dw]
            y[:, h, w] = np.tensordot(window, kernel, 3) + bias
    return y, (x, kernel, strides, dilation_rate)


def strided_conv2d_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    x, kernel, (sh, sw), (dh, dw) = cache
    span_h, span_w = (kernel.shape[0] - 1) * dh + 1, (kernel.shape[1] - 1) * dw + 1
    dx, dkernel = np.zeros(x.shape, dy.dtype), np.zeros(kernel.shape, dy.dtype)
    for h in range(dy.shape[1]):
        for w in range(dy.shape[2]):
            g = dy[:, h, w]
            rows = slice(h * sh, h * sh + span_h, dh)
            columns = slice(w * sw, w * sw + span_w, dw)
            dx[:, rows, columns] += np.tensordot(g, kernel, (1, 3))
            dkernel += np.tensordot(x[:, rows, columns], g, (0, 0))
    return dx, dkernel, dy.sum(axis=(0, 1, 2))
