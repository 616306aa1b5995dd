"""Bounds and a grid-stride loop.

Thread t of a grid of T threads has the pixels t, t + T, t + 2 T, ...: each pixel i belongs to exactly one thread, the
one with t = i mod T. The condition is looked at before each pixel, the first one included, so that a thread without
work does nothing. Neighbouring threads have neighbouring pixels in each round, which is how memory is read fastest.
"""

from numba import cuda


@cuda.jit
def standardize(x, y, mean, scale):
    i = cuda.grid(1)
    step = cuda.gridsize(1)
    while i < x.size:
        y[i] = (x[i] - mean) * scale
        i += step
