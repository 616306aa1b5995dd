"""A U-Net from parts.

The way down makes the skips, the way up uses them in the opposite order: a list that is appended to and popped from its
end does just that. Where the two ways meet, both arrays have the same size, because each level halves and doubles once;
that is why the image is filled up to multiples of 2 ** depth first. -H % m is what H lacks to the next multiple of m.

Level k has filters * 2 ** k on both ways: the conv after up brings the 2 ** (k + 1) channels from below down to as many
as the skip has, so that each of the two gives half of the concatenation.
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
    """Down, bottom, up."""
    height, width = x.shape[1:3]
    m = 2**depth
    x = np.pad(x, [(0, 0), (0, -height % m), (0, -width % m), (0, 0)])
    skips = []
    for level in range(depth):
        x = conv(conv(x, filters * 2**level), filters * 2**level)
        skips.append(x)
        x = pool(x)
    x = conv(conv(x, filters * 2**depth), filters * 2**depth)
    for level in reversed(range(depth)):
        x = conv(up(x), filters * 2**level)
        x = np.concatenate([skips.pop(), x], axis=-1)
        x = conv(conv(x, filters * 2**level), filters * 2**level)
    return mix(x, classes)[:, :height, :width]
