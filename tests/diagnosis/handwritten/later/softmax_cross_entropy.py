"""softmax_cross_entropy, the second corpus."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


# --- a loss per position, loops, float64


def loop_forward(logits, target):
    K = logits.shape[-1]
    rows, labels = logits.reshape(-1, K), target.ravel()
    loss = np.zeros(len(rows))
    p = np.zeros(rows.shape)
    for i in range(len(rows)):
        top = rows[i].max()
        total = 0.0
        for k in range(K):
            total += np.exp(rows[i, k] - top)
        for k in range(K):
            p[i, k] = np.exp(rows[i, k] - top) / total
        loss[i] = np.log(total) + top - rows[i, labels[i]]
    return loss.reshape(target.shape), (p, labels, logits.shape)


def loop_backward(dloss, cache):
    p, labels, shape = cache
    d = np.asarray(dloss).ravel()
    g = np.zeros(p.shape)
    for i in range(len(p)):
        for k in range(p.shape[1]):
            g[i, k] = (p[i, k] - (k == labels[i])) * d[i]
    return g.reshape(shape)


# --- their mean, vectorised


def mean_forward(logits, target):
    z = logits - logits.max(axis=-1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    picked = np.take_along_axis(logp, target[..., None].astype(int), axis=-1)
    return -picked.mean(), (logp, target)


def mean_backward(dloss, cache):
    logp, target = cache
    g = np.exp(logp)
    onehot = np.eye(logp.shape[-1])[target]
    return (g - onehot) * (dloss / target.size)


# --- logaddexp, an outer comparison, double


def double_forward(logits, target):
    x = logits.astype(np.float64)
    lse = np.logaddexp.reduce(x, axis=-1)
    hot = np.equal.outer(target, np.arange(x.shape[-1]))
    return lse - np.sum(x, axis=-1, where=hot), (x, lse, hot)


def double_backward(dloss, cache):
    x, lse, hot = cache
    return np.where(hot, np.expm1(x - lse[..., None]), np.exp(x - lse[..., None])) * np.asarray(dloss)[..., None]


def python_forward(logits, target):
    losses, probabilities = [], []
    for row, label in zip(logits.reshape(-1, logits.shape[-1]).tolist(), target.ravel().tolist()):
        top = max(row)
        e = [math.exp(v - top) for v in row]
        s = math.fsum(e)
        losses.append(math.log(s) - (row[label] - top))
        probabilities.append([v / s for v in e])
    return math.fsum(losses) / len(losses), (np.array(probabilities), target.ravel(), logits.shape)


def python_backward(dloss, cache):
    p, labels, shape = cache
    g = p.copy()
    g[np.arange(len(g)), labels] -= 1
    return g.reshape(shape) * float(dloss) / len(g)


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("mean of log-probabilities", mean_forward, mean_backward),
    Correct("logaddexp in double", double_forward, double_backward),
    Correct("Python's numbers, mean", python_forward, python_backward),
    Correct("float64 loss of each, float32 cache", lambda x, t: (loop_forward(x, t)[0], double_forward(x, t)[1]), double_backward),
]

KEPT = {}


def first(name, value):
    return KEPT.setdefault((name, value.shape), value)


def minus_label_backward(dloss, cache):
    p, labels, shape = cache
    return ((p - labels[:, None]) * np.asarray(dloss).ravel()[:, None]).reshape(shape)


BUGS = [
    Bug("row loop one short", planted(loop_forward, ("for i in range(len(rows)):", "for i in range(max(len(rows) - 1, 1)):")), None, "the last position's loss stays 0"),
    Bug("class loop one short", planted(loop_forward, ("        for k in range(K):\n            total", "        for k in range(K - 1):\n            total")), None, "the last class is left out of the sum"),
    Bug("no maximum added back", planted(loop_forward, ("np.log(total) + top -", "np.log(total) -")), None, "the maximum is not added back"),
    Bug("label of the first row", planted(loop_forward, ("rows[i, labels[i]]", "rows[i, labels[0]]")), None, "the label of the first row is used for all"),
    Bug("p minus the class id", loop_forward, minus_label_backward, "the class id itself is subtracted instead of the one-hot label"),
    Bug("reversed one-hot", loop_forward, planted(loop_backward, ("(k == labels[i])", "(p.shape[1] - 1 - k == labels[i])")), "the one-hot label is reversed"),
    Bug("row loop one short backward", loop_forward, planted(loop_backward, ("for i in range(len(p)):", "for i in range(1, len(p)) if len(p) > 1 else range(1):")), "the first position's gradient stays 0"),
    Bug("class loop one short backward", loop_forward, planted(loop_backward, ("for k in range(p.shape[1]):", "for k in range(p.shape[1] - 1):")), "the last class's gradient stays 0"),
    Bug("dloss of the first", loop_forward, planted(loop_backward, ("* d[i]", "* d[0]")), "the first upstream gradient is used for all"),
    Bug("label twice", loop_forward, planted(loop_backward, ("(p[i, k] - (k == labels[i]))", "(p[i, k] - 2 * (k == labels[i]))")), "2 is subtracted at the label"),
    Bug("divided by N although each", loop_forward, planted(loop_backward, ("* d[i]", "* d[i] / len(p)")), "divided by the number of positions although there is a loss for each"),
    Bug("mean not divided", mean_forward, planted(mean_backward, ("(dloss / target.size)", "dloss")), "the mean's division is missing in backward"),
    Bug("mean divided by batch", mean_forward, planted(mean_backward, ("(dloss / target.size)", "(dloss / len(target))")), "divided by the batch where the mean goes over all positions"),
    Bug("mean in float32", lambda x, t: (np.float32(mean_forward(x, t)[0]), None), None, "the mean is rounded to float32"),
    Bug("float32 logits", lambda x, t: loop_forward(x.astype("f4"), t), loop_backward, "logits are rounded to float32"),
    Bug("probabilities of the first call", planted(loop_forward, ("(p, labels, logits.shape)", "(first('p', p), labels, logits.shape)")), loop_backward, "backward uses the probabilities of the first call with that shape"),
    Bug("labels of the first call", planted(loop_forward, ("(p, labels, logits.shape)", "(p, first('l', labels), logits.shape)")), loop_backward, "backward uses the labels of the first call with that shape"),
    Bug("log2", planted(mean_forward, ("np.log(", "np.log2(")), None, "the logarithm of the sum has base 2"),
    Bug("sum", planted(mean_forward, ("-picked.mean()", "-picked.sum()")), None, "the sum instead of the mean or each"),
    Bug("one-hot of the transposed", mean_forward, lambda dloss, cache: (np.exp(cache[0]) - np.eye(cache[0].shape[-1])[cache[1]] * cache[0]) * dloss / cache[1].size, "the one-hot label is multiplied by log p"),
    Bug("clipped p", lambda x, t: (-np.log(np.clip(np.take_along_axis(np.exp(mean_forward(x, t)[1][0]), t[..., None], -1)[..., 0], 1e-4, None)), None), None, "the probability is cut off at 1e-4"),
    Bug("positive and half", lambda x, t: (mean_forward(x, t)[0] * -0.5, None), None, "the sign is wrong and it is halved"),
    Bug("p squared", double_forward, lambda dloss, c: (np.exp(c[0] - c[1][..., None]) ** 2 - c[2]) * np.asarray(dloss)[..., None], "p is squared"),
    Bug("ignores label 0 as padding", double_forward, lambda dloss, c: double_backward(dloss, c) * ~c[2][..., :1], "positions with label 0 get no gradient"),
]
