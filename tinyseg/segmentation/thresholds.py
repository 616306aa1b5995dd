r"""Thresholds: the oldest segmentation, one number that splits bright from dark.

Otsu's method (N. Otsu, A threshold selection method from gray-level histograms, IEEE Trans. SMC 9(1), 1979) chooses the
number from the histogram. Let p_i be the share of pixels at grey level g_i. A threshold after level k splits them into
two classes with weights and means

    w0 = sum_{i<=k} p_i,   m0 = sum_{i<=k} p_i g_i / w0,         w1 = 1 - w0,   m1 = sum_{i>k} p_i g_i / w1.

The total variance does not depend on k and is the sum of two parts: the variance within the classes, and the variance
between them,

    sigma^2 = w0 s0^2 + w1 s1^2  +  w0 (m0 - m)^2 + w1 (m1 - m)^2,         m = w0 m0 + w1 m1.

With m put in, m0 - m = w1 (m0 - m1) and m1 - m = w0 (m1 - m0), so that the second part is

    sigma_B^2(k) = w0 w1^2 (m0 - m1)^2 + w1 w0^2 (m0 - m1)^2 = w0 w1 (m0 - m1)^2.

The smallest variance within the classes is therefore the largest w0 w1 (m0 - m1)^2, and two cumulative sums give it for
all k at once.
"""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.types import ArrayLike


def threshold(image: ArrayLike, value: float) -> Array:
    """Return which pixels are brighter than a value: bool, of the image's shape.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import threshold
        >>> threshold(np.array([[10, 200, 90]]), 90)
        array([[False,  True, False]])
    """
    return _grey(image) > value


def histogram(image: ArrayLike, bins: int | None = 256) -> tuple[Array, Array]:
    """Count grey levels.

    Args:
        image: Of any shape. Integers are counted level by level from the smallest to the largest; floats in equal bins.
        bins: Number of bins for floats; None counts every value that occurs by itself, in images of any kind and range.

    Returns:
        counts (int64) and the grey level of each (the centre of its bin for floats in bins).

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import histogram
        >>> counts, levels = histogram(np.array([[0, 0, 3]], "uint8"))
        >>> counts[:4], levels[:4]
        (array([2, 0, 0, 1]), array([0, 1, 2, 3]))
    """
    image = _grey(image)
    if bins is None and (image.dtype.kind == "f" or image.dtype.itemsize > 2):
        levels, counts = np.unique(image, return_counts=True)
        return counts.astype(np.int64), levels.astype(np.float64)
    if image.dtype.kind in "iub":
        values = image.astype(np.int64).ravel()
        lowest, highest = int(values.min()), int(values.max())
        if highest - lowest >= 1 << 24:
            raise InvalidInput(
                f"histogram: expected at most 2**24 grey levels, got from {lowest} to {highest}; use floats"
            )
        # As intp: on a 32-bit platform, such as a browser tab, bincount takes no int64, and counts in 32 bits.
        counts = np.bincount((values - lowest).astype(np.intp))
        return counts.astype(np.int64), np.arange(lowest, highest + 1, dtype=np.int64)
    try:
        counts, edges = np.histogram(image, 256 if bins is None else bins)
    except ValueError:  # no room for so many bins between floats that almost coincide: they are few, so each has one
        levels, counts = np.unique(image, return_counts=True)
        return counts.astype(np.int64), levels
    return counts.astype(np.int64), (edges[:-1] + edges[1:]) / 2


def variance_between_classes(image: ArrayLike, bins: int | None = 256) -> tuple[Array, Array]:
    """Return sigma_B^2 for a threshold after each grey level but the last, and these levels; see the module's text.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import variance_between_classes
        >>> image = np.array([[0, 0, 1, 9, 9, 8]], "uint8")
        >>> variance, levels = variance_between_classes(image)
        >>> int(levels[variance.argmax()])  # dark up to here, bright above
        1
    """
    counts, levels = histogram(image, bins)
    share = counts / counts.sum()
    weight_below, weight_above = np.cumsum(share)[:-1], np.cumsum(share[::-1])[::-1][1:]
    sum_below, sum_above = np.cumsum(share * levels)[:-1], np.cumsum((share * levels)[::-1])[::-1][1:]
    with np.errstate(invalid="ignore", divide="ignore"):  # the lowest and highest level have pixels, so no weight is 0
        difference = sum_below / weight_below - sum_above / weight_above
    return weight_below * weight_above * difference**2, levels[:-1]


def otsu_threshold(image: ArrayLike, bins: int | None = 256) -> float:
    """Return the grey level that splits the image best: pixels above it are bright.

    The level itself for an image of one level.

    `bins` as for `histogram`. With 256, floats are split at the centre of a bin, as scikit-image does. With None, every
    value that occurs is tried, and the same pixels are bright whatever the depth or scale in which a scene is stored.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import otsu_threshold
        >>> otsu_threshold(np.array([[10, 12, 11], [200, 205, 12]], np.uint8))
        12.0
    """
    image = _grey(image)
    if image.min() == image.max():
        return float(image.flat[0])
    variance, levels = variance_between_classes(image, bins)
    return float(levels[np.argmax(variance)])


def _grey(image: ArrayLike) -> Array:
    image = np.asarray(image)
    if image.size == 0 or image.dtype.kind not in "fiub":
        raise InvalidInput(f"expected an image of numbers with at least one pixel, got {image.shape} of {image.dtype}")
    if image.dtype.kind == "f" and not np.isfinite(image).all():
        raise InvalidInput("the image contains NaN or infinity")
    return image
