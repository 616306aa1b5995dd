"""upsampling2d as learners write it: right and wrong."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from scipy import ndimage


# ---------------------------------------------------------------------------------------------- correct ones
def taps_1d(n, f):
    """low index, high index, weight of the high one, for each output of an axis"""
    pos = (np.arange(n * f) + 0.5) / f - 0.5
    low = np.floor(pos).astype(int)
    t = pos - low
    return np.clip(low, 0, n - 1), np.clip(low + 1, 0, n - 1), t


def matrix_1d(n, f, kind, dtype):
    m = np.zeros((n * f, n))
    if kind == "nearest":
        m[np.arange(n * f), np.arange(n * f) // f] = 1
    else:
        a, b, t = taps_1d(n, f)
        for o in range(n * f):
            m[o, a[o]] += 1 - t[o]
            m[o, b[o]] += t[o]
    return m.astype(dtype)


def matrix_forward(x, *, size, interpolation):
    A = matrix_1d(x.shape[1], size[0], interpolation, x.dtype)
    B = matrix_1d(x.shape[2], size[1], interpolation, x.dtype)
    return np.einsum("oh,nhwc,pw->nopc", A, x, B, optimize=True), (A, B)


def matrix_backward(dy, cache):
    A, B = cache
    return np.einsum("oh,nopc,pw->nhwc", A, dy, B, optimize=True)


def gather_forward(x, *, size, interpolation):
    if interpolation == "nearest":
        return x.repeat(size[0], axis=1).repeat(size[1], axis=2), {"shape": x.shape, "size": size, "kind": interpolation}
    a, b, t = taps_1d(x.shape[1], size[0])
    c, d, u = taps_1d(x.shape[2], size[1])
    t, u = t.astype(x.dtype)[None, :, None, None], u.astype(x.dtype)[None, None, :, None]
    rows = (1 - t) * x[:, a] + t * x[:, b]
    return (1 - u) * rows[:, :, c] + u * rows[:, :, d], {"shape": x.shape, "size": size, "kind": interpolation}


def gather_backward(dy, cache):
    n, h, w, c = cache["shape"]
    fh, fw = cache["size"]
    if cache["kind"] == "nearest":
        return dy.reshape(n, h, fh, w, fw, c).sum(axis=(2, 4))
    a, b, t = taps_1d(h, fh)
    p, q, u = taps_1d(w, fw)
    t, u = t.astype(dy.dtype)[None, :, None, None], u.astype(dy.dtype)[None, None, :, None]
    mid = np.zeros((n, h * fh, w, c), dy.dtype)
    np.add.at(mid, (slice(None), slice(None), p), dy * (1 - u))
    np.add.at(mid, (slice(None), slice(None), q), dy * u)
    dx = np.zeros((n, h, w, c), dy.dtype)
    np.add.at(dx, (slice(None), a), mid * (1 - t))
    np.add.at(dx, (slice(None), b), mid * t)
    return dx


def loops_forward(x, *, size, interpolation):
    n, h, w, c = x.shape
    y = np.zeros((n, h * size[0], w * size[1], c), x.dtype)
    shares = []
    for r in range(y.shape[1]):
        for q in range(y.shape[2]):
            if interpolation == "nearest":
                todo = [(r // size[0], q // size[1], 1.0)]
            else:
                fr, fq = (r + 0.5) / size[0] - 0.5, (q + 0.5) / size[1] - 0.5
                r0, q0 = math.floor(fr), math.floor(fq)
                todo = []
                for rr, wr in ((r0, 1 - (fr - r0)), (r0 + 1, fr - r0)):
                    for qq, wq in ((q0, 1 - (fq - q0)), (q0 + 1, fq - q0)):
                        todo.append((min(max(rr, 0), h - 1), min(max(qq, 0), w - 1), wr * wq))
            for a, b, weight in todo:
                y[:, r, q] += weight * x[:, a, b]
                shares.append((r, q, a, b, weight))
    return y, (x.shape, shares)


def loops_backward(dy, cache):
    shape, shares = cache
    dx = np.zeros(shape, dy.dtype)
    for r, q, a, b, weight in shares:
        dx[:, a, b] += weight * dy[:, r, q]
    return dx


def scipy_forward(x, *, size, interpolation):
    n, h, w, c = x.shape
    rr = (np.arange(h * size[0]) + 0.5) / size[0] - 0.5
    qq = (np.arange(w * size[1]) + 0.5) / size[1] - 0.5
    if interpolation == "nearest":
        y = np.kron(x, np.ones((1, size[0], size[1], 1), x.dtype))
    else:
        grid = np.meshgrid(np.clip(rr, 0, h - 1), np.clip(qq, 0, w - 1), indexing="ij")
        y = np.empty((n, h * size[0], w * size[1], c), x.dtype)
        for i in range(n):
            for k in range(c):
                y[i, ..., k] = ndimage.map_coordinates(x[i, ..., k].astype(float), grid, order=1, mode="nearest")

    def backward(dy):
        if interpolation == "nearest":
            return np.add.reduceat(np.add.reduceat(dy, np.arange(0, dy.shape[1], size[0]), axis=1), np.arange(0, dy.shape[2], size[1]), axis=2)
        # a tent filter at every input pixel, with the border's pixels collecting what lies beyond
        A = np.maximum(0, 1 - np.abs(np.clip(rr, 0, h - 1)[None, :] - np.arange(h)[:, None])).astype(dy.dtype)
        B = np.maximum(0, 1 - np.abs(np.clip(qq, 0, w - 1)[None, :] - np.arange(w)[:, None])).astype(dy.dtype)
        return np.moveaxis(np.tensordot(B, np.tensordot(A, dy, (1, 1)), (1, 2)), 0, 1).transpose(2, 1, 0, 3).swapaxes(1, 2)

    return y, backward


def scipy_backward(dy, cache):
    return cache(dy)


def blocks_forward(x, *, size, interpolation):
    n, h, w, c = x.shape
    if interpolation == "nearest":
        y = np.broadcast_to(x[:, :, None, :, None], (n, h, size[0], w, size[1], c)).reshape(n, h * size[0], w * size[1], c)
        return np.array(y), (x.shape, size, interpolation)
    return gather_forward(x, size=size, interpolation=interpolation)[0], (x.shape, size, interpolation)


def blocks_backward(dy, cache):
    """the library's cache has the same three things"""
    shape, size, interpolation = cache
    return gather_backward(dy, {"shape": shape, "size": size, "kind": interpolation})


CORRECT = [
    Correct("matrices", matrix_forward, matrix_backward),
    Correct("gather_add_at", gather_forward, gather_backward),
    Correct("loops", loops_forward, loops_backward),
    Correct("scipy_kron_closure", scipy_forward, scipy_backward),
    Correct("broadcast_blocks", blocks_forward, blocks_backward),
    Correct("backward_only", None, blocks_backward),
]


# ---------------------------------------------------------------------------------------------- bugs, backward only
def bw_subsample(dy, cache):
    shape, size, kind = cache
    if kind == "bilinear":
        return blocks_backward(dy, cache)
    return dy[:, :: size[0], :: size[1], :].copy()


def bw_mean(dy, cache):
    shape, (a, b), kind = cache
    if kind == "nearest":
        n, h, w, c = shape
        return dy.reshape(n, h, a, w, b, c).mean(axis=4).mean(axis=2)
    return blocks_backward(dy, cache) / (a * b)


def bw_always_nearest(dy, cache):
    (n, h, w, c), size, _ = cache
    dx = np.zeros((n, h, w, c), dy.dtype)
    for r in range(dy.shape[1]):
        for q in range(dy.shape[2]):
            dx[:, r // size[0], q // size[1]] += dy[:, r, q]
    return dx


def bw_reshape_order(dy, cache):
    (n, h, w, c), (a, b), kind = cache
    if kind != "nearest":
        return blocks_backward(dy, cache)
    return dy.reshape(n, h, w, a, b, c).sum((3, 4))


def bw_interpolates_dy(dy, cache):
    (n, h, w, c), size, kind = cache
    if kind == "nearest":
        return blocks_backward(dy, cache)
    # go back by interpolating dy at the input's pixel centres
    r = (np.arange(h) + 0.5) * size[0] - 0.5
    q = (np.arange(w) + 0.5) * size[1] - 0.5
    r0, q0 = np.floor(r).astype(int), np.floor(q).astype(int)
    r1, q1 = np.minimum(r0 + 1, dy.shape[1] - 1), np.minimum(q0 + 1, dy.shape[2] - 1)
    t, u = (r - r0)[:, None, None], (q - q0)[None, :, None]
    rows = dy[:, r0] * (1 - t) + dy[:, r1] * t
    return (rows[:, :, q0] * (1 - u) + rows[:, :, q1] * u).astype(dy.dtype)


def bw_fancy_plus(dy, cache):
    (n, h, w, c), (fh, fw), kind = cache
    if kind == "nearest":
        return blocks_backward(dy, cache)
    a, b, t = taps_1d(h, fh)
    p, q, u = taps_1d(w, fw)
    dx = np.zeros((n, h, w, c), dy.dtype)
    t, u = t[:, None, None].astype(dy.dtype), u[None, :, None].astype(dy.dtype)
    dx[:, a[:, None], p] += dy * (1 - t) * (1 - u)
    dx[:, a[:, None], q] += dy * (1 - t) * u
    dx[:, b[:, None], p] += dy * t * (1 - u)
    dx[:, b[:, None], q] += dy * t * u
    return dx


def bw_border_lost(dy, cache):
    (n, h, w, c), (fh, fw), kind = cache
    if kind == "nearest":
        return blocks_backward(dy, cache)
    dx = np.zeros((n, h, w, c), dy.dtype)
    for r in range(h * fh):
        fr = (r + 0.5) / fh - 0.5
        for q in range(w * fw):
            fq = (q + 0.5) / fw - 0.5
            for i in (0, 1):
                for j in (0, 1):
                    a, b = math.floor(fr) + i, math.floor(fq) + j
                    if 0 <= a < h and 0 <= b < w:
                        dx[:, a, b] += dy[:, r, q] * (1 - abs(fr - a)) * (1 - abs(fq - b))
    return dx


def bw_weights_swapped(dy, cache):
    (n, h, w, c), (fh, fw), kind = cache
    if kind == "nearest":
        return blocks_backward(dy, cache)
    dx = np.zeros((n, h, w, c), dy.dtype)
    rows, cols = list(zip(*taps_1d(h, fh))), list(zip(*taps_1d(w, fw)))
    for r, (a, b, t) in enumerate(rows):
        for q, (p, s, u) in enumerate(cols):
            g = dy[:, r, q]
            dx[:, a, p] += g * t * u
            dx[:, a, s] += g * t * (1 - u)
            dx[:, b, p] += g * (1 - t) * u
            dx[:, b, s] += g * (1 - t) * (1 - u)
    return dx


def bw_one_factor(dy, cache):
    (n, h, w, c), size, kind = cache
    f = size[0]
    dx = np.zeros((n, h, w, c), dy.dtype)
    if kind == "bilinear":
        return blocks_backward(dy, cache)
    for i in range(h):
        for j in range(w):
            dx[:, i, j] = dy[:, i * f : (i + 1) * f, j * f : (j + 1) * f].sum((1, 2))
    return dx


def bw_accumulates_in_dy(dy, cache):
    shape, (a, b), kind = cache
    if kind == "bilinear":
        return blocks_backward(dy, cache)
    first = dy[:, ::a, ::b]
    for i in range(a):
        for j in range(b):
            if i or j:
                first += dy[:, i::a, j::b]
    return first.copy()


def bw_default_float(dy, cache):
    shape, (a, b), kind = cache
    out = np.zeros(shape)
    out += blocks_backward(dy, cache)
    return out


# ---------------------------------------------------------------------------------------------- bugs, forward only
def fw_tile(x, *, size, interpolation):
    if interpolation == "bilinear":
        return gather_forward(x, size=size, interpolation=interpolation)
    return np.tile(x, (1, size[0], size[1], 1)), None


def fw_zero_stuffing(x, *, size, interpolation):
    if interpolation == "bilinear":
        return matrix_forward(x, size=size, interpolation=interpolation)
    y = np.zeros((x.shape[0], x.shape[1] * size[0], x.shape[2] * size[1], x.shape[3]), x.dtype)
    y[:, :: size[0], :: size[1]] = x
    return y, x.shape


def fw_sizes_swapped(x, *, size, interpolation):
    fw, fh = size
    return matrix_forward(x, size=(fh, fw), interpolation=interpolation)


def fw_zoom(x, *, size, interpolation):
    if interpolation == "nearest":
        return x.repeat(size[0], 1).repeat(size[1], 2), None
    return ndimage.zoom(x, (1, *size, 1), order=1, mode="nearest").astype(x.dtype), None


def fw_no_half(x, *, size, interpolation):
    if interpolation == "nearest":
        return x[:, np.arange(x.shape[1] * size[0]) // size[0]][:, :, np.arange(x.shape[2] * size[1]) // size[1]], None
    n, h, w, c = x.shape
    y = np.empty((n, h * size[0], w * size[1], c), x.dtype)
    for r in range(y.shape[1]):
        src = r / size[0]
        r0 = int(src)
        t = src - r0
        r1 = min(r0 + 1, h - 1)
        for q in range(y.shape[2]):
            q0, u = divmod(q / size[1], 1)
            q0 = int(q0)
            q1 = min(q0 + 1, w - 1)
            y[:, r, q] = (1 - t) * ((1 - u) * x[:, r0, q0] + u * x[:, r0, q1]) + t * ((1 - u) * x[:, r1, q0] + u * x[:, r1, q1])
    return y, None


def fw_zero_border(x, *, size, interpolation):
    if interpolation == "nearest":
        return gather_forward(x, size=size, interpolation="nearest")
    xp = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    n, h, w, c = x.shape
    r, q = (np.arange(h * size[0]) + 0.5) / size[0] + 0.5, (np.arange(w * size[1]) + 0.5) / size[1] + 0.5
    a, b = r.astype(int), q.astype(int)
    t, u = (r - a)[:, None, None], (q - b)[:, None]
    y = (1 - t) * (1 - u) * xp[:, a][:, :, b] + (1 - t) * u * xp[:, a][:, :, b + 1] + t * (1 - u) * xp[:, a + 1][:, :, b] + t * u * xp[:, a + 1][:, :, b + 1]
    return y.astype(x.dtype), None


def fw_wraps(x, *, size, interpolation):
    if interpolation == "nearest":
        return np.kron(x, np.ones((1, *size, 1), x.dtype)), None
    n, h, w, c = x.shape
    y = x
    for axis, f in ((1, size[0]), (2, size[1])):
        length = y.shape[axis]
        pos = (np.arange(length * f) + 0.5) / f - 0.5
        low = np.floor(pos).astype(int)
        t = (pos - low).reshape([-1 if k == axis else 1 for k in range(4)])
        y = np.take(y, low, axis=axis, mode="wrap") * (1 - t) + np.take(y, low + 1, axis=axis, mode="wrap") * t
    return y.astype(x.dtype), None


def fw_extrapolates(x, *, size, interpolation):
    if interpolation == "nearest":
        return blocks_forward(x, size=size, interpolation=interpolation)
    y = x
    for axis in (1, 2):
        n, f = y.shape[axis], size[axis - 1]
        pos = (np.arange(n * f) + 0.5) / f - 0.5
        low = np.clip(np.floor(pos), 0, max(n - 2, 0)).astype(int)
        high = np.minimum(low + 1, n - 1)
        t = np.expand_dims(pos - low, tuple(k for k in range(4) if k != axis)).astype(x.dtype)
        y = np.take(y, low, axis) * (1 - t) + np.take(y, high, axis) * t
    return y, None


def fw_ignores_bilinear(x, *, size, interpolation="nearest"):
    rows = np.repeat(x, size[0], axis=1)
    return np.repeat(rows, size[1], axis=2), (x.shape, size)


def fw_round(x, *, size, interpolation):
    if interpolation == "bilinear":
        return loops_forward(x, size=size, interpolation=interpolation)
    r = np.minimum(np.round(np.arange(x.shape[1] * size[0]) / size[0]), x.shape[1] - 1).astype(int)
    q = np.minimum(np.round(np.arange(x.shape[2] * size[1]) / size[1]), x.shape[2] - 1).astype(int)
    return x[:, r[:, None], q[None, :]], (r, q)


def fw_always_two(x, *, size, interpolation):
    return matrix_forward(x, size=(2, 2), interpolation=interpolation)


def fw_wrong_axes(x, *, size, interpolation):
    if interpolation != "nearest":
        return gather_forward(x, size=size, interpolation=interpolation)
    return x.repeat(size[0], axis=2).repeat(size[1], axis=3), None


def fw_rows_twice(x, *, size, interpolation):
    """the vertical weights for both directions"""
    if interpolation == "nearest":
        return gather_forward(x, size=size, interpolation=interpolation)
    a, b, t = taps_1d(x.shape[1], size[0])
    c, d, _ = taps_1d(x.shape[2], size[1])
    rows = x[:, a] * (1 - t)[:, None, None] + x[:, b] * t[:, None, None]
    u = np.resize(t, len(c))[:, None]
    return (rows[:, :, c] * (1 - u) + rows[:, :, d] * u).astype(x.dtype), None


def fw_only_vertical(x, *, size, interpolation):
    if interpolation == "nearest":
        return loops_forward(x, size=size, interpolation=interpolation)
    A = matrix_1d(x.shape[1], size[0], "bilinear", x.dtype)
    return np.einsum("oh,nhwc->nowc", A, x).repeat(size[1], axis=2), A


def fw_cubic(x, *, size, interpolation):
    if interpolation == "nearest":
        return x.repeat(size[0], axis=1).repeat(size[1], axis=2), None
    return ndimage.zoom(x.astype(float), (1, *size, 1), order=3, mode="nearest", grid_mode=True).astype(x.dtype), None


def fw_bad_cache_shape(x, *, size, interpolation):
    x.shape = (x.shape[0], x.shape[1], 1, x.shape[2], 1, x.shape[3]) if x.flags.c_contiguous else x.shape
    if x.ndim == 4:
        x = x.reshape(x.shape[0], x.shape[1], 1, x.shape[2], 1, x.shape[3])
    n, h, _, w, _, c = x.shape
    y = np.tile(x, (1, 1, size[0], 1, size[1], 1)).reshape(n, h * size[0], w * size[1], c)
    if interpolation == "bilinear":
        y = gather_forward(x.reshape(n, h, w, c), size=size, interpolation="bilinear")[0]
    return y, None


# ---------------------------------------------------------------------------------------------- bugs, both
def corner_matrix(n, f, dtype):
    m = np.zeros((n * f, n))
    for o in range(n * f):
        p = o * (n - 1) / (n * f - 1) if n * f > 1 else 0.0
        lo = min(int(p), n - 1)
        m[o, lo] += 1 - (p - lo)
        m[o, min(lo + 1, n - 1)] += p - lo
    return m.astype(dtype)


def corners_forward(x, *, size, interpolation):
    if interpolation == "nearest":
        return matrix_forward(x, size=size, interpolation=interpolation)
    A, B = corner_matrix(x.shape[1], size[0], x.dtype), corner_matrix(x.shape[2], size[1], x.dtype)
    return np.einsum("oh,nhwc,pw->nopc", A, x, B), (A, B)


def energy_forward(x, *, size, interpolation):
    y, c = matrix_forward(x, size=size, interpolation=interpolation)
    return y / (size[0] * size[1]), (c, size[0] * size[1])


def energy_backward(dy, cache):
    c, area = cache
    return matrix_backward(dy, c) / area


def forgetful_forward(x, *, size, interpolation):
    y, c = gather_forward(x, size=size, interpolation=interpolation)
    del c["kind"]
    return y, c


SIZE = [None]


def remembered_forward(x, *, size, interpolation):
    SIZE[0] = (x, size, interpolation)
    y, _ = loops_forward(x, size=size, interpolation=interpolation)
    return y, None


def remembered_backward(dy, cache):
    """first backward after a forward consumes the note; the next one finds none"""
    x, size, interpolation = SIZE[0]
    dx = blocks_backward(dy, (x.shape, size, interpolation))
    SIZE[0] = None
    return dx


def transposed_backward(dy, cache):
    return gather_backward(dy, cache).swapaxes(1, 2)


BUGS = [
    Bug("nearest_dx_subsampled", None, bw_subsample, "for 'nearest' dx takes one dy of each block (the top left one) instead of the block's sum"),
    Bug("dx_mean", None, bw_mean, "dx is the mean instead of the sum: too small by the factor size[0]*size[1]"),
    Bug("backward_always_nearest", None, bw_always_nearest, "backward treats 'bilinear' as 'nearest'"),
    Bug("nearest_blocks_reshaped_wrongly", None, bw_reshape_order, "for 'nearest' dy is reshaped to (h, w, a, b) instead of (h, a, w, b): the blocks are mixed up"),
    Bug("bilinear_dx_by_interpolation", None, bw_interpolates_dy, "for 'bilinear' backward interpolates dy down to x's size instead of distributing it with forward's weights"),
    Bug("repeated_index_lost", None, bw_fancy_plus, "for 'bilinear' dx[index] += ... counts each repeated index only once (np.add.at is needed)"),
    Bug("border_share_dropped", None, bw_border_lost, "for 'bilinear' the shares that fall outside the image are dropped instead of given to the border's pixels"),
    Bug("bilinear_weights_exchanged", None, bw_weights_swapped, "for 'bilinear' backward exchanges the weights t and 1 - t"),
    Bug("vertical_factor_for_both", None, bw_one_factor, "for 'nearest' backward uses the vertical factor horizontally too"),
    Bug("dy_accumulated_in_place", None, bw_accumulates_in_dy, "for 'nearest' backward adds up the block inside the caller's dy"),
    Bug("tile", fw_tile, None, "for 'nearest' the whole image is repeated (np.tile) instead of every pixel (np.repeat)"),
    Bug("zeros_between", fw_zero_stuffing, None, "for 'nearest' the pixels are set apart with zeros between them instead of being repeated"),
    Bug("factors_exchanged", fw_sizes_swapped, None, "the vertical and horizontal factor are exchanged"),
    Bug("scipy_zoom", fw_zoom, None, "'bilinear' aligns the corners' centres (scipy.ndimage.zoom's default) instead of half-pixel centres"),
    Bug("no_half_pixel", fw_no_half, None, "'bilinear' maps output o to o / factor without the half-pixel shift"),
    Bug("zeros_beyond_border", fw_zero_border, None, "'bilinear' blends with zeros beyond the border instead of repeating the border's pixel"),
    Bug("wraps_around", fw_wraps, None, "'bilinear' wraps around at the border: the opposite side is blended in"),
    Bug("extrapolates", fw_extrapolates, None, "'bilinear' extrapolates beyond the outermost pixels: the index is clamped, but not the weight"),
    Bug("bilinear_ignored", fw_ignores_bilinear, None, "the interpolation argument is ignored: always 'nearest'"),
    Bug("nearest_rounds", fw_round, None, "'nearest' takes round(o / factor) instead of floor(o / factor)"),
    Bug("factor_2_hard_coded", fw_always_two, None, "always enlarges by 2, whatever the size"),
    Bug("axes_one_too_far", fw_wrong_axes, None, "for 'nearest' width and channels are repeated instead of height and width (channels-first axes)"),
    Bug("vertical_weights_horizontally", fw_rows_twice, None, "'bilinear' uses the vertical weights for the horizontal direction"),
    Bug("bilinear_only_vertically", fw_only_vertical, None, "'bilinear' blends only vertically; horizontally the pixels are repeated"),
    Bug("cubic", fw_cubic, None, "interpolates with cubic splines instead of bilinearly"),
    Bug("x_reshaped_in_place", fw_bad_cache_shape, None, "forward changes the shape of the caller's x in place"),
    Bug("corners_aligned_consistently", corners_forward, matrix_backward, "'bilinear' aligns the corners (align_corners=True), in forward and backward"),
    Bug("energy_preserved", energy_forward, energy_backward, "everything is divided by the factor size[0]*size[1], in forward and backward"),
    Bug("interpolation_not_cached", forgetful_forward, gather_backward, "the interpolation is not in the cache: backward crashes with a KeyError"),
    Bug("global_note", remembered_forward, remembered_backward, "what backward needs is kept in a global variable that the first backward deletes"),
    Bug("dx_transposed", gather_forward, transposed_backward, "dx comes out with height and width exchanged"),
]

# Float64 where float32 came in is right: a contract leaves the type open.
CORRECT.append(Correct("dx_float64", None, bw_default_float))
