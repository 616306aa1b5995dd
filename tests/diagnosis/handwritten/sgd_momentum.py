"""sgd_momentum as learners write it."""

import numpy as np

from tests.diagnosis.handwritten import Bug, Correct

# ---------------------------------------------------------------------------------------------------------------- right


def keras_like(parameter, gradient, velocity, *, learning_rate, momentum, nesterov):
    v = momentum * velocity - learning_rate * gradient
    if nesterov:
        return parameter + momentum * v - learning_rate * gradient, v
    return parameter + v, v


def loops(w, g, v, *, learning_rate, momentum, nesterov):
    new_w, new_v = np.empty_like(w), np.empty_like(v)
    for i in np.ndindex(w.shape):
        new_v[i] = momentum * v[i] - learning_rate * g[i]
        new_w[i] = w[i] + (momentum * new_v[i] - learning_rate * g[i] if nesterov else new_v[i])
    return new_w, new_v


def sutskever(w, g, v, *, lr, momentum, nesterov):
    old = v
    v = v * momentum - g * lr
    if not nesterov:
        return w + v, v
    return w - momentum * old + (1 + momentum) * v, v


def copies(w, g, v, **o):
    w, v = w.copy(), v.copy()
    v *= o["momentum"]
    v -= o["learning_rate"] * g
    w += v if not o["nesterov"] else o["momentum"] * v - o["learning_rate"] * g
    return [w, v]


def torch_inside(w, g, v, *, learning_rate, momentum, nesterov):
    buffer = -v / learning_rate  # PyTorch's sign and scale
    buffer = momentum * buffer + g
    step = g + momentum * buffer if nesterov else buffer
    return (w - learning_rate * step).astype(w.dtype), (-learning_rate * buffer).astype(v.dtype)


def stacked(w, g, v, *, learning_rate, momentum, nesterov):
    weights = np.array([momentum, -learning_rate], w.dtype)
    v2 = np.tensordot(weights, np.stack([v, g]), axes=1)
    look = np.tensordot(weights, np.stack([v2, g]), axes=1)
    return np.add(w, look if nesterov else v2), v2


CORRECT = [
    Correct("Keras", keras_like, None),
    Correct("loops", loops, None),
    Correct("Sutskever's form", sutskever, None),
    Correct("copies", copies, None),
    Correct("PyTorch inside", torch_inside, None),
    Correct("tensordot", stacked, None),
]

# ---------------------------------------------------------------------------------------------------------------- wrong


def torch_form(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v + g
    step = g + momentum * v if nesterov else v
    return w - learning_rate * step, v


def opposite(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v + learning_rate * g
    if nesterov:
        return w - (momentum * v + learning_rate * g), v
    return w - v, v


def climbs(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v + learning_rate * g
    if nesterov:
        return w + momentum * v + learning_rate * g, v
    return w + v, v


def damped(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - (1 - momentum) * learning_rate * g
    return (w + momentum * v - learning_rate * g if nesterov else w + v), v


def never_decays(w, g, v, *, learning_rate, momentum, nesterov):
    v = v - learning_rate * g
    return (w + momentum * v - learning_rate * g if nesterov else w + v), v


def forgets(w, g, v, *, learning_rate, momentum, nesterov):
    v = -learning_rate * g
    return (w + momentum * v - learning_rate * g if nesterov else w + v), v


def swapped(w, g, v, *, learning_rate, momentum, nesterov):
    return keras_like(w, g, v, learning_rate=momentum, momentum=learning_rate, nesterov=nesterov)


def bracket(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * (v - learning_rate * g)
    return (w + momentum * v - learning_rate * g if nesterov else w + v), v


def rate_on_all(w, g, v, *, learning_rate, momentum, nesterov):
    v = learning_rate * (momentum * v - g)
    return (w + momentum * v - learning_rate * g if nesterov else w + v), v


def no_rate(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - g
    return (w + momentum * v - g if nesterov else w + v), v


def rate_twice(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    return (w + learning_rate * (momentum * v - g) if nesterov else w + learning_rate * v), v


def fixed_momentum(w, g, v, *, learning_rate, nesterov, momentum=None):
    return keras_like(w, g, v, learning_rate=learning_rate, momentum=0.9, nesterov=nesterov)


def fixed_rate(w, g, v, *, momentum, nesterov, learning_rate=None):
    return keras_like(w, g, v, learning_rate=0.01, momentum=momentum, nesterov=nesterov)


def ignores_nesterov(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    return w + v, v


def always_nesterov(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    return w + momentum * v - learning_rate * g, v


def not_nesterov(w, g, v, *, learning_rate, momentum, nesterov):
    return keras_like(w, g, v, learning_rate=learning_rate, momentum=momentum, nesterov=not nesterov)


def nesterov_no_gradient(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    return (w + momentum * v if nesterov else w + v), v


def nesterov_no_momentum(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    if nesterov:
        w = w - learning_rate * g
    return w + v, v


def nesterov_both(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    w = w + v
    if nesterov:
        w = w + momentum * v
    return w, v


def nesterov_old_velocity(w, g, v, *, learning_rate, momentum, nesterov):
    new = momentum * v - learning_rate * g
    if nesterov:
        return w + momentum * v - learning_rate * g, new
    return w + new, new


def nesterov_minus(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    if nesterov:
        return w - (momentum * v - learning_rate * g), v
    return w + v, v


def nesterov_step_kept(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    if nesterov:
        v = momentum * v - learning_rate * g
    return w + v, v


def old_velocity(w, g, v, *, learning_rate, momentum, nesterov):
    new = momentum * v - learning_rate * g
    return (w + momentum * v - learning_rate * g if nesterov else w + v), new


def minus_velocity(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    return (w - (momentum * v - learning_rate * g) if nesterov else w - v), v


def sgd_only(w, g, v, *, learning_rate, momentum, nesterov):
    return w - learning_rate * g, momentum * v - learning_rate * g


def extra_gradient(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    w = w - learning_rate * g
    return (w + momentum * v - learning_rate * g if nesterov else w + v), v


def old_returned(w, g, v, **o):
    return keras_like(w, g, v, **o)[0], v


def reverse_order(w, g, v, **o):
    return keras_like(w, g, v, **o)[::-1]


def parameter_alone(w, g, v, **o):
    return keras_like(w, g, v, **o)[0]


def step_alone(w, g, v, **o):
    new, v = keras_like(w, g, v, **o)
    return new - w, v


def in_place(w, g, v, *, learning_rate, momentum, nesterov):
    v *= momentum
    v -= learning_rate * g
    w += momentum * v - learning_rate * g if nesterov else v
    return w, v


def velocity_in_place(w, g, v, **o):
    new_w, new_v = keras_like(w, g, v, **o)
    v[...] = new_v
    return new_w, v


def decayed(w, g, v, **o):
    return keras_like(w, g + 1e-4 * w, v, **o)


def shrinking(w, g, v, *, learning_rate, **o):
    new, v = keras_like(w, g, v, learning_rate=learning_rate, **o)
    return new - learning_rate * 0.01 * w, v


def clipped(w, g, v, **o):
    return keras_like(w, np.clip(g, -1, 1), v, **o)


def signs(w, g, v, **o):
    return keras_like(w, np.sign(g), v, **o)


_velocities = {}


def own_velocity(w, g, v, **o):
    w2, v2 = keras_like(w, g, _velocities.get(w.shape, v), **o)
    _velocities[w.shape] = v2
    return w2, v2


def misspelt(w, g, v, *, learning_rate, momentum, nesterov):
    v = momentum * v - learning_rate * g
    if nesterov:
        return w + momentum * velocity - learning_rate * g, v  # noqa: F821
    return w + v, v


TRUTHS = [
    (torch_form, "PyTorch's form: the velocity has no learning rate in it, and the other sign"),
    (opposite, "the velocity has the sign of the gradient, and the parameter moves against it"),
    (climbs, "the gradient is added: the parameter goes uphill"),
    (damped, "the gradient is multiplied by 1 - momentum, as in a running average"),
    (never_decays, "the old velocity is not multiplied by the momentum"),
    (forgets, "the old velocity is lost"),
    (swapped, "momentum and learning rate are swapped"),
    (bracket, "the momentum multiplies the gradient's term too"),
    (rate_on_all, "the learning rate multiplies the old velocity too"),
    (no_rate, "the learning rate is not used"),
    (rate_twice, "the learning rate is applied to the velocity once more"),
    (fixed_momentum, "the momentum is fixed to 0.9"),
    (fixed_rate, "the learning rate is fixed to 0.01"),
    (ignores_nesterov, "nesterov is ignored"),
    (always_nesterov, "the Nesterov step is always taken"),
    (not_nesterov, "the condition on nesterov is the wrong way round"),
    (nesterov_no_gradient, "the Nesterov step lacks the gradient's own part"),
    (nesterov_no_momentum, "the Nesterov step has the whole velocity instead of momentum times it"),
    (nesterov_both, "the Nesterov step has the velocity and momentum times it"),
    (nesterov_old_velocity, "the Nesterov step is made of the old velocity, which is the plain step"),
    (nesterov_minus, "the Nesterov step is subtracted"),
    (nesterov_step_kept, "the Nesterov step is stored as the velocity"),
    (old_velocity, "the step is made of the old velocity"),
    (minus_velocity, "the velocity is subtracted although it has the sign of the movement"),
    (sgd_only, "the parameter moves by plain gradient descent"),
    (extra_gradient, "the gradient's step is taken once more beside the velocity"),
    (old_returned, "the old velocity is returned"),
    (reverse_order, "returns (velocity, parameter)"),
    (parameter_alone, "returns the parameter alone"),
    (step_alone, "returns the change of the parameter"),
    (in_place, "parameter and velocity are changed in place"),
    (velocity_in_place, "the velocity is changed in place"),
    (decayed, "weight decay of 1e-4 in the gradient"),
    (shrinking, "decoupled weight decay of 0.01"),
    (clipped, "the gradient is clipped to [-1, 1]"),
    (signs, "only the sign of the gradient is used"),
    (own_velocity, "keeps velocities in a module variable, by shape, and ignores the argument"),
    (misspelt, "a name that does not exist in the branch of nesterov"),
]
BUGS = [Bug(f.__name__, f, None, truth) for f, truth in TRUTHS]
