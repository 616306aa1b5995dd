"""Exercise: same_padding   (chapter 2, difficulty 2 of 5)

A convolution makes images smaller, because its window must stay inside. With padding='same' zeros stand around the
image, as many as it takes for

    outputs = ceil(size / stride)        along rows and along columns: as many as pixels when the stride is 1

Write what adds these zeros, as Keras does it: no more than needed; half of them before the image (above, on the left)
and half of them after it (below, on the right); if their number is odd, the extra one is after. Where windows reach no
further than the image, nothing is added, and nothing is cut off.

Output h of the convolution begins at row h * SH of the padded image. Its taps are DH rows apart, so that from the first
to the last tap it reaches over (KH - 1) * DH + 1 rows.

    x              (N, H, W, C)
    kernel_size    (KH, KW)
    strides        (SH, SW)        step from one output to the next
    dilation_rate  (DH, DW)        step from one tap of the window to the next
    padded         (N, H + zeros above and below, W + zeros left and right, C)

By hand, one image, one channel (axes of length 1 are not shown), kernel_size=(2, 3), dilation_rate=(1, 1), and
strides=(1, 1):

    x = [[1, 2],
         [3, 4]]
    padded = [[0, 1, 2, 0],
              [0, 3, 4, 0],
              [0, 0, 0, 0]]

Two outputs per axis; rows: the second window ends at row 2, one more than there is; columns: it ends at column 3, two
more. With strides=(2, 2) there is one output per axis, and one column is missing:

    padded2 = [[1, 2, 0],
               [3, 4, 0]]

x may not be changed. Allowed: NumPy (np.pad too) and plain Python.
"""

import numpy as np


def same_padding(x, *, kernel_size, strides, dilation_rate):
    """Return x with zeros around it."""
    raise NotImplementedError("same_padding is yours to write")
