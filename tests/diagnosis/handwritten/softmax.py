"""softmax as learners write it: right and wrong."""

import numpy as np
import scipy.special
from tests.diagnosis.handwritten import Bug, Correct


def good(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    y = e / np.sum(e, axis=-1, keepdims=True)
    return y, y


def good_back(dy, y):
    return y * (dy - np.sum(dy * y, axis=-1, keepdims=True))


def scipy_forward(x):
    y = scipy.special.softmax(x, axis=-1)
    return y, lambda dy: y * dy - y * np.einsum("...k,...k->...", y, dy)[..., None]


def scipy_backward(dy, c):
    return c(dy)


def loop_forward(x):
    y = np.zeros_like(x)
    for where in np.ndindex(*x.shape[:-1]):
        row = [float(v) for v in x[where]]
        top = max(row)
        exps = [np.exp(v - top) for v in row]
        total = sum(exps)
        for k in range(len(row)):
            y[where + (k,)] = exps[k] / total
    return y, {"y": y}


def jacobian_backward(dy, c):
    y = c["y"]
    dx = np.empty_like(y)
    for where in np.ndindex(*y.shape[:-1]):
        s = y[where].reshape(-1, 1)
        J = np.diagflat(s) - s @ s.T
        dx[where] = J @ dy[where]
    return dx


def log_forward(x):
    logits = x.reshape(-1, x.shape[-1])
    m = logits.max(1)[:, None]
    logp = logits - m - np.log(np.exp(logits - m).sum(1)[:, None])
    return np.exp(logp).reshape(x.shape), (logp, x.shape)


def log_backward(dy, c):
    logp, shape = c
    p = np.exp(logp)
    g = dy.reshape(p.shape) * p
    return (g - p * g.sum(1)[:, None]).reshape(shape)


def einsum_backward(dy, y):
    K = y.shape[-1]
    J = np.einsum("...i,ij->...ij", y, np.eye(K, dtype=y.dtype)) - np.einsum("...i,...j->...ij", y, y)
    return np.einsum("...i,...ij->...j", dy, J)


def moved_forward(x):
    t = np.moveaxis(x, -1, 0)
    e = np.exp(t - t.max(0))
    p = e / e.sum(0)
    return np.moveaxis(p, 0, -1), [p]


def moved_backward(dy, c):
    (p,) = c
    g = np.moveaxis(dy, -1, 0)
    return np.moveaxis(p * (g - (g * p).sum(0)), 0, -1)


CORRECT = [
    Correct("vectorised", good, good_back),
    Correct("scipy and closure", scipy_forward, scipy_backward),
    Correct("loops and Jacobian", loop_forward, jacobian_backward),
    Correct("through the logarithm", log_forward, log_backward),
    Correct("Jacobian by einsum", good, einsum_backward),
    Correct("classes first", moved_forward, moved_backward),
    Correct("backward alone", None, lambda dy, c: good_back(dy, c[0])),
]


# ----------------------------------------------------------------------------------- forward


def naive_exp(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True), np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def whole_max(x):
    e = np.exp(x - x.max())
    y = e / e.sum(-1, keepdims=True)
    return y, y


def whole_sum(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    y = e / e.sum()
    return y, y


def axis_zero(x):
    z = x - x.max(axis=0)
    y = np.exp(z) / np.exp(z).sum(axis=0)
    return y, y


def axis_zero_back(dy, y):
    return y * (dy - (dy * y).sum(axis=0))


def axis_one(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True), None


def no_keepdims(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return (e / e.sum(axis=-1)), None


def logs(x):
    z = x - x.max(-1, keepdims=True)
    lp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return lp, lp


def logs_back(dy, lp):
    return dy - np.exp(lp) * dy.sum(-1, keepdims=True)


def sigmoid(x):
    y = np.where(x > 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))
    return y, y


def sigmoid_back(dy, y):
    return dy * y * (1 - y)


def base_two(x):
    e = 2 ** (x - x.max(-1, keepdims=True))
    y = e / e.sum(-1, keepdims=True)
    return y, y


def eps_below(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    y = e / (e.sum(-1, keepdims=True) + 1e-6)
    return y, y


def in_place(x):
    x -= x.max(axis=-1, keepdims=True)
    e = np.exp(x)
    y = e / e.sum(axis=-1, keepdims=True)
    return y, y


def overwrites_x(x):
    np.exp(x - x.max(-1, keepdims=True), out=x)
    x /= x.sum(-1, keepdims=True)
    return x, x


def minimum(x):
    e = np.exp(-(x - x.min(-1, keepdims=True)))
    y = e / e.sum(-1, keepdims=True)
    return y, y


def linear(x):
    z = x - x.min(-1, keepdims=True)
    y = z / z.sum(-1, keepdims=True)
    return y, y


def l2(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    y = e / np.sqrt((e * e).sum(-1, keepdims=True))
    return y, y


def not_divided(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e, e / e.sum(-1, keepdims=True)


def scaled_by_size(x):
    t = x / np.sqrt(x.dtype.type(x.shape[-1]))
    return good(t)


def clipped(x):
    return good(np.clip(x, -500, 500))


def last_left_out(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    total = np.zeros(x.shape[:-1], x.dtype)
    for k in range(x.shape[-1] - 1):
        total = total + e[..., k]
    return e / total[..., None], None


def rounded(x):
    y, _ = good(x)
    return np.round(y, 6), y


def single(x):
    y, _ = good(np.float32(x))
    return y, y


def hard(x):
    y = (x == x.max(-1, keepdims=True)).astype(x.dtype)
    return y, y


def rows_only(x):
    n, k = x.shape
    out = np.zeros((n, k), x.dtype)
    for i in range(n):
        row = np.exp(x[i] - x[i].max())
        out[i] = row / row.sum()
    return out, out


def y_and_x(x):
    y, _ = good(x)
    return y, x


def exp_cached(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True), e


class Layer:
    y = None


def keeps_state(x):
    Layer.y, _ = good(x)
    return Layer.y, None


def keeps_state_back(dy, cache):
    return good_back(dy, Layer.y)


# ----------------------------------------------------------------------------------- backward alone; the library's cache is (y, axis)


def diagonal(dy, cache):
    s = cache[0]
    return dy * s * (1 - s)


def passes_on(dy, cache):
    return dy.copy()


def times_y(dy, cache):
    return dy * cache[0]


def dot_not_weighted(dy, cache):
    y, axis = cache
    return y * (dy - dy.sum(axis=axis, keepdims=True))


def dot_mean(dy, cache):
    y, axis = cache
    return y * (dy - (dy * y).mean(axis=axis, keepdims=True))


def dot_everything(dy, cache):
    y, _ = cache
    return y * (dy - np.sum(dy * y))


def dot_axis0(dy, cache):
    y, _ = cache
    return y * (dy - np.sum(dy * y, axis=0, keepdims=True))


def no_outer_y(dy, cache):
    y, axis = cache
    return dy - (dy * y).sum(axis=axis, keepdims=True)


def half_outer_y(dy, cache):
    y, axis = cache
    return y * dy - (dy * y).sum(axis=axis, keepdims=True)


def plus(dy, cache):
    y, _ = cache
    return y * (dy + np.einsum("...i,...i->...", dy, y)[..., None])


def flipped(dy, cache):
    y, axis = cache
    return y * ((dy * y).sum(axis=axis, keepdims=True) - dy)


def one_jacobian(dy, cache):
    y, _ = cache
    first = y.reshape(-1, y.shape[-1])[0]
    J = np.diag(first) - np.outer(first, first)
    return dy @ J


def jacobian_row_sum(dy, cache):
    y, _ = cache
    flat = y.reshape(-1, y.shape[-1])
    J = np.stack([np.diag(r) - np.outer(r, r) for r in flat])
    return (J.sum(axis=1)).reshape(y.shape) * dy


def fused_with_loss(dy, cache):
    y, _ = cache
    return y - dy


def off_diagonal_only(dy, cache):
    y, _ = cache
    total = (dy * y).sum(-1, keepdims=True)
    return -y * (total - dy * y)


def changes_dy(dy, cache):
    y, _ = cache
    dy *= y
    return dy - y * dy.sum(-1, keepdims=True)


def changes_cache(dy, cache):
    y, _ = cache
    s = (dy * y).sum(-1, keepdims=True)
    y *= dy - s
    return y


def y_squared(dy, cache):
    y, _ = cache
    return dy * y - y**2 * dy.sum(-1, keepdims=True)


BUGS = [
    Bug("no_max", naive_exp, good_back, "the maximum is not subtracted, so exp overflows for large x (nan) and underflows for very negative x"),
    Bug("whole_max", whole_max, good_back, "the maximum of the whole array is subtracted instead of each row's, so rows far below it become 0 / 0"),
    Bug("whole_sum", whole_sum, None, "divides by the sum over the whole array, not over the last axis, so all numbers together add up to 1"),
    Bug("axis_zero", axis_zero, axis_zero_back, "the softmax is over axis 0 instead of over the last axis, forward and backward"),
    Bug("axis_one", axis_one, None, "the softmax is over axis 1, right for (N, K) only: it crashes for vectors and is wrong for more axes"),
    Bug("no_keepdims", no_keepdims, None, "the sum lacks keepdims: dividing crashes or, when shapes happen to fit, divides by another row's sum"),
    Bug("log_softmax", logs, logs_back, "returns the logarithm of the softmax (log_softmax) and its gradient"),
    Bug("sigmoid", sigmoid, sigmoid_back, "a sigmoid of every number by itself instead of a softmax: the classes do not add up to 1"),
    Bug("base_two", base_two, good_back, "powers of 2 instead of e in the exponential"),
    Bug("eps_in_sum", eps_below, good_back, "1e-6 is added to the sum, so the probabilities add up to a little less than 1"),
    Bug("in_place", in_place, good_back, "x -= max is done in place, so the caller's x is changed"),
    Bug("overwrites_x", overwrites_x, good_back, "the result is written into x itself: the input is changed"),
    Bug("softmin", minimum, good_back, "exp(-x) instead of exp(x): the smallest number gets the largest probability (a softmin)"),
    Bug("linear", linear, None, "the numbers (less their minimum) are divided by their sum; the exponential is missing"),
    Bug("l2", l2, good_back, "divides by the Euclidean norm of the exponentials instead of by their sum"),
    Bug("not_divided", not_divided, good_back, "the exponentials are returned without dividing them by their sum"),
    Bug("temperature", scaled_by_size, good_back, "x is divided by sqrt(K) first, as in attention, and backward does not know of it"),
    Bug("clipped", clipped, good_back, "x is clipped to [-500, 500] 'against overflow', which makes different large numbers equal"),
    Bug("last_left_out", last_left_out, None, "the loop that sums the exponentials stops one class early"),
    Bug("rounded", rounded, good_back, "the probabilities are rounded to 6 decimals"),
    Bug("float32", single, good_back, "x is converted to float32, so float64 input gives a float32 result"),
    Bug("hard", hard, None, "an argmax as 0 and 1 instead of probabilities (a hard maximum)"),
    Bug("two_axes_only", rows_only, good_back, "n, k = x.shape: it crashes for any input that has not exactly two axes"),
    Bug("cache_x", y_and_x, good_back, "the cache holds x, and backward uses it as y"),
    Bug("cache_exp", exp_cached, good_back, "the cache holds the exponentials before the division by their sum"),
    Bug("keeps_state", keeps_state, keeps_state_back, "y is kept in a class attribute instead of in the cache: a second forward overwrites the state that the first one's backward needs"),
    Bug("diagonal", None, diagonal, "only the diagonal of the Jacobian: dy * y * (1 - y), as for a sigmoid"),
    Bug("passes_on", None, passes_on, "dy is passed on unchanged, as if the softmax had slope 1"),
    Bug("times_y", None, times_y, "dx = dy * y: the subtracted term y * sum(dy * y) is missing"),
    Bug("dot_not_weighted", None, dot_not_weighted, "the sum in the bracket is of dy, not of dy * y"),
    Bug("dot_mean", None, dot_mean, "the mean of dy * y is subtracted instead of the sum"),
    Bug("dot_everything", None, dot_everything, "sum(dy * y) runs over the whole array instead of over the last axis"),
    Bug("dot_axis0", None, dot_axis0, "sum(dy * y) is over axis 0 instead of over the last axis"),
    Bug("no_outer_y", None, no_outer_y, "the factor y in front of the bracket is missing"),
    Bug("half_outer_y", None, half_outer_y, "y multiplies dy only, not the sum that is subtracted"),
    Bug("plus", None, plus, "the sum is added in the bracket instead of subtracted"),
    Bug("flipped", None, flipped, "the sign of dx is wrong: sum - dy instead of dy - sum"),
    Bug("one_jacobian", None, one_jacobian, "the Jacobian of the first position is used for all positions"),
    Bug("jacobian_row_sum", None, jacobian_row_sum, "the Jacobian's rows are summed and multiplied by dy element-wise instead of a matrix-vector product; the row sums are 0, so dx is about 0"),
    Bug("fused_with_loss", None, fused_with_loss, "y - dy, mistaking dy for the target: the fused gradient of softmax and cross-entropy"),
    Bug("off_diagonal_only", None, off_diagonal_only, "the diagonal of the Jacobian is left out: only -y_i * y_j for i != j"),
    Bug("changes_dy", None, changes_dy, "dy is multiplied by y in place, so the caller's dy is changed"),
    Bug("changes_cache", None, changes_cache, "the cached y is overwritten by dx in place, so a second backward with the same cache is wrong"),
    Bug("y_squared", None, y_squared, "the second term is y^2 * sum(dy) instead of y * sum(dy * y): y stands outside the sum"),
]
