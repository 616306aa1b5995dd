"""winograd as learners write it: right and wrong."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct

BUGS = []

G = np.array([[1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.0, 0.0, 1.0]])
BT = np.array([[1.0, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
AT = np.array([[1.0, 1, 1, 0], [0, 1, -1, -1]])


def wrong(truth):
    def add(f):
        BUGS.append(Bug(f.__name__, f, None, truth))
        return f

    return add


def kernels(k, G=G):
    u = np.zeros((4, 4) + k.shape[2:])
    for c in range(k.shape[2]):
        for f in range(k.shape[3]):
            u[:, :, c, f] = G @ k[:, :, c, f] @ G.T
    return u


def padded(x):
    n, h, w, c = x.shape
    return np.pad(x, ((0, 0), (0, h % 2), (0, w % 2), (0, 0)))


def tiles(x, BT=BT, step=2):
    p = padded(x)
    th, tw = (p.shape[1] - 2) // 2, (p.shape[2] - 2) // 2
    v = np.zeros((x.shape[0], th, tw, 4, 4, x.shape[3]))
    for n, t, s, c in np.ndindex(x.shape[0], th, tw, x.shape[3]):
        d = p[n, t * step : t * step + 4, s * step : s * step + 4, c]
        v[n, t, s, :, :, c] = BT @ d @ BT.T
    return v


def products(u, v):
    return np.einsum("ntsabc,abcf->ntsabf", v, u)


def back(m, x, bias, AT=AT):
    n, th, tw, _, _, f = m.shape
    y = np.zeros((n, 2 * th, 2 * tw, f))
    for i, t, s, k in np.ndindex(n, th, tw, f):
        y[i, 2 * t : 2 * t + 2, 2 * s : 2 * s + 2, k] = AT @ m[i, t, s, :, :, k] @ AT.T
    return y[:, : x.shape[1] - 2, : x.shape[2] - 2] + bias


def typed(x, *values):
    return tuple(value.astype(x.dtype) for value in values)


# ----------------------------------------------------------------------------------- right


def in_loops(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


def with_matmul(x, kernel, bias):
    """Each of the 16 places of a tile is a matrix product over all tiles."""
    u, v = kernels(kernel), tiles(x)
    n, th, tw, _, _, c = v.shape
    rows = v.transpose(3, 4, 0, 1, 2, 5).reshape(16, -1, c)
    m = (rows @ u.reshape(16, c, -1)).reshape(4, 4, n, th, tw, -1).transpose(2, 3, 4, 0, 1, 5)
    return typed(x, u, v, m, back(m, x, bias))


def written_out(x, kernel, bias):
    """The transforms as sums and differences of rows and columns."""
    k = kernel
    rows = np.stack([k[0], (k[0] + k[1] + k[2]) / 2, (k[0] - k[1] + k[2]) / 2, k[2]])
    u = np.stack([rows[:, 0], rows.sum(axis=1) / 2, (rows[:, 0] - rows[:, 1] + rows[:, 2]) / 2, rows[:, 2]], axis=1)
    p = padded(x)
    view = np.lib.stride_tricks.sliding_window_view(p, (4, 4), axis=(1, 2))[:, ::2, ::2]
    d = np.moveaxis(view, 3, 5)
    r = np.stack([d[:, :, :, 0] - d[:, :, :, 2], d[:, :, :, 1] + d[:, :, :, 2], d[:, :, :, 2] - d[:, :, :, 1], d[:, :, :, 1] - d[:, :, :, 3]], axis=3)
    v = np.stack([r[..., 0, :] - r[..., 2, :], r[..., 1, :] + r[..., 2, :], r[..., 2, :] - r[..., 1, :], r[..., 1, :] - r[..., 3, :]], axis=4)
    m = sum(v[..., c, None] * u[:, :, c] for c in range(x.shape[3]))
    return u, v, m, back(m, x, bias).astype(x.dtype)


def by_tensordot(x, kernel, bias):
    u = np.einsum("ai,ijcf,bj->abcf", G, kernel, G)
    v = tiles(x)
    m = products(u, v)
    blocks = np.einsum("pa,ntsabf,qb->ntpsqf", AT, m, AT)
    y = blocks.reshape(len(x), 2 * blocks.shape[1], -1, kernel.shape[3])
    return typed(x, u, v, m, y[:, : x.shape[1] - 2, : x.shape[2] - 2] + bias)


CORRECT = [Correct(f.__name__, f, None) for f in (in_loops, with_matmul, written_out, by_tensordot)]


# ----------------------------------------------------------------------------------- wrong


@wrong("the middle rows of G have no 1/2")
def g_without_half(x, kernel, bias):
    u, v = kernels(kernel, G * np.array([[1], [2], [2], [1]])), tiles(x)
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("one sign in the third row of G is wrong")
def g_sign(x, kernel, bias):
    wrong_g = G.copy()
    wrong_g[2, 1] = 0.5
    u, v = kernels(kernel, wrong_g), tiles(x)
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the last row of B^T has the other sign")
def b_last_row(x, kernel, bias):
    wrong_b = BT.copy()
    wrong_b[3] *= -1
    u, v = kernels(kernel), tiles(x, wrong_b)
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("B is used where B^T belongs")
def b_transposed(x, kernel, bias):
    u, v = kernels(kernel), tiles(x, BT.T)
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the last row of A^T has a plus at its end")
def a_sign(x, kernel, bias):
    wrong_a = AT.copy()
    wrong_a[1, 3] = 1
    u, v = kernels(kernel), tiles(x)
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias, wrong_a))


@wrong("the kernel is turned by 180 degrees first")
def true_convolution(x, kernel, bias):
    return in_loops(x, kernel[::-1, ::-1], bias)


@wrong("the kernel is transposed")
def transposed_kernel(x, kernel, bias):
    return in_loops(x, kernel.swapaxes(0, 1), bias)


@wrong("tiles do not overlap")
def tiles_of_four(x, kernel, bias):
    u = kernels(kernel)
    p = padded(x)
    th, tw = (p.shape[1] - 2) // 2, (p.shape[2] - 2) // 2
    wide = np.zeros((len(x), 4 * th + 4, 4 * tw + 4, x.shape[3]))
    wide[:, : p.shape[1], : p.shape[2]] = p
    v = np.zeros((len(x), th, tw, 4, 4, x.shape[3]))
    for n, t, s, c in np.ndindex(len(x), th, tw, x.shape[3]):
        v[n, t, s, :, :, c] = BT @ wide[n, 4 * t : 4 * t + 4, 4 * s : 4 * s + 4, c] @ BT.T
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the products are matrix products of the tiles")
def matrix_products(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = np.einsum("ntsakc,kbcf->ntsabf", v, u)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the channels are averaged")
def channel_mean(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u, v) / x.shape[3]
    return typed(x, u, v, m, back(m, x, bias))


@wrong("only the first channel counts")
def first_channel(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u[:, :, :1], v[..., :1])
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the last channel is left out")
def last_channel(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u[:, :, :-1], v[..., :-1])
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the blocks are not interleaved: a reshape without the exchange of axes")
def plain_reshape(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u, v)
    blocks = np.einsum("pa,ntsabf,qb->ntspqf", AT, m, AT)
    y = blocks.reshape(len(x), 2 * v.shape[1], 2 * v.shape[2], -1)
    return typed(x, u, v, m, y[:, : x.shape[1] - 2, : x.shape[2] - 2] + bias)


@wrong("rows and columns inside the blocks are exchanged")
def blocks_transposed(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u, v)
    return typed(x, u, v, m, back(m.swapaxes(3, 4), x, bias))


@wrong("the bias is forgotten")
def no_bias(x, kernel, bias):
    return in_loops(x, kernel, 0 * bias)


@wrong("the bias is added to m, before the last transform")
def bias_in_m(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u, v)
    return typed(x, u, v, m, back(m + bias, x, 0 * bias))


@wrong("y is not cut to size")
def uncut(x, kernel, bias):
    u, v = kernels(kernel), tiles(x)
    m = products(u, v)
    wide = np.zeros((1, 2 * v.shape[1] + 2, 2 * v.shape[2] + 2, 1))
    return typed(x, u, v, m, back(m, wide, bias))


@wrong("the image is padded before instead of after, and y cut at the start")
def padded_before(x, kernel, bias):
    wide = np.pad(x, ((0, 0), (x.shape[1] % 2, 0), (x.shape[2] % 2, 0), (0, 0)))
    u, v = kernels(kernel), tiles(wide)
    m = products(u, v)
    y = back(m, wide, bias)
    return typed(x, u, v, m, y[:, x.shape[1] % 2 :, x.shape[2] % 2 :])


@wrong("the last tiles of odd sizes are left out")
def whole_tiles(x, kernel, bias):
    even = x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2]
    u, v = kernels(kernel), tiles(even)
    m = products(u, v)
    return typed(x, u, v, m, back(m, even, bias))


@wrong("an ordinary convolution, with zeros for the steps")
def ordinary(x, kernel, bias):
    u, v, m, y = in_loops(x, kernel, bias)
    return 0 * u, 0 * v, 0 * m, y


@wrong("returns y alone")
def y_only(x, kernel, bias):
    return in_loops(x, kernel, bias)[3]


@wrong("the image is not transformed")
def raw_tiles(x, kernel, bias):
    u, v = kernels(kernel), tiles(x, np.eye(4))
    m = products(u, v)
    return typed(x, u, v, m, back(m, x, bias))


@wrong("the last row of y is never written where the size is odd")
def last_row_of_odd(x, kernel, bias):
    u, v, m, y = in_loops(x, kernel, bias)
    y = y.copy()
    if y.shape[1] % 2:
        y[:, -1] = bias
    return u, v, m, y
