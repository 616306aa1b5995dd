"""conv2d_transpose as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal


def geometry(x, kernel, strides, padding, dil):
    """output size, and how many rows and columns are cut off before"""
    size, cut = [], []
    for n, k, s, d in zip(x.shape[1:3], kernel.shape[:2], strides, dil):
        span = (k - 1) * d + 1
        if padding == "same":
            size.append(n * s)
            cut.append(max(span - s, 0) // 2)
        else:
            size.append((n - 1) * s + max(span, s))
            cut.append(0)
    return tuple(size), tuple(cut)


def canvas(x, kernel, strides, dil):
    """everything that a stamp can reach, and at least n * s"""
    return tuple((x.shape[a + 1] - 1) * strides[a] + max((kernel.shape[a] - 1) * dil[a] + 1, strides[a]) for a in (0, 1))


# ---------------------------------------------------------------------------------------------- correct ones
def stamp_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    n, h, w, c = x.shape
    kh, kw, f, _ = kernel.shape
    size, (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    full = np.zeros((n, *canvas(x, kernel, strides, dilation_rate), f), x.dtype)
    for r in range(h):
        for q in range(w):
            stamp = np.einsum("nc,ijfc->nijf", x[:, r, q], kernel)
            a, b = r * strides[0], q * strides[1]
            rows = slice(a, a + (kh - 1) * dilation_rate[0] + 1, dilation_rate[0])
            cols = slice(b, b + (kw - 1) * dilation_rate[1] + 1, dilation_rate[1])
            full[:, rows, cols] += stamp
    y = full[:, ct : ct + size[0], cl : cl + size[1]] + bias
    return y, (x, kernel, strides, dilation_rate, full.shape, (ct, cl))


def stamp_backward(dy, cache):
    x, kernel, strides, dil, full_shape, (ct, cl) = cache
    g = np.zeros(full_shape, dy.dtype)
    g[:, ct : ct + dy.shape[1], cl : cl + dy.shape[2]] = dy
    dx, dk = np.zeros_like(x), np.zeros_like(kernel)
    for r in range(x.shape[1]):
        for q in range(x.shape[2]):
            a, b = r * strides[0], q * strides[1]
            part = g[:, a : a + (kernel.shape[0] - 1) * dil[0] + 1 : dil[0], b : b + (kernel.shape[1] - 1) * dil[1] + 1 : dil[1]]
            dx[:, r, q] = np.tensordot(part, kernel, 3)
            dk += np.einsum("nijf,nc->ijfc", part, x[:, r, q])
    return dx, dk, dy.sum((0, 1, 2))


def taps_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """One tap of the kernel at a time, straight onto the cropped output."""
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    y = np.zeros((x.shape[0], oh, ow, kernel.shape[2]), x.dtype)
    places = []
    for i in range(kernel.shape[0]):
        r = np.arange(x.shape[1]) * strides[0] + i * dilation_rate[0] - ct
        rok = (r >= 0) & (r < oh)
        for j in range(kernel.shape[1]):
            q = np.arange(x.shape[2]) * strides[1] + j * dilation_rate[1] - cl
            qok = (q >= 0) & (q < ow)
            here = (slice(None), np.flatnonzero(rok)[:, None], np.flatnonzero(qok))
            there = (slice(None), r[rok][:, None], q[qok])
            y[there] += x[here] @ kernel[i, j].T
            places.append((i, j, here, there))
    return y + bias, {"x": x, "k": kernel, "places": places}


def taps_backward(dy, cache):
    x, k = cache["x"], cache["k"]
    dx, dk = np.zeros(x.shape, x.dtype), np.zeros(k.shape, k.dtype)
    for i, j, here, there in cache["places"]:
        dx[here] += dy[there] @ k[i, j]
        dk[i, j] = np.einsum("nhwf,nhwc->fc", dy[there], x[here])
    return dx, dk, dy.reshape(-1, dy.shape[-1]).sum(0)


def spread_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """Zeros between the pixels, then a full convolution with the turned kernel."""
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    eh, ew = (kernel.shape[0] - 1) * dilation_rate[0], (kernel.shape[1] - 1) * dilation_rate[1]
    n, h, w, c = x.shape
    up = np.zeros((n, h * strides[0], w * strides[1], c), x.dtype)
    up[:, :: strides[0], :: strides[1]] = x
    up = np.pad(up, ((0, 0), (eh, eh), (ew, ew), (0, 0)))
    win = sliding_window_view(up, (eh + 1, ew + 1), axis=(1, 2))[..., :: dilation_rate[0], :: dilation_rate[1]]
    full = np.einsum("nhwcij,ijfc->nhwf", win, kernel[::-1, ::-1])
    y = full[:, ct : ct + oh, cl : cl + ow] + bias

    def back(dy):
        g = np.zeros(full.shape, dy.dtype)
        g[:, ct : ct + oh, cl : cl + ow] = dy
        dk = np.einsum("nhwcij,nhwf->ijfc", win, g)[::-1, ::-1]
        g = np.pad(g, ((0, 0), (0, eh), (0, ew), (0, 0)))
        gw = sliding_window_view(g, (eh + 1, ew + 1), axis=(1, 2))[:, : h * strides[0] : strides[0], : w * strides[1] : strides[1]]
        dx = np.einsum("nhwfij,ijfc->nhwc", gw[..., :: dilation_rate[0], :: dilation_rate[1]], kernel)
        return dx, dk, dy.sum(axis=(0, 1, 2))

    return y, back


def spread_backward(dy, cache):
    return cache(dy)


def matrix_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """Each axis as a 0/1 tensor T[o, n, k]: output o receives input n through tap k."""
    size, cut = geometry(x, kernel, strides, padding, dilation_rate)
    T = []
    for a in (0, 1):
        o, n, k = np.ogrid[: size[a], : x.shape[a + 1], : kernel.shape[a]]
        T.append((o == n * strides[a] - cut[a] + k * dilation_rate[a]).astype(x.dtype))
    y = np.einsum("oni,pmj,bnmc,ijfc->bopf", T[0], T[1], x, kernel, optimize=True) + bias
    return y, (T, x, kernel)


def matrix_backward(dy, cache):
    T, x, kernel = cache
    return (
        np.einsum("oni,pmj,bopf,ijfc->bnmc", T[0], T[1], dy, kernel, optimize=True),
        np.einsum("oni,pmj,bopf,bnmc->ijfc", T[0], T[1], dy, x, optimize=True),
        np.einsum("bopf->f", dy),
    )


def scipy_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    (sh, sw), (dh, dw) = strides, dilation_rate
    kh, kw, F, C = kernel.shape
    n, h, w, _ = x.shape
    big = np.zeros(((kh - 1) * dh + 1, (kw - 1) * dw + 1, F, C), kernel.dtype)
    big[::dh, ::dw] = kernel
    up = np.zeros((n, h * sh, w * sw, C), x.dtype)
    up[:, ::sh, ::sw] = x
    y = np.empty((n, oh, ow, F), x.dtype)
    for b in range(n):
        for f in range(F):
            y[b, :, :, f] = sum(signal.convolve2d(up[b, :, :, c], big[:, :, f, c]) for c in range(C))[ct : ct + oh, cl : cl + ow] + bias[f]
    return y, (up, big, strides, dilation_rate, ct, cl)


def scipy_backward(dy, cache):
    up, big, s, d, ct, cl = cache
    g = np.zeros((len(dy), up.shape[1] + big.shape[0] - 1, up.shape[2] + big.shape[1] - 1, dy.shape[3]), dy.dtype)
    g[:, ct : ct + dy.shape[1], cl : cl + dy.shape[2]] = dy
    dup, dbig = np.zeros_like(up), np.zeros_like(big)
    for n in range(len(dy)):
        for f in range(big.shape[2]):
            for c in range(big.shape[3]):
                dup[n, ..., c] += signal.correlate2d(g[n, ..., f], big[..., f, c], mode="valid")
                dbig[..., f, c] += signal.correlate2d(g[n, ..., f], up[n, ..., c], mode="valid")
    return dup[:, :: s[0], :: s[1]], dbig[:: d[0], :: d[1]], dy.sum((0, 1, 2))


CORRECT = [
    Correct("stamps", stamp_forward, stamp_backward),
    Correct("taps_fancy", taps_forward, taps_backward),
    Correct("zero_insertion_closure", spread_forward, spread_backward),
    Correct("tensors_einsum", matrix_forward, matrix_backward),
    Correct("scipy_full_convolution", scipy_forward, scipy_backward),
]


def lib_backward(dy, cache):
    x, k = cache.x, cache.kernel
    full = canvas(x, k, cache.strides, cache.dilation_rate)
    cut = cache.padding[0][0], cache.padding[1][0]
    return stamp_backward(dy, (x, k, cache.strides, cache.dilation_rate, (len(x), *full, dy.shape[3]), cut))


CORRECT.append(Correct("stamps_backward_only", None, lib_backward))


# ---------------------------------------------------------------------------------------------- bugs, backward only
def padded_dy(dy, cache):
    full = canvas(cache.x, cache.kernel, cache.strides, cache.dilation_rate)
    g = np.zeros((len(dy), *full, dy.shape[3]), dy.dtype)
    t, l = cache.padding[0][0], cache.padding[1][0]
    g[:, t : t + dy.shape[1], l : l + dy.shape[2]] = dy
    return g


def patches(dy, cache):
    """(N, H, W, KH, KW, F): what every pixel's stamp sees of dy"""
    g = padded_dy(dy, cache)
    x, k, (sh, sw), (dh, dw) = cache.x, cache.kernel, cache.strides, cache.dilation_rate
    out = np.zeros((len(x), x.shape[1], x.shape[2], k.shape[0], k.shape[1], dy.shape[3]), dy.dtype)
    for r in range(x.shape[1]):
        for q in range(x.shape[2]):
            for i in range(k.shape[0]):
                for j in range(k.shape[1]):
                    out[:, r, q, i, j] = g[:, r * sh + i * dh, q * sw + j * dw]
    return out


def bw_dx_turned(dy, cache):
    p = patches(dy, cache)
    dx = np.einsum("nhwijf,ijfc->nhwc", p, cache.kernel[::-1, ::-1])
    dk = np.einsum("nhwijf,nhwc->ijfc", p, cache.x)
    return dx, dk, dy.sum((0, 1, 2))


def bw_dkernel_hwcf(dy, cache):
    dx, _, db = lib_backward(dy, cache)
    dk = np.einsum("nhwijf,nhwc->ijcf", patches(dy, cache), cache.x)
    return dx, dk, db


def bw_dkernel_reshaped(dy, cache):
    dx, _, db = lib_backward(dy, cache)
    p = patches(dy, cache)
    n, h, w, kh, kw, f = p.shape
    dk = cache.x.reshape(-1, cache.x.shape[3]).T @ p.reshape(n * h * w, -1)  # (C, KH*KW*F)
    return dx, dk.reshape(cache.kernel.shape), db


def bw_dbias_of_x(dy, cache):
    dx, dk, _ = lib_backward(dy, cache)
    return dx, dk, np.full(dy.shape[3], cache.x.sum(), dy.dtype)


def bw_dbias_mean(dy, cache):
    dx, dk, db = lib_backward(dy, cache)
    db = dy.mean(axis=(0, 1, 2))
    return dx, dk, db


def bw_without_stride(dy, cache):
    x, k = cache.x, cache.kernel
    g = padded_dy(dy, cache)
    dx, dk = np.zeros_like(x), np.zeros_like(k)
    for r in range(x.shape[1]):
        for q in range(x.shape[2]):
            part = g[:, r : r + (k.shape[0] - 1) * cache.dilation_rate[0] + 1 : cache.dilation_rate[0], q : q + (k.shape[1] - 1) * cache.dilation_rate[1] + 1 : cache.dilation_rate[1]]
            dx[:, r, q] = np.einsum("nijf,ijfc->nc", part, k)
            dk += np.einsum("nijf,nc->ijfc", part, x[:, r, q])
    return dx, dk, dy.sum((0, 1, 2))


def bw_crop_forgotten(dy, cache):
    x, k, s, d = cache.x, cache.kernel, cache.strides, cache.dilation_rate
    full = canvas(x, k, s, d)
    return stamp_backward(dy, (x, k, s, d, (len(x), *full, dy.shape[3]), (0, 0)))


def bw_no_filter_sum(dy, cache):
    _, dk, db = lib_backward(dy, cache)
    p = patches(dy, cache)
    dx = np.zeros_like(cache.x)
    for f in range(dy.shape[3]):
        dx = np.einsum("nhwij,ijc->nhwc", p[..., f], cache.kernel[:, :, f])
    return dx, dk, db


def bw_dx_as_dy_order(dy, cache):
    dx, dkernel, dbias = lib_backward(dy, cache)
    return dx, dbias, dkernel


# ---------------------------------------------------------------------------------------------- bugs, forward only
def fw_assigned(x, kernel, bias, *, strides, padding, dilation_rate):
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    y = np.zeros((len(x), oh, ow, kernel.shape[2]), x.dtype)
    for r in range(x.shape[1]):
        for q in range(x.shape[2]):
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    a, b = r * strides[0] + i * dilation_rate[0] - ct, q * strides[1] + j * dilation_rate[1] - cl
                    if 0 <= a < oh and 0 <= b < ow:
                        y[:, a, b] = x[:, r, q] @ kernel[i, j].T
    return y + bias, None


def fw_kernel_hwcf(x, kernel, bias, *, strides, padding, dilation_rate):
    kh, kw, f, c = kernel.shape
    k = kernel.reshape(kh, kw, c, f).transpose(0, 1, 3, 2)
    return taps_forward(x, k, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def fw_valid_small(x, kernel, bias, *, strides, padding, dilation_rate):
    y, cache = spread_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    if padding == "valid":
        oh = (x.shape[1] - 1) * strides[0] + (kernel.shape[0] - 1) * dilation_rate[0] + 1
        ow = (x.shape[2] - 1) * strides[1] + (kernel.shape[1] - 1) * dilation_rate[1] + 1
        y = y[:, :oh, :ow]
    return y, cache


def fw_same_crop_start(x, kernel, bias, *, strides, padding, dilation_rate):
    n, h, w, c = x.shape
    out, _ = stamp_forward(x, kernel, bias, strides=strides, padding="valid", dilation_rate=dilation_rate)
    if padding == "same":
        ch, cw = out.shape[1] - h * strides[0], out.shape[2] - w * strides[1]
        ch, cw = (ch + 1) // 2, (cw + 1) // 2
        out = out[:, ch : ch + h * strides[0], cw : cw + w * strides[1]]
    return out, None


def fw_same_no_crop_before(x, kernel, bias, *, strides, padding, dilation_rate):
    out, _ = taps_forward(x, kernel, bias, strides=strides, padding="valid", dilation_rate=dilation_rate)
    if padding == "same":
        out = out[:, : x.shape[1] * strides[0], : x.shape[2] * strides[1]]
    return out, None


def fw_torch_size(x, kernel, bias, *, strides, padding, dilation_rate):
    """padding (span - 1) // 2 on both sides, as nn.ConvTranspose2d without output_padding"""
    if padding == "valid":
        return matrix_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    sizes = [(x.shape[a + 1] - 1) * strides[a] + (kernel.shape[a] - 1) * dilation_rate[a] + 1 for a in (0, 1)]
    full = np.zeros((len(x), *sizes, kernel.shape[2]), x.dtype)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            full[:, i * dilation_rate[0] :: strides[0], j * dilation_rate[1] :: strides[1]][:, : x.shape[1], : x.shape[2]] += x @ kernel[i, j].T
    p = [(kernel.shape[a] - 1) * dilation_rate[a] // 2 for a in (0, 1)]
    return full[:, p[0] : sizes[0] - p[0], p[1] : sizes[1] - p[1]] + bias, None


def fw_repeat_then_convolve(x, kernel, bias, *, strides, padding, dilation_rate):
    """nearest upsampling instead of zeros between the pixels"""
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    up = x.repeat(strides[0], axis=1).repeat(strides[1], axis=2)
    eh, ew = (kernel.shape[0] - 1) * dilation_rate[0], (kernel.shape[1] - 1) * dilation_rate[1]
    up = np.pad(up, ((0, 0), (eh, eh), (ew, ew), (0, 0)))
    win = sliding_window_view(up, (eh + 1, ew + 1), axis=(1, 2))[..., :: dilation_rate[0], :: dilation_rate[1]]
    full = np.einsum("nhwcij,ijfc->nhwf", win, kernel[::-1, ::-1])
    return full[:, ct : ct + oh, cl : cl + ow] + bias, None


def fw_not_turned(x, kernel, bias, *, strides, padding, dilation_rate):
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    n, h, w, c = x.shape
    up = np.zeros((n, h, strides[0], w, strides[1], c), x.dtype)
    up[:, :, 0, :, 0] = x
    up = up.reshape(n, h * strides[0], w * strides[1], c)
    eh, ew = (kernel.shape[0] - 1) * dilation_rate[0], (kernel.shape[1] - 1) * dilation_rate[1]
    up = np.pad(up, ((0, 0), (eh, eh), (ew, ew), (0, 0)))
    y = np.zeros((n, up.shape[1] - eh, up.shape[2] - ew, kernel.shape[2]), x.dtype)
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            a, b = i * dilation_rate[0], j * dilation_rate[1]
            y += up[:, a : a + y.shape[1], b : b + y.shape[2]] @ kernel[i, j].T
    return y[:, ct : ct + oh, cl : cl + ow] + bias, None


def fw_bias_in_stamp(x, kernel, bias, *, strides, padding, dilation_rate):
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    full = np.zeros((len(x), *canvas(x, kernel, strides, dilation_rate), kernel.shape[2]), x.dtype)
    for r in range(x.shape[1]):
        for q in range(x.shape[2]):
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    full[:, r * strides[0] + i * dilation_rate[0], q * strides[1] + j * dilation_rate[1]] += x[:, r, q] @ kernel[i, j].T + bias
    return full[:, ct : ct + oh, cl : cl + ow], None


def fw_s_zeros(x, kernel, bias, *, strides, padding, dilation_rate):
    s = tuple(k + 1 if k > 1 else 1 for k in strides)
    y, c = taps_forward(x, kernel, bias, strides=s, padding=padding, dilation_rate=dilation_rate)
    (oh, ow), _ = geometry(x, kernel, strides, padding, dilation_rate)
    return y[:, :oh, :ow].copy(), c


def fw_normalised(x, kernel, bias, *, strides, padding, dilation_rate):
    y, _ = matrix_forward(x, kernel, np.zeros_like(bias), strides=strides, padding=padding, dilation_rate=dilation_rate)
    one = np.ones((1, *x.shape[1:3], 1), x.dtype)
    count, _ = matrix_forward(one, np.ones((*kernel.shape[:2], 1, 1), x.dtype), np.zeros(1, x.dtype), strides=strides, padding=padding, dilation_rate=dilation_rate)
    return y / np.maximum(count, 1) + bias, None


def fw_no_bias(x, kernel, bias, *, strides, padding, dilation_rate):
    return scipy_forward(x, kernel, [0] * len(bias), strides=strides, padding=padding, dilation_rate=dilation_rate)


def fw_strides_swapped(x, kernel, bias, *, strides, padding, dilation_rate):
    sw, sh = strides
    return stamp_forward(x, kernel, bias, strides=(sh, sw), padding=padding, dilation_rate=dilation_rate)


def fw_canvas_shared(x, kernel, bias, *, strides, padding, dilation_rate, _store={}):  # noqa: B006
    (oh, ow), (ct, cl) = geometry(x, kernel, strides, padding, dilation_rate)
    full = (len(x), *canvas(x, kernel, strides, dilation_rate), kernel.shape[2])
    out = _store.setdefault((full, x.dtype), np.zeros(full, x.dtype))
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            out[:, i * dilation_rate[0] :: strides[0], j * dilation_rate[1] :: strides[1]][:, : x.shape[1], : x.shape[2]] += np.einsum("nhwc,fc->nhwf", x, kernel[i, j])
    return out[:, ct : ct + oh, cl : cl + ow] + bias, None


# ---------------------------------------------------------------------------------------------- bugs, both
def turned_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    return taps_forward(x, kernel[::-1, ::-1], bias, strides=strides, padding=padding, dilation_rate=dilation_rate)


def turned_backward(dy, cache):
    dx, dk, db = taps_backward(dy, cache)
    return dx, dk[::-1, ::-1], db


def undilated_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    return spread_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=(1, 1))


def ordinary_forward(x, kernel, bias, *, strides, padding, dilation_rate):
    """thinks of an ordinary convolution: windows instead of stamps, for stride 1"""
    if strides != (1, 1) or padding != "same":
        return matrix_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    spans = [(kernel.shape[a] - 1) * dilation_rate[a] + 1 for a in (0, 1)]
    xp = np.pad(x, ((0, 0), *(((s - 1) // 2, s - 1 - (s - 1) // 2) for s in spans), (0, 0)))
    win = sliding_window_view(xp, spans, axis=(1, 2))[..., :: dilation_rate[0], :: dilation_rate[1]]
    return np.einsum("nhwcij,ijfc->nhwf", win, kernel) + bias, None


def dropped_batch_backward(dy, cache):
    x, kernel, strides, dil, full, cut = cache
    one = (x[:1], kernel, strides, dil, (1, *full[1:]), cut)
    _, dk, _ = stamp_backward(dy[:1], one)
    dx, _, db = stamp_backward(dy, cache)
    return dx, dk, db


def lost_gradient_backward(dy, cache):
    """'frees' the cache"""
    grads = taps_backward(dy, cache)
    cache["places"].clear()
    return grads


BUGS = [
    Bug("dx_kernel_turned", None, bw_dx_turned, "dx uses the kernel turned by 180 degrees; it should be the plain convolution (cross-correlation) of dy with the kernel"),
    Bug("dkernel_axes_c_f", None, bw_dkernel_hwcf, "dkernel has its last axes as (C, F) instead of (F, C)"),
    Bug("dkernel_reshaped_from_c_first", None, bw_dkernel_reshaped, "dkernel is computed as (C, KH*KW*F) and reshaped to the kernel's shape without a transpose"),
    Bug("dbias_from_x", None, bw_dbias_of_x, "dbias is the sum of x instead of the sum of dy per filter"),
    Bug("dbias_mean", None, bw_dbias_mean, "dbias is the mean of dy instead of the sum"),
    Bug("stride_forgotten_in_backward", None, bw_without_stride, "backward reads dy with stride 1 in dx and dkernel"),
    Bug("crop_forgotten_in_backward", None, bw_crop_forgotten, "backward does not shift dy by what 'same' cut off at the top and left"),
    Bug("dx_last_filter", None, bw_no_filter_sum, "dx is overwritten for every filter: only the last filter counts"),
    Bug("dbias_before_dkernel", None, bw_dx_as_dy_order, "backward returns (dx, dbias, dkernel) instead of (dx, dkernel, dbias)"),
    Bug("stamps_overwrite", fw_assigned, None, "overlapping stamps overwrite each other instead of adding up"),
    Bug("kernel_read_as_c_f", fw_kernel_hwcf, None, "the kernel's last two axes are read as (C, F) although they are (F, C)"),
    Bug("valid_without_max", fw_valid_small, None, "'valid' output is (n - 1)*s + span even when the stride is larger than the span: trailing rows are missing"),
    Bug("same_crop_rounded_up", fw_same_crop_start, None, "'same' cuts off the odd row or column before instead of after"),
    Bug("same_crops_only_the_end", fw_same_no_crop_before, None, "'same' cuts off only at the end: the image is shifted"),
    Bug("torch_output_size", fw_torch_size, None, "'same' cuts (span - 1) // 2 from both sides, so the output is not n*s (PyTorch without output_padding)"),
    Bug("pixels_repeated", fw_repeat_then_convolve, None, "the pixels are repeated before the convolution instead of being set apart with zeros"),
    Bug("zero_insertion_kernel_not_turned", fw_not_turned, None, "after inserting zeros it correlates with the kernel as it is; it must be turned by 180 degrees"),
    Bug("bias_with_every_stamp", fw_bias_in_stamp, None, "the bias is added with every stamp instead of once per output"),
    Bug("one_zero_too_many", fw_s_zeros, None, "for strides above 1, s zeros are inserted between pixels instead of s - 1 (stamps are s + 1 apart)"),
    Bug("overlaps_averaged", fw_normalised, None, "where stamps overlap the sum is divided by their number"),
    Bug("bias_missing", fw_no_bias, None, "the bias is not added"),
    Bug("strides_exchanged", fw_strides_swapped, None, "vertical and horizontal stride are exchanged"),
    Bug("mutable_default_canvas", fw_canvas_shared, None, "the canvas is kept in a mutable default argument: a later call of the same size adds to the earlier result"),
    Bug("turned_consistently", turned_forward, turned_backward, "the kernel is turned by 180 degrees in forward and, consistently, in backward"),
    Bug("dilation_ignored", undilated_forward, spread_backward, "the dilation rate is ignored, in forward and backward"),
    Bug("convolution_for_stride_1", ordinary_forward, None, "for stride 1 and 'same' it does an ordinary convolution (not transposed)"),
    Bug("dkernel_of_first_image", stamp_forward, dropped_batch_backward, "dkernel takes only the first image of the batch"),
    Bug("cache_cleared", taps_forward, lost_gradient_backward, "backward empties the cache: a second backward with it gives zeros"),
]
