"""dropout, the second corpus."""

import random

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_forward(x, *, rate, seed):
    generator = random.Random(seed)
    y = np.zeros(x.shape)
    kept = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if generator.random() >= rate:
            kept[index] = 1 / (1 - rate)
            y[index] = x[index] * kept[index]
    return y, kept


def loop_backward(dy, kept):
    dx = np.zeros(dy.shape)
    for index in np.ndindex(dy.shape):
        dx[index] = dy[index] * kept[index]
    return dx


def choice_forward(x, *, rate, seed):
    rng = np.random.Generator(np.random.Philox(seed))
    mask = rng.choice([0.0, 1.0], size=x.shape, p=[rate, 1 - rate])
    return x * mask / (1 - rate), (mask, 1 - rate)


def choice_backward(dy, cache):
    mask, keep = cache
    return np.divide(dy * mask, keep)


def binomial_forward(x, rate, seed):
    state = np.random.RandomState(seed % 2**32)
    keep = state.binomial(1, 1 - rate, x.shape).astype(bool)
    y = np.where(keep, x, 0)
    y /= 1 - rate
    return y, (keep, rate)


def binomial_backward(dy, cache):
    keep, rate = cache
    dx = dy / (1 - rate)
    dx[~keep] = 0
    return dx


class Dropout:
    def __init__(self, rate, seed):
        self.rate, self.rng = rate, np.random.default_rng([seed, 7])

    def __call__(self, x):
        self.dropped = np.flatnonzero(self.rng.uniform(size=x.size) < self.rate)
        return self.apply(x)

    def apply(self, x):
        flat = np.array(x, np.float64).ravel() / (1.0 - self.rate)
        flat[self.dropped] = 0.0
        return flat.reshape(x.shape)


def object_forward(x, *, rate, seed):
    layer = Dropout(rate, seed)
    return layer(x), layer


def float32_forward(x, *, rate, seed):
    mask = np.random.default_rng(seed).random(x.shape, dtype=np.float32) >= rate
    scale = x.dtype.type(1 / (1 - rate))
    return x * mask * scale, mask * scale


CORRECT = [
    Correct("loops into np.zeros", loop_forward, loop_backward),
    Correct("choice", choice_forward, choice_backward),
    Correct("binomial", binomial_forward, binomial_backward),
    Correct("an object in double", object_forward, lambda dy, layer: layer.apply(dy)),
    Correct("exactly the share", lambda x, *, rate, seed: (lambda m: (x * m / (1 - rate), m))((np.random.default_rng(seed).permutation(x.size) >= round(rate * x.size)).reshape(x.shape)), None),
    Correct("float32 mask", float32_forward, lambda dy, m: dy * m),
]

MASKS = {}


def first_mask_forward(x, *, rate, seed):
    if x.shape not in MASKS:
        MASKS[x.shape] = np.random.default_rng(seed).random(x.shape) >= rate
    return x * MASKS[x.shape] / (1 - rate), MASKS[x.shape] / (1 - rate)


BUGS = [
    Bug("mask of the first call", first_mask_forward, lambda dy, m: dy * m, "the mask of the first call with that shape is kept, whatever rate and seed"),
    Bug("not scaled", planted(choice_forward, ("x * mask / (1 - rate)", "x * mask")), None, "the numbers that are left are not divided"),
    Bug("scaled by rate", planted(choice_forward, ("x * mask / (1 - rate)", "x * mask / max(rate, 1e-9)")), None, "divided by the rate instead of 1 - rate"),
    Bug("probabilities exchanged", planted(choice_forward, ("p=[rate, 1 - rate]", "p=[1 - rate, rate]")), None, "dropped with probability 1 - rate"),
    Bug("not scaled backward", choice_forward, planted(choice_backward, ("np.divide(dy * mask, keep)", "dy * mask")), "backward does not divide"),
    Bug("mask missing backward", choice_forward, planted(choice_backward, ("np.divide(dy * mask, keep)", "dy / keep")), "backward does not mask"),
    Bug("scaled twice backward", choice_forward, planted(choice_backward, ("np.divide(dy * mask, keep)", "dy * mask / keep / keep")), "backward divides twice"),
    Bug("inverse mask backward", binomial_forward, planted(binomial_backward, ("dx[~keep] = 0", "dx[keep] = 0")), "the gradients of the dropped numbers are passed on"),
    Bug("new mask backward", binomial_forward, lambda dy, cache: binomial_forward(dy, cache[1], 12345)[0], "backward draws a mask of its own"),
    Bug("whole rows", lambda x, *, rate, seed: (lambda m: (x * m / (1 - rate), m))(np.random.default_rng(seed).random((len(x),) + (1,) * (x.ndim - 1)) >= rate), None, "whole rows are dropped"),
    Bug("same mask for all rows", lambda x, *, rate, seed: (lambda m: (x * m / (1 - rate), m))(np.random.default_rng(seed).random(x.shape[1:]) >= rate), None, "all rows have the same mask"),
    Bug("seed ignored", lambda x, *, rate, seed: choice_forward(x, rate=rate, seed=3), None, "the seed is ignored: always the same mask"),
    Bug("seed from outside", lambda x, *, rate, seed: (lambda m: (x * m / (1 - rate), m))(np.random.random(x.shape) >= rate), None, "the global generator is used, not the seed"),
    Bug("dropped to minus one", lambda x, *, rate, seed: (lambda m: (np.where(m, x / (1 - rate), -1.0), m))(np.random.default_rng(seed).random(x.shape) >= rate), None, "dropped numbers are -1 instead of 0"),
    Bug("mean added", lambda x, *, rate, seed: (lambda m: (np.where(m, x / (1 - rate), x.mean()), m))(np.random.default_rng(seed).random(x.shape) >= rate), None, "dropped numbers are the mean"),
    Bug("loop one short", planted(loop_forward, ("np.ndindex(x.shape)", "np.ndindex(*x.shape[:-1], x.shape[-1] - 1)")), None, "the last column is always dropped"),
    Bug("loop one short backward", loop_forward, planted(loop_backward, ("np.ndindex(dy.shape)", "np.ndindex(*dy.shape[:-1], dy.shape[-1] - 1)")), "the last column's gradient stays 0"),
    Bug("single precision", lambda x, *, rate, seed: float32_forward(x.astype("f4"), rate=rate, seed=seed), None, "rounded to float32"),
]
