"""Exercise: mean_absolute_error   (chapter 5, difficulty 1 of 5)

A loss says with one number how far a prediction is from the truth. Here it is the mean distance of their numbers:

    forward     loss = mean over all entries of |y_pred - y_true|

Backward gets dloss, one number: how much what comes after grows when the loss grows. It returns dy_pred, which says the
same of each number of y_pred. y_true is given and has no gradient. Where the two are equal the function has a kink; the
gradient there is 0 by agreement.

Shapes: y_true, y_pred and dy_pred have one shape, any. The loss is one number, whatever the shape is.
        The types are kept: float32 in, float32 out.

By hand, four numbers, one of them predicted exactly:

    y_true = [[1, 2], [3, 4]]    y_pred = [[3, 2], [0, 8]]
    y = 2.25                                        the loss: (2 + 0 + 3 + 4) / 4
    dy = 2                                          dloss
    dy_pred = [[0.5, 0], [-0.5, 0.5]]

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""


def mean_absolute_error_forward(y_true, y_pred):
    """Return (loss, cache); the cache is whatever mean_absolute_error_backward needs."""
    raise NotImplementedError("mean_absolute_error_forward is yours to write")


def mean_absolute_error_backward(dloss, cache):
    """Return dy_pred."""
    raise NotImplementedError("mean_absolute_error_backward is yours to write")
