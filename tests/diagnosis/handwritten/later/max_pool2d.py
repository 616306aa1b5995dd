"""max_pool2d, the second corpus."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted
from tests.diagnosis.handwritten.later.conv2d import pads_of


def layout(shape, pool, strides, padding):
    pads = pads_of(padding, shape[1:3], pool, strides, (1, 1))
    out = [(n + sum(p) - k) // s + 1 for n, p, k, s in zip(shape[1:3], pads, pool, strides)]
    return pads, out


# --- loops; the place of the maximum is kept in a dictionary; float64 results


def loop_forward(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    ((t, _), (l, _)), (OH, OW) = layout(x.shape, pool_size, strides, padding)
    y = np.zeros((N, OH, OW, C))
    where = {}
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                for c in range(C):
                    best, place = -np.inf, None
                    for a in range(pool_size[0]):
                        for b in range(pool_size[1]):
                            r, q = i * strides[0] + a - t, j * strides[1] + b - l
                            if 0 <= r < H and 0 <= q < W and x[n, r, q, c] > best:
                                best, place = x[n, r, q, c], (r, q)
                    y[n, i, j, c] = best
                    where[n, i, j, c] = place
    return y, (x.shape, where)


def loop_backward(dy, cache):
    shape, where = cache
    dx = np.zeros(shape)
    for (n, i, j, c), (r, q) in where.items():
        dx[n, r, q, c] += dy[n, i, j, c]
    return dx


# --- taps: a running maximum, and the number of the tap that has it


def taps_forward(x, *, pool_size, strides, padding):
    pads, (OH, OW) = layout(x.shape, pool_size, strides, padding)
    xp = np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)), constant_values=-np.inf)
    y = np.full((x.shape[0], OH, OW, x.shape[3]), -np.inf, x.dtype)
    winner = np.zeros(y.shape, int)
    tap = 0
    for i in range(pool_size[0]):
        for j in range(pool_size[1]):
            part = xp[:, i:i + strides[0] * (OH - 1) + 1:strides[0], j:j + strides[1] * (OW - 1) + 1:strides[1]]
            better = part > y
            y = np.where(better, part, y)
            winner[better] = tap
            tap += 1
    return y, {"winner": winner, "shape": x.shape, "padded": xp.shape, "pads": pads, "pool": pool_size, "strides": strides}


def taps_backward(dy, cache):
    winner, strides, (kh, kw) = cache["winner"], cache["strides"], cache["pool"]
    OH, OW = dy.shape[1:3]
    dxp = np.zeros(cache["padded"], dy.dtype)
    for tap in range(kh * kw):
        i, j = divmod(tap, kw)
        dxp[:, i:i + strides[0] * (OH - 1) + 1:strides[0], j:j + strides[1] * (OW - 1) + 1:strides[1]] += dy * (winner == tap)
    (t, _), (l, _) = cache["pads"]
    return dxp[:, t:t + cache["shape"][1], l:l + cache["shape"][2]]


# --- windows as a view, argmax over the flattened window, np.add.at


def view_forward(x, *, pool_size, strides, padding):
    pads, (OH, OW) = layout(x.shape, pool_size, strides, padding)
    xp = np.pad(x, ((0, 0), tuple(pads[0]), tuple(pads[1]), (0, 0)), constant_values=-np.inf)
    win = np.lib.stride_tricks.sliding_window_view(xp, pool_size, axis=(1, 2))[:, ::strides[0], ::strides[1]][:, :OH, :OW]
    flat = win.reshape(*win.shape[:4], -1)
    index = flat.argmax(-1)
    y = np.take_along_axis(flat, index[..., None], -1)[..., 0]
    return y, (index, x.shape, xp.shape, pads, pool_size, strides)


def view_backward(dy, cache):
    index, shape, padded, pads, pool, strides = cache
    n, i, j, c = np.indices(index.shape)
    dxp = np.zeros(padded)
    np.add.at(dxp, (n, i * strides[0] + index // pool[1], j * strides[1] + index % pool[1], c), dy)
    t, l = pads[0][0], pads[1][0]
    return np.ascontiguousarray(dxp[:, t:t + shape[1], l:l + shape[2]]).astype(dy.dtype)


# --- bincount over flat positions


def flat_forward(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    ((t, _), (l, _)), (OH, OW) = layout(x.shape, pool_size, strides, padding)
    y, positions = [], []
    numbers = np.arange(x.size).reshape(x.shape)
    for i in range(OH):
        for j in range(OW):
            r, q = i * strides[0] - t, j * strides[1] - l
            window = (slice(None), slice(max(r, 0), r + pool_size[0]), slice(max(q, 0), q + pool_size[1]))
            values = x[window].reshape(N, -1, C)
            k = np.argmax(values, axis=1)[:, None]
            y.append(np.take_along_axis(values, k, 1)[:, 0])
            positions.append(np.take_along_axis(numbers[window].reshape(N, -1, C), k, 1)[:, 0])
    y = np.stack(y, 1).reshape(N, OH, OW, C)
    return y, (np.stack(positions, 1).reshape(y.shape), x.shape)


def flat_backward(dy, cache):
    positions, shape = cache
    return np.bincount(positions.ravel(), weights=dy.ravel(), minlength=int(np.prod(shape))).reshape(shape)


CORRECT = [
    Correct("loops and a dictionary", loop_forward, loop_backward),
    Correct("taps", taps_forward, taps_backward),
    Correct("view and add.at", view_forward, view_backward),
    Correct("bincount, float64", flat_forward, flat_backward),
    Correct("double", lambda x, **o: taps_forward(x.astype(np.float64), **o), taps_backward),
    Correct("Fortran", lambda x, **o: (lambda y, c: (np.asfortranarray(y), c))(*view_forward(x, **o)), lambda dy, c: np.asfortranarray(view_backward(dy, c))),
]

WINNERS = {}


def winner_of_the_first_call(winner):
    return WINNERS.setdefault(winner.shape, winner)


def stride_is_window(x, *, pool_size, strides, padding):
    """Blocks of pool_size by a reshape, as if strides were always the window."""
    (kh, kw) = pool_size
    N, H, W, C = x.shape
    if padding == "same" or H % kh or W % kw or not isinstance(padding, str):
        return taps_forward(x, pool_size=pool_size, strides=pool_size, padding=padding)
    y = x.reshape(N, H // kh, kh, W // kw, kw, C).max(axis=(2, 4))
    return y, None


BUGS = [
    Bug("blocks by reshape", stride_is_window, None, "the window's size is taken for the stride"),
    Bug("strides are the window", planted(loop_forward, ("i * strides[0] + a - t, j * strides[1] + b - l", "i * pool_size[0] + a - t, j * pool_size[1] + b - l")), None, "the window's size is used as the stride; the output keeps its size, so that windows run out of the image"),
    Bug("strides are the window backward", view_forward, planted(view_backward, ("i * strides[0] + index // pool[1], j * strides[1] + index % pool[1], c)", "np.minimum(i * pool[0] + index // pool[1], padded[1] - 1), np.minimum(j * pool[1] + index % pool[1], padded[2] - 1), c)")), "the window's size is used as the stride in backward"),
    Bug("batch loop one short", planted(loop_forward, ("for n in range(N):", "for n in range(max(1, N - 1)):")), None, "the last image stays 0"),
    Bug("channel loop one short", planted(loop_forward, ("for c in range(C):", "for c in range(max(1, C - 1)):")), None, "the last channel stays 0"),
    Bug("maximum starts at zero", planted(loop_forward, ("best, place = -np.inf, None", "best, place = 0.0, (0, 0)")), None, "the maximum starts at 0, so that it is never negative"),
    Bug("last tie", planted(loop_forward, ("x[n, r, q, c] > best", "x[n, r, q, c] >= best")), loop_backward, "of equal numbers the last wins"),
    Bug("columns first", planted(view_forward, ("flat = win.reshape(*win.shape[:4], -1)", "flat = win.swapaxes(-1, -2).reshape(*win.shape[:4], -1)")), planted(view_backward, ("index // pool[1]", "index % pool[0]"), ("index % pool[1]", "index // pool[0]")), "windows are read by columns, so that of equal numbers the first in column-major order wins"),
    Bug("window one short", planted(taps_forward, ("for i in range(pool_size[0]):", "for i in range(max(1, pool_size[0] - 1)):")), None, "the last row of the window is left out"),
    Bug("index by rows", view_forward, planted(view_backward, ("index // pool[1]", "index // pool[0]"), ("index % pool[1]", "index % pool[0]")), "the flat index is split with the window's height instead of its width"),
    Bug("dx assigned", loop_forward, planted(loop_backward, ("+= dy", "= dy")), "where windows overlap the last gradient wins"),
    Bug("fancy plus", view_forward, planted(view_backward, ("np.add.at(dxp, (n, i * strides[0] + index // pool[1], j * strides[1] + index % pool[1], c), dy)", "dxp[n, i * strides[0] + index // pool[1], j * strides[1] + index % pool[1], c] += dy")), "+= with repeated indices counts only one"),
    Bug("first tap always", taps_forward, lambda dy, cache: taps_backward(dy, {**cache, "winner": cache["winner"] * 0}), "every gradient goes to the first place of its window"),
    Bug("padding zeros", planted(taps_forward, (", constant_values=-np.inf)", ")")), None, "padded with zeros, which win over negative numbers"),
    Bug("winner of the first call", planted(taps_forward, ('{"winner": winner,', '{"winner": winner_of_the_first_call(winner),')), taps_backward, "the winners of the first call with that shape are kept"),
    Bug("dy not cropped", taps_forward, planted(taps_backward, ("dxp[:, t:t + cache", "dxp[:, 0:0 + cache")), "the padding at the top is not cut off"),
    Bug("dy averaged over window", taps_forward, lambda dy, cache: taps_backward(dy, cache) / (cache["pool"][0] * cache["pool"][1]), "divided by the window's size, as for a mean"),
    Bug("mean instead of max", planted(flat_forward, ("y.append(np.take_along_axis(values, k, 1)[:, 0])", "y.append(values.mean(axis=1))")), None, "the mean of the window instead of its maximum"),
    Bug("largest magnitude", planted(flat_forward, ("np.argmax(values, axis=1)", "np.argmax(np.abs(values), axis=1)")), flat_backward, "the number of the largest magnitude wins"),
    Bug("positions of image 0", flat_forward, planted(flat_backward, ("positions.ravel()", "(positions[:1] + 0 * positions).ravel()")), "the positions of the first image are used for all"),
    Bug("argmax over channels", planted(flat_forward, ("k = np.argmax(values, axis=1)[:, None]", "k = np.argmax(values.max(axis=2, keepdims=True), axis=1)[:, None] + np.zeros((N, 1, C), int)")), None, "one place for all channels: that of the largest number of any channel"),
    Bug("relu as well", taps_forward, lambda dy, cache: np.maximum(taps_backward(dy, cache), 0), "negative gradients are lost"),
    Bug("float32 result", lambda x, **o: (lambda y, c: (y.astype("f4"), c))(*taps_forward(x, **o)), None, "the result is rounded to float32"),
]
