"""max_pool2d as learners write it: right and wrong."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from numpy.lib.stride_tricks import as_strided, sliding_window_view


# ---------------------------------------------------------------------------------------------- shared by several
def pads_for(x, pool_size, strides, padding):
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        res = []
        for n, k, s in zip(x.shape[1:3], pool_size, strides):
            need = max((-(-n // s) - 1) * s + k - n, 0)
            res.append((need // 2, need - need // 2))
        return tuple(res)
    return padding


def padded(x, pads, value=-np.inf):
    return np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)), constant_values=value)


def windows(xp, pool_size, strides):
    """(N, OH, OW, C, KH, KW)"""
    return sliding_window_view(xp, pool_size, axis=(1, 2))[:, :: strides[0], :: strides[1]]


def unpad(dxp, shape, pads):
    t, l = pads[0][0], pads[1][0]
    return dxp[:, t : t + shape[1], l : l + shape[2]]


# ---------------------------------------------------------------------------------------------- correct ones
def loops_forward(x, *, pool_size, strides, padding):
    n, h, w, c = x.shape
    (top, bottom), (left, right) = pads_for(x, pool_size, strides, padding)
    oh = (h + top + bottom - pool_size[0]) // strides[0] + 1
    ow = (w + left + right - pool_size[1]) // strides[1] + 1
    y = np.empty((n, oh, ow, c), x.dtype)
    where = {}
    for b in range(n):
        for r in range(oh):
            for q in range(ow):
                for k in range(c):
                    best, place = None, None
                    for i in range(pool_size[0]):
                        for j in range(pool_size[1]):
                            u, v = r * strides[0] + i - top, q * strides[1] + j - left
                            if 0 <= u < h and 0 <= v < w and (best is None or x[b, u, v, k] > best):
                                best, place = x[b, u, v, k], (b, u, v, k)
                    y[b, r, q, k] = best
                    where[b, r, q, k] = place
    return y, (x.shape, where)


def loops_backward(dy, cache):
    shape, where = cache
    dx = np.zeros(shape, dy.dtype)
    for out, inp in where.items():
        dx[inp] += dy[out]
    return dx


def argmax_forward(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    win = windows(padded(x, pads), pool_size, strides)
    flat = win.reshape(*win.shape[:4], -1)
    idx = flat.argmax(-1)
    y = np.take_along_axis(flat, idx[..., None], -1)[..., 0]
    return y, {"idx": idx, "shape": x.shape, "pads": pads, "k": pool_size, "s": strides}


def argmax_backward(dy, cache):
    idx, shape, pads, (kh, kw), (sh, sw) = (cache[k] for k in ("idx", "shape", "pads", "k", "s"))
    n, r, q, c = np.indices(dy.shape)
    rows = r * sh + idx // kw - pads[0][0]
    cols = q * sw + idx % kw - pads[1][0]
    dx = np.zeros(shape, dy.dtype)
    np.add.at(dx, (n, rows, cols, c), dy)
    return dx


def bincount_backward(dy, cache):
    """library cache"""
    n, h, w, c = cache.shape
    b, r, q, ch = np.indices(dy.shape)
    wi = cache.winner.astype(np.int64)
    rows = r * cache.strides[0] + wi // cache.pool_size[1] - cache.padding[0][0]
    cols = q * cache.strides[1] + wi % cache.pool_size[1] - cache.padding[1][0]
    flat = np.ravel_multi_index((b, rows, cols, ch), cache.shape)
    return np.bincount(flat.ravel(), weights=dy.ravel(), minlength=n * h * w * c).reshape(cache.shape).astype(dy.dtype)


def closure_forward(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    xp = padded(x, pads)
    win = windows(xp, pool_size, strides)
    y = win.max(axis=(4, 5))

    def back(dy):
        taken = np.zeros(dy.shape, bool)
        dxp = np.zeros(xp.shape, dy.dtype)
        for i in range(pool_size[0]):
            for j in range(pool_size[1]):
                hit = (win[..., i, j] == y) & ~taken
                taken |= hit
                dxp[:, i : i + dy.shape[1] * strides[0] : strides[0], j : j + dy.shape[2] * strides[1] : strides[1]][:, : dy.shape[1], : dy.shape[2]] += dy * hit
        return unpad(dxp, x.shape, pads)

    return y, back


def closure_backward(dy, cache):
    return cache(dy)


def strided_forward(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    xp = np.ascontiguousarray(padded(x, pads).transpose(0, 3, 1, 2))
    n, c, h, w = xp.shape
    oh, ow = (h - pool_size[0]) // strides[0] + 1, (w - pool_size[1]) // strides[1] + 1
    a, b, d, e = xp.strides
    v = as_strided(xp, (n, c, oh, ow, *pool_size), (a, b, d * strides[0], e * strides[1], d, e), writeable=False)
    idx = v.reshape(n, c, oh, ow, -1).argmax(-1)
    return np.ascontiguousarray(v.max((-1, -2)).transpose(0, 2, 3, 1)), (x.shape, xp.shape, pads, idx, pool_size, strides)


def strided_backward(dy, cache):
    shape, pshape, pads, idx, (kh, kw), (sh, sw) = cache
    g = np.zeros(pshape, dy.dtype)
    for r in range(idx.shape[2]):
        for q in range(idx.shape[3]):
            onehot = idx[:, :, r, q, None] == np.arange(kh * kw)
            g[:, :, r * sh : r * sh + kh, q * sw : q * sw + kw] += (onehot * dy[:, r, q, :, None]).reshape(*onehot.shape[:2], kh, kw)
    return unpad(g.transpose(0, 2, 3, 1), shape, pads)


def indices_forward(x, *, pool_size, strides, padding):
    """Clipped windows: no padding at all, the winner's flat index is the cache."""
    n, h, w, c = x.shape
    pads = pads_for(x, pool_size, strides, padding)
    oh = (h + sum(pads[0]) - pool_size[0]) // strides[0] + 1
    ow = (w + sum(pads[1]) - pool_size[1]) // strides[1] + 1
    y, at = np.zeros((n, oh, ow, c), x.dtype), np.zeros((n, oh, ow, c), int)
    for r in range(oh):
        for q in range(ow):
            r0, q0 = r * strides[0] - pads[0][0], q * strides[1] - pads[1][0]
            r1, q1 = min(r0 + pool_size[0], h), min(q0 + pool_size[1], w)
            r0, q0 = max(r0, 0), max(q0, 0)
            patch = x[:, r0:r1, q0:q1].reshape(n, -1, c)
            k = np.argmax(patch, axis=1)
            y[:, r, q] = np.max(patch, axis=1)
            at[:, r, q] = (r0 + k // (q1 - q0)) * w + q0 + k % (q1 - q0)
    return y, (x.shape, at)


def indices_backward(dy, cache):
    (n, h, w, c), at = cache
    dx = np.zeros((n, h * w, c), dy.dtype)
    for b in range(n):
        for k in range(c):
            for place, g in zip(at[b, ..., k].flat, dy[b, ..., k].flat):
                dx[b, place, k] += g
    return dx.reshape(n, h, w, c)


CORRECT = [
    Correct("loops_dict", loops_forward, loops_backward),
    Correct("argmax_add_at", argmax_forward, argmax_backward),
    Correct("bincount_backward_only", None, bincount_backward),
    Correct("closure_per_tap", closure_forward, closure_backward),
    Correct("as_strided_channels_first", strided_forward, strided_backward),
    Correct("clipped_windows_flat_index", indices_forward, indices_backward),
    Correct("loops_forward_only", loops_forward, None),
]


# ---------------------------------------------------------------------------------------------- bugs, backward only
def bw_assign(dy, cache):
    dx = np.zeros(cache.shape, dy.dtype)
    (kh, kw), (sh, sw), (pt, _), (pl, _) = cache.pool_size, cache.strides, cache.padding[0], cache.padding[1]
    N, OH, OW, C = dy.shape
    for n in range(N):
        for oh in range(OH):
            for ow in range(OW):
                for c in range(C):
                    k = int(cache.winner[n, oh, ow, c])
                    dx[n, oh * sh - pt + k // kw, ow * sw - pl + k % kw, c] = dy[n, oh, ow, c]
    return dx


def bw_fancy_plus(dy, cache):
    n, r, q, c = np.indices(dy.shape)
    w = cache.winner.astype(int)
    rows = r * cache.strides[0] + w // cache.pool_size[1] - cache.padding[0][0]
    cols = q * cache.strides[1] + w % cache.pool_size[1] - cache.padding[1][0]
    dx = np.zeros(cache.shape, dy.dtype)
    dx[n, rows, cols, c] += dy
    return dx


def bw_spread_evenly(dy, cache):
    """like the average"""
    (kh, kw), (sh, sw) = cache.pool_size, cache.strides
    (pt, pb), (pl, pr) = cache.padding
    N, H, W, C = cache.shape
    dxp = np.zeros((N, H + pt + pb, W + pl + pr, C), dy.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            dxp[:, r * sh : r * sh + kh, q * sw : q * sw + kw] += dy[:, r : r + 1, q : q + 1] / (kh * kw)
    return dxp[:, pt : pt + H, pl : pl + W]


def bw_over_area(dy, cache):
    dx = bincount_backward(dy, cache)
    area = cache.pool_size[0] * cache.pool_size[1]
    return dx / area


def bw_decode_kh(dy, cache):
    kh, kw = cache.pool_size
    N, H, W, C = cache.shape
    (pt, pb), (pl, pr) = cache.padding
    dxp = np.zeros((N, H + pt + pb + kw, W + pl + pr + kh, C), dy.dtype)
    for n, r, q, c in np.ndindex(*dy.shape):
        i, j = divmod(int(cache.winner[n, r, q, c]), kh)
        dxp[n, r * cache.strides[0] + i, q * cache.strides[1] + j, c] += dy[n, r, q, c]
    return dxp[:, pt : pt + H, pl : pl + W, :]


def bw_column_major(dy, cache):
    kh, kw = cache.pool_size
    where = np.unravel_index(cache.winner, (kh, kw), order="F")
    pt, pl = cache.padding[0][0], cache.padding[1][0]
    dxp = np.zeros((cache.shape[0], cache.shape[1] + sum(cache.padding[0]), cache.shape[2] + sum(cache.padding[1]), cache.shape[3]), dy.dtype)
    n, r, q, c = np.ogrid[tuple(slice(k) for k in dy.shape)]
    np.add.at(dxp, (n, r * cache.strides[0] + where[0], q * cache.strides[1] + where[1], c), dy)
    return dxp[:, pt : pt + cache.shape[1], pl : pl + cache.shape[2]]


def bw_forgets_offset(dy, cache):
    N, H, W, C = cache.shape
    dx = np.zeros(cache.shape, dy.dtype)
    for n in range(N):
        for r in range(dy.shape[1]):
            for q in range(dy.shape[2]):
                for c in range(C):
                    i, j = divmod(int(cache.winner[n, r, q, c]), cache.pool_size[1])
                    u, v = r * cache.strides[0] + i, q * cache.strides[1] + j
                    if u < H and v < W:
                        dx[n, u, v, c] += dy[n, r, q, c]
    return dx


def bw_keeps_padding(dy, cache):
    (pt, pb), (pl, pr) = cache.padding
    N, H, W, C = cache.shape
    dxp = np.zeros((N, H + pt + pb, W + pl + pr, C), dy.dtype)
    for k in range(cache.pool_size[0] * cache.pool_size[1]):
        i, j = divmod(k, cache.pool_size[1])
        a = dxp[:, i :: cache.strides[0], j :: cache.strides[1]]
        a[:, : dy.shape[1], : dy.shape[2]] += np.where(cache.winner == k, dy, 0)
    return dxp


def bw_minus_crop(dy, cache):
    (pt, pb), (pl, pr) = cache.padding
    dxp = bw_keeps_padding(dy, cache)
    if pt or pb or pl or pr:
        return dxp[:, pt:-pb, pl:-pr, :]
    return dxp


def bw_channel_zero(dy, cache):
    N, H, W, C = cache.shape
    dx = np.zeros(cache.shape, dy.dtype)
    pt, pl = cache.padding[0][0], cache.padding[1][0]
    for n in range(N):
        for r in range(dy.shape[1]):
            for q in range(dy.shape[2]):
                k = int(cache.winner[n, r, q, 0])
                dx[n, r * cache.strides[0] + k // cache.pool_size[1] - pt, q * cache.strides[1] + k % cache.pool_size[1] - pl] += dy[n, r, q]
    return dx


def bw_byte_overflow(dy, cache):
    N, H, W, C = cache.shape
    kw = cache.pool_size[1]
    n, r, q, c = np.indices(dy.shape)
    rows = r * cache.strides[0] + cache.winner // kw - cache.padding[0][0]
    cols = q * cache.strides[1] + cache.winner % kw - cache.padding[1][0]
    flat = (((n * H + rows) * W + cols) * C + c).astype(cache.winner.dtype)  # as compact as the winners
    dx = np.zeros(N * H * W * C, dy.dtype)
    np.add.at(dx, flat.astype(int).ravel(), dy.ravel())
    return dx.reshape(cache.shape)


def bw_pool_for_stride(dy, cache):
    kh, kw = cache.pool_size
    N, H, W, C = cache.shape
    big = np.zeros((N, dy.shape[1] * kh + H, dy.shape[2] * kw + W, C), dy.dtype)
    for k in range(kh * kw):
        i, j = k // kw, k % kw
        big[:, i : i + dy.shape[1] * kh : kh, j : j + dy.shape[2] * kw : kw] += dy * (cache.winner == k)
    return big[:, cache.padding[0][0] :, cache.padding[1][0] :][:, :H, :W]


def bw_first_image(dy, cache):
    dx = np.zeros(cache.shape, dy.dtype)
    for n in range(cache.shape[0]):
        for r, q, c in np.ndindex(dy.shape[1:]):
            k = int(cache.winner[n, r, q, c])
            u = r * cache.strides[0] + k // cache.pool_size[1] - cache.padding[0][0]
            v = q * cache.strides[1] + k % cache.pool_size[1] - cache.padding[1][0]
            dx[0, u, v, c] += dy[n, r, q, c]
    return dx


def bw_dy_masked(dy, cache):
    kw = cache.pool_size[1]
    dxp = np.zeros((cache.shape[0], cache.shape[1] + sum(cache.padding[0]), cache.shape[2] + sum(cache.padding[1]), cache.shape[3]), dy.dtype)
    rest = dy
    for k in range(cache.pool_size[0] * kw):
        hit = cache.winner == k
        part = dxp[:, k // kw :: cache.strides[0], k % kw :: cache.strides[1]][:, : dy.shape[1], : dy.shape[2]]
        part += rest * hit
        rest[hit] = 0  # given away
    return unpad(dxp, cache.shape, cache.padding)


def bw_empty(dy, cache):
    dx = np.empty(cache.shape, dy.dtype)
    n, r, q, c = np.indices(dy.shape)
    w = cache.winner.astype(int)
    rows = r * cache.strides[0] + w // cache.pool_size[1] - cache.padding[0][0]
    cols = q * cache.strides[1] + w % cache.pool_size[1] - cache.padding[1][0]
    dx[n, rows, cols, c] = 0
    np.add.at(dx, (n, rows, cols, c), dy)
    return dx


def bw_default_dtype(dy, cache):
    dx = np.zeros(cache.shape)
    dx += bincount_backward(dy, cache)
    return dx


def bw_upsample(dy, cache):
    """grow dy to the size of x, then mask with the winners"""
    kh, kw = cache.pool_size
    up = dy.repeat(kh, axis=1).repeat(kw, axis=2)
    i = np.arange(up.shape[1])[:, None] % kh
    j = np.arange(up.shape[2])[None, :] % kw
    mask = cache.winner.repeat(kh, axis=1).repeat(kw, axis=2) == (i * kw + j)[None, :, :, None]
    return up * mask


# ---------------------------------------------------------------------------------------------- bugs, forward only
def fw_min(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    return windows(padded(x, pads, np.inf), pool_size, strides).min((4, 5)), None


def fw_starts_at_zero(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    (pt, pb), (pl, pr) = pads_for(x, pool_size, strides, padding)
    OH, OW = (H + pt + pb - pool_size[0]) // strides[0] + 1, (W + pl + pr - pool_size[1]) // strides[1] + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for n in range(N):
        for c in range(C):
            for r in range(OH):
                for q in range(OW):
                    best = 0
                    for i in range(pool_size[0]):
                        for j in range(pool_size[1]):
                            u, v = r * strides[0] - pt + i, q * strides[1] - pl + j
                            if 0 <= u < H and 0 <= v < W:
                                best = max(best, x[n, u, v, c])
                    y[n, r, q, c] = best
    return y, None


def fw_minus_1e9(x, *, pool_size, strides, padding):
    (pt, pb), (pl, pr) = pads_for(x, pool_size, strides, padding)
    N, H, W, C = x.shape
    buf = np.full((N, H + pt + pb, W + pl + pr, C), -1e9, dtype=x.dtype)
    buf[:, pt : pt + H, pl : pl + W] = x
    OH, OW = (buf.shape[1] - pool_size[0]) // strides[0] + 1, (buf.shape[2] - pool_size[1]) // strides[1] + 1
    y = np.empty((N, OH, OW, C), x.dtype)
    for r in range(OH):
        for q in range(OW):
            y[:, r, q] = buf[:, r * strides[0] : r * strides[0] + pool_size[0], q * strides[1] : q * strides[1] + pool_size[1]].max(axis=1).max(axis=1)
    return y, buf


def fw_tiny(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    smallest = np.finfo(x.dtype).tiny
    return windows(padded(x, pads, smallest), pool_size, strides).max((4, 5)), None


def fw_absolute(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    win = windows(padded(x, pads, 0), pool_size, strides)
    flat = win.reshape(*win.shape[:4], -1)
    idx = np.abs(flat).argmax(-1)
    return np.take_along_axis(flat, idx[..., None], -1)[..., 0], idx


def fw_reshape(x, *, pool_size, strides, padding):
    kh, kw = pool_size
    n, h, w, c = x.shape
    x = padded(x, pads_for(x, pool_size, strides, padding))
    h, w = x.shape[1] // kh, x.shape[2] // kw
    return x[:, : h * kh, : w * kw].reshape(n, h, kh, w, kw, c).max(axis=(2, 4)), None


def fw_reshape_axes(x, *, pool_size, strides, padding):
    kh, kw = pool_size
    pads = pads_for(x, pool_size, strides, padding)
    win = windows(padded(x, pads), pool_size, strides)
    n, oh, ow, c = win.shape[:4]
    # back to one long image, then fold
    long = win.transpose(0, 1, 4, 2, 5, 3).reshape(n, oh * kh, ow * kw, c)
    y = long.reshape(n, oh, ow, kh, kw, c).max(axis=(3, 4))
    return y, None


def fw_same_first(x, *, pool_size, strides, padding):
    if padding == "same":
        pads = []
        for axis in (0, 1):
            n, k, s = x.shape[axis + 1], pool_size[axis], strides[axis]
            total = max((math.ceil(n / s) - 1) * s + k - n, 0)
            after = total // 2
            pads.append((total - after, after))
        padding = tuple(pads)
    return indices_forward(x, pool_size=pool_size, strides=strides, padding=padding)


def fw_same_floor(x, *, pool_size, strides, padding):
    if padding != "same":
        return argmax_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    y, cache = argmax_forward(x, pool_size=pool_size, strides=strides, padding="same")
    return np.ascontiguousarray(y[:, : x.shape[1] // strides[0], : x.shape[2] // strides[1]]), cache


def fw_valid_ceil(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    new = []
    for n, k, s, (a, b) in zip(x.shape[1:3], pool_size, strides, pads):
        while (n + a + b - k) % s:
            b += 1
        new.append((a, b))
    win = windows(padded(x, new), pool_size, strides)
    return win.max(axis=-1).max(axis=-1), None


def fw_range_end(x, *, pool_size, strides, padding):
    xp = padded(x, pads_for(x, pool_size, strides, padding))
    rows = range(0, xp.shape[1] - pool_size[0], strides[0])
    cols = range(0, xp.shape[2] - pool_size[1], strides[1])
    y = np.zeros((len(x), len(rows), len(cols), x.shape[3]), x.dtype)
    for a, r in enumerate(rows):
        for b, q in enumerate(cols):
            y[:, a, b, :] = np.amax(xp[:, r : r + pool_size[0], q : q + pool_size[1], :], axis=(1, 2))
    return y, None


def fw_swapped_strides(x, *, pool_size, strides, padding):
    s = (strides[1], strides[0])
    return argmax_forward(x, pool_size=pool_size, strides=s, padding=padding)


def fw_swapped_pool(x, *, pool_size, strides, padding):
    width, height = pool_size
    return indices_forward(x, pool_size=(height, width), strides=strides, padding=padding)


def fw_axis_over_channels(x, *, pool_size, strides, padding):
    xp = padded(x, pads_for(x, pool_size, strides, padding))
    OH, OW = (xp.shape[1] - pool_size[0]) // strides[0] + 1, (xp.shape[2] - pool_size[1]) // strides[1] + 1
    y = np.zeros((len(x), OH, OW, x.shape[3]), x.dtype)
    for n in range(len(x)):
        for i in range(OH):
            for j in range(OW):
                vert, horiz = i * strides[0], j * strides[1]
                a_slice = xp[n, vert : vert + pool_size[0], horiz : horiz + pool_size[1]]
                y[n, i, j] = np.max(a_slice)
    return y, None


def fw_over_batch(x, *, pool_size, strides, padding):
    xp = padded(x, pads_for(x, pool_size, strides, padding))
    win = windows(xp, pool_size, strides)
    y = np.broadcast_to(win.max(axis=(0, 4, 5)), win.shape[:4]).copy()
    return y, None


def fw_window_slides_in(x, *, pool_size, strides, padding):
    """windows at the border are moved into the image"""
    N, H, W, C = x.shape
    (pt, pb), (pl, pr) = pads_for(x, pool_size, strides, padding)
    OH, OW = (H + pt + pb - pool_size[0]) // strides[0] + 1, (W + pl + pr - pool_size[1]) // strides[1] + 1
    y = np.zeros((N, OH, OW, C), x.dtype)
    for r in range(OH):
        h0 = max(0, r * strides[0] - pt)
        for q in range(OW):
            w0 = max(0, q * strides[1] - pl)
            y[:, r, q] = x[:, h0 : h0 + pool_size[0], w0 : w0 + pool_size[1]].max((1, 2))
    return y, None


def fw_returns_index(x, *, pool_size, strides, padding):
    win = windows(padded(x, pads_for(x, pool_size, strides, padding)), pool_size, strides)
    y = np.argmax(win.reshape(win.shape[:4] + (-1,)), axis=-1)
    return y.astype(x.dtype), y


def fw_marks_x(x, *, pool_size, strides, padding):
    y, (shape, at) = indices_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    n, h, w, c = x.shape
    flat = x.reshape(n, h * w, c)
    for b, k in np.ndindex(n, c):
        flat[b, at[b, ..., k].ravel(), k] = 0.0  # mark the winners as used
    if not np.shares_memory(flat, x):
        x[...] = flat.reshape(x.shape)
    return y, at


def fw_second_tap_forgotten(x, *, pool_size, strides, padding):
    xp = padded(x, pads_for(x, pool_size, strides, padding))
    win = windows(xp, pool_size, strides)
    best = win[..., 0, 0].copy()
    for i in range(pool_size[0]):
        for j in range(1, pool_size[1]):
            np.maximum(best, win[..., i, j], out=best)
    return best, None


# ---------------------------------------------------------------------------------------------- bugs, both functions
def all_ties_forward(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    xp = padded(x, pads)
    y = windows(xp, pool_size, strides).max(axis=(-1, -2))
    return y, (xp, y, x.shape, pads, pool_size, strides)


def all_ties_backward(dy, cache):
    xp, y, shape, pads, (kh, kw), (sh, sw) = cache
    g = np.zeros(xp.shape, dy.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            patch = xp[:, r * sh : r * sh + kh, q * sw : q * sw + kw]
            mask = patch == y[:, r : r + 1, q : q + 1]
            g[:, r * sh : r * sh + kh, q * sw : q * sw + kw] += mask * dy[:, r : r + 1, q : q + 1]
    return unpad(g, shape, pads)


def shared_ties_backward(dy, cache):
    xp, y, shape, pads, (kh, kw), (sh, sw) = cache
    g = np.zeros(xp.shape, dy.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            patch = xp[:, r * sh : r * sh + kh, q * sw : q * sw + kw]
            mask = (patch == y[:, r : r + 1, q : q + 1]).astype(dy.dtype)
            mask /= mask.sum(axis=(1, 2), keepdims=True)
            g[:, r * sh : r * sh + kh, q * sw : q * sw + kw] += mask * dy[:, r : r + 1, q : q + 1]
    return unpad(g, shape, pads)


def close_ties_backward(dy, cache):
    xp, y, shape, pads, (kh, kw), (sh, sw) = cache
    g = np.zeros(xp.shape, dy.dtype)
    for n, r, q, c in np.ndindex(*dy.shape):
        patch = xp[n, r * sh : r * sh + kh, q * sw : q * sw + kw, c]
        i, j = np.argwhere(np.isclose(patch, y[n, r, q, c], rtol=0.3))[0]
        g[n, r * sh + i, q * sw + j, c] += dy[n, r, q, c]
    return unpad(g, shape, pads)


def times_x_backward(dy, cache):
    xp, y, shape, pads, (kh, kw), (sh, sw) = cache
    g = np.zeros(xp.shape, dy.dtype)
    for n in range(dy.shape[0]):
        for r in range(dy.shape[1]):
            for q in range(dy.shape[2]):
                for c in range(dy.shape[3]):
                    patch = xp[n, r * sh : r * sh + kh, q * sw : q * sw + kw, c]
                    i, j = np.unravel_index(patch.argmax(), patch.shape)
                    g[n, r * sh + i, q * sw + j, c] += dy[n, r, q, c] * patch[i, j]
    return unpad(g, shape, pads)


def replaced_by_dy_backward(dy, cache):
    """searches the maximum of the patch of dx that is being filled"""
    xp, y, shape, pads, (kh, kw), (sh, sw) = cache
    g = np.zeros(xp.shape, dy.dtype)
    for n, r, q, c in np.ndindex(*dy.shape):
        patch = g[n, r * sh : r * sh + kh, q * sw : q * sw + kw, c]
        patch[np.unravel_index(np.argmax(patch), patch.shape)] += dy[n, r, q, c]
    return unpad(g, shape, pads)


def one_of_image_backward(dy, cache):
    xp, y, shape, pads, k, s = cache
    g = np.zeros(xp.shape, dy.dtype)
    for n in range(shape[0]):
        for c in range(shape[3]):
            for r in range(dy.shape[1]):
                for q in range(dy.shape[2]):
                    rows, cols = np.where(xp[n, :, :, c] == y[n, r, q, c])
                    g[n, rows[0], cols[0], c] += dy[n, r, q, c]
    return unpad(g, shape, pads)


def last_tie_forward(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    (pt, pb), (pl, pr) = pads_for(x, pool_size, strides, padding)
    OH, OW = (H + pt + pb - pool_size[0]) // strides[0] + 1, (W + pl + pr - pool_size[1]) // strides[1] + 1
    y = np.full((N, OH, OW, C), -np.inf, x.dtype)
    arg = np.zeros((N, OH, OW, C, 2), int)
    for n, r, q, c in np.ndindex(N, OH, OW, C):
        for i in range(pool_size[0]):
            for j in range(pool_size[1]):
                u, v = r * strides[0] - pt + i, q * strides[1] - pl + j
                if 0 <= u < H and 0 <= v < W and x[n, u, v, c] >= y[n, r, q, c]:
                    y[n, r, q, c] = x[n, u, v, c]
                    arg[n, r, q, c] = u, v
    return y, (x.shape, arg)


def last_tie_backward(dy, cache):
    shape, arg = cache
    dx = np.zeros(shape, dy.dtype)
    for n, r, q, c in np.ndindex(*dy.shape):
        dx[n, arg[n, r, q, c, 0], arg[n, r, q, c, 1], c] += dy[n, r, q, c]
    return dx


def column_first_forward(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    win = windows(padded(x, pads), pool_size, strides).swapaxes(-1, -2)
    flat = win.reshape(*win.shape[:4], -1)
    k = flat.argmax(-1)
    return flat.max(-1), (k % pool_size[0], k // pool_size[0], x.shape, pads, strides)


def column_first_backward(dy, cache):
    i, j, shape, pads, (sh, sw) = cache
    n, r, q, c = np.indices(dy.shape)
    dx = np.zeros(shape, dy.dtype)
    np.add.at(dx, (n, r * sh + i - pads[0][0], q * sw + j - pads[1][0], c), dy)
    return dx


def zero_pad_forward(x, *, pool_size, strides, padding):
    pads = pads_for(x, pool_size, strides, padding)
    xp = np.pad(x, ((0, 0), pads[0], pads[1], (0, 0)))
    win = windows(xp, pool_size, strides)
    flat = win.reshape(*win.shape[:4], -1)
    idx = flat.argmax(-1)
    return flat.max(-1), (idx, x.shape, xp.shape, pads, pool_size, strides)


def zero_pad_backward(dy, cache):
    idx, shape, pshape, pads, (kh, kw), (sh, sw) = cache
    n, r, q, c = np.indices(dy.shape)
    dxp = np.zeros(pshape, dy.dtype)
    np.add.at(dxp, (n, r * sh + idx // kw, q * sw + idx % kw, c), dy)
    return unpad(dxp, shape, pads)


MASK = None


def global_forward(x, *, pool_size, strides, padding):
    global MASK
    y, MASK = argmax_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    return y, x.shape


def global_backward(dy, cache):
    return argmax_backward(dy, MASK)


class Pool:
    seen = []

    @classmethod
    def forward(cls, x, *, pool_size, strides, padding):
        y, back = closure_forward(x, pool_size=pool_size, strides=strides, padding=padding)
        cls.seen.append(back)
        return y, len(cls.seen) - 1

    @classmethod
    def backward(cls, dy, cache):
        return cls.seen.pop()(dy)


def smooth_forward(x, *, pool_size, strides, padding):
    """differentiable everywhere: log-sum-exp with a temperature"""
    pads = pads_for(x, pool_size, strides, padding)
    xp = padded(x, pads)
    win = windows(xp, pool_size, strides)
    top = win.max((4, 5), keepdims=True)
    e = np.exp((win - top) * 20)
    y = top[..., 0, 0] + np.log(e.sum((4, 5))) / 20
    return y.astype(x.dtype), (e / e.sum((4, 5), keepdims=True), xp.shape, x.shape, pads, strides)


def smooth_backward(dy, cache):
    p, pshape, shape, pads, (sh, sw) = cache
    dxp = np.zeros(pshape, dy.dtype)
    for i in range(p.shape[4]):
        for j in range(p.shape[5]):
            dxp[:, i::sh, j::sw][:, : dy.shape[1], : dy.shape[2]] += dy * p[..., i, j]
    return unpad(dxp, shape, pads)


def wrong_name_backward(dy, cache):
    idx, shape = cache["idx"], cache["shape"]
    dx = np.zeros(shape, dy.dtype)
    for n, r, q, c in np.ndindex(*idx.shape):
        i, j = divmod(idx[n, r, q, c], cache["pool_size"][1])
        dx[n, r * cache["strides"][0] + i, q * cache["strides"][1] + j, c] += dy[n, r, q, c]
    return dx


def half_offset_backward(dy, cache):
    idx, shape, pads, (kh, kw), (sh, sw) = (cache[k] for k in ("idx", "shape", "pads", "k", "s"))
    (pt, pb), (pl, pr) = pads
    dx = np.zeros((shape[0], shape[1] + 2 * pb + 2 * pt, shape[2] + 2 * pr + 2 * pl, shape[3]), dy.dtype)
    n, r, q, c = np.indices(dy.shape)
    np.add.at(dx, (n, r * sh + idx // kw, q * sw + idx % kw, c), dy)
    return dx[:, pb : pb + shape[1], pr : pr + shape[2]]


BUGS = [
    Bug("overlap_assigned", None, bw_assign, "dx is assigned instead of added up: a pixel that wins several windows keeps only the last dy"),
    Bug("fancy_index_plus_equals", None, bw_fancy_plus, "dx[index] += dy counts a repeated index only once (np.add.at is needed), so overlapping windows lose gradient"),
    Bug("spread_like_average", None, bw_spread_evenly, "dy is spread evenly over the whole window as for average pooling instead of going to the maximum"),
    Bug("divided_by_area", None, bw_over_area, "dx is divided by the number of pixels of the window"),
    Bug("decoded_with_height", None, bw_decode_kh, "the winner's number is split into row and column with the window's height instead of its width"),
    Bug("decoded_column_major", None, bw_column_major, "the winner's number is decoded column by column although it counts row by row"),
    Bug("padding_offset_forgotten", None, bw_forgets_offset, "backward forgets to subtract the top and left padding: dx is shifted"),
    Bug("padding_not_cropped", None, bw_keeps_padding, "dx still contains the padding (its shape is not that of x)"),
    Bug("crop_to_minus_zero", None, bw_minus_crop, "the padding is cut off with [top:-bottom], which leaves nothing when bottom or right is 0"),
    Bug("winner_of_channel_0", None, bw_channel_zero, "the winner of channel 0 is used for all channels"),
    Bug("flat_index_overflows_byte", None, bw_byte_overflow, "the flat index is kept in 8 bits and wraps around above 255"),
    Bug("pool_size_taken_for_stride", None, bw_pool_for_stride, "backward steps by the pool size instead of the strides"),
    Bug("all_in_first_image", None, bw_first_image, "the gradients of all images are written into the first image of dx"),
    Bug("dy_emptied", None, bw_dy_masked, "backward sets the caller's dy to zero in place"),
    Bug("dx_uninitialised", None, bw_empty, "dx comes from np.empty: pixels that won nowhere hold arbitrary numbers instead of 0"),
    Bug("upsampled_mask", None, bw_upsample, "dx is dy enlarged by the pool size and masked, which is right only if strides equal the pool size and nothing is padded or left over"),
    Bug("minimum", fw_min, None, "takes the minimum of the window instead of the maximum"),
    Bug("maximum_starts_at_zero", fw_starts_at_zero, None, "the running maximum starts at 0, so windows of negative numbers give 0"),
    Bug("padding_minus_1e9", fw_minus_1e9, None, "the padding is -1e9 instead of minus infinity and wins against smaller numbers"),
    Bug("padding_smallest_positive", fw_tiny, None, "the padding is finfo.tiny, the smallest positive number, which wins against negative numbers"),
    Bug("largest_absolute_value", fw_absolute, None, "chooses the number with the largest absolute value instead of the largest number"),
    Bug("reshape_ignores_strides", fw_reshape, None, "splits the image into blocks of the pool size: the strides are ignored"),
    Bug("reshape_mixes_axes", fw_reshape_axes, None, "the reshape puts the axes in the order (oh, ow, kh, kw) where the data are (oh, kh, ow, kw): windows are mixed up"),
    Bug("same_extra_first", fw_same_first, None, "with 'same' and an odd number of padded places the extra one is put before instead of after"),
    Bug("same_rounded_down", fw_same_floor, None, "with 'same' the output size is floor(n / stride) instead of ceil(n / stride)"),
    Bug("output_rounded_up", fw_valid_ceil, None, "the output size is rounded up: windows that hang over the end are kept"),
    Bug("range_stops_early", fw_range_end, None, "range(0, size - pool, stride) stops too early (+ 1 is missing): the last window is lost when it ends exactly at the border"),
    Bug("strides_swapped", fw_swapped_strides, None, "the strides are exchanged: vertical for horizontal"),
    Bug("pool_size_swapped", fw_swapped_pool, None, "height and width of the window are exchanged"),
    Bug("max_over_channels", fw_axis_over_channels, None, "the maximum is taken over the channels too, all channels get the same number"),
    Bug("max_over_batch", fw_over_batch, None, "the maximum is taken over the images of the batch too"),
    Bug("border_window_moved", fw_window_slides_in, None, "a window that begins in the padding is moved into the image instead of being cut off there"),
    Bug("returns_argmax", fw_returns_index, None, "returns the position of the maximum instead of its value"),
    Bug("x_marked", fw_marks_x, None, "forward sets the winning pixels of the caller's x to zero"),
    Bug("first_column_skipped", fw_second_tap_forgotten, None, "the first column of the window is skipped except for its top pixel"),
    Bug("every_tie_gets_dy", all_ties_forward, all_ties_backward, "if several numbers of a window are equal to the maximum each of them gets the whole dy instead of only the first"),
    Bug("ties_share_dy", all_ties_forward, shared_ties_backward, "if several numbers are equal to the maximum dy is divided among them instead of going to the first"),
    Bug("nearly_equal_counts_as_maximum", all_ties_forward, close_ties_backward, "backward looks for the maximum with isclose and a wide tolerance, so that a number near the maximum may get dy"),
    Bug("multiplied_by_maximum", all_ties_forward, times_x_backward, "dx is multiplied by the value of the maximum"),
    Bug("argmax_of_dx", all_ties_forward, replaced_by_dy_backward, "backward looks for the maximum in dx, which is being filled, instead of in x"),
    Bug("maximum_searched_in_whole_image", all_ties_forward, one_of_image_backward, "backward looks for the maximum's value in the whole image instead of in the window: an equal number elsewhere gets dy"),
    Bug("last_tie_wins", last_tie_forward, last_tie_backward, "of equal numbers the last one gets dy (>= instead of >)"),
    Bug("column_major_tie", column_first_forward, column_first_backward, "of equal numbers the first in column-major order wins instead of the first in row-major order"),
    Bug("padded_with_zeros", zero_pad_forward, zero_pad_backward, "the image is padded with zeros, which win against negative numbers"),
    Bug("global_mask", global_forward, global_backward, "the winners are kept in a global variable: backward uses those of the last forward"),
    Bug("stack_of_caches", Pool.forward, Pool.backward, "backward ignores its cache and pops the most recent one from a stack"),
    Bug("log_sum_exp", smooth_forward, smooth_backward, "uses a smooth maximum (log-sum-exp) instead of the maximum"),
    Bug("cache_key_error", argmax_forward, wrong_name_backward, "backward reads keys from the cache that forward did not store: KeyError"),
    Bug("cropped_by_bottom_right", argmax_forward, half_offset_backward, "dx is cropped by the bottom and right padding instead of the top and left one"),
]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("dx_always_float64", None, bw_default_dtype))
