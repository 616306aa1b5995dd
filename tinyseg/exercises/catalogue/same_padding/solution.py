"""same_padding: how far do the windows reach beyond the image?

Along one axis of n pixels there shall be `out` = ceil(n / s) outputs. The last of them begins at (out - 1) * s and
reaches over `span` = (k - 1) * d + 1 positions, so all windows together need (out - 1) * s + span positions. n are
there; the others are zeros. With a stride larger than the window the windows may need fewer than n: then there are
none.
"""

import numpy as np


def same_padding(x, *, kernel_size, strides, dilation_rate):
    """Return x with zeros around it."""
    pads = [(0, 0)]
    for axis in (0, 1):
        n, k = x.shape[1 + axis], kernel_size[axis]
        s, d = strides[axis], dilation_rate[axis]
        out = -(-n // s)
        span = (k - 1) * d + 1
        total = max((out - 1) * s + span - n, 0)
        pads.append((total // 2, total - total // 2))
    pads.append((0, 0))
    return np.pad(x, pads)
