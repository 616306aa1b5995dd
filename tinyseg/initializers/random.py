"""Initializers with a given spread: RandomUniform, RandomNormal, TruncatedNormal."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import Natural
from tinyseg.utils.types import JsonObject

from .initializer import RandomInitializer


def draw_uniform(rng: np.random.Generator, low: float, high: float, shape: tuple[int, ...], dtype: str) -> Array:
    """Draw from [low, high), directly in the dtype: a float64 copy of 99 million weights would be 0.8 GB."""
    values: Array = rng.random(shape, dtype=np.dtype(dtype).type)
    values *= high - low
    values += low
    return values


def draw_truncated_normal(
    rng: np.random.Generator, mean: float, stddev: float, shape: tuple[int, ...], dtype: str
) -> Array:
    """Draw normal numbers, and draw those again that lie more than two standard deviations from the mean."""
    values: Array = rng.standard_normal(shape, dtype=np.dtype(dtype).type)
    flat = values.reshape(-1)
    far = np.flatnonzero(np.abs(flat) > 2)
    while far.size:
        flat[far] = rng.standard_normal(far.size, dtype=np.dtype(dtype).type)
        far = far[np.abs(flat[far]) > 2]
    values *= stddev
    values += mean
    return values


class RandomUniform(RandomInitializer):
    """Uniform from minval to maxval.

    Example:
        >>> from tinyseg.initializers import RandomUniform
        >>> values = RandomUniform(-1.0, 1.0, seed=1)((300, 200), "float32")
        >>> bool(values.min() >= -1 and values.max() <= 1)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Natural | None = None) -> None:
        """Set the range."""
        super().__init__(seed)
        self.minval, self.maxval = float(minval), float(maxval)

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Draw an array."""
        return draw_uniform(self.generator(), self.minval, self.maxval, shape, dtype)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed}


class RandomNormal(RandomInitializer):
    """Normal with a mean and a standard deviation.

    Example:
        >>> from tinyseg.initializers import RandomNormal
        >>> values = RandomNormal(mean=1.0, stddev=0.1, seed=1)((300, 200), "float32")
        >>> round(float(values.mean()), 1), round(float(values.std()), 1)
        (1.0, 0.1)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Natural | None = None) -> None:
        """Set mean and standard deviation."""
        super().__init__(seed)
        self.mean, self.stddev = float(mean), float(stddev)

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Draw an array."""
        values: Array = self.generator().standard_normal(shape, dtype=np.dtype(dtype).type)
        values *= self.stddev
        values += self.mean
        return values

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}


class TruncatedNormal(RandomNormal):
    """Normal, with numbers more than two standard deviations from the mean drawn again.

    Example:
        >>> from tinyseg.initializers import TruncatedNormal
        >>> values = TruncatedNormal(stddev=0.1, seed=1)((300, 200), "float32")
        >>> bool(abs(values).max() <= 0.2)
        True
    """

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Draw an array."""
        return draw_truncated_normal(self.generator(), self.mean, self.stddev, shape, dtype)
