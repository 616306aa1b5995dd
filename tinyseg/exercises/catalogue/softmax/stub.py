"""Exercise: softmax   (chapter 5, difficulty 3 of 5)

Softmax turns K numbers into K probabilities: all are positive, and they add up to 1. In a segmentation every pixel has
K numbers of its own, one for each class, along the last axis.

    forward     y[k] = exp(x[k]) / (exp(x[0]) + exp(x[1]) + ... + exp(x[K-1]))

It must be right for large numbers too: for x = [1000, 1000] as for x = [0, 0], and for x = [-1000, 1000].

Backward gets dy, which says how much the loss grows when a number of y grows, and returns dx, which says the same of x.
When one x grows, every y of its position changes: its own rises and the others fall.

Shapes: x, y, dy and dx have one shape (..., K): (K,), (N, K), (N, H, W, K). Each row along the last axis stands alone.
        The types are kept: float32 in, float32 out.

By hand, two classes; 1.0986 is the logarithm of 3:

    x = [[0, 1.0986]]       y = [[0.25, 0.75]]         exp gives 1 and 3
    dy = [[1, 0]]           dx = [[0.1875, -0.1875]]   0.1875 is 0.25 * 0.75

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""


def softmax_forward(x):
    """Return (y, cache); the cache is whatever softmax_backward needs."""
    raise NotImplementedError("softmax_forward is yours to write")


def softmax_backward(dy, cache):
    """Return dx."""
    raise NotImplementedError("softmax_backward is yours to write")
