"""Exercise: dense   (chapter 5, difficulty 2 of 5)

In a dense layer every unit looks at every number of a sample: it multiplies each by a weight of its own, adds the
products up, and adds its bias.

    forward     y[n, f] = x[n, 0] * kernel[0, f] + x[n, 1] * kernel[1, f] + ... + bias[f]

Backward gets dy, which says how much the loss grows when a number of y grows, and answers the same question for
every number of x, kernel and bias. A number that goes into several y has as many terms in its gradient.

Shapes: x (N, D): N samples of D features. kernel (D, F): F units. bias (F,). y and dy (N, F).
        dx as x, dkernel as kernel, dbias as bias. The types are kept: float32 in, float32 out.

By hand, two samples with two features, and one unit:

    x = [[1, 2], [3, 4]]    kernel = [[5], [6]]    bias = [7]
    y = [[24], [46]]                 24 is 1*5 + 2*6 + 7
    dy = [[1], [-2]]
    dx = [[5, 6], [-10, -12]]
    dkernel = [[-5], [-6]]           the first -5 is 1*1 + 3*(-2)
    dbias = [-1]                     1 + (-2)

Neither function may change an array that it is given. Allowed: NumPy and plain Python. Loops are fine.
"""


def dense_forward(x, kernel, bias):
    """Return (y, cache); the cache is whatever dense_backward needs."""
    raise NotImplementedError("dense_forward is yours to write")


def dense_backward(dy, cache):
    """Return (dx, dkernel, dbias)."""
    raise NotImplementedError("dense_backward is yours to write")
