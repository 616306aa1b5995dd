"""Exercise: dice_loss   (chapter 8, difficulty 3 of 5)

Where objects cover few of the pixels, a network that says "background" everywhere is right nearly everywhere, and
losses that average over pixels are content with it. The Dice loss measures the overlap alone: with labels t of 0 and 1
and predicted probabilities p,

    forward     loss = 1 - (2 * sum(t * p) + epsilon) / (sum(t) + sum(p) + epsilon)

The sums run over all pixels of all images and channels together. The loss is 0 for a perfect prediction; epsilon, a
number, makes it 0 as well where there is no object and none is predicted.

Backward gets dloss, one number, and returns dy_pred: how much what comes after grows when a probability grows. Each p
occurs in both sums, above the line and below it.

Shapes: y_true and y_pred (and dy_pred) have one shape, any. The loss is one number.
        The types are kept: float32 in, float32 out.

By hand, four pixels, with epsilon = 0:

    y_true = [1, 1, 0, 0]    y_pred = [0.75, 0.25, 0.5, 0.5]
    y = 0.5                                    the loss: 1 - 2 * 1 / (2 + 2)
    dy = 4                                     dloss
    dy_pred = [-1.5, -1.5, 0.5, 0.5]

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""


def dice_loss_forward(y_true, y_pred, *, epsilon):
    """Return (loss, cache); the cache is whatever dice_loss_backward needs."""
    raise NotImplementedError("dice_loss_forward is yours to write")


def dice_loss_backward(dloss, cache):
    """Return dy_pred."""
    raise NotImplementedError("dice_loss_backward is yours to write")
