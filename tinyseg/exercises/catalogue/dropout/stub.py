"""Exercise: dropout   (chapter 6, difficulty 2 of 5)

Dropout sets numbers to 0 at random while a network is trained, so that no unit can rely on another one. What is left is
made larger, so that the mean stays as it was and nothing has to be done when the network is used.

    forward     each number of x is dropped with probability rate, independently of all others:
                y = 0 where it is dropped, and y = x / (1 - rate) where it is kept
    backward    dx: the same for dy, with the same decisions

The decisions depend on shape, rate and seed alone: the same seed gives the same ones again, another seed gives others.
NumPy's np.random.default_rng(seed) makes a generator. Any generator will do: what is checked is how many numbers are
dropped, and that it is not always the same ones.

Shapes: x, y, dy and dx have one shape, any. rate is from 0 to below 1; with rate 0 nothing changes.
        The types are kept: float32 in, float32 out.

By hand, with rate = 0.75, if the draw happens to keep the numbers where kept is 1:

    x = [2, -1, 4, 0]      kept = [1, 0, 0, 1]      y = [8, 0, 0, 0]
    dy = [1, 2, 3, 4]                               dx = [4, 0, 0, 16]

The last y is 0 although it was kept, since x is 0 there: y does not tell what was kept.

Neither function may change an array that it is given. Allowed: NumPy and plain Python.
"""


def dropout_forward(x, *, rate, seed):
    """Return (y, cache); the cache is whatever dropout_backward needs."""
    raise NotImplementedError("dropout_forward is yours to write")


def dropout_backward(dy, cache):
    """Return dx."""
    raise NotImplementedError("dropout_backward is yours to write")
