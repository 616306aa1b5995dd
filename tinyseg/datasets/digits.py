"""Real scanned digits (scikit-learn's 1,797 of 8x8 pixels), enlarged and drawn onto textured backgrounds.

Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.types import Array

SPLITS = {"train": (0.0, 0.75), "val": (0.75, 0.85), "test": (0.85, 1.0)}
"""Which part of the scanned digits each split draws from: no digit of one split is ever seen in another."""

EDGE = 0.4
"""Ink above this share belongs to the digit."""


@cache
def scanned_digits(split: str) -> tuple[Array, Array]:
    """Return the digits of a split: ink (M, 8, 8) from 0 to 1, and which digit (M,)."""
    from sklearn.datasets import load_digits

    if split not in SPLITS:
        raise unknown_name("split", split, SPLITS)
    data = load_digits()
    order = np.random.default_rng(8).permutation(len(data.target))  # the scans come sorted by writer
    first, last = (round(share * len(order)) for share in SPLITS[split])
    chosen = order[first:last]
    return (data.images[chosen] / 16.0).astype(np.float32), data.target[chosen].astype(np.uint8)


def draw_digit(ink: Array, size: int) -> Array:
    """Enlarge a scan to (size, size) by cubic interpolation; from 0 to 1."""
    from scipy.ndimage import zoom

    return np.clip(zoom(ink, size / ink.shape[0], order=3, mode="grid-constant", grid_mode=True), 0.0, 1.0)


def textured_background(rng: np.random.Generator, size: int) -> Array:
    """Return (size, size) from 0 to about 0.6: clouds, a slope of light, stripes and grain."""
    from scipy.ndimage import zoom

    coarse = int(rng.integers(3, 9))
    clouds = zoom(rng.random((coarse, coarse)), size / coarse, order=3, mode="nearest", grid_mode=True)
    rows, columns = np.mgrid[0:size, 0:size] / size
    angle, frequency = rng.uniform(0, np.pi), rng.uniform(2, 8)
    along = rows * np.cos(angle) + columns * np.sin(angle)
    stripes = 0.5 + 0.5 * np.sin(2 * np.pi * (frequency * along + rng.random()))
    mixed = 0.35 * clouds + rng.uniform(0, 0.2) * stripes + rng.uniform(-0.15, 0.15) * along
    return np.clip(mixed + rng.normal(0, 0.03, (size, size)), 0.0, 1.0)


def paint(image: Array, ink: Array, top: int, left: int, brightness: float) -> Array:
    """Blend ink into the image in place; returns which pixels of the image the digit covers."""
    covered = np.zeros(image.shape, bool)
    window = (slice(top, top + ink.shape[0]), slice(left, left + ink.shape[1]))
    image[window] = image[window] * (1 - ink) + brightness * ink
    covered[window] = ink > EDGE
    return covered
