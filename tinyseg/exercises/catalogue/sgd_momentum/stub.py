"""Exercise: sgd_momentum   (chapter 6, difficulty 2 of 5)

Gradient descent with momentum is a ball that rolls: it keeps a part of its velocity, and the gradient pushes it
downhill. The velocity has the sign of the movement.

    velocity  = momentum * velocity - learning_rate * gradient
    parameter = parameter + velocity

With nesterov=True the velocity is the same, and the step is another one: it is taken with the velocity that the next
step would have if the gradient stayed as it is,

    parameter = parameter + (momentum * velocity - learning_rate * gradient)          of the new velocity

These are Keras's formulas. Other libraries multiply by the learning rate elsewhere: their velocity has another size.

Shapes: parameter, gradient and velocity have one shape, any; all is done number by number. learning_rate and momentum
        are numbers, nesterov is True or False. The types are kept: float32 in, float32 out.

By hand, with learning_rate = 0.5, momentum = 0.5 and nesterov=False:

    parameter = [1, 2]    gradient = [2, -4]    velocity = [4, 0]
    new_velocity = [1, 2]                       1 is 0.5*4 - 0.5*2
    new_parameter = [2, 4]                      with nesterov [0.5, 5]: 1 + (0.5*1 - 0.5*2)

Return new arrays; those that come in must not be changed. Allowed: NumPy and plain Python.
"""


def sgd_momentum(parameter, gradient, velocity, *, learning_rate, momentum, nesterov):
    """Return the new (parameter, velocity)."""
    raise NotImplementedError("sgd_momentum is yours to write")
