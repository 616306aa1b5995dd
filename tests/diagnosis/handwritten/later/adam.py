"""adam, the second corpus."""

import math

import numpy as np
from tests.diagnosis.handwritten import Bug, Correct
from tests.diagnosis.handwritten.later import planted


def loop_step(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    new_p, new_m, new_v = np.zeros(parameter.shape), np.zeros(m.shape), np.zeros(v.shape)
    for i in np.ndindex(parameter.shape):
        new_m[i] = beta_1 * m[i] + (1 - beta_1) * gradient[i]
        new_v[i] = beta_2 * v[i] + (1 - beta_2) * gradient[i] * gradient[i]
        m_hat = new_m[i] / (1 - beta_1 ** step)
        v_hat = new_v[i] / (1 - beta_2 ** step)
        new_p[i] = parameter[i] - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)
    return new_p, new_m, new_v


def keras_step(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    m = m + (gradient - m) * (1 - beta_1)
    v = v + (np.square(gradient) - v) * (1 - beta_2)
    alpha = learning_rate * np.sqrt(1 - beta_2 ** step) / (1 - beta_1 ** step)
    return parameter - m * alpha / (np.sqrt(v) + epsilon), m, v


def lists_step(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    def one(p, g, a, b):
        a = beta_1 * a + (1 - beta_1) * g
        b = beta_2 * b + (1 - beta_2) * g ** 2
        return p - learning_rate * a / (1 - math.pow(beta_1, step)) / (math.sqrt(b / (1 - math.pow(beta_2, step))) + epsilon), a, b

    results = [one(*values) for values in zip(*(a.ravel().tolist() for a in (parameter, gradient, m, v)))]
    return tuple(np.array(r).reshape(parameter.shape) for r in zip(*results))


def in_place_step(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    """In place, on copies of its own."""
    p, m, v = parameter.copy(), m.copy(), v.copy()
    m *= beta_1
    m += (1 - beta_1) * gradient
    v *= beta_2
    v += (1 - beta_2) * gradient ** 2
    p -= learning_rate * (m / (1 - beta_1 ** step)) / (np.sqrt(v / (1 - beta_2 ** step)) + epsilon)
    return p, m, v


class Optimizer:
    def __init__(self, **settings):
        self.__dict__.update(settings)

    def moment(self, old, new, beta):
        return np.average(np.stack([old, new]), axis=0, weights=[beta, 1 - beta])

    def __call__(self, p, g, m, v):
        m, v = self.moment(m, g, self.beta_1), self.moment(v, g * g, self.beta_2)
        hats = m / -np.expm1(self.step * np.log(self.beta_1)) if self.beta_1 else m, v / (1 - self.beta_2 ** self.step)
        return np.subtract(p, self.learning_rate * hats[0] / np.add(np.sqrt(hats[1]), self.epsilon)), m, v


CORRECT = [
    Correct("loops into np.zeros", loop_step, None),
    Correct("as Keras", keras_step, None),
    Correct("lists", lists_step, None),
    Correct("in place on copies", in_place_step, None),
    Correct("an object", lambda p, g, m, v, **settings: Optimizer(**settings)(p, g, m, v), None),
    Correct("double", lambda p, g, m, v, **s: keras_step(*(a.astype(np.float64) for a in (p, g, m, v)), **s), None),
    Correct("Fortran order", lambda *a, **s: tuple(np.asfortranarray(r) for r in in_place_step(*a, **s)), None),
]

KEPT = {}


def kept_moments(parameter, gradient, m, v, **settings):
    """The moments of the first call for that shape go on, whatever is handed in."""
    if parameter.shape in KEPT:
        m, v = KEPT[parameter.shape]
    p, m, v = keras_step(parameter, gradient, m, v, **settings)
    KEPT.setdefault(parameter.shape, (m, v))
    return p, m, v


BUGS = [
    Bug("float32", lambda p, g, m, v, **s: keras_step(*(a.astype(np.float32) for a in (p, g, m, v)), **s), None, "computed in float32"),
    Bug("float32 v", planted(in_place_step, ("v *= beta_2", "v = v.astype('f4'); v *= beta_2")), None, "v is float32"),
    Bug("loop one short", planted(loop_step, ("np.ndindex(parameter.shape)", "np.ndindex(parameter.shape[0] - 1, *parameter.shape[1:])")), None, "the last entry along the first axis stays 0"),
    Bug("moments of the first call", kept_moments, None, "the moments of the first call for that shape are used in the place of those handed in"),
    Bug("v not squared in the root", planted(loop_step, ("np.sqrt(v_hat)", "np.abs(v_hat)")), None, "the root is missing"),
    Bug("root of epsilon too", planted(loop_step, ("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat + epsilon)")), None, "epsilon stands inside the root"),
    Bug("epsilon squared inside", planted(loop_step, ("(np.sqrt(v_hat) + epsilon)", "np.sqrt(v_hat + epsilon ** 2)")), None, "epsilon squared stands inside the root"),
    Bug("step plus one", planted(loop_step, ("beta_1 ** step", "beta_1 ** (step + 1)"), ("beta_2 ** step", "beta_2 ** (step + 1)")), None, "the step is one too large in the corrections"),
    Bug("step minus one in m", planted(loop_step, ("beta_1 ** step", "beta_1 ** max(step - 1, 1)")), None, "the step is one too small in the correction of m"),
    Bug("betas swapped", planted(keras_step, ("(1 - beta_1)\n    v", "(1 - beta_2)\n    v"), ("(1 - beta_2)\n    alpha", "(1 - beta_1)\n    alpha")), None, "the betas are exchanged in the moments"),
    Bug("correction without root", planted(keras_step, ("np.sqrt(1 - beta_2 ** step)", "(1 - beta_2 ** step)")), None, "the correction of v stands without its root"),
    Bug("corrected moments returned", planted(loop_step, ("new_p[i] = parameter[i] - learning_rate * m_hat", "new_m[i] = m_hat; new_p[i] = parameter[i] - learning_rate * m_hat")), None, "m is returned corrected"),
    Bug("gradient for m", planted(keras_step, ("parameter - m * alpha", "parameter - gradient * alpha")), None, "the gradient stands in the place of m"),
    Bug("plus", planted(keras_step, ("parameter - m", "parameter + m")), None, "the step is added"),
    Bug("momentum with dampening off", planted(in_place_step, ("m += (1 - beta_1) * gradient", "m += gradient")), None, "the new gradient is not weighted by 1 - beta_1"),
    Bug("v from m", planted(in_place_step, ("gradient ** 2", "m ** 2")), None, "v averages m squared instead of the gradient"),
    Bug("v by the norm", planted(in_place_step, ("gradient ** 2", "np.sum(gradient ** 2) / gradient.size")), None, "v averages the mean of all squares"),
    Bug("order of results", planted(keras_step, ("epsilon), m, v", "epsilon), v, m")), None, "m and v are returned in the wrong order"),
    Bug("in place", planted(in_place_step, ("p, m, v = parameter.copy(), m.copy(), v.copy()", "p = parameter")), None, "all arrays are changed in place"),
    Bug("decay of the rate", planted(keras_step, ("alpha = learning_rate", "alpha = learning_rate / np.sqrt(step)")), None, "the rate falls with the root of the step"),
    Bug("no correction of v and no epsilon", planted(in_place_step, ("(np.sqrt(v / (1 - beta_2 ** step)) + epsilon)", "np.sqrt(v)")), None, "v is not corrected, and epsilon is missing"),
    Bug("correction and betas fixed", planted(loop_step, ("(1 - beta_1 ** step)", "(1 - 0.9 ** step)"), ("(1 - beta_2 ** step)", "(1 - 0.999 ** step)")), None, "the betas are fixed at 0.9 and 0.999 in the corrections"),
]
