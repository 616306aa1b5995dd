"""Exercise: upsampling_bilinear   (chapter 7, difficulty 4 of 5)

Enlarge images by whole factors. Think of a row of pixels as boxes of width 1: the centre of pixel i lies at i + 1/2.
Enlarged by a factor f, the row has f times as many boxes of width 1/f, and the centre of output i lies at
(i + 1/2) / f of the same ruler. Counted in pixels (whose centres are then whole numbers), that is

    position of output i = (i + 1/2) / f - 1/2

It lies between two pixels. The output is made of both, each weighted by how near it is: at 2.25, three quarters of
pixel 2 and a quarter of pixel 3. Beyond the first and the last pixel's centre the border pixel alone counts. An image
is enlarged in both directions, by factors of their own; the order does not matter.

Backward gets dy and returns dx: how much the loss grows when a pixel grows. A pixel goes into several outputs.

Shapes: x and dx (N, H, W, C). size is (rows, columns), two whole numbers of at least 1. y and dy
        (N, H * rows, W * columns, C). The types are kept: float32 in, float32 out.

By hand, one image of one row and two pixels, of one channel, with size = [1, 2]:

    x = [[[[0], [8]]]]
    y = [[[[0], [2], [6], [8]]]]             the positions are -0.25, 0.25, 0.75 and 1.25
    dy = [[[[1], [4], [0], [0]]]]
    dx = [[[[4], [1]]]]                      1 + 0.75 * 4 and 0.25 * 4

Neither function may change an array that it is given. Allowed: NumPy and plain Python. Functions of your own beside
these two are welcome.
"""


def upsampling_bilinear_forward(x, *, size):
    """Return (y, cache); the cache is whatever upsampling_bilinear_backward needs."""
    raise NotImplementedError("upsampling_bilinear_forward is yours to write")


def upsampling_bilinear_backward(dy, cache):
    """Return dx."""
    raise NotImplementedError("upsampling_bilinear_backward is yours to write")
