"""batch_norm, the second corpus."""

import statistics

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_forward(x, gamma, beta, *, epsilon):
    C = x.shape[-1]
    rows = x.reshape(-1, C)
    m = len(rows)
    mean, var = np.zeros(C), np.zeros(C)
    for i in range(m):
        for c in range(C):
            mean[c] += rows[i, c] / m
    for i in range(m):
        for c in range(C):
            var[c] += (rows[i, c] - mean[c]) ** 2 / m
    xhat = np.zeros(rows.shape)
    for i in range(m):
        for c in range(C):
            xhat[i, c] = (rows[i, c] - mean[c]) / np.sqrt(var[c] + epsilon)
    y = xhat * gamma + beta
    return y.reshape(x.shape), (xhat, gamma, var, epsilon, x.shape)


def loop_backward(dy, cache):
    xhat, gamma, var, epsilon, shape = cache
    m, C = xhat.shape
    d = dy.reshape(m, C)
    dx, dgamma, dbeta = np.zeros((m, C)), np.zeros(C), np.zeros(C)
    for i in range(m):
        for c in range(C):
            dgamma[c] += d[i, c] * xhat[i, c]
            dbeta[c] += d[i, c]
    for i in range(m):
        for c in range(C):
            inner = m * d[i, c] - dbeta[c] - xhat[i, c] * dgamma[c]
            dx[i, c] = gamma[c] * inner / (m * np.sqrt(var[c] + epsilon))
    return dx.reshape(shape), dgamma, dbeta


# --- step by step, as a computational graph


def graph_forward(x, gamma, beta, epsilon):
    axes = tuple(range(x.ndim - 1))
    mu = x.mean(axes)
    centred = x - mu
    var = (centred ** 2).mean(axes)
    std = (var + epsilon) ** 0.5
    inverse = 1 / std
    xhat = centred * inverse
    return gamma * xhat + beta, (centred, std, inverse, xhat, gamma, axes)


def graph_backward(dy, cache):
    centred, std, inverse, xhat, gamma, axes = cache
    m = centred[..., 0].size
    dbeta = dy.sum(axes)
    dgamma = (dy * xhat).sum(axes)
    dxhat = dy * gamma
    dinverse = (dxhat * centred).sum(axes)
    dcentred = dxhat * inverse
    dstd = -dinverse / std ** 2
    dvar = 0.5 * dstd / std
    dcentred = dcentred + 2 * centred * dvar / m
    dmu = -dcentred.sum(axes)
    return dcentred + dmu / m, dgamma, dbeta


# --- one channel after the other, with Python's statistics


def channel_forward(x, gamma, beta, *, epsilon):
    y = np.empty(x.shape)
    kept = []
    for c in range(x.shape[-1]):
        column = x[..., c].astype(np.float64)
        mean = statistics.fmean(column.ravel().tolist())
        variance = statistics.pvariance(column.ravel().tolist(), mean)
        scale = (variance + epsilon) ** -0.5
        y[..., c] = gamma[c] * (column - mean) * scale + beta[c]
        kept.append(((column - mean) * scale, scale, gamma[c]))
    return y, kept


def channel_backward(dy, kept):
    dx, dgamma, dbeta = [], [], []
    for c, (xhat, scale, g) in enumerate(kept):
        d = dy[..., c]
        dbeta.append(d.sum())
        dgamma.append(np.vdot(d, xhat))
        dx.append(g * scale * (d - d.mean() - xhat * (d * xhat).mean()))
    return np.stack(dx, axis=-1), np.array(dgamma), np.array(dbeta)


# --- Welford's update


def welford_forward(x, gamma, beta, *, epsilon):
    rows = x.reshape(-1, x.shape[-1]).astype(float)
    mean, square = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    for n, row in enumerate(rows, 1):
        delta = row - mean
        mean = mean + delta / n
        square = square + delta * (row - mean)
    scale = np.reciprocal(np.sqrt(square / len(rows) + epsilon))
    xhat = (x - mean) * scale
    return xhat * gamma + beta, {"xhat": xhat, "scale": scale, "gamma": gamma}


def closed_backward(dy, cache):
    xhat, scale, gamma = cache["xhat"], cache["scale"], cache["gamma"]
    m = dy.size // dy.shape[-1]
    d, n = dy.reshape(m, -1), xhat.reshape(m, -1)
    dbeta, dgamma = np.einsum("rc->c", d), np.einsum("rc,rc->c", d, n)
    return gamma * scale * (dy - (dbeta + xhat * dgamma) / m), dgamma, dbeta


def front_forward(x, gamma, beta, *, epsilon):
    """Channels in front, float32 stays float32."""
    z = np.ascontiguousarray(np.moveaxis(x, -1, 0)).reshape(x.shape[-1], -1)
    mean = z.mean(1, keepdims=True)
    var = z.var(1, keepdims=True)
    xhat = (z - mean) / np.sqrt(var + epsilon)
    y = gamma[:, None] * xhat + beta[:, None]
    back = lambda a: np.moveaxis(a.reshape(x.shape[-1], *x.shape[:-1]), 0, -1)
    return back(y), {"xhat": back(xhat), "scale": (1 / np.sqrt(var + epsilon))[:, 0], "gamma": gamma}


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("graph", graph_forward, graph_backward),
    Correct("channel by channel", channel_forward, channel_backward),
    Correct("Welford", welford_forward, closed_backward),
    Correct("channels in front", front_forward, closed_backward),
    Correct("graph in double", lambda x, g, b, *, epsilon: graph_forward(np.float64(x), g, b, epsilon), graph_backward),
]

KEPT = {}


def first(name, value):
    return KEPT.setdefault((name, np.shape(value)), value)


BUGS = [
    Bug("ddof and epsilon outside", planted(graph_forward, ("(centred ** 2).mean(axes)", "(centred ** 2).sum(axes) / max(x[..., 0].size - 1, 1)"), ("(var + epsilon) ** 0.5", "var ** 0.5 + epsilon")), None, "the sample variance, and epsilon is added to the root"),
    Bug("epsilon after the division", planted(graph_forward, ("inverse = 1 / std", "inverse = 1 / var ** 0.5 + epsilon")), None, "1 / sqrt(var) + epsilon"),
    Bug("row loop one short in the mean", planted(loop_forward, ("    for i in range(m):\n        for c in range(C):\n            mean", "    for i in range(m - 1):\n        for c in range(C):\n            mean")), None, "the last position is left out of the mean"),
    Bug("row loop one short in the variance", planted(loop_forward, ("    for i in range(m):\n        for c in range(C):\n            var", "    for i in range(m - 1):\n        for c in range(C):\n            var")), None, "the last position is left out of the variance"),
    Bug("channel loop one short", planted(loop_forward, ("    for i in range(m):\n        for c in range(C):\n            xhat", "    for i in range(m):\n        for c in range(max(C - 1, 1)):\n            xhat")), None, "the last channel is not normalised: it is beta"),
    Bug("row loop one short at the end", planted(loop_forward, ("    for i in range(m):\n        for c in range(C):\n            xhat", "    for i in range(m - 1):\n        for c in range(C):\n            xhat")), None, "the last position's normalised value stays 0, so that y is beta there"),
    Bug("variance from the raw square", planted(graph_forward, ("(centred ** 2).mean(axes)", "(x ** 2).mean(axes)")), None, "the mean is not subtracted in the variance"),
    Bug("absolute deviation", planted(graph_forward, ("(centred ** 2).mean(axes)", "abs(centred).mean(axes) ** 2")), None, "the mean absolute deviation instead of the standard deviation"),
    Bug("no root", planted(graph_forward, ("(var + epsilon) ** 0.5", "var + epsilon")), None, "the root is missing"),
    Bug("per image", lambda x, g, b, *, epsilon: (g * (x - x.mean(tuple(range(1, x.ndim - 1)) or 0, keepdims=x.ndim > 2)) / np.sqrt(x.var(tuple(range(1, x.ndim - 1)) or 0, keepdims=x.ndim > 2) + epsilon) + b, None), None, "mean and variance of each image, as in instance norm"),
    Bug("gamma and beta swapped", lambda x, gamma, beta, *, epsilon: graph_forward(x, beta, gamma, epsilon), None, "gamma and beta are exchanged"),
    Bug("dvar with one", graph_forward, planted(graph_backward, ("0.5 * dstd / std", "dstd / std")), "the 1/2 of the root's derivative is missing"),
    Bug("dstd sign", graph_forward, planted(graph_backward, ("dstd = -dinverse", "dstd = dinverse")), "the sign of the inverse's derivative is wrong"),
    Bug("dmu forgotten", graph_forward, planted(graph_backward, ("dcentred + dmu / m", "dcentred")), "the gradient through the mean is missing"),
    Bug("dmu without m", graph_forward, planted(graph_backward, ("dmu / m", "dmu")), "the gradient through the mean is not divided by m"),
    Bug("dvar term without m", graph_forward, planted(graph_backward, ("2 * centred * dvar / m", "2 * centred * dvar")), "the variance's term is not divided by m"),
    Bug("variance's path assigned", graph_forward, planted(graph_backward, ("dcentred = dcentred + 2", "dcentred = 2")), "= for +=: the direct path is lost"),
    Bug("assigned and not divided", graph_forward, planted(graph_backward, ("dcentred = dcentred + 2", "dcentred = 2"), ("dmu / m", "dmu")), "= for +=, and dmu is not divided by m"),
    Bug("m is the batch", graph_forward, planted(graph_backward, ("m = centred[..., 0].size", "m = len(centred)")), "m is the number of images instead of positions"),
    Bug("gamma missing in dx", graph_forward, planted(graph_backward, ("dxhat = dy * gamma", "dxhat = dy * 1.0")), "gamma is missing in dx"),
    Bug("dgamma with x", graph_forward, planted(graph_backward, ("dgamma = (dy * xhat).sum(axes)", "dgamma = (dy * centred).sum(axes)")), "dgamma is not divided by the standard deviation"),
    Bug("dgamma one short", loop_forward, planted(loop_backward, ("    for i in range(m):\n        for c in range(C):\n            dgamma", "    for i in range(m - 1):\n        for c in range(C):\n            dgamma")), "the last position is left out of dgamma and dbeta, and so of dx"),
    Bug("xhat of the first call", planted(loop_forward, ("(xhat, gamma, var", "(first('xhat', xhat), gamma, var")), loop_backward, "backward uses the xhat of the first call with that shape"),
    Bug("mean of the first call", planted(graph_forward, ("mu = x.mean(axes)", "mu = first('mu', x.mean(axes))")), None, "the mean of the first call with that many channels is kept"),
    Bug("running mean", planted(graph_forward, ("mu = x.mean(axes)", "mu = KEPT[('r', x.shape[-1])] = 0.9 * KEPT.get(('r', x.shape[-1]), 0) + 0.1 * x.mean(axes)")), None, "a running mean is kept from call to call and used instead of the batch's"),
    Bug("float32 variance", planted(graph_forward, ("(centred ** 2).mean(axes)", "(centred ** 2).mean(axes, dtype=np.float32)")), None, "the variance is added up in float32"),
    Bug("dbeta mean", graph_forward, planted(graph_backward, ("dbeta = dy.sum(axes)", "dbeta = dy.mean(axes)")), "dbeta is a mean"),
]
