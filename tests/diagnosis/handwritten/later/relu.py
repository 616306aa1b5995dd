"""relu, the second corpus."""

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_forward(x):
    y = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if x[index] > 0:
            y[index] = x[index]
    return y, x


def loop_backward(dy, x):
    dx = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        dx[index] = dy[index] if x[index] > 0 else 0.0
    return dx


def flat_forward(x):
    """A list of Python's numbers."""
    values = [max(v, 0.0) for v in x.ravel().tolist()]
    return np.array(values).reshape(x.shape), [v > 0 for v in x.ravel()]


def flat_backward(dy, positive):
    return np.array([g * p for g, p in zip(dy.ravel(), positive)]).reshape(dy.shape)


def half_forward(x):
    return (x + abs(x)) / 2, np.sign(x)


def half_backward(dy, sign):
    return dy * (sign + abs(sign)) / 2


def index_forward(x):
    y = x.copy()
    places = np.nonzero(x <= 0)
    y[places] = 0
    return y, places


def index_backward(dy, places):
    dx = np.array(dy)
    dx[places] = 0
    return dx


def heaviside_forward(x):
    return x * np.heaviside(x, 0), x.astype(np.float64)


def heaviside_backward(dy, x):
    return np.heaviside(x, 0) * dy


def recursive(x):
    if x.ndim == 0:
        return x if x > 0 else x * 0
    return np.array([recursive(part) for part in x], x.dtype).reshape(x.shape)


class Relu:
    def __call__(self, x):
        self.mask = np.greater(x, 0)
        return np.where(self.mask, x, np.float64(0)), self

    def back(self, dy):
        return np.where(self.mask, dy, 0)


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("lists", flat_forward, flat_backward),
    Correct("half of a sum", half_forward, half_backward),
    Correct("indices", index_forward, index_backward),
    Correct("heaviside, double", heaviside_forward, heaviside_backward),
    Correct("recursion", lambda x: (recursive(x), x), loop_backward),
    Correct("an object", lambda x: Relu()(x), lambda dy, relu: relu.back(dy)),
    Correct("mask as int8", lambda x: (np.fmax(x, 0), (x > 0).astype(np.int8)), lambda dy, m: m * dy),
    Correct("Fortran order", lambda x: (np.asfortranarray(x * (x > 0)), x), lambda dy, x: np.asfortranarray(dy * (x > 0))),
]

MASK = {}


def first_mask_forward(x):
    if x.shape not in MASK:
        MASK[x.shape] = x > 0
    return np.maximum(x, 0), MASK[x.shape]


FIRST = []


def very_first_forward(x):
    FIRST.append(x > 0)
    return np.maximum(x, 0), FIRST[0] if FIRST[0].shape == x.shape else x > 0


BUGS = [
    Bug("outer loop one short", planted(loop_forward, ("np.ndindex(x.shape)", "np.ndindex(x.shape[0] - 1 if x.shape[0] > 1 else 1, *x.shape[1:])")), None, "the last entry along the first axis stays 0"),
    Bug("inner loop one short", loop_forward, planted(loop_backward, ("np.ndindex(x.shape)", "np.ndindex(*x.shape[:-1], x.shape[-1] - 1)")), "the last entry along the last axis stays 0"),
    Bug("mask of the first call", first_mask_forward, lambda dy, m: dy * m, "the mask of the first call with that shape is kept"),
    Bug("very first mask", very_first_forward, lambda dy, m: dy * m, "the mask of the very first call is kept where it fits"),
    Bug("single precision mask times dy", lambda x: (np.maximum(x, 0), (x > 0)), lambda dy, m: np.multiply(dy, m, dtype=np.float32), "dx is float32"),
    Bug("tolerance", lambda x: (np.where(x > 1e-3, x, 0), x), lambda dy, x: dy * (x > 1e-3), "numbers up to 0.001 count as 0"),
    Bug("gelu", lambda x: (x / (1 + np.exp(-1.702 * x)), x), None, "another activation, x * sigmoid(1.702 x)"),
    Bug("clip at one", lambda x: (np.clip(x, 0, 1), x), None, "cut off at 1"),
    Bug("mask of dy", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (dy > 0), "the sign of dy decides instead of that of x"),
    Bug("mask of y at zero", lambda x: (np.maximum(x, 0), np.maximum(x, 0)), lambda dy, y: dy * (y >= 0), "y >= 0 is always true"),
    Bug("leak in backward", lambda x: (np.maximum(x, 0), x), lambda dy, x: np.where(x > 0, dy, 0.01 * dy), "a leak of 0.01 in backward"),
    Bug("half at zero", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (1 + np.sign(x)) / 2, "half the gradient at 0"),
    Bug("times x", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * np.maximum(x, 0), "multiplied by y instead of its mask"),
    Bug("minimum", lambda x: (np.minimum(x, 0), x), lambda dy, x: dy * (x < 0), "the negative part"),
    Bug("minimum, negative", lambda x: (-np.minimum(x, 0), x), None, "the negative part, with its sign turned"),
    Bug("threshold by row", lambda x: (np.where(x > x.mean(-1, keepdims=True), x, 0), x), None, "compared with the row's mean instead of 0"),
    Bug("sign and scale", lambda x: (np.maximum(x, 0), x), lambda dy, x: -2 * dy * (x > 0), "the sign is wrong, and a factor 2"),
    Bug("int mask", lambda x: (np.maximum(x, 0), x.astype(int)), lambda dy, x: dy * (x > 0), "x is truncated to integers before it is compared"),
    Bug("zeros kept and negative leak", lambda x: (np.where(x >= 0, x, 0.1 * x), x), lambda dy, x: np.where(x >= 0, dy, 0.1 * dy), "a leak of 0.1"),
]
