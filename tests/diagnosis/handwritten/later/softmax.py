"""softmax, the second corpus."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_forward(x):
    rows = x.reshape(-1, x.shape[-1])
    y = np.zeros(rows.shape)
    for i in range(len(rows)):
        top = max(rows[i])
        total = 0.0
        for k in range(rows.shape[1]):
            y[i, k] = np.exp(rows[i, k] - top)
            total += y[i, k]
        for k in range(rows.shape[1]):
            y[i, k] /= total
    return y.reshape(x.shape), y


def loop_backward(dy, y):
    d = dy.reshape(y.shape)
    dx = np.zeros(y.shape)
    for i in range(len(y)):
        for k in range(y.shape[1]):
            for j in range(y.shape[1]):
                dx[i, k] += d[i, j] * y[i, j] * ((j == k) - y[i, k])
    return dx.reshape(dy.shape)


def logarithm_forward(x):
    z = x - np.logaddexp.reduce(x, axis=-1, keepdims=True)
    return np.exp(z), z


def logarithm_backward(dy, z):
    p = np.exp(z)
    return p * dy - p * np.einsum("...k,...k->...", p, dy)[..., np.newaxis]


def jacobian_forward(x):
    e = np.exp(x.astype(np.float64) - np.amax(x, axis=-1)[..., None])
    return np.true_divide(e, e.sum(-1)[..., None]), e


def jacobian_backward(dy, e):
    p = e / np.sum(e, -1, keepdims=True)
    jacobian = np.eye(p.shape[-1]) * p[..., None] - p[..., :, None] * p[..., None, :]
    return np.matmul(jacobian, dy[..., None])[..., 0]


def lists_forward(x):
    def row(values):
        top = max(values)
        parts = [math.exp(v - top) for v in values]
        total = math.fsum(parts)
        return [v / total for v in parts]

    y = np.array([row(r) for r in x.reshape(-1, x.shape[-1]).tolist()], dtype=x.dtype).reshape(x.shape)
    return y, (y.copy(), x.shape)


def lists_backward(dy, cache):
    y, shape = cache
    return np.subtract(dy, np.vecdot(dy, y)[..., None] if hasattr(np, "vecdot") else (dy * y).sum(-1, keepdims=True)) * y


def pairs_forward(x):
    """y_k = 1 / sum_j exp(x_j - x_k)."""
    difference = np.minimum(x[..., None, :] - x[..., :, None], 700)
    return 1 / np.exp(difference, dtype=np.float64).sum(-1), x


def transposed_forward(x):
    z = np.moveaxis(x, -1, 0)
    e = np.exp(z - z.max(0))
    e /= e.sum(0)
    return np.moveaxis(e, 0, -1), e


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("logaddexp", logarithm_forward, logarithm_backward),
    Correct("jacobian in double", jacobian_forward, jacobian_backward),
    Correct("lists and fsum", lists_forward, lists_backward),
    Correct("pairs", pairs_forward, None),
    Correct("classes in front", transposed_forward, lambda dy, e: np.moveaxis(e, 0, -1) * (dy - (np.moveaxis(e, 0, -1) * dy).sum(-1, keepdims=True))),
]

KEPT = {}


def first(y):
    return KEPT.setdefault(y.shape, y)


BUGS = [
    Bug("minus the mean", planted(loop_forward, ("top = max(rows[i])", "top = rows[i].mean()")), None, "the row's mean is subtracted instead of its maximum: overflows for a large spread"),
    Bug("minus the median", lambda x: (lambda e: (e / e.sum(-1, keepdims=True), e))(np.exp(x - np.median(x, -1, keepdims=True))), None, "the median is subtracted instead of the maximum: overflows"),
    Bug("minus the first", planted(loop_forward, ("top = max(rows[i])", "top = rows[i][0]")), None, "the first number is subtracted instead of the maximum: overflows"),
    Bug("row loop one short", planted(loop_forward, ("for i in range(len(rows)):", "for i in range(max(len(rows) - 1, 1)):")), None, "the last row stays 0"),
    Bug("class loop one short", planted(loop_forward, ("        for k in range(rows.shape[1]):\n            y[i, k] = np", "        for k in range(rows.shape[1] - 1):\n            y[i, k] = np")), None, "the last class stays 0 and out of the sum"),
    Bug("division one short", planted(loop_forward, ("        for k in range(rows.shape[1]):\n            y[i, k] /=", "        for k in range(rows.shape[1] - 1):\n            y[i, k] /=")), None, "the last class is not divided"),
    Bug("total runs on", planted(loop_forward, ("        total = 0.0\n", "        total = 0.0 if i == 0 else total\n")), None, "the sum is not cleared from row to row"),
    Bug("sum over columns", lambda x: (lambda e: (e / e.sum(0), e))(np.exp(x - x.max(-1, keepdims=True))), None, "normalised over the first axis"),
    Bug("base 2", lambda x: (lambda e: (e / e.sum(-1, keepdims=True), e))(2.0 ** (x - x.max(-1, keepdims=True))), None, "powers of 2 instead of e"),
    Bug("clipped inputs", lambda x: (lambda e: (e / e.sum(-1, keepdims=True), e))(np.exp(np.clip(x, -20, 20))), None, "inputs are cut off at 20"),
    Bug("probabilities of the first call", planted(loop_forward, ("return y.reshape(x.shape), y", "return y.reshape(x.shape), first(y)")), loop_backward, "backward uses the probabilities of the first call with that shape"),
    Bug("diagonal only", loop_forward, planted(loop_backward, ("((j == k) - y[i, k])", "(j == k) * (1 - y[i, k])")), "only the diagonal of the Jacobian"),
    Bug("off-diagonal only", loop_forward, planted(loop_backward, ("((j == k) - y[i, k])", "(0 - y[i, k])")), "the diagonal's 1 is missing"),
    Bug("loop one short backward", loop_forward, planted(loop_backward, ("for j in range(y.shape[1]):", "for j in range(y.shape[1] - 1):")), "the last class is left out of the sum over classes"),
    Bug("row loop one short backward", loop_forward, planted(loop_backward, ("for i in range(len(y)):", "for i in range(1, len(y)) if len(y) > 1 else range(1):")), "the first row's dx stays 0"),
    Bug("sum over everything", logarithm_forward, lambda dy, z: np.exp(z) * (dy - (np.exp(z) * dy).sum()), "the dot product goes over the whole array"),
    Bug("sum of dy", logarithm_forward, lambda dy, z: np.exp(z) * (dy - dy.sum(-1, keepdims=True)), "dy is summed without its weights y"),
    Bug("mean of dy", logarithm_forward, lambda dy, z: np.exp(z) * (dy - dy.mean(-1, keepdims=True)), "the mean of dy is subtracted instead of the weighted sum"),
    Bug("log-softmax's gradient", logarithm_forward, lambda dy, z: dy - np.exp(z) * dy.sum(-1, keepdims=True), "the gradient of the log-softmax"),
    Bug("times y missing", logarithm_forward, lambda dy, z: dy - (np.exp(z) * dy).sum(-1, keepdims=True), "the factor y is missing"),
    Bug("float32", lambda x: loop_forward(x.astype(np.float32)), loop_backward, "x is rounded to float32"),
    Bug("epsilon in the denominator", planted(loop_forward, ("y[i, k] /= total", "y[i, k] /= total + 1e-6")), None, "1e-6 is added to the sum"),
    Bug("temperature and minus", lambda x: (lambda e: (e / e.sum(-1, keepdims=True), e))(np.exp(-(x - x.min(-1, keepdims=True)) / 2)), None, "softmax of -x / 2"),
]
