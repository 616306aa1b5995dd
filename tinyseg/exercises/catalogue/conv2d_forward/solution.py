"""conv2d_forward: four loops say which number of y it is, three add up its products.

The window of output (h, w) has its top left corner at pixel (h, w), so that its tap (i, j) lies over pixel (h + i, w +
j). The last window begins at row H - KH, its last row being H - 1; rows 0 to H - KH are H - KH + 1 places.
"""

import numpy as np


def conv2d_forward(x, kernel, bias):
    """Return y (N, OH, OW, F)."""
    images, height, width, channels = x.shape
    kh, kw, _, filters = kernel.shape
    oh, ow = height - kh + 1, width - kw + 1
    y = np.zeros((images, oh, ow, filters), x.dtype)
    for n in range(images):
        for h in range(oh):
            for w in range(ow):
                for f in range(filters):
                    for i in range(kh):
                        for j in range(kw):
                            for c in range(channels):
                                y[n, h, w, f] += x[n, h + i, w + j, c] * kernel[i, j, c, f]
    return y + bias
