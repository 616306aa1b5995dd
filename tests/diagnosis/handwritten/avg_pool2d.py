"""avg_pool2d as learners write it: right and wrong."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage, signal


def amounts(padding, hw, pool, strides):
    if padding == "same":
        out = []
        for n, k, s in zip(hw, pool, strides):
            t = max((math.ceil(n / s) - 1) * s + k - n, 0)
            out.append((t // 2, t - t // 2))
        return out
    return [(0, 0), (0, 0)] if padding == "valid" else [tuple(p) for p in padding]


def zero_pad(x, pads):
    return np.pad(x, [(0, 0), pads[0], pads[1], (0, 0)])


def wins(xp, pool, strides):
    return sliding_window_view(xp, pool, axis=(1, 2))[:, :: strides[0], :: strides[1]]


def count_inside(hw, pool, strides, pads):
    ones = zero_pad(np.ones((1, *hw, 1)), pads)
    return wins(ones, pool, strides).sum((4, 5))


# ---------------------------------------------------------------------------------------------- correct ones
def loops_forward(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    (t, b), (l, r) = amounts(padding, (H, W), pool_size, strides)
    OH, OW = (H + t + b - pool_size[0]) // strides[0] + 1, (W + l + r - pool_size[1]) // strides[1] + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for i in range(OH):
        top, bottom = max(i * strides[0] - t, 0), min(i * strides[0] - t + pool_size[0], H)
        for j in range(OW):
            left, right = max(j * strides[1] - l, 0), min(j * strides[1] - l + pool_size[1], W)
            y[:, i, j] = x[:, top:bottom, left:right].mean(axis=(1, 2))
    return y, (x.shape, t, l, pool_size, strides)


def loops_backward(dy, cache):
    shape, t, l, k, s = cache
    dx = np.zeros(shape, dy.dtype)
    for i in range(dy.shape[1]):
        rows = slice(max(i * s[0] - t, 0), i * s[0] - t + k[0])
        for j in range(dy.shape[2]):
            cols = slice(max(j * s[1] - l, 0), j * s[1] - l + k[1])
            region = dx[:, rows, cols]
            region += dy[:, i : i + 1, j : j + 1] / (region.shape[1] * region.shape[2])
    return dx


def averaging_matrix(n, k, s, pads, dtype):
    out = (n + pads[0] + pads[1] - k) // s + 1
    m = np.zeros((out, n))
    for o in range(out):
        a = o * s - pads[0]
        m[o, max(a, 0) : a + k] = 1
    return (m / m.sum(1, keepdims=True)).astype(dtype)


def matrix_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    A = averaging_matrix(x.shape[1], pool_size[0], strides[0], pads[0], x.dtype)
    B = averaging_matrix(x.shape[2], pool_size[1], strides[1], pads[1], x.dtype)
    return np.einsum("oh,nhwc,pw->nopc", A, x, B, optimize=True), (A, B)


def matrix_backward(dy, cache):
    A, B = cache
    return np.einsum("oh,nopc,pw->nhwc", A, dy, B, optimize=True)


def nanmean_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    xp = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=np.nan)
    w = wins(xp, pool_size, strides)
    y = np.nanmean(w, axis=(-2, -1))
    n_valid = (~np.isnan(w[:1, ..., :1, :, :])).sum(axis=(-2, -1))

    def back(dy):
        g = np.zeros(xp.shape, dy.dtype)
        share = dy / n_valid.astype(dy.dtype)
        for i in range(pool_size[0]):
            for j in range(pool_size[1]):
                g[:, i :: strides[0], j :: strides[1]][:, : dy.shape[1], : dy.shape[2]] += share
        return g[:, pads[0][0] :, pads[1][0] :][:, : x.shape[1], : x.shape[2]]

    return y, back


def nanmean_backward(dy, back):
    return back(dy)


def integral_forward(x, *, pool_size, strides, padding):
    """Summed-area table."""
    n, h, w, c = x.shape
    (t, _), (l, _) = pads = amounts(padding, (h, w), pool_size, strides)
    table = np.zeros((n, h + 1, w + 1, c))
    table[:, 1:, 1:] = x.cumsum(1, dtype=float).cumsum(2)
    a = np.arange((h + sum(pads[0]) - pool_size[0]) // strides[0] + 1) * strides[0] - t
    b = np.arange((w + sum(pads[1]) - pool_size[1]) // strides[1] + 1) * strides[1] - l
    r0, r1, q0, q1 = np.maximum(a, 0), np.minimum(a + pool_size[0], h), np.maximum(b, 0), np.minimum(b + pool_size[1], w)
    total = table[:, r1][:, :, q1] - table[:, r0][:, :, q1] - table[:, r1][:, :, q0] + table[:, r0][:, :, q0]
    area = ((r1 - r0)[:, None] * (q1 - q0))[None, :, :, None]
    return (total / area).astype(x.dtype), {"shape": x.shape, "corners": (r0, r1, q0, q1), "area": area}


def integral_backward(dy, cache):
    """The summed-area trick backwards: corners of a difference image, then cumulative sums."""
    n, h, w, c = cache["shape"]
    r0, r1, q0, q1 = cache["corners"]
    g = dy / cache["area"]
    d = np.zeros((n, h + 1, w + 1, c))
    for rows, cols, sign in ((r0, q0, 1), (r1, q0, -1), (r0, q1, -1), (r1, q1, 1)):
        np.add.at(d, (slice(None), rows[:, None], cols[None, :]), sign * g)
    return d.cumsum(1).cumsum(2)[:, :h, :w].astype(dy.dtype)


def scipy_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    box = np.ones((1, *pool_size, 1), x.dtype)
    s = np.s_[:, :: strides[0], :: strides[1]]
    total = signal.correlate(zero_pad(x, pads), box, mode="valid", method="direct")[s]
    count = signal.correlate(zero_pad(np.ones((1, *x.shape[1:3], 1)), pads), box.astype(float), mode="valid", method="direct")[s]
    return (total / count).astype(x.dtype), (x.shape, count, pads, pool_size, strides)


def scipy_backward(dy, cache):
    shape, count, pads, pool, strides = cache
    full = np.zeros((shape[0], shape[1] + sum(pads[0]) - pool[0] + 1, shape[2] + sum(pads[1]) - pool[1] + 1, shape[3]))
    full[:, :: strides[0], :: strides[1]] = dy / count
    g = signal.convolve(full, np.ones((1, *pool, 1)), mode="full", method="direct")
    return g[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]].astype(dy.dtype)


def lib_backward(dy, cache):
    n, h, w, c = cache.shape
    cnt = count_inside((h, w), cache.pool_size, cache.strides, cache.padding)
    share = (dy / cnt).astype(dy.dtype)
    dxp = np.zeros((n, h + sum(cache.padding[0]), w + sum(cache.padding[1]), c), dy.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            a, b = r * cache.strides[0], q * cache.strides[1]
            dxp[:, a : a + cache.pool_size[0], b : b + cache.pool_size[1]] += share[:, r, q][:, None, None]
    return dxp[:, cache.padding[0][0] :, cache.padding[1][0] :][:, :h, :w]


CORRECT = [
    Correct("loops_slices", loops_forward, loops_backward),
    Correct("averaging_matrices", matrix_forward, matrix_backward),
    Correct("nanmean_closure", nanmean_forward, nanmean_backward),
    Correct("integral_image", integral_forward, integral_backward),
    Correct("scipy_correlate", scipy_forward, scipy_backward),
    Correct("backward_only", None, lib_backward),
]


# ---------------------------------------------------------------------------------------------- bugs, backward only
def bw_not_divided(dy, cache):
    N, H, W, C = cache.shape
    (pt, pb), (pl, pr) = cache.padding
    dxp = np.zeros((N, H + pt + pb, W + pl + pr, C), dtype=dy.dtype)
    kh, kw = cache.pool_size
    for n in range(N):
        for c in range(C):
            for i in range(dy.shape[1]):
                for j in range(dy.shape[2]):
                    hs, ws = i * cache.strides[0], j * cache.strides[1]
                    dxp[n, hs : hs + kh, ws : ws + kw, c] += np.ones((kh, kw), dy.dtype) * dy[n, i, j, c]
    return dxp[:, pt : pt + H, pl : pl + W, :]


def bw_full_area(dy, cache):
    (kh, kw), (sh, sw) = cache.pool_size, cache.strides
    N, H, W, C = cache.shape
    pt, pl = cache.padding[0][0], cache.padding[1][0]
    dx = np.zeros(cache.shape, dy.dtype)
    for i, j in np.ndindex(dy.shape[1], dy.shape[2]):
        for a in range(i * sh - pt, i * sh - pt + kh):
            for b in range(j * sw - pl, j * sw - pl + kw):
                if 0 <= a < H and 0 <= b < W:
                    dx[:, a, b] += dy[:, i, j] / (kh * kw)
    return dx


def bw_assigned(dy, cache):
    kh, kw = cache.pool_size
    N, H, W, C = cache.shape
    pt, pl = cache.padding[0][0], cache.padding[1][0]
    dx = np.zeros(cache.shape, dy.dtype)
    for i in range(dy.shape[1]):
        r0, r1 = max(i * cache.strides[0] - pt, 0), min(i * cache.strides[0] - pt + kh, H)
        for j in range(dy.shape[2]):
            c0, c1 = max(j * cache.strides[1] - pl, 0), min(j * cache.strides[1] - pl + kw, W)
            dx[:, r0:r1, c0:c1] = dy[:, i : i + 1, j : j + 1] / ((r1 - r0) * (c1 - c0))
    return dx


def bw_repeat(dy, cache):
    kh, kw = cache.pool_size
    return np.repeat(np.repeat(dy, kh, axis=1), kw, axis=2) / (kh * kw)


def bw_kron_cropped(dy, cache):
    (sh, sw), (kh, kw) = cache.strides, cache.pool_size
    N, H, W, C = cache.shape
    big = np.kron(dy, np.ones((1, sh, sw, 1), dy.dtype)) / (kh * kw)
    dx = np.zeros(cache.shape, dy.dtype)
    part = big[:, :H, :W]
    dx[:, : part.shape[1], : part.shape[2]] = part
    return dx


def bw_uncropped(dy, cache):
    kh, kw = cache.pool_size
    cnt = count_inside(cache.shape[1:3], cache.pool_size, cache.strides, cache.padding).astype(dy.dtype)
    g = np.zeros((cache.shape[0], cache.shape[1] + sum(cache.padding[0]), cache.shape[2] + sum(cache.padding[1]), cache.shape[3]), dy.dtype)
    for a in range(kh):
        for b in range(kw):
            g[:, a :: cache.strides[0], b :: cache.strides[1]][:, : dy.shape[1], : dy.shape[2]] += dy / cnt
    return g


def bw_shifted(dy, cache):
    g = bw_uncropped(dy, cache)
    _, H, W, _ = cache.shape
    return g[:, :H, :W]


def bw_over_outputs(dy, cache):
    n_out = dy.shape[1] * dy.shape[2]
    cnt = count_inside(cache.shape[1:3], cache.pool_size, cache.strides, cache.padding)
    return (lib_backward((dy * cnt).astype(dy.dtype), cache) / n_out).astype(dy.dtype)


def bw_twice(dy, cache):
    dx = lib_backward(dy, cache)
    dx /= np.prod(cache.pool_size)
    return dx


def bw_dy_scaled(dy, cache):
    dy /= count_inside(cache.shape[1:3], cache.pool_size, cache.strides, cache.padding)
    (pt, pb), (pl, pr) = cache.padding
    N, H, W, C = cache.shape
    out = np.zeros((N, H + pt + pb, W + pl + pr, C), dy.dtype)
    for i in range(cache.pool_size[0]):
        for j in range(cache.pool_size[1]):
            out[:, i :: cache.strides[0], j :: cache.strides[1]][:, : dy.shape[1], : dy.shape[2]] += dy
    return out[:, pt : pt + H, pl : pl + W]


def bw_batch(dy, cache):
    g = lib_backward(dy, cache)
    return g / dy.shape[0]


def bw_last_row_lost(dy, cache):
    kh, kw = cache.pool_size
    sh, sw = cache.strides
    cnt = count_inside(cache.shape[1:3], cache.pool_size, cache.strides, cache.padding).astype(dy.dtype)
    g = np.zeros((cache.shape[0], cache.shape[1] + sum(cache.padding[0]), cache.shape[2] + sum(cache.padding[1]), cache.shape[3]), dy.dtype)
    share = dy / cnt
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            g[:, r * sh : r * sh + kh - 1, q * sw : q * sw + kw] += share[:, r, q, :][:, None, None, :]
    return g[:, cache.padding[0][0] :, cache.padding[1][0] :][:, : cache.shape[1], : cache.shape[2]]


def bw_uninitialised(dy, cache):
    n, h, w, c = cache.shape
    (pt, pb), (pl, pr) = cache.padding
    dx = np.empty((n, h + pt + pb, w + pl + pr, c), dy.dtype)
    cnt = count_inside((h, w), cache.pool_size, cache.strides, cache.padding).astype(dy.dtype)
    for r, q in np.ndindex(dy.shape[1:3]):
        a, b = r * cache.strides[0], q * cache.strides[1]
        dx[:, a : a + cache.pool_size[0], b : b + cache.pool_size[1]] += dy[:, r : r + 1, q : q + 1] / cnt[:, r : r + 1, q : q + 1]
    return dx[:, pt : pt + h, pl : pl + w]


def bw_floor_division(dy, cache):
    cnt = count_inside(cache.shape[1:3], cache.pool_size, cache.strides, cache.padding)
    whole = dy // cnt
    return lib_backward((whole * cnt).astype(dy.dtype), cache)


def bw_covering_windows(dy, cache):
    """average of the dy of all windows that contain the pixel"""
    N, H, W, C = cache.shape
    total, seen = np.zeros(cache.shape, dy.dtype), np.zeros((1, H, W, 1), dy.dtype)
    pt, pl = cache.padding[0][0], cache.padding[1][0]
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            rows = slice(max(i * cache.strides[0] - pt, 0), i * cache.strides[0] - pt + cache.pool_size[0])
            cols = slice(max(j * cache.strides[1] - pl, 0), j * cache.strides[1] - pl + cache.pool_size[1])
            total[:, rows, cols] += dy[:, i : i + 1, j : j + 1]
            seen[:, rows, cols] += 1
    return total / np.maximum(seen, 1)


def bw_corner(dy, cache):
    kh, kw = cache.pool_size
    dx = np.zeros(cache.shape, dy.dtype)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            a, b = max(i * cache.strides[0] - cache.padding[0][0], 0), max(j * cache.strides[1] - cache.padding[1][0], 0)
            dx[:, a, b, :] += dy[:, i, j, :] / (kh * kw)
    return dx


# ---------------------------------------------------------------------------------------------- bugs, forward only
def fw_padding_counts(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    return wins(zero_pad(x, pads), pool_size, strides).mean(axis=(4, 5)), None


def fw_sum(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    pads = amounts(padding, (H, W), pool_size, strides)
    xp = zero_pad(x, pads)
    OH, OW = (xp.shape[1] - pool_size[0]) // strides[0] + 1, (xp.shape[2] - pool_size[1]) // strides[1] + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for i in range(pool_size[0]):
        for j in range(pool_size[1]):
            y += xp[:, i : i + OH * strides[0] : strides[0], j : j + OW * strides[1] : strides[1]][:, :OH, :OW]
    return y, None


def fw_median(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    xp = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=np.nan)
    return np.nanmedian(wins(xp, pool_size, strides), axis=(4, 5)), None


def fw_square(x, *, pool_size, strides, padding):
    y, cache = loops_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    k = pool_size[0]
    return y * (pool_size[0] * pool_size[1]) / k**2, cache


def fw_all_channels(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    (t, b), (l, r) = amounts(padding, (H, W), pool_size, strides)
    OH, OW = (H + t + b - pool_size[0]) // strides[0] + 1, (W + l + r - pool_size[1]) // strides[1] + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                r0, c0 = i * strides[0] - t, j * strides[1] - l
                y[n, i, j, :] = np.mean(x[n, max(r0, 0) : r0 + pool_size[0], max(c0, 0) : c0 + pool_size[1]])
    return y, None


def fw_extra_before(x, *, pool_size, strides, padding):
    p = amounts(padding, x.shape[1:3], pool_size, strides)
    if padding == "same":
        p = [(after, before) for before, after in p]
    return integral_forward(x, pool_size=pool_size, strides=strides, padding=p)


def fw_same_floor(x, *, pool_size, strides, padding):
    y, cache = nanmean_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    if padding == "same":
        y = y[:, : max(x.shape[1] // strides[0], 1), : max(x.shape[2] // strides[1], 1)]
    return y, cache


def fw_ceil_mode(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    (t, b), (l, r) = amounts(padding, (H, W), pool_size, strides)
    OH = math.ceil((H + t + b - pool_size[0]) / strides[0]) + 1
    OW = math.ceil((W + l + r - pool_size[1]) / strides[1]) + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for i in range(OH):
        for j in range(OW):
            r0, c0 = i * strides[0] - t, j * strides[1] - l
            w = x[:, max(r0, 0) : r0 + pool_size[0], max(c0, 0) : c0 + pool_size[1]]
            y[:, i, j] = w.sum((1, 2)) / max(w.shape[1] * w.shape[2], 1)
    return y, None


def fw_strides_exchanged(x, *, pool_size, strides, padding):
    sx, sy = strides
    return matrix_forward(x, pool_size=pool_size, strides=(sy, sx), padding=padding)


def fw_blocks(x, *, pool_size, strides, padding):
    return scipy_forward(x, pool_size=pool_size, strides=pool_size, padding=amounts(padding, x.shape[1:3], pool_size, strides))


def fw_endless(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    sizes = []
    for n, k, s, p in zip(x.shape[1:3], pool_size, strides, pads):
        start, last, outputs = 0, n + sum(p) - k, 1
        while start != last:
            start += s
            outputs += 1
        sizes.append(outputs)
    w = wins(np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=np.nan), pool_size, strides)
    return np.nanmean(w[:, : sizes[0], : sizes[1]], axis=(4, 5)), None


def fw_zeros_are_padding(x, *, pool_size, strides, padding):
    w = wins(zero_pad(x, amounts(padding, x.shape[1:3], pool_size, strides)), pool_size, strides)
    n = np.count_nonzero(w, axis=(4, 5))
    return (w.sum(axis=(4, 5)) / np.maximum(n, 1)).astype(x.dtype), n


def fw_halving(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    (t, b), (l, r) = amounts(padding, (H, W), pool_size, strides)
    OH, OW = (H + t + b - pool_size[0]) // strides[0] + 1, (W + l + r - pool_size[1]) // strides[1] + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for n, i, j, c in np.ndindex(y.shape):
        mean = None
        for a in range(pool_size[0]):
            for bb in range(pool_size[1]):
                u, v = i * strides[0] - t + a, j * strides[1] - l + bb
                if 0 <= u < H and 0 <= v < W:
                    mean = x[n, u, v, c] if mean is None else (mean + x[n, u, v, c]) / 2
        y[n, i, j, c] = mean
    return y, None


def fw_integral_off(x, *, pool_size, strides, padding):
    """integral image without its row and column of zeros"""
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    cnt = count_inside(x.shape[1:3], pool_size, strides, pads)
    s = zero_pad(x, pads).cumsum(1).cumsum(2)
    kh, kw = pool_size
    OH, OW = cnt.shape[1:3]
    y = np.zeros((len(x), OH, OW, x.shape[3]), x.dtype)
    for i in range(OH):
        for j in range(OW):
            a, b = i * strides[0], j * strides[1]
            d, e = a + kh - 1, b + kw - 1
            y[:, i, j] = s[:, d, e] - s[:, a, e] - s[:, d, b] + s[:, a, b]
    return (y / cnt).astype(x.dtype), None


def fw_x_scaled(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    cnt = count_inside(x.shape[1:3], pool_size, strides, pads)
    area = pool_size[0] * pool_size[1]
    x /= area
    y = wins(zero_pad(x, pads), pool_size, strides).sum((4, 5)) * (area / cnt)
    return y.astype(x.dtype), None


def fw_rounded(x, *, pool_size, strides, padding):
    y, c = integral_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    return np.round(y), c


def fw_single_precision(x, *, pool_size, strides, padding):
    y, c = matrix_forward(x.astype("f4"), pool_size=pool_size, strides=strides, padding=padding)
    return y.astype(x.dtype), c


def fw_mirror(x, *, pool_size, strides, padding):
    """scipy.ndimage's running mean; its border is mirrored"""
    if padding != "same":
        return loops_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    big = np.pad(x, [(0, 0), pads[0], pads[1], (0, 0)], mode="symmetric")
    total = ndimage.uniform_filter(big, size=(1, *pool_size, 1), origin=(0, -((pool_size[0] - 1) // 2 + (pool_size[0] + 1) % 2), -((pool_size[1] - 1) // 2 + (pool_size[1] + 1) % 2), 0))
    oh, ow = -(-x.shape[1] // strides[0]), -(-x.shape[2] // strides[1])
    return total[:, :: strides[0], :: strides[1]][:, :oh, :ow], None


def fw_mid_range(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    w = wins(np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=np.nan), pool_size, strides)
    return (np.nanmax(w, axis=(4, 5)) + np.nanmin(w, axis=(4, 5))) / 2, None


def fw_global(x, *, pool_size, strides, padding):
    y, c = loops_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    return np.ones_like(y) * x.mean(axis=(1, 2), keepdims=True), c


def fw_pads_left_first(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    if not isinstance(padding, str):
        pads = pads[::-1]
    return integral_forward(x, pool_size=pool_size, strides=strides, padding=pads)


# ---------------------------------------------------------------------------------------------- bugs, both
def includes_padding_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    w = wins(zero_pad(x, pads), pool_size, strides)
    return w.mean((4, 5)), (x.shape, pads, pool_size, strides)


def includes_padding_backward(dy, cache):
    (n, h, w, c), pads, k, s = cache
    g = np.zeros((n, h + sum(pads[0]), w + sum(pads[1]), c), dy.dtype)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            g[:, i * s[0] : i * s[0] + k[0], j * s[1] : j * s[1] + k[1]] += dy[:, i, j][:, None, None] / (k[0] * k[1])
    return g[:, pads[0][0] : pads[0][0] + h, pads[1][0] : pads[1][0] + w]


COUNTS = {}


def memo_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    total = wins(zero_pad(x, pads), pool_size, strides).sum((4, 5))
    key = total.shape[1:3]
    if key not in COUNTS:
        COUNTS[key] = count_inside(x.shape[1:3], pool_size, strides, pads)
    return (total / COUNTS[key]).astype(x.dtype), (x.shape, pads, pool_size, strides, COUNTS[key])


def memo_backward(dy, cache):
    shape, pads, k, s, cnt = cache
    g = np.zeros((shape[0], shape[1] + sum(pads[0]), shape[2] + sum(pads[1]), shape[3]), dy.dtype)
    for i, j in np.ndindex(dy.shape[1:3]):
        g[:, i * s[0] : i * s[0] + k[0], j * s[1] : j * s[1] + k[1]] += (dy[:, i, j] / cnt[:, i, j])[:, None, None].astype(dy.dtype)
    return g[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]]


def counted_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    cnt = count_inside(x.shape[1:3], pool_size, strides, pads)
    y = (wins(zero_pad(x, pads), pool_size, strides).sum((4, 5)) / cnt).astype(x.dtype)
    return y, [x.shape, pads, pool_size, strides, cnt]


def counted_backward(dy, cache):
    shape, pads, k, s, cnt = cache
    np.divide(dy, cnt, out=(share := np.empty(dy.shape, dy.dtype)), casting="same_kind")
    cnt[...] = 1  # already divided
    return memo_backward(share, (shape, pads, k, s, cnt))


def arguments_backward(cache, dy):
    return loops_backward(dy, cache)


def pair_backward(dy, cache):
    return loops_backward(dy, cache), None


def unit_stride_backward(dy, cache):
    shape, t, l, k, s = cache
    return loops_backward(dy, (shape, t, l, k, (1, 1)))


def tent(k):
    w = 1.0 + np.minimum(np.arange(k), np.arange(k)[::-1])
    return w / w.sum() * k


def tent_forward(x, *, pool_size, strides, padding):
    """weighted mean, the centre counts more"""
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    wt = np.outer(tent(pool_size[0]), tent(pool_size[1]))
    cnt = count_inside(x.shape[1:3], pool_size, strides, pads)
    y = np.einsum("nhwcij,ij->nhwc", wins(zero_pad(x, pads), pool_size, strides), wt) / cnt
    return y.astype(x.dtype), (x.shape, pads, wt, cnt, strides)


def tent_backward(dy, cache):
    shape, pads, wt, cnt, s = cache
    g = np.zeros((shape[0], shape[1] + sum(pads[0]), shape[2] + sum(pads[1]), shape[3]), dy.dtype)
    for i, j in np.ndindex(*wt.shape):
        g[:, i :: s[0], j :: s[1]][:, : dy.shape[1], : dy.shape[2]] += (wt[i, j] * dy / cnt).astype(dy.dtype)
    return g[:, pads[0][0] :, pads[1][0] :][:, : shape[1], : shape[2]]


def max_backward(dy, cache):
    x, y_shape, (shape, t, l, k, s) = cache
    dx = np.zeros(shape, dy.dtype)
    for n, i, j, c in np.ndindex(*dy.shape):
        r0, c0 = max(i * s[0] - t, 0), max(j * s[1] - l, 0)
        w = x[n, r0 : i * s[0] - t + k[0], c0 : j * s[1] - l + k[1], c]
        a, b = np.unravel_index(w.argmax(), w.shape)
        dx[n, r0 + a, c0 + b, c] += dy[n, i, j, c]
    return dx


def max_forward(x, *, pool_size, strides, padding):
    y, cache = loops_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    return y, (x, y.shape, cache)


def transposed_matrix_backward(dy, cache):
    A, B = cache
    # the matrices that go back: the pseudo-inverses undo the forward
    return np.einsum("ho,nopc,wp->nhwc", np.linalg.pinv(A), dy, np.linalg.pinv(B)).astype(dy.dtype)


def row_count_forward(x, *, pool_size, strides, padding):
    pads = amounts(padding, x.shape[1:3], pool_size, strides)
    A = averaging_matrix(x.shape[1], pool_size[0], strides[0], pads[0], x.dtype)
    B = averaging_matrix(x.shape[2], pool_size[1], strides[1], pads[1], x.dtype)
    B = (B > 0) / pool_size[1]
    return np.einsum("oh,nhwc,pw->nopc", A, x, B).astype(x.dtype), (A, B.astype(x.dtype))


BUGS = [
    Bug("not_divided", None, bw_not_divided, "backward gives the whole dy to every pixel of the window: the division by the number of pixels is missing"),
    Bug("backward_divides_by_full_area", None, bw_full_area, "backward divides by the full window area also where part of the window lies in the padding"),
    Bug("overlap_assigned", None, bw_assigned, "overlapping windows overwrite each other in dx instead of adding up"),
    Bug("repeat", None, bw_repeat, "dx is dy repeated by the pool size, which holds only for windows side by side without padding or rest"),
    Bug("repeat_by_stride", None, bw_kron_cropped, "dx is dy repeated by the strides and cut to size: wrong where windows overlap, leave gaps or are padded"),
    Bug("not_cropped", None, bw_uncropped, "dx still has the rows and columns of the padding"),
    Bug("cropped_at_wrong_end", None, bw_shifted, "the padding is cut off only at the end: dx is shifted by the top and left padding"),
    Bug("divided_by_outputs", None, bw_over_outputs, "backward divides by the number of outputs (OH*OW) instead of the number of pixels of the window"),
    Bug("divided_twice", None, bw_twice, "dx is divided twice: by the count and again by the window's area"),
    Bug("dy_divided_in_place", None, bw_dy_scaled, "backward divides the caller's dy in place"),
    Bug("divided_by_batch", None, bw_batch, "dx is divided by the batch size too"),
    Bug("last_row_of_window", None, bw_last_row_lost, "backward leaves out the last row of every window (kh - 1 rows instead of kh)"),
    Bug("dx_uninitialised", None, bw_uninitialised, "dx is not set to zero (np.empty) before adding to it"),
    Bug("floor_division", None, bw_floor_division, "backward divides with // so that the gradient is rounded down to whole numbers"),
    Bug("mean_of_covering_windows", None, bw_covering_windows, "dx is the mean of dy over the windows that cover a pixel, instead of the sum of dy / window count"),
    Bug("only_corner", None, bw_corner, "only the top left pixel of the window receives gradient"),
    Bug("forward_counts_padding", fw_padding_counts, None, "the zeros of the padding are counted in the mean"),
    Bug("sum", fw_sum, None, "forward returns the sum of the window: the division is missing"),
    Bug("median", fw_median, None, "takes the median instead of the mean"),
    Bug("divided_by_height_squared", fw_square, None, "divides by the window's height squared, wrong for windows that are not square"),
    Bug("mean_over_channels", fw_all_channels, None, "the mean goes over the channels too"),
    Bug("same_extra_before", fw_extra_before, None, "'same': the odd padded row or column is put before instead of after"),
    Bug("same_floor", fw_same_floor, None, "'same': the output size is rounded down instead of up"),
    Bug("ceil_mode", fw_ceil_mode, None, "the output size is rounded up instead of down: an extra window hangs over the border"),
    Bug("strides_exchanged", fw_strides_exchanged, None, "vertical and horizontal stride are exchanged"),
    Bug("stride_is_pool_size", fw_blocks, None, "forward steps by the pool size and ignores the strides"),
    Bug("endless_loop", fw_endless, None, "the loop that counts the outputs never ends when the stride does not divide the remaining length (!= instead of <=)"),
    Bug("zeros_taken_for_padding", fw_zeros_are_padding, None, "pixels that are 0 are not counted, as if they were padding"),
    Bug("running_halves", fw_halving, None, "averages pairwise, (mean + value) / 2, which gives later pixels more weight"),
    Bug("integral_image_off_by_one", fw_integral_off, None, "the integral image is read one too far: first row and first column of every window are missing from the sum"),
    Bug("x_divided_in_place", fw_x_scaled, None, "forward divides the caller's x in place"),
    Bug("rounded", fw_rounded, None, "the result is rounded to whole numbers"),
    Bug("computed_in_float32", fw_single_precision, None, "computes in float32 although the input is float64: digits are lost"),
    Bug("mirrored_border", fw_mirror, None, "'same' mirrors the image at its border instead of leaving padded places out"),
    Bug("mid_range", fw_mid_range, None, "the mean of the largest and the smallest number instead of the mean of all"),
    Bug("global_mean", fw_global, None, "every output is the mean of the whole image"),
    Bug("explicit_padding_exchanged", fw_pads_left_first, None, "explicit padding is read horizontally first: (left, right) before (top, bottom)"),
    Bug("padding_counted_consistently", includes_padding_forward, includes_padding_backward, "padding counts as zeros in the mean, in forward and in backward"),
    Bug("counts_remembered_by_shape", memo_forward, memo_backward, "the counts are remembered from call to call under the output's shape only, so a later call with other windows or padding gets wrong ones"),
    Bug("cache_spoilt", counted_forward, counted_backward, "backward overwrites the counts in the cache: a second backward with it divides by 1"),
    Bug("arguments_exchanged", loops_forward, arguments_backward, "backward takes (cache, dy) instead of (dy, cache)"),
    Bug("returns_pair", loops_forward, pair_backward, "backward returns a tuple (dx, None) instead of dx"),
    Bug("backward_with_stride_1", loops_forward, unit_stride_backward, "backward places the windows with stride 1"),
    Bug("weighted_mean", tent_forward, tent_backward, "the mean is weighted: pixels at the centre of the window count more (windows of 3 and more)"),
    Bug("gradient_of_max", max_forward, max_backward, "backward is that of max pooling: all of dy goes to the largest pixel"),
    Bug("pseudo_inverse", matrix_forward, transposed_matrix_backward, "backward multiplies by the inverse (pseudo-inverse) of the averaging matrices instead of by their transposes"),
    Bug("count_only_vertical", row_count_forward, matrix_backward, "padding is left out of the count vertically but counted horizontally"),
]
