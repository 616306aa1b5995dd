"""avg_pool2d, the second corpus."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted
from tests.diagnosis.handwritten.later.max_pool2d import layout


# --- loops into np.zeros


def loop_forward(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    ((t, _), (l, _)), (OH, OW) = layout(x.shape, pool_size, strides, padding)
    y = np.zeros((N, OH, OW, C))
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                for c in range(C):
                    total, count = 0.0, 0
                    for a in range(pool_size[0]):
                        for b in range(pool_size[1]):
                            r, q = i * strides[0] + a - t, j * strides[1] + b - l
                            if r >= 0 and q >= 0 and r < H and q < W:
                                total += x[n, r, q, c]
                                count += 1
                    y[n, i, j, c] = total / count
    return y, (x.shape, pool_size, strides, t, l)


def loop_backward(dy, cache):
    shape, pool, strides, t, l = cache
    N, H, W, C = shape
    dx = np.zeros(shape)
    for n in range(N):
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                rows = [r for r in range(i * strides[0] - t, i * strides[0] - t + pool[0]) if 0 <= r < H]
                columns = [q for q in range(j * strides[1] - l, j * strides[1] - l + pool[1]) if 0 <= q < W]
                for r in rows:
                    for q in columns:
                        dx[n, r, q] += dy[n, i, j] / (len(rows) * len(columns))
    return dx


# --- a matrix per axis: the mean of a rectangle is the product of two means


def axis_matrix(n, k, s, before, out):
    m = np.zeros((out, n))
    for o in range(out):
        low, high = max(o * s - before, 0), min(o * s - before + k, n)
        m[o, low:high] = 1 / (high - low)
    return m


def matrix_forward(x, *, pool_size, strides, padding):
    pads, out = layout(x.shape, pool_size, strides, padding)
    R = axis_matrix(x.shape[1], pool_size[0], strides[0], pads[0][0], out[0])
    Q = axis_matrix(x.shape[2], pool_size[1], strides[1], pads[1][0], out[1])
    return np.einsum("ih,jw,nhwc->nijc", R, Q, x), (R, Q)


def matrix_backward(dy, cache):
    R, Q = cache
    return np.einsum("ih,jw,nijc->nhwc", R, Q, dy)


# --- a summed-area table


def table_forward(x, *, pool_size, strides, padding):
    N, H, W, C = x.shape
    ((t, _), (l, _)), (OH, OW) = layout(x.shape, pool_size, strides, padding)
    S = np.zeros((N, H + 1, W + 1, C))
    S[:, 1:, 1:] = x.astype(np.float64).cumsum(1).cumsum(2)
    top, left = np.arange(OH) * strides[0] - t, np.arange(OW) * strides[1] - l
    a, b = np.clip(top, 0, H), np.clip(top + pool_size[0], 0, H)
    p, q = np.clip(left, 0, W), np.clip(left + pool_size[1], 0, W)
    area = np.outer(b - a, q - p)[None, :, :, None]
    pick = lambda r, k: S[:, r][:, :, k]
    y = (pick(b, q) - pick(a, q) - pick(b, p) + pick(a, p)) / area
    return y.astype(x.dtype), (x.shape, a, b, p, q, area)


def table_backward(dy, cache):
    shape, a, b, p, q, area = cache
    g = dy / area
    dx = np.zeros(shape, dy.dtype)
    for i in range(len(a)):
        for j in range(len(p)):
            dx[:, a[i]:b[i], p[j]:q[j]] += g[:, i:i + 1, j:j + 1]
    return dx


# --- sums that lose nothing


def exact_forward(x, *, pool_size, strides, padding):
    ((t, _), (l, _)), (OH, OW) = layout(x.shape, pool_size, strides, padding)
    y = np.empty((x.shape[0], OH, OW, x.shape[3]), x.dtype)
    for n, i, j, c in np.ndindex(y.shape):
        r, q = i * strides[0] - t, j * strides[1] - l
        window = x[n, max(r, 0):r + pool_size[0], max(q, 0):q + pool_size[1], c]
        y[n, i, j, c] = math.fsum(window.ravel().tolist()) / window.size
    return y, (x.shape, pool_size, strides, t, l)


def scaled_forward(x, *, pool_size, strides, padding):
    """np.float32 scalars, one window at a time, in a nested list."""
    pads, (OH, OW) = layout(x.shape, pool_size, strides, padding)
    t, l = pads[0][0], pads[1][0]
    y = [[[[sum(v for row in x[n, max(i * strides[0] - t, 0):i * strides[0] - t + pool_size[0], max(j * strides[1] - l, 0):j * strides[1] - l + pool_size[1], c] for v in row)
            * (1 / ((min(i * strides[0] - t + pool_size[0], x.shape[1]) - max(i * strides[0] - t, 0)) * (min(j * strides[1] - l + pool_size[1], x.shape[2]) - max(j * strides[1] - l, 0))))
            for c in range(x.shape[3])] for j in range(OW)] for i in range(OH)] for n in range(len(x))]
    return np.array(y), (x.shape, pool_size, strides, t, l)


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("matrices of axes", matrix_forward, matrix_backward),
    Correct("summed-area table", table_forward, table_backward),
    Correct("fsum", exact_forward, loop_backward),
    Correct("nested lists", scaled_forward, loop_backward),
    Correct("double", lambda x, **o: matrix_forward(x.astype(float), **o), matrix_backward),
]

FIRST = {}


def first_matrix(m):
    return FIRST.setdefault(m.shape, m)


BUGS = [
    Bug("strides are the window", planted(loop_forward, ("i * strides[0] + a - t, j * strides[1] + b - l", "i * pool_size[0] + a - t, j * pool_size[1] + b - l"), ("total / count", "total / max(count, 1)")), None, "the window's size is used as the stride"),
    Bug("strides are the window, output too", lambda x, *, pool_size, strides, padding: matrix_forward(x, pool_size=pool_size, strides=pool_size, padding=padding), None, "the window's size is taken for the stride, in the output's size too"),
    Bug("strides are the window backward", loop_forward, planted(loop_backward, ("range(i * strides[0] - t, i * strides[0] - t + pool[0])", "range(i * pool[0] - t, i * pool[0] - t + pool[0])"), ("range(j * strides[1] - l, j * strides[1] - l + pool[1])", "range(j * pool[1] - l, j * pool[1] - l + pool[1])")), "the window's size is used as the stride in backward"),
    Bug("image loop one short", planted(loop_forward, ("for n in range(N):", "for n in range(max(N - 1, 1)):")), None, "the last image stays 0"),
    Bug("channel loop one short", planted(loop_forward, ("for c in range(C):", "for c in range(max(C - 1, 1)):")), None, "the last channel stays 0"),
    Bug("image loop one short backward", loop_forward, planted(loop_backward, ("for n in range(N):", "for n in range(1, N):")), "the first image's dx stays 0"),
    Bug("full window counted", planted(loop_forward, ("total / count", "total / (pool_size[0] * pool_size[1])")), None, "padded places are counted"),
    Bug("counted by height", planted(loop_forward, ("total / count", "total / pool_size[0] ** 2")), None, "divided by the square of the window's height"),
    Bug("sum", planted(loop_forward, ("total / count", "total")), None, "the sum of the window"),
    Bug("count is not reset", planted(loop_forward, ("                    total, count = 0.0, 0\n", "                    total, count = 0.0, count if c else 0\n")), None, "the count runs on from channel to channel"),
    Bug("row left out", planted(loop_forward, ("for a in range(pool_size[0]):", "for a in range(1, pool_size[0]) if pool_size[0] > 1 else range(1):")), None, "the first row of the window is left out"),
    Bug("backward counts rows only", loop_forward, planted(loop_backward, ("(len(rows) * len(columns))", "len(rows)")), "divided by the number of rows only"),
    Bug("backward counts full window", loop_forward, planted(loop_backward, ("(len(rows) * len(columns))", "(pool[0] * pool[1])")), "padded places are counted in backward"),
    Bug("backward assigned", loop_forward, planted(loop_backward, ("dx[n, r, q] += dy", "dx[n, r, q] = dy")), "overlapping windows overwrite each other"),
    Bug("backward by the mean of dy", loop_forward, planted(loop_backward, ("dy[n, i, j] / (", "dy[n].mean((0, 1)) / (")), "the mean of dy is spread instead of each output's own"),
    Bug("transposed matrices", planted(matrix_forward, ("(R, Q)", "(np.where(R > 0, 1.0, 0.0), np.where(Q > 0, 1.0, 0.0))")), matrix_backward, "backward does not divide"),
    Bug("matrix of the first call", planted(matrix_forward, ("(R, Q)", "(first_matrix(R), first_matrix(Q))")), matrix_backward, "backward uses the matrices of the first call of that shape"),
    Bug("normalised by columns", planted(matrix_forward, ("(R, Q)", "(R / np.maximum(R.sum(0), 1e-9), Q / np.maximum(Q.sum(0), 1e-9))")), matrix_backward, "each pixel's gradient is averaged over the windows it is in instead of summed"),
    Bug("table one off", planted(table_forward, ("np.clip(top, 0, H), np", "np.clip(top + 1, 0, H), np"), ("np.outer(b - a, q - p)", "np.maximum(np.outer(b - a, q - p), 1)")), None, "windows begin one row too late"),
    Bug("table in float32", planted(table_forward, ("x.astype(np.float64).cumsum(1)", "x.astype(np.float32).cumsum(1)"), ("S = np.zeros((N, H + 1, W + 1, C))", "S = np.zeros((N, H + 1, W + 1, C), np.float32)")), None, "the sums are float32"),
    Bug("area of the first window", planted(table_forward, ("area = np.outer(b - a, q - p)[None, :, :, None]", "area = (b - a)[0] * (q - p)[0]")), None, "all windows are divided by the number of pixels of the first"),
    Bug("integer mean", planted(exact_forward, ("/ window.size", "// window.size")), None, "divided with //"),
    Bug("padded counted and stride swapped", planted(loop_forward, ("i * strides[0] + a - t, j * strides[1] + b - l", "i * strides[1] + a - t, j * strides[0] + b - l"), ("total / count", "total / (pool_size[0] * pool_size[1])")), None, "strides are exchanged and padded places counted"),
]
