"""depthwise_conv2d as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from scipy import signal


def find_pads(padding, hw, khw, strides, dil):
    if padding == "valid":
        return ((0, 0), (0, 0))
    if padding != "same":
        return padding
    out = []
    for n, k, s, d in zip(hw, khw, strides, dil):
        p = max(((n + s - 1) // s - 1) * s + (k - 1) * d + 1 - n, 0)
        out.append((p // 2, p - p // 2))
    return tuple(out)


def pad0(x, pads):
    return np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)))


def outsize(xp, kernel, strides, dil):
    return tuple((xp.shape[a + 1] - (kernel.shape[a] - 1) * dil[a] - 1) // strides[a] + 1 for a in (0, 1))


def view_of(xp, kernel, strides, dil):
    """(N, OH, OW, C, KH, KW)"""
    spans = [(kernel.shape[a] - 1) * dil[a] + 1 for a in (0, 1)]
    return sliding_window_view(xp, spans, axis=(1, 2))[:, :: strides[0], :: strides[1], :, :: dil[0], :: dil[1]]


# ---------------------------------------------------------------------------------------------- correct ones
def einsum_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    xp = pad0(x, pads)
    v = view_of(xp, kernel, strides, dilation_rate)
    y = np.einsum("nhwcij,ijcm->nhwcm", v, kernel)
    return y.reshape(*y.shape[:3], -1) + bias, (x.shape, xp.shape, v, kernel, pads, strides, dilation_rate)


def einsum_backward(dy, cache):
    shape, pshape, v, kernel, pads, (sh, sw), (dh, dw) = cache
    g = dy.reshape(*dy.shape[:3], kernel.shape[2], kernel.shape[3])
    dk = np.einsum("nhwcij,nhwcm->ijcm", v, g)
    dxp = np.zeros(pshape, dy.dtype)
    for i, j in np.ndindex(kernel.shape[:2]):
        dxp[:, i * dh :: sh, j * dw :: sw][:, : dy.shape[1], : dy.shape[2]] += np.einsum("nhwcm,cm->nhwc", g, kernel[i, j])
    return dxp[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]], dk, dy.sum((0, 1, 2))


def loops_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    (N, H, W, C), (KH, KW, _, M) = x.shape, kernel.shape
    pads = find_pads(padding, (H, W), (KH, KW), strides, dilation_rate)
    OH = (H + sum(pads[0]) - (KH - 1) * dilation_rate[0] - 1) // strides[0] + 1
    OW = (W + sum(pads[1]) - (KW - 1) * dilation_rate[1] - 1) // strides[1] + 1
    y = np.zeros((N, OH, OW, C * M), x.dtype)
    for r in range(OH):
        for q in range(OW):
            for i in range(KH):
                for j in range(KW):
                    u = r * strides[0] - pads[0][0] + i * dilation_rate[0]
                    v = q * strides[1] - pads[1][0] + j * dilation_rate[1]
                    if 0 <= u < H and 0 <= v < W:
                        for c in range(C):
                            y[:, r, q, c * M : (c + 1) * M] += x[:, u, v, c : c + 1] * kernel[i, j, c]
            y[:, r, q] += bias
    return y, dict(x=x, kernel=kernel, pads=pads, strides=strides, dil=dilation_rate)


def loops_backward(dy, cache):
    x, kernel, pads, strides, dil = cache.values()
    M = kernel.shape[3]
    dx, dk, db = np.zeros_like(x), np.zeros_like(kernel), np.zeros(dy.shape[-1], dy.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            db += dy[:, r, q].sum(0)
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    u, v = r * strides[0] - pads[0][0] + i * dil[0], q * strides[1] - pads[1][0] + j * dil[1]
                    if 0 <= u < x.shape[1] and 0 <= v < x.shape[2]:
                        for c in range(x.shape[3]):
                            g = dy[:, r, q, c * M : c * M + M]
                            dk[i, j, c] += x[:, u, v, c] @ g
                            dx[:, u, v, c] += g @ kernel[i, j, c]
    return dx, dk, db


def scipy_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    KH, KW, C, M = kernel.shape
    big = np.zeros(((KH - 1) * dilation_rate[0] + 1, (KW - 1) * dilation_rate[1] + 1, C, M), kernel.dtype)
    big[:: dilation_rate[0], :: dilation_rate[1]] = kernel
    pads = find_pads(padding, x.shape[1:3], (KH, KW), strides, dilation_rate)
    xp = pad0(x, pads)
    maps = [[signal.correlate2d(im[..., o // M], big[..., o // M, o % M], "valid") for o in range(C * M)] for im in xp]
    full = np.moveaxis(np.array(maps), 1, -1)

    def backward(dy):
        up = np.zeros(full.shape, dy.dtype)
        up[:, :: strides[0], :: strides[1]] = dy
        dxp, dbig = np.zeros_like(xp), np.zeros_like(big)
        for n in range(len(x)):
            for o in range(C * M):
                dxp[n, :, :, o // M] += signal.convolve2d(up[n, ..., o], big[..., o // M, o % M], "full")
                dbig[..., o // M, o % M] += signal.correlate2d(xp[n, ..., o // M], up[n, ..., o], "valid")
        h, w = x.shape[1:3]
        return dxp[:, pads[0][0] :, pads[1][0] :][:, :h, :w], dbig[:: dilation_rate[0], :: dilation_rate[1]], dy.sum((0, 1, 2))

    return full[:, :: strides[0], :: strides[1]] + bias, backward


def scipy_backward(dy, cache):
    return cache(dy)


def block_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """An ordinary convolution with a block diagonal kernel, as im2col."""
    KH, KW, C, M = kernel.shape
    dense = np.zeros((KH, KW, C, C * M), kernel.dtype)
    for c in range(C):
        dense[:, :, c, c * M : (c + 1) * M] = kernel[:, :, c]
    pads = find_pads(padding, x.shape[1:3], (KH, KW), strides, dilation_rate)
    xp = pad0(x, pads)
    oh, ow = outsize(xp, kernel, strides, dilation_rate)
    rows = np.add.outer(np.arange(oh) * strides[0], np.arange(KH) * dilation_rate[0])
    cols = np.add.outer(np.arange(ow) * strides[1], np.arange(KW) * dilation_rate[1])
    col = xp[:, rows[:, None, :, None], cols[None, :, None, :]].reshape(len(x) * oh * ow, -1)
    y = (col @ dense.reshape(-1, C * M)).reshape(len(x), oh, ow, C * M) + bias
    return y, (x.shape, xp.shape, dense, col, rows, cols, pads, M)


def block_backward(dy, cache):
    shape, pshape, dense, col, rows, cols, pads, M = cache
    KH, KW, C, _ = dense.shape
    g = dy.reshape(-1, C * M)
    dd = (col.T @ g).reshape(dense.shape)
    dk = np.stack([dd[:, :, c, c * M : (c + 1) * M] for c in range(C)], axis=2)
    dcol = (g @ dense.reshape(-1, C * M).T).reshape(dy.shape[0], dy.shape[1], dy.shape[2], KH, KW, C)
    dxp = np.zeros(pshape, dy.dtype)
    np.add.at(dxp, (slice(None), rows[:, None, :, None], cols[None, :, None, :]), dcol)
    return dxp[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]], dk, g.sum(axis=0)


def strided_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    xp = np.ascontiguousarray(pad0(x, pads))
    oh, ow = outsize(xp, kernel, strides, dilation_rate)
    a, b, c, e = xp.strides
    v = as_strided(xp, (len(x), oh, ow, *kernel.shape[:3]), (a, b * strides[0], c * strides[1], b * dilation_rate[0], c * dilation_rate[1], e))
    y = (v[..., None] * kernel).sum(axis=(3, 4)).reshape(len(x), oh, ow, -1)
    y += bias
    return y, (x.shape, xp.shape, np.einsum("nhwijc->nhwcij", v), kernel, pads, strides, dilation_rate)


CORRECT = [
    Correct("einsum", einsum_forward, einsum_backward),
    Correct("loops", loops_forward, loops_backward),
    Correct("scipy_closure", scipy_forward, scipy_backward),
    Correct("block_diagonal_im2col", block_forward, block_backward),
    Correct("as_strided_broadcast", strided_forward, einsum_backward),
]


def as_tuple(cache):
    xp = pad0(cache.x, cache.padding)
    return cache.x.shape, xp.shape, view_of(xp, cache.kernel, cache.strides, cache.dilation_rate), cache.kernel, cache.padding, cache.strides, cache.dilation_rate


def good_backward(dy, cache):
    return einsum_backward(dy, as_tuple(cache))


CORRECT.append(Correct("einsum_backward_only", None, good_backward))


# ---------------------------------------------------------------------------------------------- bugs, backward only
def bw_first_multiplier(dy, cache):
    _, dk, db = good_backward(dy, cache)
    x, k = cache.x, cache.kernel
    M = k.shape[3]
    dxp = np.zeros_like(pad0(x, cache.padding))
    for c in range(x.shape[3]):
        g = dy[..., c * M]
        for i in range(k.shape[0]):
            for j in range(k.shape[1]):
                dxp[:, i * cache.dilation_rate[0] :: cache.strides[0], j * cache.dilation_rate[1] :: cache.strides[1], c][:, : dy.shape[1], : dy.shape[2]] += g * k[i, j, c, 0]
    (t, _), (l, _) = cache.padding
    return dxp[:, t : t + x.shape[1], l : l + x.shape[2]], dk, db


def bw_reshape_mc(dy, cache):
    shape, pshape, v, kernel, pads, (sh, sw), (dh, dw) = as_tuple(cache)
    n, oh, ow, _ = dy.shape
    C, M = kernel.shape[2:]
    g = dy.reshape(n, oh, ow, M, C).transpose(0, 1, 2, 4, 3)
    dk = np.einsum("nhwcij,nhwcm->ijcm", v, g)
    dxp = np.zeros(pshape, dy.dtype)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            dxp[:, i * dh :: sh, j * dw :: sw][:, :oh, :ow] += (g * kernel[i, j]).sum(-1)
    return dxp[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]], dk, dy.sum(axis=(0, 1, 2))


def bw_dbias_pairs(dy, cache):
    dx, dk, db = good_backward(dy, cache)
    return dx, dk, db.reshape(cache.kernel.shape[2:])


def bw_dbias_channels(dy, cache):
    dx, dk, _ = good_backward(dy, cache)
    g = dy.reshape(*dy.shape[:3], *cache.kernel.shape[2:])
    return dx, dk, g.sum(axis=(0, 1, 2, 4))


def bw_dkernel_all_channels(dy, cache):
    dx, _, db = good_backward(dy, cache)
    _, _, v, k, *_ = as_tuple(cache)
    g = dy.reshape(*dy.shape[:3], *k.shape[2:])
    s = np.einsum("nhwcij,nhwdm->ijdm", v, g)
    return dx, s, db


def bw_assigned(dy, cache):
    _, dk, db = good_backward(dy, cache)
    x, k = cache.x, cache.kernel
    (t, b), (l, r) = cache.padding
    g = dy.reshape(*dy.shape[:3], *k.shape[2:])
    dxp = np.zeros((x.shape[0], x.shape[1] + t + b, x.shape[2] + l + r, x.shape[3]), dy.dtype)
    for oh in range(dy.shape[1]):
        for ow in range(dy.shape[2]):
            h0, w0 = oh * cache.strides[0], ow * cache.strides[1]
            rows = h0 + np.arange(k.shape[0]) * cache.dilation_rate[0]
            cols = w0 + np.arange(k.shape[1]) * cache.dilation_rate[1]
            dxp[:, rows[:, None], cols] = np.einsum("ncm,ijcm->nijc", g[:, oh, ow], k)
    return dxp[:, t : t + x.shape[1], l : l + x.shape[2]], dk, db


def bw_shape_set(dy, cache):
    n, oh, ow, _ = dy.shape
    shape, pshape, v, k, pads, (sh, sw), (dh, dw) = as_tuple(cache)
    if dy.flags.c_contiguous:
        dy.shape = (n, oh, ow, k.shape[2], k.shape[3])  # no copy
    else:
        dy = dy.reshape(n, oh, ow, k.shape[2], k.shape[3])
    dk = np.einsum("nhwcij,nhwcm->ijcm", v, dy)
    db = dy.sum((0, 1, 2)).ravel()
    dxp = np.zeros(pshape, dy.dtype)
    for i, j in np.ndindex(k.shape[:2]):
        dxp[:, i * dh :: sh, j * dw :: sw][:, :oh, :ow] += np.einsum("nhwcm,cm->nhwc", dy, k[i, j])
    return dxp[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]], dk, db


def bw_dilation_lost(dy, cache):
    c = dict(x=cache.x, kernel=cache.kernel, pads=cache.padding, strides=cache.strides, dil=(1, 1))
    return loops_backward(dy, c)


def bw_bottom_crop(dy, cache):
    (t, b), (l, r) = cache.padding
    x = cache.x
    inner = as_tuple(cache)
    dxp, dk, db = einsum_backward(dy, (inner[1], inner[1], inner[2], inner[3], ((0, 0), (0, 0)), inner[5], inner[6]))
    return dxp[:, b : b + x.shape[1], r : r + x.shape[2]], dk, db


def bw_dkernel_average(dy, cache):
    dx, dk, db = good_backward(dy, cache)
    dk /= dy.shape[1] * dy.shape[2]
    return dx, dk, db


# ---------------------------------------------------------------------------------------------- bugs, forward only
def fw_m_major(x, kernel, bias, *, strides, padding, dilation_rate):
    C, M = kernel.shape[2:]
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    v = view_of(pad0(x, pads), kernel, strides, dilation_rate)
    parts = [np.einsum("nhwcij,ijc->nhwc", v, kernel[..., m]) for m in range(M)]
    return np.concatenate(parts, axis=-1) + bias, None


def fw_sums_channels(x, kernel, bias, *, strides, padding, dilation_rate):
    C, M = kernel.shape[2:]
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    v = view_of(pad0(x, pads), kernel, strides, dilation_rate)
    y = np.einsum("nhwcij,ijcm->nhwm", v, kernel)
    return np.tile(y, (1, 1, 1, C)) + bias, None


def fw_first_multiplier(x, kernel, bias, *, strides, padding, dilation_rate):
    N, H, W, C = x.shape
    M = kernel.shape[3]
    xp = pad0(x, find_pads(padding, (H, W), kernel.shape[:2], strides, dilation_rate))
    OH, OW = outsize(xp, kernel, strides, dilation_rate)
    y = np.zeros((N, OH, OW, C * M), x.dtype)
    for c in range(C):
        for r in range(OH):
            for q in range(OW):
                a, b = r * strides[0], q * strides[1]
                w = xp[:, a : a + (kernel.shape[0] - 1) * dilation_rate[0] + 1 : dilation_rate[0], b : b + (kernel.shape[1] - 1) * dilation_rate[1] + 1 : dilation_rate[1], c]
                y[:, r, q, c * M : c * M + M] = (w * kernel[:, :, c, 0]).sum(axis=(1, 2))[:, None]
    return y + bias, None


def fw_bias_tiled(x, kernel, bias, *, strides, padding, dilation_rate):
    C, M = kernel.shape[2:]
    y, cache = einsum_forward(x, kernel, 0 * bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    y = y.reshape(*y.shape[:3], C, M) + bias.reshape(M, C).T
    return y.reshape(*y.shape[:3], C * M), cache


def fw_bias_per_channel(x, kernel, bias, *, strides, padding, dilation_rate):
    C, M = kernel.shape[2:]
    y, cache = loops_forward(x, kernel, np.zeros_like(bias), strides=strides, padding=padding, dilation_rate=dilation_rate)
    for c in range(C):
        y[..., c * M : (c + 1) * M] += bias[c]
    return y, cache


def fw_kernel_reshaped(x, kernel, bias, *, strides, padding, dilation_rate):
    KH, KW, C, M = kernel.shape
    k = kernel.reshape(KH, KW, M, C)
    pads = find_pads(padding, x.shape[1:3], (KH, KW), strides, dilation_rate)
    v = view_of(pad0(x, pads), kernel, strides, dilation_rate)
    y = np.einsum("nhwcij,ijmc->nhwcm", v, k)
    return y.reshape(*y.shape[:3], C * M) + bias, k


def fw_convolve2d(x, kernel, bias, *, strides, padding, dilation_rate):
    y, back = scipy_forward(x, kernel[::-1, ::-1], bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y, back


def fw_multiplier_one(x, kernel, bias, *, strides, padding, dilation_rate):
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    xp = pad0(x, pads)
    OH, OW = outsize(xp, kernel, strides, dilation_rate)
    y = np.zeros((x.shape[0], OH, OW, x.shape[3]), x.dtype)
    k = kernel.squeeze(-1)
    for i in range(k.shape[0]):
        for j in range(k.shape[1]):
            y += xp[:, i * dilation_rate[0] :: strides[0], j * dilation_rate[1] :: strides[1]][:, :OH, :OW] * k[i, j]
    return y + bias, None


def fw_one_stride(x, kernel, bias, *, strides, padding, dilation_rate):
    s = strides[0]
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], (s, s), dilation_rate)
    return strided_forward(x, kernel, bias, strides=(s, s), padding=pads, dilation_rate=dilation_rate)


def fw_same_first(x, kernel, bias, *, strides, padding, dilation_rate):
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    if padding == "same":
        pads = tuple((b, a) for a, b in pads)
    return block_forward(x, kernel, bias, strides=strides, padding=pads, dilation_rate=dilation_rate)


def fw_same_undilated(x, kernel, bias, *, strides, padding, dilation_rate):
    if padding == "same":
        padding = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, (1, 1))
    return loops_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def fw_float64(x, kernel, bias, *, strides, padding, dilation_rate):
    y, c = einsum_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    out = np.zeros(y.shape)
    out[...] = y
    return out, c


def fw_bias_into_kernel(x, kernel, bias, *, strides, padding, dilation_rate):
    kernel += bias.reshape(kernel.shape[2:])
    y, c = einsum_forward(x, kernel, np.zeros_like(bias), strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y, c


def fw_two_axes(x, kernel, bias, *, strides, padding, dilation_rate):
    """separable by mistake: the column sums and row sums of the kernel"""
    pads = find_pads(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    v = view_of(pad0(x, pads), kernel, strides, dilation_rate)
    y = np.einsum("nhwcij,icm,jcm->nhwcm", v, kernel.mean(axis=1), kernel.mean(axis=0))
    return y.reshape(*y.shape[:3], -1) + bias, None


# ---------------------------------------------------------------------------------------------- bugs, both
def m_major_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    y, c = einsum_forward(x, kernel, 0 * bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    n, h, w, _ = y.shape
    C, M = kernel.shape[2:]
    return y.reshape(n, h, w, C, M).swapaxes(3, 4).reshape(n, h, w, M * C) + bias, (c, C, M)


def m_major_backward(dy, cache):
    c, C, M = cache
    n, h, w, _ = dy.shape
    g = np.ascontiguousarray(dy.reshape(n, h, w, M, C).swapaxes(3, 4)).reshape(n, h, w, C * M)
    dx, dk, _ = einsum_backward(g, c)
    return dx, dk, dy.sum((0, 1, 2))


def relu6_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """as in MobileNet"""
    z, c = einsum_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    return np.clip(z, 0, 6), (z, c)


def relu6_backward(dy, cache):
    z, c = cache
    return einsum_backward(dy * ((z > 0) & (z < 6)), c)


def grad_store(fn, store):
    def backward(dy, cache):
        grads = fn(dy, cache)
        key = tuple((g.shape, g.dtype) for g in grads)
        if key in store:
            for old, new in zip(store[key], grads):
                old[...] = new
        else:
            store[key] = [g.copy() for g in grads]
        return tuple(store[key])

    return backward


def wrong_stride_cache_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    y, c = loops_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    c["strides"] = c["dil"]
    return y, c


BUGS = [
    Bug("dx_first_multiplier", None, bw_first_multiplier, "dx uses only the first of the M filters of each channel instead of summing over m"),
    Bug("dy_split_as_m_c", None, bw_reshape_mc, "backward reads dy's last axis as (M, C) although output channel c*M + m is (C, M)"),
    Bug("dbias_shape_c_m", None, bw_dbias_pairs, "dbias has shape (C, M) instead of (C*M,)"),
    Bug("dbias_summed_over_m", None, bw_dbias_channels, "dbias is summed over m: one number per input channel instead of one per output channel"),
    Bug("dkernel_mixes_channels", None, bw_dkernel_all_channels, "dkernel sums x over all channels, as if every filter saw every channel"),
    Bug("dx_assigned", None, bw_assigned, "dx of overlapping windows is overwritten instead of added up"),
    Bug("dy_reshaped_in_place", None, bw_shape_set, "backward changes the shape of the caller's dy in place"),
    Bug("dilation_lost_in_backward", None, bw_dilation_lost, "backward uses dilation 1"),
    Bug("crop_by_bottom_right", None, bw_bottom_crop, "dx is cropped by the bottom and right padding instead of top and left"),
    Bug("dkernel_averaged", None, bw_dkernel_average, "dkernel is averaged over the output positions instead of summed"),
    Bug("channels_m_major", fw_m_major, None, "the output channels are ordered m*C + c instead of c*M + m"),
    Bug("ordinary_convolution", fw_sums_channels, None, "sums over the input channels, as an ordinary convolution does"),
    Bug("first_multiplier_everywhere", fw_first_multiplier, None, "all M outputs of a channel use its first filter"),
    Bug("bias_order", fw_bias_tiled, None, "the bias is read as (M, C) instead of (C, M)"),
    Bug("bias_of_input_channel", fw_bias_per_channel, None, "the bias is indexed with the input channel c instead of the output channel c*M + m"),
    Bug("kernel_reshaped_m_c", fw_kernel_reshaped, None, "the kernel is reshaped to (KH, KW, M, C) instead of transposed: weights are mixed up"),
    Bug("kernel_flipped", fw_convolve2d, None, "the kernel is flipped (true convolution)"),
    Bug("only_for_multiplier_1", fw_multiplier_one, None, "works only for M = 1: squeezing the kernel's last axis crashes otherwise"),
    Bug("first_stride_for_both", fw_one_stride, None, "the vertical stride is used for both directions"),
    Bug("same_extra_first", fw_same_first, None, "'same' puts the odd zero before instead of after"),
    Bug("same_without_dilation", fw_same_undilated, None, "'same' computes its padding without the dilation"),
    Bug("kernel_changed", fw_bias_into_kernel, None, "the bias is added to the kernel, in place, instead of to the output"),
    Bug("kernel_made_separable", fw_two_axes, None, "replaces the kernel by the product of its row means and column means"),
    Bug("m_major_consistently", m_major_forward, m_major_backward, "output channels are ordered m*C + c in forward and, consistently, in backward"),
    Bug("relu6_built_in", relu6_forward, relu6_backward, "a relu6 is applied to the output, in forward and backward"),
    Bug("gradient_buffers_reused", einsum_forward, grad_store(einsum_backward, {}), "backward returns the same arrays at every call: a later call overwrites gradients returned earlier"),
    Bug("dilation_cached_as_stride", wrong_stride_cache_forward, loops_backward, "the cache holds the dilation in the place of the strides, so backward uses wrong strides"),
]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("always_float64", fw_float64, None))
