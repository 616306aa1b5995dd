"""Exercise: unet   (chapter 8, difficulty 4 of 5)

A U-Net (2015) looks at an image at several scales. On the way down the image becomes smaller and has more channels; on
the way up it becomes larger again, and at each scale what was seen on the way down is put beside it, so that borders
come out sharp. Put one together from the parts below: mix, conv, pool and up. To keep it short the convolutions are 1x1
and their numbers are fixed; how the parts are joined is the exercise.

    1. fill up    zeros are added at the bottom and at the right, until H and W are multiples of 2 ** depth
    2. down       for level k = 0, 1, ..., depth - 1: conv twice with filters * 2 ** k, the result is skip k, then pool
    3. bottom     conv twice, with filters * 2 ** depth
    4. up         for level k = depth - 1, ..., 1, 0: up, then conv once with filters * 2 ** k, then the concatenation
                  of skip k and this (skip k has the first channels), then conv twice with filters * 2 ** k
    5. scores     mix to `classes` channels; rows and columns that were added in step 1 are cut off

Shapes: x is (N, H, W, C), scores are (N, H, W, classes). float64 stays float64. depth may be 0;
then there is no level, only the bottom and the scores.

By hand: the shapes for x (1, 5, 6, 3), depth = 2, filters = 4, classes = 2:

    filled up   (1, 8, 8, 3)
    level 0     skip 0 (1, 8, 8, 4), pooled (1, 4, 4, 4)
    level 1     skip 1 (1, 4, 4, 8), pooled (1, 2, 2, 8)
    bottom      (1, 2, 2, 16)
    level 1     up (1, 4, 4, 16), conv (1, 4, 4, 8), concatenated (1, 4, 4, 16), conv twice (1, 4, 4, 8)
    level 0     up (1, 8, 8, 8), conv (1, 8, 8, 4), concatenated (1, 8, 8, 8), conv twice (1, 8, 8, 4)
    scores      mix (1, 8, 8, 2), cut (1, 5, 6, 2)

x must not be changed. Allowed: NumPy and plain Python.
"""

import numpy as np


def mix(x, filters):
    """Mix the channels of each pixel to `filters` new ones, with a fixed kernel. This function is given."""
    channel, new = np.ogrid[: x.shape[-1], :filters]
    return x @ (np.sin(1.0 + 3 * channel + 2 * new) / np.sqrt(x.shape[-1])).astype(x.dtype)


def conv(x, filters):
    """Stand for a convolution with its activation: (N, H, W, C) to (N, H, W, filters). This function is given."""
    return np.tanh(mix(x, filters))


def pool(x):
    """Halve height and width, which must be even: the largest of each 2x2 block. This function is given."""
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))


def up(x):
    """Double height and width: each pixel becomes a 2x2 block. This function is given."""
    return x.repeat(2, axis=1).repeat(2, axis=2)


def unet(x, *, depth, filters, classes):
    """Return scores, (N, H, W, classes)."""
    raise NotImplementedError("unet is yours to write")
