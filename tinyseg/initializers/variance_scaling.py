r"""Initializers whose spread fits the shape, so that signals keep their size from layer to layer.

A sum of n = fan_in products of a weight w and an input has n * var(w) times the input's variance. var(w) = 1 / n keeps
it; after ReLU, which halves it, 2 / n does (He et al., ICCV 2015, arXiv:1502.01852). Going backwards the same holds
with fan_out; the mean of the two serves both ways (Glorot and Bengio, AISTATS 2010). Lecun: 1 / fan_in ("Efficient
backprop", 1998).
"""

from __future__ import annotations

import math

import numpy as np
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import Natural
from tinyseg.utils.types import JsonObject

from .initializer import RandomInitializer, compute_fans
from .random import draw_truncated_normal, draw_uniform

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")

TRUNCATION = 0.87962566103423978
"""Standard deviation of a standard normal distribution that is cut at two.

Divided by it, the truncated numbers have the standard deviation that was asked for.
"""


class VarianceScaling(RandomInitializer):
    """Random numbers of variance scale / n, with n = fan_in, fan_out, or their mean.

    Example:
        >>> from tinyseg.initializers import VarianceScaling
        >>> kernel = VarianceScaling(scale=2.0, mode="fan_out", seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (2 / 200) - 1) < 0.05)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Natural | None = None,
    ) -> None:
        """Set scale, mode and distribution."""
        super().__init__(seed)
        if not scale > 0:
            raise InvalidInput(f"VarianceScaling: scale: expected a number above 0, got {scale!r}")
        if mode not in MODES:
            raise unknown_name("mode of VarianceScaling", mode, MODES)
        distribution = "truncated_normal" if distribution == "normal" else distribution
        if distribution not in DISTRIBUTIONS:
            raise unknown_name("distribution of VarianceScaling", distribution, DISTRIBUTIONS)
        self.scale, self.mode, self.distribution = float(scale), mode, distribution

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Draw an array."""
        fan_in, fan_out = compute_fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)  # a uniform number from -a to a has variance a^2 / 3
            return draw_uniform(self.generator(), -limit, limit, shape, dtype)
        if self.distribution == "truncated_normal":
            return draw_truncated_normal(self.generator(), 0.0, math.sqrt(variance) / TRUNCATION, shape, dtype)
        values: Array = self.generator().standard_normal(shape, dtype=np.dtype(dtype).type)
        values *= math.sqrt(variance)
        return values

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"scale": self.scale, "mode": self.mode, "distribution": self.distribution, "seed": self.seed}


class _Preset(VarianceScaling):
    """A `VarianceScaling` with its three arguments fixed by the class."""

    preset: tuple[float, str, str]

    def __init__(self, seed: Natural | None = None) -> None:
        """Set the seed."""
        super().__init__(*self.preset, seed=seed)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"seed": self.seed}


class GlorotUniform(_Preset):
    """Uniform, variance 2 / (fan_in + fan_out).

    Example:
        >>> from tinyseg.initializers import GlorotUniform
        >>> kernel = GlorotUniform(seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (2 / (300 + 200)) - 1) < 0.05)
        True
    """

    preset = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Preset):
    """Truncated normal, variance 2 / (fan_in + fan_out).

    Example:
        >>> from tinyseg.initializers import GlorotNormal
        >>> kernel = GlorotNormal(seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (2 / (300 + 200)) - 1) < 0.05)
        True
    """

    preset = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Preset):
    """Uniform, variance 2 / fan_in.

    Example:
        >>> from tinyseg.initializers import HeUniform
        >>> kernel = HeUniform(seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (2 / 300) - 1) < 0.05)
        True
    """

    preset = (2.0, "fan_in", "uniform")


class HeNormal(_Preset):
    """Truncated normal, variance 2 / fan_in.

    Example:
        >>> from tinyseg.initializers import HeNormal
        >>> kernel = HeNormal(seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (2 / 300) - 1) < 0.05)
        True
    """

    preset = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Preset):
    """Uniform, variance 1 / fan_in.

    Example:
        >>> from tinyseg.initializers import LecunUniform
        >>> kernel = LecunUniform(seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (1 / 300) - 1) < 0.05)
        True
    """

    preset = (1.0, "fan_in", "uniform")


class LecunNormal(_Preset):
    """Truncated normal, variance 1 / fan_in.

    Example:
        >>> from tinyseg.initializers import LecunNormal
        >>> kernel = LecunNormal(seed=1)((300, 200), "float32")
        >>> bool(abs(kernel.var() / (1 / 300) - 1) < 0.05)
        True
    """

    preset = (1.0, "fan_in", "truncated_normal")
