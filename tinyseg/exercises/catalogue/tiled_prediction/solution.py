"""Scores of a large image, put together from tiles.

Beginnings of tiles: range(0, n - size, step) holds those tiles that end before the image does, for start < n - size
means start + size < n. One more begins at n - size. If tiles just fit, this one is the next multiple of the step; if
they do not, it overlaps its neighbour by more than the others do. Either way every pixel is covered.

Scores and weights are added up separately, and divided at the end: then it does not matter in which order the tiles
come or how many lie over a pixel, and where all tiles have the same score, this score comes out. No weight is 0, so
neither is a sum of weights.
"""

import numpy as np


def model(tile):
    """Return scores of the tile's shape: how far each number is above its channel's mean. This function is given."""
    return tile - tile.mean(axis=(0, 1))


def beginnings(n, size, overlap):
    """Where tiles begin along an axis of n pixels."""
    if n <= size:
        return [0]
    return [*range(0, n - size, size - overlap), n - size]


def ramp(m):
    """1, 2, 3, ..., 3, 2, 1."""
    i = np.arange(m)
    return np.minimum(i + 1, m - i)


def tiled_prediction(image, *, size, overlap):
    """Predict tile by tile, add up scores and weights, divide."""
    height, width = image.shape[:2]
    total = np.zeros_like(image)
    weights = np.zeros((height, width, 1), image.dtype)
    for top in beginnings(height, size, overlap):
        for left in beginnings(width, size, overlap):
            scores = model(image[top : top + size, left : left + size])
            weight = np.outer(ramp(scores.shape[0]), ramp(scores.shape[1]))[..., None]
            total[top : top + size, left : left + size] += weight * scores
            weights[top : top + size, left : left + size] += weight
    return total / weights
