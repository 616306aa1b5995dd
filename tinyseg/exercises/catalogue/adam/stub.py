"""Exercise: adam   (chapter 6, difficulty 3 of 5)

Adam keeps two running averages for each parameter: m of its gradient and v of its squared gradient. A step goes along m
and is divided by the root of v, so that parameters with small and with large gradients move about equally far.

    m = beta_1 * m + (1 - beta_1) * gradient
    v = beta_2 * v + (1 - beta_2) * gradient^2

m and v begin at 0 and are therefore too small in the first steps; divided by what is missing they are right on average:

    m' = m / (1 - beta_1^step)          v' = v / (1 - beta_2^step)          step is 1, 2, 3, ...

    parameter = parameter - learning_rate * m' / (sqrt(v') + epsilon)

Shapes: parameter, gradient, m and v have one shape, any; all is done number by number. The options are numbers.
        The types are kept: float32 in, float32 out.

By hand, the first step of two parameters, with beta_1 = 0.5, beta_2 = 0.75, learning_rate = 0.1, epsilon = 0, step = 1:

    parameter = [1, 1]    gradient = [2, -4]    m = [0, 0]    v = [0, 0]

    new_m = [1, -2]       new_v = [1, 4]        m' is [2, -4], v' is [4, 16]
    new_parameter = [0.9, 1.1]                  both move by 0.1, however large their gradients are

Return m and v without the correction: the next step begins with them. Return new arrays; those that come in must not be
changed. Allowed: NumPy and plain Python.
"""


def adam(parameter, gradient, m, v, *, step, learning_rate, beta_1, beta_2, epsilon):
    """Return the new (parameter, m, v)."""
    raise NotImplementedError("adam is yours to write")
