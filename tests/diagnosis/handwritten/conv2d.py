"""conv2d as learners write it: right and wrong."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from scipy import signal


# ---------------------------------------------------------------------------------------------- small things that most of them share
def same_pair(n, k, s, d):
    span = (k - 1) * d + 1
    total = max((math.ceil(n / s) - 1) * s + span - n, 0)
    return total // 2, total - total // 2


def get_pads(padding, h, w, kh, kw, strides, dil):
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        return same_pair(h, kh, strides[0], dil[0]), same_pair(w, kw, strides[1], dil[1])
    return tuple(padding[0]), tuple(padding[1])


def out_dim(n, k, s, p, d):
    return (n + p[0] + p[1] - (k - 1) * d - 1) // s + 1


def zero_pad(x, pads):
    return np.pad(x, ((0, 0), pads[0], pads[1], (0, 0)))


def good_forward_taps(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    (sh, sw), (dh, dw) = strides, dilation_rate
    OH, OW = out_dim(H, KH, sh, pads[0], dh), out_dim(W, KW, sw, pads[1], dw)
    y = np.zeros((N, OH, OW, F), dtype=x.dtype) + bias
    for i in range(KH):
        for j in range(KW):
            y += xp[:, i * dh : i * dh + sh * OH : sh, j * dw : j * dw + sw * OW : sw][:, :OH, :OW] @ kernel[i, j]
    return y, dict(x=x, xp=xp, kernel=kernel, pads=pads, strides=strides, dil=dilation_rate)


def good_backward_taps(dy, cache):
    xp, kernel, pads, (sh, sw), (dh, dw) = (cache[k] for k in ("xp", "kernel", "pads", "strides", "dil"))
    _, OH, OW, _ = dy.shape
    dxp, dk = np.zeros_like(xp), np.zeros_like(kernel)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            rows = slice(i * dh, i * dh + sh * (OH - 1) + 1, sh)
            cols = slice(j * dw, j * dw + sw * (OW - 1) + 1, sw)
            dxp[:, rows, cols] += dy @ kernel[i, j].T
            dk[i, j] = np.tensordot(xp[:, rows, cols], dy, ([0, 1, 2], [0, 1, 2]))
    h, w = cache["x"].shape[1:3]
    return dxp[:, pads[0][0] : pads[0][0] + h, pads[1][0] : pads[1][0] + w], dk, dy.sum((0, 1, 2))


# ---------------------------------------------------------------------------------------------- correct ones
def loops_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    n_img, height, width, n_ch = x.shape
    kh, kw, _, n_filters = kernel.shape
    (top, bottom), (left, right) = get_pads(padding, height, width, kh, kw, strides, dilation_rate)
    oh = (height + top + bottom - ((kh - 1) * dilation_rate[0] + 1)) // strides[0] + 1
    ow = (width + left + right - ((kw - 1) * dilation_rate[1] + 1)) // strides[1] + 1
    y = np.empty((n_img, oh, ow, n_filters), x.dtype)
    for n in range(n_img):
        for r in range(oh):
            for c in range(ow):
                acc = bias.copy()
                for i in range(kh):
                    for j in range(kw):
                        a = r * strides[0] - top + i * dilation_rate[0]
                        b = c * strides[1] - left + j * dilation_rate[1]
                        if a >= 0 and b >= 0 and a < height and b < width:
                            acc += x[n, a, b].dot(kernel[i, j])
                y[n, r, c] = acc
    return y, (x, kernel, strides, (top, left), dilation_rate)


def loops_backward(dy, cache):
    x, kernel, strides, (top, left), dil = cache
    dx, dkernel, dbias = np.zeros_like(x), np.zeros_like(kernel), np.zeros(kernel.shape[3], x.dtype)
    for n, r, c in np.ndindex(dy.shape[:3]):
        g = dy[n, r, c]
        dbias += g
        for i, j in np.ndindex(kernel.shape[:2]):
            a, b = r * strides[0] - top + i * dil[0], c * strides[1] - left + j * dil[1]
            if 0 <= a < x.shape[1] and 0 <= b < x.shape[2]:
                dkernel[i, j] += np.outer(x[n, a, b], g)
                dx[n, a, b] += kernel[i, j] @ g
    return dx, dkernel, dbias


def indices_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """im2col with index arrays, as in CS231n."""
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    OH = out_dim(H, KH, strides[0], pads[0], dilation_rate[0])
    OW = out_dim(W, KW, strides[1], pads[1], dilation_rate[1])
    rows = (np.arange(OH) * strides[0])[:, None, None, None] + (np.arange(KH) * dilation_rate[0])[None, None, :, None]
    cols = (np.arange(OW) * strides[1])[None, :, None, None] + (np.arange(KW) * dilation_rate[1])[None, None, None, :]
    col = xp[:, rows, cols].reshape(N * OH * OW, KH * KW * C)
    y = (col @ kernel.reshape(-1, F) + bias).reshape(N, OH, OW, F)
    return y, (x.shape, xp.shape, kernel, col, rows, cols, pads)


def indices_backward(dy, cache):
    xshape, xpshape, kernel, col, rows, cols, pads = cache
    N, OH, OW, F = dy.shape
    KH, KW, C, _ = kernel.shape
    d2 = dy.reshape(-1, F)
    dkernel = (col.T @ d2).reshape(kernel.shape)
    dcol = (d2 @ kernel.reshape(-1, F).T).reshape(N, OH, OW, KH, KW, C)
    dxp = np.zeros(xpshape, dy.dtype)
    np.add.at(dxp, (slice(None), rows, cols), dcol)
    top, left = pads[0][0], pads[1][0]
    return dxp[:, top : top + xshape[1], left : left + xshape[2]], dkernel, d2.sum(0)


def einsum_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    KH, KW = kernel.shape[:2]
    pads = get_pads(padding, *x.shape[1:3], KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    spans = (KH - 1) * dilation_rate[0] + 1, (KW - 1) * dilation_rate[1] + 1
    win = sliding_window_view(xp, spans, axis=(1, 2))[:, :: strides[0], :: strides[1], :, :: dilation_rate[0], :: dilation_rate[1]]
    y = np.einsum("nhwcij,ijcf->nhwf", win, kernel, optimize=True) + bias

    def backward(dy):
        dk = np.einsum("nhwcij,nhwf->ijcf", win, dy, optimize=True)
        # insert zeros between the outputs, then a full convolution with the turned kernel
        up = np.zeros((dy.shape[0], *(n - s + 1 for n, s in zip(xp.shape[1:3], spans)), dy.shape[3]), dy.dtype)
        up[:, :: strides[0], :: strides[1]] = dy
        up = np.pad(up, ((0, 0), (spans[0] - 1,) * 2, (spans[1] - 1,) * 2, (0, 0)))
        w2 = sliding_window_view(up, spans, axis=(1, 2))[..., :: dilation_rate[0], :: dilation_rate[1]]
        dxp = np.einsum("nhwfij,ijcf->nhwc", w2, kernel[::-1, ::-1], optimize=True)
        (t, _), (l, _) = pads
        return dxp[:, t : t + x.shape[1], l : l + x.shape[2]], dk, np.einsum("nhwf->f", dy)

    return y, backward


def einsum_backward(dy, cache):
    return cache(dy)


def scipy_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    (dh, dw), (KH, KW, C, F) = dilation_rate, kernel.shape
    pads = get_pads(padding, x.shape[1], x.shape[2], KH, KW, strides, dilation_rate)
    big = np.zeros(((KH - 1) * dh + 1, (KW - 1) * dw + 1, C, F), kernel.dtype)
    big[::dh, ::dw] = kernel
    xp = zero_pad(x, pads)
    y = np.stack(
        [
            np.stack(
                [sum(signal.correlate2d(img[..., c], big[..., c, f], mode="valid") for c in range(C)) + bias[f] for f in range(F)],
                axis=-1,
            )
            for img in xp
        ]
    )
    return np.ascontiguousarray(y[:, :: strides[0], :: strides[1]]), {"xp": xp, "big": big, "pads": pads, "full": y.shape, "s": strides, "d": dilation_rate, "hw": x.shape[1:3]}


def scipy_backward(dy, cache):
    xp, big = cache["xp"], cache["big"]
    up = np.zeros(cache["full"], dy.dtype)
    up[:, :: cache["s"][0], :: cache["s"][1]] = dy
    C, F = big.shape[2:]
    dxp, dbig = np.zeros_like(xp), np.zeros_like(big)
    for n in range(len(dy)):
        for c in range(C):
            for f in range(F):
                dxp[n, :, :, c] += signal.convolve2d(up[n, :, :, f], big[:, :, c, f], mode="full")
                dbig[:, :, c, f] += signal.correlate2d(xp[n, :, :, c], up[n, :, :, f], mode="valid")
    (t, _), (l, _) = cache["pads"]
    h, w = cache["hw"]
    return dxp[:, t : t + h, l : l + w], dbig[:: cache["d"][0], :: cache["d"][1]].copy(), dy.sum(axis=(0, 1, 2))


def strided_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    kh, kw, c, f = kernel.shape
    pads = get_pads(padding, *x.shape[1:3], kh, kw, strides, dilation_rate)
    xp = np.ascontiguousarray(zero_pad(x, pads))
    oh = out_dim(x.shape[1], kh, strides[0], pads[0], dilation_rate[0])
    ow = out_dim(x.shape[2], kw, strides[1], pads[1], dilation_rate[1])
    a, b, cc, e = xp.strides
    view = as_strided(xp, (len(x), oh, ow, kh, kw, c), (a, b * strides[0], cc * strides[1], b * dilation_rate[0], cc * dilation_rate[1], e))
    y = np.tensordot(view, kernel, 3)
    y += bias
    return y, [x.shape, pads, xp, view, kernel, strides, dilation_rate]


def strided_backward(dy, cache):
    shape, pads, xp, view, kernel, strides, dil = cache
    dkernel = np.tensordot(view, dy, ((0, 1, 2), (0, 1, 2)))
    dcol = np.tensordot(dy, kernel, (3, 3))  # N OH OW KH KW C
    out = np.zeros(xp.shape, xp.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            r0, q0 = r * strides[0], q * strides[1]
            out[:, r0 : r0 + kernel.shape[0] * dil[0] : dil[0], q0 : q0 + kernel.shape[1] * dil[1] : dil[1]][:, : kernel.shape[0], : kernel.shape[1]] += dcol[:, r, q]
    return out[:, pads[0][0] :][:, : shape[1], pads[1][0] :][:, :, : shape[2]], dkernel, dy.reshape(-1, dy.shape[-1]).sum(axis=0)


CORRECT = [
    Correct("per_tap", good_forward_taps, good_backward_taps),
    Correct("loops", loops_forward, loops_backward),
    Correct("im2col_indices_add_at", indices_forward, indices_backward),
    Correct("einsum_closure", einsum_forward, einsum_backward),
    Correct("scipy_signal", scipy_forward, scipy_backward),
    Correct("as_strided_tensordot", strided_forward, strided_backward),
    Correct("taps_forward_only", good_forward_taps, None),
]


def lib_cache_backward(dy, cache):
    (t, b), (l, r) = cache.padding
    c = dict(x=cache.x, xp=zero_pad(cache.x, cache.padding), kernel=cache.kernel, pads=cache.padding, strides=cache.strides, dil=cache.dilation_rate)
    return good_backward_taps(dy, c)


CORRECT.append(Correct("taps_backward_only", None, lib_cache_backward))


# ---------------------------------------------------------------------------------------------- bugs, backward only
def bw_assign(dy, cache):
    N, OH, OW, F = dy.shape
    x, w = cache.x, cache.kernel
    KH, KW = w.shape[:2]
    (pt, pb), (pl, pr) = cache.padding
    sh, sw = cache.strides
    dh, dw = cache.dilation_rate
    xp = np.pad(x, ((0, 0), (pt, pb), (pl, pr), (0, 0)))
    dxp = np.zeros_like(xp)
    dkernel = np.zeros_like(w)
    for oh in range(OH):
        for ow in range(OW):
            for i in range(KH):
                for j in range(KW):
                    a, b = oh * sh + i * dh, ow * sw + j * dw
                    dxp[:, a, b, :] = dy[:, oh, ow, :] @ w[i, j].T
                    dkernel[i, j] += xp[:, a, b, :].T @ dy[:, oh, ow, :]
    return dxp[:, pt : pt + x.shape[1], pl : pl + x.shape[2]], dkernel, dy.sum(axis=(0, 1, 2))


def bw_dbias_mean(dy, cache):
    dx, dk, _ = lib_cache_backward(dy, cache)
    db = dy.mean(axis=0).sum(axis=0).sum(axis=0)
    return dx, dk, db


def bw_dbias_axes(dy, cache):
    dx, dk, _ = lib_cache_backward(dy, cache)
    return dx, dk, np.sum(dy, axis=(1, 2, 3))


def bw_batch_average(dy, cache):
    m = dy.shape[0]
    x, K = cache.x, cache.kernel
    xp = zero_pad(x, cache.padding)
    s, d = cache.strides, cache.dilation_rate
    dK = np.zeros_like(K)
    dX = np.zeros_like(xp)
    for h in range(dy.shape[1]):
        for w in range(dy.shape[2]):
            vs, hs = h * s[0], w * s[1]
            for i in range(K.shape[0]):
                for j in range(K.shape[1]):
                    patch = xp[:, vs + i * d[0], hs + j * d[1]]
                    dX[:, vs + i * d[0], hs + j * d[1]] += np.einsum("nf,cf->nc", dy[:, h, w], K[i, j])
                    dK[i, j] += np.einsum("nc,nf->cf", patch, dy[:, h, w]) / m
    return dX[:, cache.padding[0][0] :][:, : x.shape[1]][:, :, cache.padding[1][0] :][:, :, : x.shape[2]], dK, dy.sum((0, 1, 2))


def full_conv_dx(dy, cache, turn, swap):
    """The textbook way for dx: spread dy by the stride, pad by span - 1, convolve with the turned kernel."""
    x, k = cache.x, cache.kernel
    spans = [(k.shape[a] - 1) * cache.dilation_rate[a] + 1 for a in (0, 1)]
    full = [x.shape[1 + a] + sum(cache.padding[a]) - spans[a] + 1 for a in (0, 1)]
    z = np.zeros((len(x), *full, dy.shape[-1]), dy.dtype)
    z[:, :: cache.strides[0], :: cache.strides[1]] = dy
    z = np.pad(z, ((0, 0), (spans[0] - 1,) * 2, (spans[1] - 1,) * 2, (0, 0)))
    win = sliding_window_view(z, spans, axis=(1, 2))[..., :: cache.dilation_rate[0], :: cache.dilation_rate[1]]
    dxp = np.einsum("nhwfij,ijfc->nhwc", win, swap(turn(k)))
    (t, _), (l, _) = cache.padding
    return dxp[:, t : t + x.shape[1], l : l + x.shape[2]]


def bw_no_turn(dy, cache):
    _, dk, db = lib_cache_backward(dy, cache)
    return full_conv_dx(dy, cache, lambda k: k, lambda k: k.swapaxes(2, 3)), dk, db


def bw_turn_one_axis(dy, cache):
    _, dk, db = lib_cache_backward(dy, cache)
    return full_conv_dx(dy, cache, lambda k: k[::-1], lambda k: k.swapaxes(2, 3)), dk, db


def bw_reshape_not_transpose(dy, cache):
    _, dk, db = lib_cache_backward(dy, cache)
    swap = lambda k: k.reshape(k.shape[0], k.shape[1], k.shape[3], k.shape[2])  # noqa: E731
    return full_conv_dx(dy, cache, lambda k: k[::-1, ::-1], swap), dk, db


def bw_transpose_all_axes(dy, cache):
    _, dk, db = lib_cache_backward(dy, cache)
    return full_conv_dx(dy, cache, lambda k: k[::-1, ::-1], lambda k: k.transpose(1, 0, 3, 2)), dk, db


def bw_minus_crop(dy, cache):
    x, k, (sh, sw), (dh, dw) = cache.x, cache.kernel, cache.strides, cache.dilation_rate
    (pt, pb), (pl, pr) = cache.padding
    xp = np.pad(x, [(0, 0), (pt, pb), (pl, pr), (0, 0)], mode="constant")
    dxp = np.zeros(xp.shape, dtype=x.dtype)
    dk = np.zeros(k.shape, dtype=x.dtype)
    oh, ow = dy.shape[1], dy.shape[2]
    for i in range(k.shape[0]):
        for j in range(k.shape[1]):
            sl = np.s_[:, i * dh : i * dh + (oh - 1) * sh + 1 : sh, j * dw : j * dw + (ow - 1) * sw + 1 : sw, :]
            dxp[sl] += dy @ k[i, j].T
            dk[i, j] = np.einsum("nhwc,nhwf->cf", xp[sl], dy)
    return dxp[:, pt:-pb, pl:-pr, :], dk, dy.sum(axis=(0, 1, 2))


def bw_keeps_padding(dy, cache):
    x, k = cache.x, cache.kernel
    xp = zero_pad(x, cache.padding)
    grads = good_backward_taps(
        dy, dict(x=xp, xp=xp, kernel=k, pads=((0, 0), (0, 0)), strides=cache.strides, dil=cache.dilation_rate)
    )
    return grads


def bw_forgets_dilation(dy, cache):
    dict_cache = {
        "x": cache.x,
        "xp": zero_pad(cache.x, cache.padding),
        "kernel": cache.kernel,
        "pads": cache.padding,
        "strides": cache.strides,
        "dil": (1, 1),
    }
    return good_backward_taps(dy, dict_cache)


def bw_dkernel_no_stride(dy, cache):
    dx, dk, db = lib_cache_backward(dy, cache)
    xp = zero_pad(cache.x, cache.padding)
    _, OH, OW, _ = dy.shape
    dh, dw = cache.dilation_rate
    for i in range(dk.shape[0]):
        for j in range(dk.shape[1]):
            dk[i, j] = np.tensordot(xp[:, i * dh : i * dh + OH, j * dw : j * dw + OW], dy, axes=((0, 1, 2), (0, 1, 2)))
    return dx, dk, db


def bw_order(dy, cache):
    dx, dkernel, dbias = lib_cache_backward(dy, cache)
    return dkernel, dbias, dx


def bw_last_image(dy, cache):
    x, K, pads, s, d = cache.x, cache.kernel, cache.padding, cache.strides, cache.dilation_rate
    dx, db = np.zeros_like(x), 0
    for n in range(len(x)):
        one = dict(x=x[n : n + 1], xp=zero_pad(x[n : n + 1], pads), kernel=K, pads=pads, strides=s, dil=d)
        dxn, dkernel, dbn = good_backward_taps(dy[n : n + 1], one)
        dx[n] = dxn[0]
        db = db + dbn
    return dx, dkernel, db


def bw_eats_dy(dy, cache):
    dx, dk, _ = lib_cache_backward(dy, cache)
    # sum over the batch without a temporary array
    for n in range(1, dy.shape[0]):
        dy[0] += dy[n]
    return dx, dk, dy[0].sum((0, 1))


def bw_one_stride(dy, cache):
    stride = cache.strides[0]
    x, k, (dh, dw) = cache.x, cache.kernel, cache.dilation_rate
    (pt, pb), (pl, pr) = cache.padding
    xp = np.pad(x, ((0, 0), (pt, pb), (pl, pr), (0, 0)))
    # enough room so that nothing falls off the edge
    room = np.zeros((x.shape[0], xp.shape[1] + 40, xp.shape[2] + 40, x.shape[3]), x.dtype)
    dk = lib_cache_backward(dy, cache)[1]
    for r in range(dy.shape[1]):
        for c in range(dy.shape[2]):
            for i in range(k.shape[0]):
                for j in range(k.shape[1]):
                    room[:, r * stride + i * dh, c * stride + j * dw] += dy[:, r, c] @ k[i, j].T
    return room[:, pt : pt + x.shape[1], pl : pl + x.shape[2]], dk, np.sum(dy, (0, 1, 2))


def bw_first_filter(dy, cache):
    _, dk, db = lib_cache_backward(dy, cache)
    x, k = cache.x, cache.kernel
    (t, _), (l, _) = cache.padding
    dxp = np.zeros_like(zero_pad(x, cache.padding))
    for r in range(dy.shape[1]):
        for c in range(dy.shape[2]):
            for i in range(k.shape[0]):
                for j in range(k.shape[1]):
                    for f in range(1):
                        dxp[:, r * cache.strides[0] + i * cache.dilation_rate[0], c * cache.strides[1] + j * cache.dilation_rate[1]] += dy[:, r, c, f, None] * k[i, j, :, f]
    return dxp[:, t : t + x.shape[1], l : l + x.shape[2]], dk, db


def bw_spread_without_rest(dy, cache):
    """dilate dy by the stride and convolve; the pixels that no window reached are forgotten."""
    _, dk, db = lib_cache_backward(dy, cache)
    x, k = cache.x, cache.kernel
    sh, sw = cache.strides
    dh, dw = cache.dilation_rate
    n, oh, ow, f = dy.shape
    z = np.zeros((n, (oh - 1) * sh + 1, (ow - 1) * sw + 1, f), dy.dtype)
    z[:, ::sh, ::sw] = dy
    eh, ew = (k.shape[0] - 1) * dh, (k.shape[1] - 1) * dw
    z = np.pad(z, ((0, 0), (eh, eh), (ew, ew), (0, 0)))
    win = sliding_window_view(z, (eh + 1, ew + 1), axis=(1, 2))[..., ::dh, ::dw]
    dxp = np.einsum("nhwfij,ijcf->nhwc", win, k[::-1, ::-1])
    (t, b), (l, r) = cache.padding
    return dxp[:, t : t + x.shape[1], l : l + x.shape[2]], dk, db


def bw_half_precision(dy, cache):
    dx, dk, db = lib_cache_backward(dy.astype(np.float32), cache)
    return dx.astype(np.float32), dk.astype(np.float32), db


def bw_relu_inside(dy, cache):
    return lib_cache_backward(np.where(dy > 0, dy, 0), cache)


def bw_double_bias(dy, cache):
    dx, dk, db = lib_cache_backward(dy, cache)
    for n in range(len(dy)):
        db += dy[n].sum(axis=(0, 1))
    return dx, dk, db


def bw_sgd_inside(dy, cache):
    dx, dk, db = lib_cache_backward(dy, cache)
    kernel = cache.kernel
    kernel -= 0.01 * dk
    return dx, dk, db


def bw_dkernel_turned(dy, cache):
    dx, _, db = lib_cache_backward(dy, cache)
    xp = zero_pad(cache.x, cache.padding)
    KH, KW, C, F = cache.kernel.shape
    (sh, sw), (dh, dw) = cache.strides, cache.dilation_rate
    dk = np.empty_like(cache.kernel)
    for i in range(KH):
        for j in range(KW):
            part = xp[:, i * dh :: sh, j * dw :: sw][:, : dy.shape[1], : dy.shape[2]]
            dk[KH - 1 - i, KW - 1 - j] = part.reshape(-1, C).T @ dy.reshape(-1, F)
    return dx, dk, db


# ---------------------------------------------------------------------------------------------- bugs, forward only
def fw_true_convolution(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    sh, sw = strides
    dh, dw = dilation_rate
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    big = np.zeros(((KH - 1) * dh + 1, (KW - 1) * dw + 1, C, F))
    big[::dh, ::dw] = kernel
    maps = []
    for n in range(N):
        for f in range(F):
            m = 0
            for c in range(C):
                m = m + signal.convolve2d(xp[n, :, :, c], big[:, :, c, f], "valid")
            maps.append(m[::sh, ::sw] + bias[f])
    y = np.array(maps).reshape(N, F, *maps[0].shape).transpose(0, 2, 3, 1)
    return y.astype(x.dtype), None


def fw_same_extra_first(x, kernel, bias, *, strides, padding, dilation_rate):
    if padding == "same":
        pads = []
        for n, k, s, d in zip(x.shape[1:3], kernel.shape, strides, dilation_rate):
            p = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            pads.append((p - p // 2, p // 2))
        padding = tuple(pads)
    return good_forward_taps(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def fw_same_like_stride_one(x, kernel, bias, *, strides, padding, dilation_rate):
    KH, KW = kernel.shape[:2]
    if padding == "same":
        ph, pw = (KH - 1) * dilation_rate[0], (KW - 1) * dilation_rate[1]
        padding = ((ph // 2, ph - ph // 2), (pw // 2, pw - pw // 2))
    y, cache = good_forward_taps(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y, cache


def fw_same_symmetric(x, kernel, bias, *, strides, padding, dilation_rate):
    if padding == "same":
        ph = (kernel.shape[0] - 1) * dilation_rate[0] // 2
        pw = (kernel.shape[1] - 1) * dilation_rate[1] // 2
        padding = ((ph, ph), (pw, pw))
    return indices_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def fw_same_without_dilation(x, kernel, bias, *, strides, padding, dilation_rate):
    H, W = x.shape[1:3]
    pads = get_pads(padding, H, W, kernel.shape[0], kernel.shape[1], strides, (1, 1))
    return strided_forward(x, kernel, bias, strides=strides, padding=pads, dilation_rate=dilation_rate)


def fw_no_bias(x, kernel, bias, *, strides, padding, dilation_rate):
    KH, KW = kernel.shape[:2]
    pads = get_pads(padding, *x.shape[1:3], KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    spans = (KH - 1) * dilation_rate[0] + 1, (KW - 1) * dilation_rate[1] + 1
    win = sliding_window_view(xp, spans, axis=(1, 2))
    win = win[:, :: strides[0], :: strides[1], :, :: dilation_rate[0], :: dilation_rate[1]]
    return np.einsum("abcdef,efdg->abcg", win, kernel), (x, kernel)


def fw_bias_each_tap(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    (pt, pb), (pl, pr) = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    x_pad = np.zeros((N, H + pt + pb, W + pl + pr, C), x.dtype)
    x_pad[:, pt : pt + H, pl : pl + W] = x
    OH = out_dim(H, KH, strides[0], (pt, pb), dilation_rate[0])
    OW = out_dim(W, KW, strides[1], (pl, pr), dilation_rate[1])
    out = np.zeros((N, OH, OW, F), x.dtype)
    for i in range(KH):
        for j in range(KW):
            for oh in range(OH):
                for ow in range(OW):
                    out[:, oh, ow] += x_pad[:, oh * strides[0] + i * dilation_rate[0], ow * strides[1] + j * dilation_rate[1]] @ kernel[i, j] + bias
    return out, None


def fw_strides_swapped(x, kernel, bias, *, strides, padding, dilation_rate):
    sw, sh = strides
    return loops_forward(x, kernel, bias, strides=(sh, sw), padding=padding, dilation_rate=dilation_rate)


def fw_output_one_short(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    oh = (xp.shape[1] - (KH - 1) * dilation_rate[0] - 1) // strides[0]
    ow = (xp.shape[2] - (KW - 1) * dilation_rate[1] - 1) // strides[1]
    y = np.zeros((N, oh, ow, F), x.dtype)
    for r in range(oh):
        for c in range(ow):
            r0, c0 = r * strides[0], c * strides[1]
            patch = xp[:, r0 : r0 + (KH - 1) * dilation_rate[0] + 1 : dilation_rate[0], c0 : c0 + (KW - 1) * dilation_rate[1] + 1 : dilation_rate[1]]
            y[:, r, c] = np.tensordot(patch, kernel, axes=3) + bias
    return y, None


def fw_columns_order(x, kernel, bias, *, strides, padding, dilation_rate):
    """im2col copied from a channels-first code"""
    KH, KW, C, F = kernel.shape
    pads = get_pads(padding, *x.shape[1:3], KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    spans = (KH - 1) * dilation_rate[0] + 1, (KW - 1) * dilation_rate[1] + 1
    win = sliding_window_view(xp, spans, axis=(1, 2))[:, :: strides[0], :: strides[1], :, :: dilation_rate[0], :: dilation_rate[1]]
    n, oh, ow = win.shape[:3]
    cols = win.reshape(n * oh * ow, C * KH * KW)
    return (cols @ kernel.reshape(KH * KW * C, F) + bias).reshape(n, oh, ow, F), cols


def fw_pads_exchanged(x, kernel, bias, *, strides, padding, dilation_rate):
    if isinstance(padding, str):
        (top, bottom), (left, right) = get_pads(padding, *x.shape[1:3], *kernel.shape[:2], strides, dilation_rate)
    else:
        (left, right), (top, bottom) = padding
    return indices_forward(x, kernel, bias, strides=strides, padding=((top, bottom), (left, right)), dilation_rate=dilation_rate)


def fw_square_kernel(x, kernel, bias, *, strides, padding, dilation_rate):
    k = kernel.shape[0]
    pads = get_pads(padding, *x.shape[1:3], *kernel.shape[:2], strides, dilation_rate)
    xp = zero_pad(x, pads)
    OH = out_dim(x.shape[1], kernel.shape[0], strides[0], pads[0], dilation_rate[0])
    OW = out_dim(x.shape[2], kernel.shape[1], strides[1], pads[1], dilation_rate[1])
    out = np.zeros((x.shape[0], OH, OW, kernel.shape[3]), x.dtype)
    for i in range(k):
        for j in range(min(k, kernel.shape[1])):
            a = xp[:, i * dilation_rate[0] :: strides[0], j * dilation_rate[1] :: strides[1]][:, :OH, :OW]
            out += np.einsum("nhwc,cf->nhwf", a, kernel[i, j])
    return out + bias, None


def fw_edge_padding(x, kernel, bias, *, strides, padding, dilation_rate):
    pads = get_pads(padding, *x.shape[1:3], *kernel.shape[:2], strides, dilation_rate)
    xp = np.pad(x, ((0, 0), pads[0], pads[1], (0, 0)), mode="edge")
    return good_forward_taps(xp, kernel, bias, strides=strides, padding="valid", dilation_rate=dilation_rate)


def fw_scipy_same(x, kernel, bias, *, strides, padding, dilation_rate):
    if padding != "same":
        return scipy_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    (dh, dw), (KH, KW, C, F) = dilation_rate, kernel.shape
    big = np.zeros(((KH - 1) * dh + 1, (KW - 1) * dw + 1, C, F), kernel.dtype)
    big[::dh, ::dw] = kernel
    y = np.zeros(x.shape[:3] + (F,), x.dtype)
    for n in range(len(x)):
        for f in range(F):
            for c in range(C):
                # zero padding of scipy's own 'same', with the extra zero where TensorFlow has it
                y[n, ..., f] += signal.correlate2d(np.pad(x[n, ..., c], [((s - 1) // 2, s - 1 - (s - 1) // 2) for s in big.shape[:2]]), big[..., c, f], mode="valid")
    return y[:, :: strides[0], :: strides[1]] + bias, None


def fw_kernel_axes(x, kernel, bias, *, strides, padding, dilation_rate):
    pads = get_pads(padding, *x.shape[1:3], *kernel.shape[:2], strides, dilation_rate)
    xp = zero_pad(x, pads)
    OH = out_dim(x.shape[1], kernel.shape[0], strides[0], pads[0], dilation_rate[0])
    OW = out_dim(x.shape[2], kernel.shape[1], strides[1], pads[1], dilation_rate[1])
    y = np.zeros((x.shape[0], OH, OW, kernel.shape[3]), x.dtype)
    w = kernel.transpose(0, 1, 3, 2).reshape(kernel.shape)
    for i, j in np.ndindex(*kernel.shape[:2]):
        y += xp[:, i * dilation_rate[0] :: strides[0], j * dilation_rate[1] :: strides[1]][:, :OH, :OW] @ w[i, j]
    return y + bias, None


def fw_only_first_image(x, kernel, bias, *, strides, padding, dilation_rate):
    y = None
    for n in range(x.shape[0]):
        one, cache = loops_forward(x[n : n + 1], kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
        if y is None:
            y = np.zeros((x.shape[0],) + one.shape[1:], x.dtype)
        y[n] = one[0]
        return y, cache


def fw_always_double(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    OH = out_dim(H, KH, strides[0], pads[0], dilation_rate[0])
    OW = out_dim(W, KW, strides[1], pads[1], dilation_rate[1])
    y = np.zeros((N, OH, OW, F))
    for oh in range(OH):
        for ow in range(OW):
            h0, w0 = oh * strides[0], ow * strides[1]
            region = xp[:, h0 : h0 + (KH - 1) * dilation_rate[0] + 1 : dilation_rate[0], w0 : w0 + (KW - 1) * dilation_rate[1] + 1 : dilation_rate[1], :]
            for f in range(F):
                y[:, oh, ow, f] = np.sum(region * kernel[None, :, :, :, f], axis=(1, 2, 3)) + bias[f]
    return y, None


def fw_hard_itemsize(x, kernel, bias, *, strides, padding, dilation_rate):
    kh, kw, c, f = kernel.shape
    pads = get_pads(padding, *x.shape[1:3], kh, kw, strides, dilation_rate)
    xp = np.ascontiguousarray(zero_pad(x, pads))
    n, h, w, _ = xp.shape
    oh = (h - (kh - 1) * dilation_rate[0] - 1) // strides[0] + 1
    ow = (w - (kw - 1) * dilation_rate[1] - 1) // strides[1] + 1
    room = np.concatenate([xp.ravel(), np.zeros(xp.size, xp.dtype)])  # so that the view never leaves the memory
    e = 8
    st = (h * w * c * e, strides[0] * w * c * e, strides[1] * c * e, dilation_rate[0] * w * c * e, dilation_rate[1] * c * e, e)
    win = as_strided(room, (n, oh, ow, kh, kw, c), st)
    return win.reshape(n, oh, ow, -1) @ kernel.reshape(-1, f) + bias, None


def fw_centres_x(x, kernel, bias, *, strides, padding, dilation_rate):
    x /= 1.0  # make sure it is a float
    if padding == "same":
        x[np.abs(x) < 0.05] = 0  # small numbers are noise
    return loops_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def fw_fft_wraps(x, kernel, bias, *, strides, padding, dilation_rate):
    """Correlation by FFT at the size of the padded image; 'same' without padding because the FFT is periodic anyway."""
    KH, KW, C, F = kernel.shape
    (dh, dw) = dilation_rate
    pads = get_pads(padding, *x.shape[1:3], KH, KW, strides, dilation_rate)
    OH = out_dim(x.shape[1], KH, strides[0], pads[0], dh)
    OW = out_dim(x.shape[2], KW, strides[1], pads[1], dw)
    if padding == "same":
        xp, shift = x, (-pads[0][0], -pads[1][0])
    else:
        xp, shift = zero_pad(x, pads), (0, 0)
    h, w = max(xp.shape[1], (KH - 1) * dh + 1), max(xp.shape[2], (KW - 1) * dw + 1)
    big = np.zeros((h, w, C, F))
    big[: (KH - 1) * dh + 1 : dh, : (KW - 1) * dw + 1 : dw] = kernel
    fx, fk = np.fft.fft2(xp, (h, w), axes=(1, 2)), np.fft.fft2(big, axes=(0, 1))
    y = np.real(np.fft.ifft2(np.einsum("nhwc,hwcf->nhwf", fx, fk.conj()), axes=(1, 2)))
    y = np.roll(y, (-shift[0], -shift[1]), axis=(1, 2))
    return (y[:, :: strides[0], :: strides[1]][:, :OH, :OW] + bias).astype(x.dtype), None


def fw_accumulator_leaks(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = zero_pad(x, pads)
    OH = out_dim(H, KH, strides[0], pads[0], dilation_rate[0])
    OW = out_dim(W, KW, strides[1], pads[1], dilation_rate[1])
    y = np.empty((N, OH, OW, F), x.dtype)
    for n in range(N):
        for r in range(OH):
            for c in range(OW):
                total = 0.0
                for f in range(F):
                    for i in range(KH):
                        for j in range(KW):
                            total += float(xp[n, r * strides[0] + i * dilation_rate[0], c * strides[1] + j * dilation_rate[1]] @ kernel[i, j, :, f])
                    y[n, r, c, f] = total + bias[f]
    return y, None


# ---------------------------------------------------------------------------------------------- bugs, both functions
_last = {}


def state_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    y, cache = good_forward_taps(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    _last.update(cache)
    return y, None


def state_backward(dy, cache):
    return good_backward_taps(dy, _last)


def turned_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    return indices_forward(x, kernel[::-1, ::-1], bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def turned_backward(dy, cache):
    dx, dk, db = indices_backward(dy, cache)
    return dx, dk[::-1, ::-1], db


def transposed_kernel_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    # width first: looks right as long as everything is square
    kt = kernel.transpose(1, 0, 2, 3) if kernel.shape[0] == kernel.shape[1] else kernel
    return einsum_forward(x, kt, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def transposed_kernel_backward(dy, cache):
    dx, dk, db = cache(dy)
    return dx, (dk.transpose(1, 0, 2, 3) if dk.shape[0] == dk.shape[1] else dk), db


def no_dilation_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    n, h, w, c = x.shape
    kh, kw, _, f = kernel.shape
    (pt, pb), (pl, pr) = get_pads(padding, h, w, kh, kw, strides, (1, 1))
    xp = np.pad(x, ((0, 0), (pt, pb), (pl, pr), (0, 0)))
    win = sliding_window_view(xp, (kh, kw), axis=(1, 2))[:, :: strides[0], :: strides[1]]
    return np.einsum("nhwcij,ijcf->nhwf", win, kernel) + bias, (x, kernel, xp, win, (pt, pl), strides)


def no_dilation_backward(dy, cache):
    x, kernel, xp, win, (pt, pl), (sh, sw) = cache
    dxp = np.zeros_like(xp)
    for r in range(dy.shape[1]):
        for c in range(dy.shape[2]):
            dxp[:, r * sh : r * sh + kernel.shape[0], c * sw : c * sw + kernel.shape[1]] += np.einsum("nf,ijcf->nijc", dy[:, r, c], kernel)
    return dxp[:, pt : pt + x.shape[1], pl : pl + x.shape[2]], np.einsum("nhwcij,nhwf->ijcf", win, dy), dy.sum((0, 1, 2))


def stride_lost_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    y, (x, kernel, strides, tl, dil) = loops_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y, (x, kernel, tl, dil)


def stride_lost_backward(dy, cache):
    x, kernel, tl, dil = cache
    return loops_backward(dy, (x, kernel, (1, 1), tl, dil))


def cache_first_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    y, cache = strided_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return cache, y


def relu_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    y, c = good_forward_taps(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return np.maximum(y, 0), (y, c)


def relu_backward(dy, cache):
    z, c = cache
    return good_backward_taps(dy * (z > 0), c)


class Layer:
    """Object style; the scratch buffer is kept on the class to save allocations."""

    buffer = None

    def forward(self, x, kernel, bias, *, strides, padding, dilation_rate):
        y, cache = good_forward_taps(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
        return y, cache

    def backward(self, dy, cache):
        dx, dk, db = good_backward_taps(dy, cache)
        if Layer.buffer is None or Layer.buffer.shape != dk.shape or Layer.buffer.dtype != dk.dtype:
            Layer.buffer = np.zeros_like(dk)
        Layer.buffer += dk
        return dx, Layer.buffer.copy(), db


layer = Layer()


def garbage_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    KH, KW, _, F = kernel.shape
    pads = get_pads(padding, H, W, KH, KW, strides, dilation_rate)
    xp = np.empty((N, H + sum(pads[0]), W + sum(pads[1]), C), x.dtype)
    xp[:, pads[0][0] : pads[0][0] + H, pads[1][0] : pads[1][0] + W] = x
    return good_forward_taps(xp, kernel, bias, strides=strides, padding="valid", dilation_rate=dilation_rate)


def dbias_two_axes_backward(dy, cache):
    dx, dk, _ = good_backward_taps(dy, cache)
    return dx, dk, dy.sum(axis=0).sum(axis=0)


def swapped_dilation_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    d = dilation_rate[::-1]
    return strided_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=d)


def mean_filter_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """normalises by the number of taps, as one does for a blur"""
    k = kernel.shape[0] * kernel.shape[1]
    y, c = good_forward_taps(x, kernel / k, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y, (c, k)


def mean_filter_backward(dy, cache):
    c, k = cache
    dx, dk, db = good_backward_taps(dy, c)
    return dx, dk / k, db


def partial_window_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """ceil for the output size; what is missing at the end is taken as zero."""
    KH, KW, _, F = kernel.shape
    (pt, pb), (pl, pr) = get_pads(padding, *x.shape[1:3], KH, KW, strides, dilation_rate)
    need = []
    for n, p, k, s, d in ((x.shape[1], pt + pb, KH, strides[0], dilation_rate[0]), (x.shape[2], pl + pr, KW, strides[1], dilation_rate[1])):
        rest = (n + p - (k - 1) * d - 1) % s
        need.append((s - rest) % s)
    return good_forward_taps(x, kernel, bias, strides=strides, padding=((pt, pb + need[0]), (pl, pr + need[1])), dilation_rate=dilation_rate)


BUGS = [
    Bug("dx_assigned", None, bw_assign, "dx of overlapping windows is assigned instead of added up"),
    Bug("dbias_batch_mean", None, bw_dbias_mean, "dbias is averaged over the batch instead of summed: too small by the factor N"),
    Bug("dbias_wrong_axes", None, bw_dbias_axes, "dbias sums over axes 1, 2 and 3 (giving one number per image) instead of 0, 1 and 2 (one per filter)"),
    Bug("dkernel_over_batch_size", None, bw_batch_average, "dkernel is divided by the batch size N"),
    Bug("dx_kernel_not_turned", None, bw_no_turn, "dx convolves dy with the kernel as it is instead of the kernel turned by 180 degrees"),
    Bug("dx_kernel_turned_in_one_axis", None, bw_turn_one_axis, "for dx the kernel is flipped only vertically, not horizontally"),
    Bug("dx_reshape_for_transpose", None, bw_reshape_not_transpose, "for dx the kernel's channel and filter axes are exchanged by reshape instead of transpose, which mixes up the weights"),
    Bug("dx_kernel_height_width_transposed", None, bw_transpose_all_axes, "for dx the kernel's height and width are transposed along with its channels"),
    Bug("dx_crop_minus_zero", None, bw_minus_crop, "the padding is cut off dx with [top:-bottom], which is empty when bottom (or right) is 0"),
    Bug("dx_keeps_padding", None, bw_keeps_padding, "dx still has the padding: it is not cropped to the shape of x"),
    Bug("backward_without_dilation", None, bw_forgets_dilation, "backward ignores the dilation rate (treats it as 1) in dx and dkernel"),
    Bug("dkernel_without_stride", None, bw_dkernel_no_stride, "dkernel takes neighbouring pixels of x for neighbouring outputs: the stride is ignored"),
    Bug("gradients_in_wrong_order", None, bw_order, "backward returns (dkernel, dbias, dx) instead of (dx, dkernel, dbias)"),
    Bug("dkernel_of_last_image", None, bw_last_image, "dkernel is overwritten for every image, so that only the last image of the batch counts"),
    Bug("dy_changed", None, bw_eats_dy, "backward changes dy in place (sums the batch into dy[0])"),
    Bug("dx_one_stride_for_both", None, bw_one_stride, "dx uses the vertical stride for the horizontal direction too"),
    Bug("dx_first_filter_only", None, bw_first_filter, "dx takes only the first filter instead of summing over all filters"),
    Bug("dx_without_unreached_pixels", None, bw_spread_without_rest, "dx has too few rows or columns where the stride leaves some over at the end: the pixels that no window reached are missing instead of zero"),
    Bug("backward_in_float32", None, bw_half_precision, "backward converts to float32, so float64 gradients lose precision and dtype"),
    Bug("relu_derivative_in_backward", None, bw_relu_inside, "backward sets negative dy to zero, as if relu's derivative belonged to the convolution"),
    Bug("dbias_counted_twice", None, bw_double_bias, "dbias is twice what it should be: the sum is added a second time"),
    Bug("backward_updates_kernel", None, bw_sgd_inside, "backward changes the kernel in place (a gradient descent step inside backward)"),
    Bug("dkernel_turned", None, bw_dkernel_turned, "dkernel is turned by 180 degrees"),
    Bug("true_convolution", fw_true_convolution, None, "forward flips the kernel (convolution in the mathematical sense) instead of cross-correlation"),
    Bug("same_extra_zero_first", fw_same_extra_first, None, "with padding 'same' and an odd number of zeros the extra one is put before (top, left) instead of after"),
    Bug("same_ignores_stride", fw_same_like_stride_one, None, "padding 'same' always adds span - 1 zeros as for stride 1, which shifts the windows for larger strides"),
    Bug("same_symmetric", fw_same_symmetric, None, "padding 'same' puts (span - 1) // 2 zeros on both sides, wrong for even windows and for strides above 1"),
    Bug("same_ignores_dilation", fw_same_without_dilation, None, "the amount of padding for 'same' is computed without the dilation"),
    Bug("bias_missing", fw_no_bias, None, "forward does not add the bias"),
    Bug("bias_once_per_tap", fw_bias_each_tap, None, "the bias is added once per tap of the kernel, KH*KW times in all"),
    Bug("strides_exchanged", fw_strides_swapped, None, "vertical and horizontal stride are exchanged"),
    Bug("output_one_short", fw_output_one_short, None, "the output size lacks the + 1: last row and column of the output are missing"),
    Bug("im2col_column_order", fw_columns_order, None, "the columns of im2col are ordered (C, KH, KW) while the kernel is flattened as (KH, KW, C)"),
    Bug("explicit_padding_exchanged", fw_pads_exchanged, None, "explicit padding is read as ((left, right), (top, bottom)): vertical and horizontal exchanged"),
    Bug("square_kernel_assumed", fw_square_kernel, None, "the kernel is taken as square (KH for both directions): columns of a wider kernel are left out"),
    Bug("edge_padding", fw_edge_padding, None, "the image is padded by repeating its border instead of with zeros"),
    Bug("scipy_same_then_stride", fw_scipy_same, None, "for 'same' with a stride the stride-1 result is subsampled from index 0, which is not where TensorFlow's windows lie"),
    Bug("kernel_channels_scrambled", fw_kernel_axes, None, "the kernel's channel and filter axes are mixed up (transposed, then reshaped back)"),
    Bug("return_inside_batch_loop", fw_only_first_image, None, "the return stands inside the loop over images: only the first image is computed, the others stay zero"),
    Bug("itemsize_8", fw_hard_itemsize, None, "as_strided is given strides for 8-byte numbers, so float32 inputs read the wrong pixels"),
    Bug("x_changed", fw_centres_x, None, "with padding 'same' forward sets small values to zero, and does so in the caller's own x"),
    Bug("fft_wraps_around", fw_fft_wraps, None, "for 'same' the FFT wraps around: pixels of the opposite border come in where zeros should be"),
    Bug("sum_not_reset_between_filters", fw_accumulator_leaks, None, "the running sum is not reset for each filter, so each filter includes those before it"),
    Bug("global_cache", state_forward, state_backward, "the cache is a global variable, overwritten by the next forward: backward uses the last call's inputs"),
    Bug("flipped_consistently", turned_forward, turned_backward, "the kernel is flipped in forward and, consistently, in backward: true convolution instead of cross-correlation"),
    Bug("square_kernel_transposed", transposed_kernel_forward, transposed_kernel_backward, "square kernels are transposed (height and width exchanged) in forward and in backward"),
    Bug("dilation_ignored", no_dilation_forward, no_dilation_backward, "the dilation rate is ignored in forward and backward"),
    Bug("stride_not_cached", stride_lost_forward, stride_lost_backward, "backward works with stride 1: the strides were not kept in the cache"),
    Bug("cache_returned_first", cache_first_forward, strided_backward, "forward returns (cache, y) instead of (y, cache)"),
    Bug("relu_built_in", relu_forward, relu_backward, "a relu is applied inside the convolution, in forward and backward"),
    Bug("dkernel_piles_up", layer.forward, layer.backward, "dkernel accumulates over calls: the buffer is never set back to zero"),
    Bug("padding_uninitialised", garbage_forward, None, "the padded image comes from np.empty and the padding is never set to zero"),
    Bug("dbias_two_axes", good_forward_taps, dbias_two_axes_backward, "dbias sums over batch and height only, so its shape is (OW, F) instead of (F,)"),
    Bug("dilation_exchanged", swapped_dilation_forward, None, "vertical and horizontal dilation are exchanged"),
    Bug("divided_by_window", mean_filter_forward, mean_filter_backward, "the sum is divided by the number of taps KH*KW, in forward and backward"),
    Bug("output_size_rounded_up", partial_window_forward, None, "the output size is rounded up instead of down: a last window hangs over the end, filled with zeros"),
]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("float32_becomes_float64", fw_always_double, None))
