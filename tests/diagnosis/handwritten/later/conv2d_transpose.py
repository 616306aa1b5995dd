"""conv2d_transpose, the second corpus."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def sizes(n, k, s, d, padding):
    """Return (outputs, how many of the full result are cut off in front)."""
    span = (k - 1) * d + 1
    if padding == "valid":
        return (n - 1) * s + max(span, s), 0
    out = n * s
    return out, max((n - 1) * s + span - out, 0) // 2


# --- scatter with loops, float64


def scatter_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, F, _ = kernel.shape
    OH, top = sizes(H, KH, strides[0], dilation_rate[0], padding)
    OW, left = sizes(W, KW, strides[1], dilation_rate[1], padding)
    y = np.zeros((N, OH, OW, F)) + bias
    for n in range(N):
        for h in range(H):
            for w in range(W):
                for i in range(KH):
                    for j in range(KW):
                        r = h * strides[0] + i * dilation_rate[0] - top
                        q = w * strides[1] + j * dilation_rate[1] - left
                        if 0 <= r < OH and 0 <= q < OW:
                            for f in range(F):
                                for c in range(C):
                                    y[n, r, q, f] += x[n, h, w, c] * kernel[i, j, f, c]
    return y, (x, kernel, strides, dilation_rate, top, left)


def scatter_backward(dy, cache):
    x, kernel, strides, dil, top, left = cache
    N, H, W, C = x.shape
    KH, KW, F, _ = kernel.shape
    dx, dk = np.zeros(x.shape), np.zeros(kernel.shape)
    for n in range(N):
        for h in range(H):
            for w in range(W):
                for i in range(KH):
                    for j in range(KW):
                        r, q = h * strides[0] + i * dil[0] - top, w * strides[1] + j * dil[1] - left
                        if r < 0 or q < 0 or r >= dy.shape[1] or q >= dy.shape[2]:
                            continue
                        for f in range(F):
                            dx[n, h, w] += dy[n, r, q, f] * kernel[i, j, f]
                            dk[i, j, f] += dy[n, r, q, f] * x[n, h, w]
    return dx, dk, dy.sum((0, 1, 2))


# --- taps: the full result in a large array, then a crop


def taps_forward(x, kernel, bias, strides, padding, dilation_rate):
    (sh, sw), (dh, dw) = strides, dilation_rate
    N, H, W, C = x.shape
    KH, KW, F, _ = kernel.shape
    OH, top = sizes(H, KH, sh, dh, padding)
    OW, left = sizes(W, KW, sw, dw, padding)
    big = np.zeros((N, max((H - 1) * sh + (KH - 1) * dh + 1, OH + top), max((W - 1) * sw + (KW - 1) * dw + 1, OW + left), F), x.dtype)
    for i in range(KH):
        for j in range(KW):
            big[:, i * dh:i * dh + (H - 1) * sh + 1:sh, j * dw:j * dw + (W - 1) * sw + 1:sw] += x @ kernel[i, j].T
    y = big[:, top:top + OH, left:left + OW] + bias
    return y, (x, kernel, big.shape, top, left, strides, dilation_rate)


def taps_backward(dy, cache):
    x, kernel, shape, top, left, (sh, sw), (dh, dw) = cache
    big = np.zeros(shape, dy.dtype)
    big[:, top:top + dy.shape[1], left:left + dy.shape[2]] = dy
    dx, dk = np.zeros_like(x), np.zeros_like(kernel)
    H, W = x.shape[1:3]
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            g = big[:, i * dh:i * dh + (H - 1) * sh + 1:sh, j * dw:j * dw + (W - 1) * sw + 1:sw]
            dx += g @ kernel[i, j]
            dk[i, j] = np.einsum("nhwf,nhwc->fc", g, x)
    return dx, dk, dy.sum(axis=(0, 1, 2))


# --- zeros inserted, then an ordinary convolution with the turned kernel


def inserted_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    (sh, sw), (dh, dw) = strides, dilation_rate
    KH, KW, F, C = kernel.shape
    N, H, W, _ = x.shape
    OH, top = sizes(H, KH, sh, dh, padding)
    OW, left = sizes(W, KW, sw, dw, padding)
    a, b = (KH - 1) * dh, (KW - 1) * dw
    z = np.zeros((N, OH + a + top, OW + b + left, C))
    ends = z[:, a:, b:]
    ends[:, :(H - 1) * sh + 1:sh, :(W - 1) * sw + 1:sw] = x[:, :ends.shape[1] // sh + 1, :ends.shape[2] // sw + 1]
    y = np.zeros((N, OH, OW, F))
    for i in range(KH):
        for j in range(KW):
            y += np.tensordot(z[:, top + a - i * dh:top + a - i * dh + OH, left + b - j * dw:left + b - j * dw + OW], kernel[i, j], axes=([3], [1]))
    return y + bias, (x, kernel, strides, dilation_rate, top, left)


def per_image_backward(dy, cache):
    """One image after the other, by gathered index arrays."""
    x, kernel, strides, dil, top, left = cache
    rows = np.arange(x.shape[1])[:, None] * strides[0] + np.arange(kernel.shape[0]) * dil[0] - top
    columns = np.arange(x.shape[2])[:, None] * strides[1] + np.arange(kernel.shape[1]) * dil[1] - left
    ok = ((rows >= 0) & (rows < dy.shape[1]))[:, :, None, None] & ((columns >= 0) & (columns < dy.shape[2]))
    dx, dk = [], 0
    for image, g in zip(x, dy):
        windows = g[np.clip(rows, 0, len(g) - 1)][:, :, np.clip(columns, 0, g.shape[1] - 1)] * ok[..., None]
        dx.append(np.einsum("hiwjf,ijfc->hwc", windows, kernel))
        dk = dk + np.einsum("hiwjf,hwc->ijfc", windows, image)
    return np.array(dx), dk, np.array([dy[..., f].sum() for f in range(dy.shape[3])])


CORRECT = [
    Correct("scatter loops into np.zeros", scatter_forward, scatter_backward),
    Correct("taps and a crop", taps_forward, taps_backward),
    Correct("zeros inserted", inserted_forward, per_image_backward),
    Correct("scatter, gathered backward", scatter_forward, per_image_backward),
    Correct("taps in double", lambda x, k, b, **o: taps_forward(np.double(x), np.double(k), np.double(b), **o), taps_backward),
]


def repeated_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """Pixels are repeated where zeros belong between them."""
    (sh, sw), (dh, dw) = strides, dilation_rate
    KH, KW, F, C = kernel.shape
    OH, top = sizes(x.shape[1], KH, sh, dh, padding)
    OW, left = sizes(x.shape[2], KW, sw, dw, padding)
    a, b = (KH - 1) * dh, (KW - 1) * dw
    wide = x.repeat(sh, axis=1).repeat(sw, axis=2)
    z = np.pad(wide, ((0, 0), (a, a + sh + top), (b, b + sw + left), (0, 0)))
    y = np.zeros((len(x), OH, OW, F)) + bias
    for i in range(KH):
        for j in range(KW):
            y += z[:, top + a - i * dh:, left + b - j * dw:][:, :OH, :OW] @ kernel[i, j].T
    return y, None


MASKS = {}


def crop_of_the_first_call(n, k, s, d, padding):
    return MASKS.setdefault((n, s, padding), sizes(n, k, s, d, padding))


def kept_x(x):
    return MASKS.setdefault(x.shape, x.copy())


BUGS = [
    Bug("pixels repeated", repeated_forward, None, "pixels are repeated where zeros belong between them"),
    Bug("batch one short", planted(scatter_forward, ("for n in range(N):", "for n in range(max(N - 1, 1)):")), None, "the last image is left out"),
    Bug("channels one short", planted(scatter_forward, ("for c in range(C):", "for c in range(C - 1):")), None, "the last input channel is left out"),
    Bug("filters one short", planted(scatter_forward, ("for f in range(F):", "for f in range(F - 1):")), None, "the last filter gets nothing but its bias"),
    Bug("assigned", planted(scatter_forward, ("y[n, r, q, f] += x[n, h, w, c] * kernel[i, j, f, c]", "y[n, r, q, f] = x[n, h, w, c] * kernel[i, j, f, c] + bias[f]")), None, "overlapping windows overwrite each other"),
    Bug("last row of x", planted(scatter_forward, ("for h in range(H):", "for h in range(H - 1):")), None, "the last row of x is left out"),
    Bug("no crop", planted(scatter_forward, ("i * dilation_rate[0] - top", "i * dilation_rate[0]"), ("j * dilation_rate[1] - left", "j * dilation_rate[1]")), None, "for 'same' the result is cut off at its end instead of around"),
    Bug("kernel channels swapped", planted(scatter_forward, ("kernel[i, j, f, c]", "kernel[i, j, c % F, f % C]")), None, "the kernel's filters and channels are exchanged"),
    Bug("bias per input", planted(scatter_forward, ("kernel[i, j, f, c]", "kernel[i, j, f, c] + bias[f]"), ("np.zeros((N, OH, OW, F)) + bias", "np.zeros((N, OH, OW, F))")), None, "the bias is added for each product"),
    Bug("dk divided by images", taps_forward, planted(taps_backward, ('dk[i, j] = np.einsum("nhwf,nhwc->fc", g, x)', 'dk[i, j] = np.einsum("nhwf,nhwc->fc", g, x) / len(x)')), "dkernel is averaged over the images"),
    Bug("dx assigned", taps_forward, planted(taps_backward, ("dx += g @ kernel[i, j]", "dx = g @ kernel[i, j]")), "dx keeps the last tap only"),
    Bug("dk transposed", taps_forward, planted(taps_backward, ('"nhwf,nhwc->fc", g, x)', '"nhwf,nhwc->cf", g, x).reshape(dk[i, j].shape)')), "dkernel's filters and channels are mixed up by a reshape"),
    Bug("turned", planted(inserted_forward, ("kernel[i, j], axes", "kernel[KH - 1 - i, KW - 1 - j], axes")), None, "the kernel is turned by 180 degrees"),
    Bug("stride of rows for columns", planted(taps_forward, ("(sh, sw), (dh, dw) = strides, dilation_rate", "(sh, sw), (dh, dw) = (strides[0], strides[0]), dilation_rate")), None, "the stride of the rows is used for columns too"),
    Bug("same by rounding up", planted(scatter_forward, ("OH, top = sizes(H, KH, strides[0], dilation_rate[0], padding)", "OH, top = sizes(H, KH, strides[0], dilation_rate[0], padding); top = (max(KH - strides[0], 0) + 1) // 2 if padding == 'same' else 0")), None, "the number of rows cut off in front is rounded up"),
    Bug("image loop one short backward", scatter_forward, planted(scatter_backward, ("for n in range(N):", "for n in range(1, N):")), "the first image is left out of dx and dkernel"),
    Bug("filter loop one short backward", scatter_forward, planted(scatter_backward, ("for f in range(F):", "for f in range(F - 1):")), "the last filter is left out of dx and dkernel"),
    Bug("dbias of the input", scatter_forward, planted(scatter_backward, ("dy.sum((0, 1, 2))", "dy.mean((0, 1, 2))")), "dbias is a mean"),
    Bug("dbias first image", scatter_forward, planted(scatter_backward, ("dy.sum((0, 1, 2))", "dy[0].sum((0, 1))")), "dbias is of the first image only"),
    Bug("x of the first call", planted(taps_forward, ("return y, (x, kernel", "return y, (kept_x(x), kernel")), taps_backward, "dkernel uses the x of the first call with that shape"),
    Bug("crop of the first call", planted(taps_forward, ("sizes(", "crop_of_the_first_call("), every=True), None, "output size and crop of the first call are kept per size, stride and padding, whatever the window"),
    Bug("float32", planted(taps_forward, ("F), x.dtype)", "F), np.float32)")), None, "added up in float32"),
    Bug("dilation ignored and no bias", planted(taps_forward, ("left:left + OW] + bias", "left:left + OW]"), ("big[:, i * dh:i * dh + (H - 1) * sh + 1:sh, j * dw:j * dw", "big[:, i:i + (H - 1) * sh + 1:sh, j:j")), None, "the dilation is ignored and the bias forgotten"),
]
