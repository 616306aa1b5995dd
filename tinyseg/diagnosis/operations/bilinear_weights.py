"""Wrong matrices of bilinear interpolation along one axis: neighbours and weights that are not the right ones.

A right one has, for output i at position p = (i + 1/2) / factor - 1/2, the weight 1 - t for pixel floor(p) and t for
the next, t = p - floor(p), both kept inside the image.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from tinyseg_kernels.types import Array

Matrix = Callable[[int, int], Array]
"""From the number of pixels and the factor to (n * factor, n)."""


def positions(n: int, factor: int) -> Array:
    """Return the positions of the outputs, counted in pixels."""
    return (np.arange(n * factor) + 0.5) / factor - 0.5


def written(n: int, first: Array, second: Array, a: Array, b: Array, *, add: bool = True) -> Array:
    """Return the matrix with weight a at `first` and b at `second`; `add` says what becomes of a pixel that is both."""
    rows = np.arange(len(first))
    first, second = (np.clip(place, 0, n - 1).astype(int) for place in (first, second))
    matrix = np.zeros((len(rows), n))
    if add:
        np.add.at(matrix, (rows, first), a)
        np.add.at(matrix, (rows, second), b)
    else:
        matrix[rows, first] = a
        matrix[rows, second] = b
    return matrix


def _split(rounded: Callable[[Array], Array]) -> Matrix:
    """Split positions into pixel and rest by another kind of rounding."""

    def matrix(n: int, factor: int) -> Array:
        p = positions(n, factor)
        low = rounded(p)
        return written(n, low, low + 1, 1 - (p - low), p - low)

    return matrix


def _neighbours(first: int, second: int) -> Matrix:
    """Take other neighbours, counted from the pixel before."""

    def matrix(n: int, factor: int) -> Array:
        p = positions(n, factor)
        low = np.floor(p)
        return written(n, low + first, low + second, 1 - (p - low), p - low)

    return matrix


def _weights(of: Callable[[Array], tuple[Array, Array]], *, add: bool = True) -> Matrix:
    """Take other weights, made of t."""

    def matrix(n: int, factor: int) -> Array:
        p = positions(n, factor)
        low = np.floor(p)
        a, b = of(p - low)
        return written(n, low, low + 1, a, b, add=add)

    return matrix


def _by_pixels(n: int, factor: int) -> Array:
    """Divide by the number of pixels where the factor should stand."""
    p = (np.arange(n * factor) + 0.5) / n - 0.5
    low = np.floor(p)
    return written(n, low, low + 1, 1 - (p - low), p - low)


def _assigned_the_other_way(n: int, factor: int) -> Array:
    p = positions(n, factor)
    low = np.floor(p)
    return written(n, low + 1, low, p - low, 1 - (p - low), add=False)


WEIGHTS: tuple[tuple[str, Matrix], ...] = (
    ("size-instead-of-factor", _by_pixels),
    ("position-rounded", _split(np.rint)),
    ("position-rounded", _split(lambda p: np.floor(p + 0.5))),
    ("position-truncated", _split(np.trunc)),
    ("position-rounded-up", _split(np.ceil)),
    ("second-neighbour-missing", _neighbours(0, 0)),
    ("second-neighbour-missing", _weights(lambda t: (1 - t, 0 * t))),
    ("first-neighbour-missing", _neighbours(1, 1)),
    ("first-neighbour-missing", _weights(lambda t: (0 * t, t))),
    ("neighbours-one-off", _neighbours(-1, 0)),
    ("neighbours-one-off", _neighbours(1, 2)),
    ("neighbours-one-off", _neighbours(0, 2)),
    ("neighbours-one-off", _neighbours(-1, 1)),
    ("weights-halved", _weights(lambda t: (0 * t + 0.5, 0 * t + 0.5))),
    ("weights-incomplete", _weights(lambda t: (1 - t, 0 * t + 1))),
    ("weights-incomplete", _weights(lambda t: (0 * t + 1, t))),
    ("weights-incomplete", _weights(lambda t: (0 * t + 1, 0 * t + 1))),
    ("weights-not-linear", _weights(lambda t: (1 - t**2, t**2))),
    ("weights-not-linear", _weights(lambda t: (1 - t * t * (3 - 2 * t), t * t * (3 - 2 * t)))),
    ("weights-not-linear", _weights(lambda t: (1 - np.sqrt(t), np.sqrt(t)))),
    ("weights-not-linear", _weights(lambda t: ((1 + np.cos(np.pi * t)) / 2, (1 - np.cos(np.pi * t)) / 2))),
    ("border-share-lost", _weights(lambda t: (1 - t, t), add=False)),
    ("border-share-lost", _assigned_the_other_way),
)
"""Cause and the wrong matrix of an axis."""
