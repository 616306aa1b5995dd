"""Exercise: relu   (chapter 5, difficulty 1 of 5)

ReLU lets positive numbers through and replaces the others by 0:

    forward     y = max(x, 0)
    backward    dx = dy where x > 0, and 0 elsewhere (at x = 0 as well)

Shapes: x, y, dy and dx have one shape, any. The types are kept: float32 in, float32 out.

By hand:

    x  = [-2,  0,  3]       y  = [0,  0,  3]
    dy = [ 5,  7, -4]       dx = [0,  0, -4]

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""



def relu_forward(x):
    """Return (y, cache); the cache is whatever relu_backward needs."""
    raise NotImplementedError("relu_forward is yours to write")


def relu_backward(dy, cache):
    """Return dx."""
    raise NotImplementedError("relu_backward is yours to write")
