"""upsampling2d, the second corpus."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


# --- loops, float64


def weights(o, factor, n):
    """Return the two source positions of output o and their weights."""
    p = (o + 0.5) / factor - 0.5
    a = int(np.floor(p))
    t = p - a
    return min(max(a, 0), n - 1), min(max(a + 1, 0), n - 1), 1 - t, t


def loop_forward(x, *, size, interpolation):
    N, H, W, C = x.shape
    fh, fw = size
    y = np.zeros((N, H * fh, W * fw, C))
    for n in range(N):
        for i in range(H * fh):
            for j in range(W * fw):
                for c in range(C):
                    if interpolation == "nearest":
                        y[n, i, j, c] = x[n, i // fh, j // fw, c]
                    else:
                        a, b, u, v = weights(i, fh, H)
                        p, q, s, t = weights(j, fw, W)
                        y[n, i, j, c] = u * (s * x[n, a, p, c] + t * x[n, a, q, c]) + v * (s * x[n, b, p, c] + t * x[n, b, q, c])
    return y, (x.shape, size, interpolation)


def loop_backward(dy, cache):
    shape, (fh, fw), interpolation = cache
    N, H, W, C = shape
    dx = np.zeros(shape)
    for n in range(N):
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                g = dy[n, i, j]
                if interpolation == "nearest":
                    dx[n, i // fh, j // fw] += g
                else:
                    a, b, u, v = weights(i, fh, H)
                    p, q, s, t = weights(j, fw, W)
                    dx[n, a, p] += u * s * g
                    dx[n, a, q] += u * t * g
                    dx[n, b, p] += v * s * g
                    dx[n, b, q] += v * t * g
    return dx


# --- a matrix per axis


def axis_matrix(n, factor, interpolation):
    m = np.zeros((n * factor, n))
    for o in range(n * factor):
        if interpolation == "nearest":
            m[o, o // factor] = 1
        else:
            a, b, u, v = weights(o, factor, n)
            m[o, a] += u
            m[o, b] += v
    return m


def matrix_forward(x, size, interpolation):
    A, B = (axis_matrix(n, f, interpolation) for n, f in zip(x.shape[1:3], size))
    return np.einsum("ih,nhwc,jw->nijc", A, x, B), (A, B)


def matrix_backward(dy, cache):
    A, B = cache
    return np.tensordot(np.tensordot(dy, A, axes=(1, 0)), B, axes=(1, 0)).transpose(0, 2, 3, 1)


# --- gathered corners and np.add.at


def gather_forward(x, *, size, interpolation):
    rows, columns = np.arange(x.shape[1] * size[0]), np.arange(x.shape[2] * size[1])
    if interpolation == "nearest":
        return x[:, rows // size[0]][:, :, columns // size[1]], (x.shape, size, None)
    r, c = (rows + 0.5) / size[0] - 0.5, (columns + 0.5) / size[1] - 0.5
    r0, c0 = np.floor(r).astype(int), np.floor(c).astype(int)
    tr, tc = (r - r0)[:, None, None], (c - c0)[None, :, None]
    clip = lambda a, n: np.clip(a, 0, n - 1)
    ra, rb, ca, cb = clip(r0, x.shape[1]), clip(r0 + 1, x.shape[1]), clip(c0, x.shape[2]), clip(c0 + 1, x.shape[2])
    top = x[:, ra][:, :, ca] * (1 - tc) + x[:, ra][:, :, cb] * tc
    low = x[:, rb][:, :, ca] * (1 - tc) + x[:, rb][:, :, cb] * tc
    return top * (1 - tr) + low * tr, (x.shape, size, (ra, rb, ca, cb, tr, tc))


def gather_backward(dy, cache):
    shape, size, corners = cache
    if corners is None:
        return dy.reshape(shape[0], shape[1], size[0], shape[2], size[1], shape[3]).sum(axis=(2, 4))
    ra, rb, ca, cb, tr, tc = corners
    dx = np.zeros(shape, dy.dtype)
    for r, u in ((ra, 1 - tr), (rb, tr)):
        for c, v in ((ca, 1 - tc), (cb, tc)):
            np.add.at(dx, (slice(None), r[:, None], c[None, :]), dy * u * v)
    return dx


def kron_forward(x, *, size, interpolation):
    if interpolation != "nearest":
        return matrix_forward(x, size, interpolation)
    y = np.array([np.stack([np.kron(image[..., c], np.ones(size)) for c in range(x.shape[3])], -1) for image in x])
    return y, tuple(axis_matrix(n, f, interpolation) for n, f in zip(x.shape[1:3], size))


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("matrices", matrix_forward, matrix_backward),
    Correct("corners", gather_forward, gather_backward),
    Correct("kron", kron_forward, matrix_backward),
    Correct("double", lambda x, **o: gather_forward(x.astype(float), **o), gather_backward),
]


def fancy_backward(dy, cache):
    shape, size, corners = cache
    if corners is None:
        return gather_backward(dy, cache)
    ra, rb, ca, cb, tr, tc = corners
    dx = np.zeros(shape, dy.dtype)
    dx[:, ra[:, None], ca] += dy * (1 - tr) * (1 - tc)
    dx[:, ra[:, None], cb] += dy * (1 - tr) * tc
    dx[:, rb[:, None], ca] += dy * tr * (1 - tc)
    dx[:, rb[:, None], cb] += dy * tr * tc
    return dx


def row_by_row_backward(dy, cache):
    """Row by row, with a fancy index for the columns only."""
    shape, size, corners = cache
    if corners is None:
        return gather_backward(dy, cache)
    ra, rb, ca, cb, tr, tc = corners
    dx = np.zeros(shape, dy.dtype)
    for i in range(dy.shape[1]):
        for r, u in ((ra[i], 1 - tr[i]), (rb[i], tr[i])):
            dx[:, r, ca] += dy[:, i] * u * (1 - tc[0])
            dx[:, r, cb] += dy[:, i] * u * tc[0]
    return dx


def repeat_reshape_forward(x, *, size, interpolation):
    if interpolation != "nearest":
        return matrix_forward(x, size, interpolation)
    N, H, W, C = x.shape
    return x.repeat(size[0] * size[1], axis=2).reshape(N, H * size[0], W * size[1], C), None


def repeat_flat_forward(x, *, size, interpolation):
    if interpolation != "nearest":
        return matrix_forward(x, size, interpolation)
    N, H, W, C = x.shape
    return np.repeat(x, size[0] * size[1]).reshape(N, H * size[0], W * size[1], C), None


KEPT = {}


def first(name, value):
    return KEPT.setdefault((name, value.shape), value)


BUGS = [
    Bug("fancy plus", gather_forward, fancy_backward, "+= with repeated indices counts only one of them"),
    Bug("fancy plus in rows", gather_forward, row_by_row_backward, "+= with repeated column indices counts only one of them; rows are right"),
    Bug("repeat then reshape", repeat_reshape_forward, None, "pixels are repeated along one axis and the rest is done by a reshape"),
    Bug("repeat flat then reshape", repeat_flat_forward, None, "the flat array is repeated and reshaped"),
    Bug("batch loop one short", planted(loop_forward, ("for n in range(N):", "for n in range(max(N - 1, 1)):")), None, "the last image stays 0"),
    Bug("channel loop one short", planted(loop_forward, ("for c in range(C):", "for c in range(max(C - 1, 1)):")), None, "the last channel stays 0"),
    Bug("column loop one short", planted(loop_forward, ("for j in range(W * fw):", "for j in range(W * fw - 1):")), None, "the last column stays 0"),
    Bug("image loop one short backward", loop_forward, planted(loop_backward, ("for n in range(N):", "for n in range(1, N):")), "the first image's dx stays 0"),
    Bug("corner forgotten", loop_forward, planted(loop_backward, ("                    dx[n, b, q] += v * t * g\n", "")), "one of four corners is forgotten in the bilinear backward"),
    Bug("weights swapped in rows", loop_forward, planted(loop_backward, ("a, b, u, v = weights(i, fh, H)", "a, b, v, u = weights(i, fh, H)")), "the weights of the two rows are exchanged in backward"),
    Bug("rows only", planted(loop_forward, ("u * (s * x[n, a, p, c] + t * x[n, a, q, c]) + v * (s * x[n, b, p, c] + t * x[n, b, q, c])", "u * x[n, a, p, c] + v * x[n, b, p, c]")), None, "interpolated along rows only"),
    Bug("assigned", loop_forward, planted(loop_backward, ("dx[n, i // fh, j // fw] += g", "dx[n, i // fh, j // fw] = g")), "nearest: the last copy's gradient only"),
    Bug("nearest divided", loop_forward, planted(loop_backward, ("dx[n, i // fh, j // fw] += g", "dx[n, i // fh, j // fw] += g / (fh * fw)")), "nearest: the copies' gradients are averaged"),
    Bug("factor swapped", planted(loop_forward, ("x[n, i // fh, j // fw, c]", "x[n, i // fw % H, j // fh % W, c]")), None, "nearest: the factors of rows and columns are exchanged"),
    Bug("no clamp at the end", planted(gather_forward, ("clip(r0 + 1, x.shape[1]), clip(c0, x.shape[2]), clip(c0 + 1, x.shape[2])", "(r0 + 1) % x.shape[1], clip(c0, x.shape[2]), (c0 + 1) % x.shape[2]")), None, "beyond the last row and column the first comes in"),
    Bug("half pixel missing in columns", planted(gather_forward, ("(columns + 0.5) / size[1] - 0.5", "columns / size[1]")), None, "columns are not taken at pixel centres"),
    Bug("tc used for rows", planted(gather_forward, ("return top * (1 - tr) + low * tr", "return top * (1 - tc) + low * tr")), None, "one weight is the column's instead of the row's"),
    Bug("matrix transposed", matrix_forward, lambda dy, c: matrix_backward(dy, tuple(m / m.sum(0) for m in c)), "each source pixel's weights are normalised to 1 in backward"),
    Bug("matrix of the first call", planted(matrix_forward, ("(A, B)", "(first('A', A), first('B', B))")), matrix_backward, "backward uses the matrices of the first call of that shape, whatever the interpolation"),
    Bug("float32 weights", planted(matrix_forward, ("axis_matrix(n, f, interpolation)", "axis_matrix(n, f, interpolation).astype('f4').astype('f8') * np.float32(1.0000001)")), None, "the weights are rounded to float32, with a slight error"),
    Bug("align corners, transposed back", lambda x, *, size, interpolation: (np.einsum("ih,nhwc,jw->nijc", *[np.array([[max(0, 1 - abs(o * (n - 1) / max(n * f - 1, 1) - k)) for k in range(n)] for o in range(n * f)]) if i == 0 else x for i, (n, f) in enumerate([(x.shape[1], size[0])])], x, np.array([[max(0, 1 - abs(o * (x.shape[2] - 1) / max(x.shape[2] * size[1] - 1, 1) - k)) for k in range(x.shape[2])] for o in range(x.shape[2] * size[1])])) if interpolation == "bilinear" else matrix_forward(x, size, interpolation)[0], None), None, "corners are aligned in the bilinear mode"),
]
