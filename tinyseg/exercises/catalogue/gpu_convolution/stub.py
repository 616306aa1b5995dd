"""Exercise: gpu_convolution   (chapter 12, difficulty 4 of 5)

A convolution with a kernel of 3 x 3 and zeros around the image, one thread for each pixel, with shared memory:

    y[r, c] = sum over i, j = 0 ... 2 of x[r + i - 1, c + j - 1] * kernel[i, j]        outside of x all is 0

(The kernel is not turned, as everywhere in deep learning.) Neighbouring pixels need nearly the same 9 numbers. So a
block of 8 x 8 threads first loads all that it needs into shared memory, waits, and then reads from there. What it needs
is more than its own 8 x 8 pixels: one row and one column more on each side, the halo, 10 x 10 in all.

    h h h h h h h h h h
    h . . . . . . . . h        h  halo: pixels of neighbouring blocks, or zeros outside of the image
    h . . . . . . . . h        .  the block's own pixels
    : : : : : : : : : :
    h h h h h h h h h h        64 threads have 100 numbers to load

The launch is

    conv3x3[(columns, rows), (8, 8)](x, kernel, y)

with x and y of shape (H, W) and kernel of shape (3, 3), float32. Along x there are at least W threads, along y at least
H. cuda.grid(2) gives (column, row) of the thread; cuda.threadIdx.x and .y give its place in the block.

It is checked that no thread reads what another one has not written yet, and that x is read hardly more than once.

By hand: x = [[1, 2], [3, 4]], kernel all ones but a 2 in the middle: y[0, 0] = 1 + 2 + 3 + 4 + 1 = 11, y = [[11, 12],
[13, 14]].

Allowed: Numba CUDA (cuda, float32), plain arithmetic. It runs on your CPU; no GPU is needed.
"""

from numba import cuda, float32

BLOCK = 8


@cuda.jit
def conv3x3(x, kernel, y):
    tile = cuda.shared.array((BLOCK + 2, BLOCK + 2), float32)
    # yours to write
