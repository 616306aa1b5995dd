"""A tiny dataset that a tiny network learns in seconds: bright discs (class 1) on a dark, noisy background."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyseg.datasets import write_image, write_mask

Sample = tuple[Any, Any]


def blobs(count: int, size: tuple[int, int] = (32, 32), channels: int = 1, seed: int = 0) -> list[Sample]:
    """Return pairs (image (H, W, C) float32 from 0 to 1, ids (H, W) uint8)."""
    return [_blob(np.random.default_rng([seed, k]), size, channels) for k in range(count)]


def _blob(rng: np.random.Generator, size: tuple[int, int], channels: int) -> Sample:
    rows, columns = np.mgrid[: size[0], : size[1]]
    ids = np.zeros(size, np.uint8)
    for _ in range(rng.integers(1, 4)):
        top, left, radius = rng.integers(size[0]), rng.integers(size[1]), rng.integers(4, 9)
        ids[(rows - top) ** 2 + (columns - left) ** 2 < radius**2] = 1
    tint = rng.uniform(0.5, 0.9, channels)
    image = 0.2 + rng.normal(0, 0.05, (*size, channels)) + 0.4 * ids[:, :, None] * tint
    return np.clip(image, 0, 1).astype(np.float32), ids


def write_split(folder: Path, samples: Sequence[Sample], suffix: str = ".png") -> None:
    """Write `images/` and `masks/`, called s00, s01, ..."""
    for k, (image, ids) in enumerate(samples):
        write_image(folder / "images" / f"s{k:02}{suffix}", image)
        write_mask(folder / "masks" / f"s{k:02}.png", ids)


def write_blobs(folder: Path, train: int = 8, val: int = 4, test: int = 3, **options: Any) -> Path:
    """Write a whole dataset; a split of 0 samples is left out."""
    for seed, (split, count) in enumerate((("train", train), ("val", val), ("test", test))):
        if count:
            write_split(folder / split, blobs(count, seed=seed + 1, **options))
    return folder
