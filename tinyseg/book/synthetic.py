"""Images that ask one thing of a network: lines ask where, dots ask for what is rare."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.datasets import standardize


def lines(count: int, seed: int, size: int = 48) -> tuple[Array, Array]:
    """Make images of three thin bright curves in noise.

    Args:
        count: Number of images.
        seed: Same seed, same images.
        size: Height and width.

    Returns:
        x (count, size, size, 1), each image standardised, and y (count, size, size) uint8: 1 on a curve, else 0.
    """
    rng, (rows, columns) = np.random.default_rng(seed), np.mgrid[0:size, 0:size]
    images, masks = rng.normal(0.3, 0.12, (count, size, size, 1)), np.zeros((count, size, size), np.uint8)
    for image, mask in zip(images, masks, strict=True):
        for _ in range(3):
            start, slope, phase = rng.uniform(0, size), rng.uniform(-1, 1), rng.uniform(0, 6)
            u, v = (rows, columns) if rng.random() < 0.5 else (columns, rows)
            distance = np.abs(u - start - slope * (v - size / 2) - 3 * np.sin(phase + 0.2 * v)) / np.hypot(1, slope)
            mask[distance < 0.9] = 1
        image[mask == 1] += 0.35
    return _standardized(images), masks


def dots(count: int, seed: int, size: int = 48) -> tuple[Array, Array]:
    """Make images of one to three faint dots in noise, with three brighter streaks that are no dots.

    Dots are about one pixel in a hundred. Arguments and results are those of `lines`.
    """
    rng, (rows, columns) = np.random.default_rng(seed), np.mgrid[0:size, 0:size]
    images, masks = rng.normal(0.3, 0.1, (count, size, size, 1)), np.zeros((count, size, size), np.uint8)
    for image, mask in zip(images, masks, strict=True):
        for _ in range(rng.integers(1, 4)):
            row, column, radius = *rng.uniform(4, size - 4, 2), rng.uniform(1.5, 2.5)
            disc = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
            mask[disc] = 1
            image[disc] += rng.uniform(0.1, 0.25)
        for _ in range(3):
            row, column = rng.integers(size), rng.integers(size - 10)
            streak = image[row, column : column + 10] if rng.random() < 0.5 else image[column : column + 10, row]
            streak += 0.25
    return _standardized(images), masks


def _standardized(images: Array) -> Array:
    return np.stack([standardize(image) for image in images])
