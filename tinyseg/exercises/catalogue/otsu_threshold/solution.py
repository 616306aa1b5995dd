"""Otsu's threshold.

The variance of all pixels does not depend on t, and it is the sum of two parts: the variance within the classes and the
variance between them. With m the mean of all pixels the second part is

    w0 (m0 - m)^2 + w1 (m1 - m)^2,      m = w0 m0 + w1 m1,

and as m0 - m = w1 (m0 - m1) and m1 - m = w0 (m1 - m0), it is w0 w1^2 (m0 - m1)^2 + w1 w0^2 (m0 - m1)^2, which is
w0 w1 (m0 - m1)^2 because w0 + w1 = 1. So the largest variance between the classes is the smallest one within them.

Pixels of one level are all in the same class: it is enough to count the levels once and to work with 256 counts.
"""

import numpy as np


def otsu_threshold(image):
    """Try all thresholds on the histogram and keep the best."""
    counts = np.bincount(image.ravel(), minlength=256)
    levels = np.arange(256)
    best, threshold = 0.0, 0
    for t in range(255):
        dark, bright = counts[: t + 1], counts[t + 1 :]
        n0, n1 = dark.sum(), bright.sum()
        if n0 == 0 or n1 == 0:
            continue
        w0, w1 = n0 / image.size, n1 / image.size
        m0 = (dark * levels[: t + 1]).sum() / n0
        m1 = (bright * levels[t + 1 :]).sum() / n1
        variance = w0 * w1 * (m0 - m1) ** 2
        if variance > best:
            best, threshold = variance, t
    return threshold
