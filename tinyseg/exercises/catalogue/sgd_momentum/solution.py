"""One step of gradient descent with momentum (Polyak, 1964; Sutskever et al., 2013).

Why it helps: with a constant gradient the velocity approaches -learning_rate * gradient / (1 - momentum), ten times a
plain step for momentum 0.9; gradients that change their sign from step to step cancel in it.

Nesterov's method takes the gradient where the parameter would be after the coming step with the old velocity. To have
that gradient without a second parameter, one keeps the parameter that is ahead. If w is the true one and the one ahead
is a = w + momentum * v, then a' = w' + momentum * v' = w + v' + momentum * v' = a - momentum * v + v' + momentum * v',
and v' - momentum * v is -learning_rate * gradient.
"""


def sgd_momentum(parameter, gradient, velocity, *, learning_rate, momentum, nesterov):
    """Make the new velocity, then take the step."""
    push = learning_rate * gradient
    new_velocity = momentum * velocity - push
    change = momentum * new_velocity - push if nesterov else new_velocity
    return parameter + change, new_velocity
