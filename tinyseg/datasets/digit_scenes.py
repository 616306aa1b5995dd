"""Scenes of several digits for segmentation, and single digits for classification: data that every machine has."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .digits import draw_digit, paint, scanned_digits, textured_background

SCENE_CLASSES = ("background", *(f"digit {k}" for k in range(10)))
"""The 11 classes of a scene: class k + 1 is the digit k."""


def digit_scenes(count: int, split: str = "train", seed: int = 0, size: int = 64) -> tuple[Array, Array]:
    """Make scenes: two to four digits of different sizes, overlapping, on a textured background, with exact labels.

    Args:
        count: Number of scenes.
        split: 'train', 'val' or 'test': which of the scanned digits are used; the three share none.
        seed: Same seed, same scenes.
        size: Height and width.

    Returns:
        x (count, size, size, 1) float32 from 0 to 1, and y (count, size, size) uint8: 0 background, k + 1 the digit k.
        Where digits overlap, the one drawn last is on top.

    Example:
        >>> from tinyseg.datasets import digit_scenes
        >>> x, y = digit_scenes(3)
        >>> x.shape, y.shape, y.dtype
        ((3, 64, 64, 1), (3, 64, 64), dtype('uint8'))
    """
    if count < 0 or size < 32:
        raise InvalidInput(
            f"digit_scenes: expected count of at least 0 and size of at least 32, got {count} and {size}"
        )
    inks, digits = scanned_digits(split)
    x, y = np.zeros((count, size, size, 1), np.float32), np.zeros((count, size, size), np.uint8)
    for n in range(count):
        rng = np.random.default_rng([seed, sum(split.encode()), n])
        image = textured_background(rng, size)
        for _ in range(rng.integers(2, 5)):
            k = int(rng.integers(len(digits)))
            ink = draw_digit(inks[k], int(rng.integers(size * 3 // 8, size * 9 // 16 + 1)))
            top, left = _free_place(rng, y[n], len(ink))
            covered = paint(image, ink, top, left, rng.uniform(0.7, 1.0))
            y[n][covered] = digits[k] + 1
        x[n, :, :, 0] = image
    return x, y


def _free_place(rng: np.random.Generator, labels: Array, side: int) -> tuple[int, int]:
    """Return the one of a few random corners whose square hides least of what is there.

    Digits overlap, but few are lost.
    """
    corners = [(int(top), int(left)) for top, left in rng.integers(0, labels.shape[0] - side + 1, (5, 2))]
    return min(corners, key=lambda corner: np.count_nonzero(labels[corner[0] :, corner[1] :][:side, :side]))


def single_digits(split: str = "train", seed: int = 0, size: int = 32, repeats: int = 1) -> tuple[Array, Array]:
    """Make images of one digit each, in the style of the scenes, to be classified.

    Args:
        split: 'train', 'val' or 'test'.
        seed: Same seed, same images.
        size: Height and width.
        repeats: How many images of each scanned digit, each on another background.

    Returns:
        x (M, size, size, 1) float32 from 0 to 1, and the digit (M,) uint8.

    Example:
        >>> from tinyseg.datasets import single_digits
        >>> images, digits = single_digits("test")
        >>> images.shape[1:], sorted(set(digits.tolist()))
        ((32, 32, 1), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    if size < 16 or repeats < 1:
        raise InvalidInput(
            f"single_digits: expected size of at least 16 and repeats of at least 1, got {size}, {repeats}"
        )
    inks, digits = scanned_digits(split)
    order = np.tile(np.arange(len(digits)), repeats)
    x = np.zeros((len(order), size, size, 1), np.float32)
    for n, k in enumerate(order):
        rng = np.random.default_rng([seed, sum(split.encode()), n])
        image = textured_background(rng, size)
        side = int(rng.integers(size // 2 + 1, size - 3))
        top, left = rng.integers(0, size - side + 1, 2)
        paint(image, draw_digit(inks[k], side), int(top), int(left), rng.uniform(0.7, 1.0))
        x[n, :, :, 0] = image
    return x, digits[order]
