"""dice_loss, the second corpus."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_forward(y_true, y_pred, *, epsilon):
    both = total = 0.0
    for index in np.ndindex(y_true.shape):
        both += y_true[index] * y_pred[index]
        total += y_true[index] + y_pred[index]
    loss = 1 - (2 * both + epsilon) / (total + epsilon)
    return loss, (y_true, both, total, epsilon)


def loop_backward(dloss, cache):
    y_true, both, total, epsilon = cache
    g = np.zeros(y_true.shape)
    for index in np.ndindex(y_true.shape):
        up = 2 * y_true[index] * (total + epsilon) - (2 * both + epsilon)
        g[index] = -dloss * up / (total + epsilon) ** 2
    return g


def dot_forward(y_true, y_pred, epsilon):
    t, p = y_true.ravel(), y_pred.ravel()
    top, bottom = 2 * t.dot(p) + epsilon, t.sum() + p.sum() + epsilon
    return np.asarray(1 - top / bottom, y_pred.dtype), dict(t=y_true, top=top, bottom=bottom)


def dot_backward(dloss, cache):
    t, top, bottom = cache["t"], cache["top"], cache["bottom"]
    return dloss * (top / bottom ** 2 - 2 * t / bottom)


def exact_forward(y_true, y_pred, *, epsilon):
    t, p = y_true.ravel().tolist(), y_pred.ravel().tolist()
    both = math.fsum(a * b for a, b in zip(t, p))
    total = math.fsum(t + p)
    score = (2 * both + epsilon) / (total + epsilon)
    return np.array(1.0 - score), (y_true.astype(bool), score, total + epsilon)


def exact_backward(dloss, cache):
    t, score, bottom = cache
    return np.where(t, (score - 2) / bottom, score / bottom) * dloss


class Dice:
    def __init__(self, t, p, epsilon):
        self.t, self.e = t.astype(np.float64), epsilon
        self.inter, self.sum = np.sum(self.t * p), np.sum(self.t + p)

    @property
    def loss(self):
        return (self.sum - 2 * self.inter) / (self.sum + self.e)

    def back(self, dloss):
        bottom = self.sum + self.e
        return dloss * ((1 - 2 * self.t) * bottom - (self.sum - 2 * self.inter)) / bottom ** 2


def object_forward(y_true, y_pred, *, epsilon):
    dice = Dice(y_true, y_pred, epsilon)
    return dice.loss, dice


CORRECT = [
    Correct("loops", loop_forward, loop_backward),
    Correct("dot", dot_forward, dot_backward),
    Correct("fsum", exact_forward, exact_backward),
    Correct("an object in double", object_forward, lambda dloss, dice: dice.back(dloss)),
    Correct("double", lambda t, p, *, epsilon: dot_forward(np.double(t), np.double(p), epsilon), dot_backward),
]

KEPT = {}


def first(name, value):
    return KEPT.setdefault((name, np.shape(value)), value)


BUGS = [
    Bug("float16", lambda t, p, *, epsilon: (np.float16(dot_forward(t, p, epsilon)[0]), None), None, "the loss is rounded to float16"),
    Bug("float32", lambda t, p, *, epsilon: (np.float32(dot_forward(t, p, epsilon)[0]), None), None, "the loss is rounded to float32"),
    Bug("float32 gradient", dot_forward, lambda d, c: dot_backward(d, c).astype(np.float32), "the gradient is rounded to float32"),
    Bug("loop one short", planted(loop_forward, ("np.ndindex(y_true.shape)", "np.ndindex(y_true.shape[0] - 1, *y_true.shape[1:])")), None, "the last entry along the first axis is left out"),
    Bug("loop one short backward", loop_forward, planted(loop_backward, ("np.ndindex(y_true.shape)", "np.ndindex(*y_true.shape[:-1], y_true.shape[-1] - 1)")), "the last entry along the last axis gets no gradient"),
    Bug("squares", planted(loop_forward, ("total += y_true[index] + y_pred[index]", "total += y_true[index] ** 2 + y_pred[index] ** 2")), None, "squares in the denominator"),
    Bug("epsilon above only", planted(loop_forward, ("/ (total + epsilon)", "/ total")), None, "epsilon is missing below"),
    Bug("epsilon below only", planted(loop_forward, ("(2 * both + epsilon)", "(2 * both)")), None, "epsilon is missing above"),
    Bug("epsilon fixed", planted(dot_forward, ("2 * t.dot(p) + epsilon, t.sum() + p.sum() + epsilon", "2 * t.dot(p) + 1e-6, t.sum() + p.sum() + 1e-6")), None, "epsilon is fixed at 1e-6"),
    Bug("two missing", planted(loop_forward, ("2 * both", "both")), None, "the factor 2 is missing"),
    Bug("union", planted(loop_forward, ("(total + epsilon)\n    return", "(total - both + epsilon)\n    return")), None, "divided by the union"),
    Bug("quotient rule: plus", loop_forward, planted(loop_backward, ("* (total + epsilon) - (2 * both", "* (total + epsilon) + (2 * both")), "the sign in the quotient rule is wrong"),
    Bug("quotient rule: second term missing", loop_forward, planted(loop_backward, (" - (2 * both + epsilon)", "")), "the derivative of the denominator is missing"),
    Bug("quotient rule: not squared", loop_forward, planted(loop_backward, ("(total + epsilon) ** 2", "(total + epsilon)")), "the denominator is not squared"),
    Bug("two missing backward", loop_forward, planted(loop_backward, ("2 * y_true[index]", "y_true[index]")), "the factor 2 is missing in the first term"),
    Bug("sign backward", loop_forward, planted(loop_backward, ("-dloss", "dloss")), "the sign is wrong"),
    Bug("dloss ignored", loop_forward, planted(loop_backward, ("-dloss * up", "-up")), "the upstream gradient is ignored"),
    Bug("per image", lambda t, p, *, epsilon: (np.mean([dot_forward(a, b, epsilon)[0] for a, b in zip(t, p)]) if t.ndim > 1 else dot_forward(t, p, epsilon)[0], None), None, "the mean over images of each image's loss"),
    Bug("sums of the first call", planted(dot_forward, ("dict(t=y_true,", "dict(t=first('t', y_true),")), dot_backward, "backward uses the labels of the first call with that shape"),
    Bug("prediction rounded", planted(dot_forward, ("y_pred.ravel()", "np.round(y_pred).ravel()")), None, "the probabilities are rounded to 0 and 1"),
    Bug("logarithm", lambda t, p, *, epsilon: (-np.log(1 - dot_forward(t, p, epsilon)[0]), None), None, "minus the logarithm of the score"),
    Bug("epsilon doubled below, squares above", planted(loop_forward, ("both += y_true[index] * y_pred[index]", "both += y_true[index] * y_pred[index] ** 2"), ("/ (total + epsilon)", "/ (total + 2 * epsilon)")), None, "p is squared above and epsilon doubled below"),
]
