"""Otsu's threshold.

The variance of all pixels does not depend on t, and it is the sum of two parts: the variance within the classes and the
variance between them. With m the mean of all pixels the second part is

    w0 (m0 - m)^2 + w1 (m1 - m)^2,      m = w0 m0 + w1 m1,

and as m0 - m = w1 (m0 - m1) and m1 - m = w0 (m1 - m0), it is w0 w1^2 (m0 - m1)^2 + w1 w0^2 (m0 - m1)^2, which is
w0 w1 (m0 - m1)^2 because w0 + w1 = 1. So the largest variance between the classes is the smallest one within them.

Pixels of one level are all in the same class: it is enough to count the levels once and to work with 256 counts. The
numbers of pixels n0 and n1 may stand in the place of the shares w0 and w1: all values grow by the same factor.
"""

import numpy as np


def otsu_threshold(image):
    """Try all thresholds on the histogram and take the best."""
    counts = np.bincount(image.ravel(), minlength=256).astype(float)
    levels = np.arange(256)
    variances = np.zeros(255)
    for t in range(255):
        dark, bright = counts[: t + 1], counts[t + 1 :]
        n0, n1 = dark.sum(), bright.sum()
        if n0 * n1 > 0:
            m0 = (dark * levels[: t + 1]).sum() / n0
            m1 = (bright * levels[t + 1 :]).sum() / n1
            variances[t] = n0 * n1 * (m0 - m1) ** 2
    return int(np.argmax(variances))
