"""dense, the second corpus."""

from functools import reduce

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_forward(x, kernel, bias):
    N, D = x.shape
    F = kernel.shape[1]
    y = np.zeros((N, F))
    for n in range(N):
        for f in range(F):
            for d in range(D):
                y[n, f] += x[n, d] * kernel[d, f]
            y[n, f] += bias[f]
    return y, (x, kernel)


def loop_backward(dy, cache):
    x, kernel = cache
    N, F = dy.shape
    D = x.shape[1]
    dx, dkernel, dbias = np.zeros((N, D)), np.zeros((D, F)), np.zeros(F)
    for n in range(N):
        for f in range(F):
            dbias[f] += dy[n, f]
            for d in range(D):
                dx[n, d] += dy[n, f] * kernel[d, f]
                dkernel[d, f] += dy[n, f] * x[n, d]
    return dx, dkernel, dbias


def kahan(numbers):
    total = lost = 0.0
    for v in numbers:
        y = v - lost
        t = total + y
        lost = (t - total) - y
        total = t
    return total


def kahan_forward(x, kernel, bias):
    return np.array([[kahan(a * b for a, b in zip(row, column)) + e for column, e in zip(kernel.T, bias)] for row in x.tolist()]), [x, kernel]


def kahan_backward(dy, cache):
    x, kernel = cache
    dx = [[kahan(g * k for g, k in zip(row, kernel[d])) for d in range(len(kernel))] for row in dy.tolist()]
    dk = [[kahan(x[n, d] * dy[n, f] for n in range(len(x))) for f in range(dy.shape[1])] for d in range(x.shape[1])]
    return np.array(dx), np.array(dk), np.array([kahan(column) for column in dy.T])


def halves(a, b):
    """A product whose inner sum is split in halves, again and again."""
    k = a.shape[1]
    if k == 1:
        return a * b
    return halves(a[:, :k // 2], b[:k // 2]) + halves(a[:, k // 2:], b[k // 2:])


def halves_forward(x, kernel, bias):
    return halves(x, kernel) + bias, {"x": x, "w": kernel}


def halves_backward(dy, cache):
    return halves(dy, cache["w"].T), halves(cache["x"].T, dy), halves(np.ones((1, len(dy)), dy.dtype), dy)[0]


class Layer:
    def __init__(self, kernel, bias):
        self.kernel, self.bias = kernel, bias

    def __call__(self, x):
        self.x = x
        return np.inner(x, self.kernel.T) + self.bias

    def gradients(self, dy):
        return np.inner(dy, self.kernel), reduce(np.add, (np.outer(a, g) for a, g in zip(self.x, dy))), np.ones(len(dy)) @ dy


def layer_forward(x, kernel, bias):
    layer = Layer(kernel, bias)
    return layer(x), layer


def view_forward(x, kernel, bias):
    """The inputs through memory views of copies."""
    a = np.frombuffer(memoryview(np.ascontiguousarray(x)), x.dtype).reshape(x.shape)
    w = np.frombuffer(bytearray(kernel.tobytes()), kernel.dtype).reshape(kernel.shape)
    y = np.empty((len(a), w.shape[1]), a.dtype, order="F")
    np.matmul(a, w, out=y)
    y += bias
    return y, (a.copy(), w)


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("Kahan", kahan_forward, kahan_backward),
    Correct("halves", halves_forward, halves_backward),
    Correct("inner and outer", layer_forward, lambda dy, layer: layer.gradients(dy)),
    Correct("memory views, out=", view_forward, lambda dy, c: (dy @ c[1].T, c[0].T @ dy, dy.sum(0, dtype=np.float64))),
    Correct("double", lambda x, k, b: (np.dot(x.astype(float), k) + b, (x.astype(float), k)), loop_backward),
    Correct("longdouble", lambda x, k, b: ((x.astype(np.longdouble) @ k + b).astype(float), (x, k)), loop_backward),
]

KEPT = {}


def first_x(x):
    return KEPT.setdefault(x.shape, x)


def remember_forward(x, kernel, bias):
    if "kernel" not in KEPT:
        KEPT["kernel"] = {}
    KEPT["kernel"].setdefault(kernel.shape, kernel)
    return x @ KEPT["kernel"][kernel.shape] + bias, (x, kernel)


BUGS = [
    Bug("sample loop one short", planted(loop_forward, ("for n in range(N):", "for n in range(max(N - 1, 1)):")), None, "the last sample stays 0"),
    Bug("unit loop one short", planted(loop_forward, ("for f in range(F):", "for f in range(F - 1):")), None, "the last unit stays 0"),
    Bug("feature loop one short", planted(loop_forward, ("for d in range(D):", "for d in range(D - 1):")), None, "the last feature is left out"),
    Bug("bias in the first row", planted(loop_forward, ("            y[n, f] += bias[f]\n", "            if n == 0: y[n, f] += bias[f]\n")), None, "only the first sample gets the bias"),
    Bug("bias by sample", planted(loop_forward, ("bias[f]", "bias[n % F]")), None, "the bias's index is the sample's"),
    Bug("assigned", planted(loop_forward, ("y[n, f] += x[n, d] * kernel[d, f]", "y[n, f] = x[n, d] * kernel[d, f]")), None, "the products are assigned instead of added up: only the last is left"),
    Bug("dx assigned", loop_forward, planted(loop_backward, ("dx[n, d] += dy", "dx[n, d] = dy")), "dx keeps the last unit only"),
    Bug("dkernel divided by D", loop_forward, planted(loop_backward, ("dkernel[d, f] += dy[n, f] * x[n, d]", "dkernel[d, f] += dy[n, f] * x[n, d] / D")), "dkernel is divided by the number of features"),
    Bug("dbias per sample", loop_forward, planted(loop_backward, ("dbias[f] += dy[n, f]", "dbias[f] = dy[n, f]")), "dbias is of the last sample only"),
    Bug("dbias of the first row and dx negative", loop_forward, planted(loop_backward, ("dbias[f] += dy[n, f]", "dbias[f] += dy[0, f]"), ("dx[n, d] += dy[n, f]", "dx[n, d] -= dy[n, f]")), "dbias sums the first sample N times, dx has the wrong sign"),
    Bug("sample loop one short backward", loop_forward, planted(loop_backward, ("for n in range(N):", "for n in range(1, N):")), "the first sample is left out of all gradients"),
    Bug("dkernel by abs", layer_forward, lambda dy, layer: (layer.gradients(dy)[0], abs(layer.x).T @ dy, dy.sum(0)), "the signs of x are lost in dkernel"),
    Bug("dkernel with y", layer_forward, lambda dy, layer: (layer.gradients(dy)[0], layer.x.T @ (dy - dy.mean(0)), dy.sum(0)), "the mean of dy over the batch is subtracted for dkernel"),
    Bug("bias outside and halved", lambda x, k, b: ((x @ k + b) / 2, (x, k)), None, "y is halved"),
    Bug("x of the first call", planted(loop_forward, ("return y, (x, kernel)", "return y, (first_x(x), kernel)")), loop_backward, "dkernel uses the x of the first call with that shape"),
    Bug("kernel of the first call", remember_forward, None, "the kernel of the first call with that shape is kept"),
    Bug("float32 dkernel", layer_forward, lambda dy, layer: (layer.gradients(dy)[0], layer.x.T.astype("f") @ dy.astype("f"), dy.sum(0)), "dkernel is computed in float32"),
    Bug("float16 dx", layer_forward, lambda dy, layer: ((dy.astype(np.float16) @ layer.kernel.T.astype(np.float16)).astype(dy.dtype), *layer.gradients(dy)[1:]), "dx is computed in float16"),
    Bug("square root of N", layer_forward, lambda dy, layer: tuple(g / len(dy) ** 0.5 for g in layer.gradients(dy)), "all gradients are divided by the root of the number of samples"),
    Bug("dx through bias", layer_forward, lambda dy, layer: (dy @ (layer.kernel + layer.bias).T, *layer.gradients(dy)[1:]), "the bias is added to the kernel for dx"),
    Bug("kernel normalised", lambda x, k, b: (x @ (k / np.linalg.norm(k, axis=0)) + b, (x, k)), None, "the kernel's columns are divided by their length"),
    Bug("dropout-like scaling of x, no bias", lambda x, k, b: ((x * 2) @ k, (x, k)), None, "twice the product, and no bias"),
]
