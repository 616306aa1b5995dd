"""The base of initializers, and how many inputs and outputs a weight has."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import KerasArguments, Natural
from tinyseg.utils.random import generator
from tinyseg.utils.types import JsonObject


class Initializer(KerasArguments):
    """Makes the first values of a parameter: initializer(shape, dtype) -> array.

    A random initializer with a seed gives the same array every time; without one it draws from tinyseg's generator
    (`tinyseg.utils.set_random_seed`).

    Example:
        >>> import numpy as np
        >>> from tinyseg.initializers import Initializer
        >>> class Eye(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return np.eye(*shape, dtype=dtype)
        ...
        >>> Eye()((2, 2), "float32")
        array([[1., 0.],
               [0., 1.]], dtype=float32)
    """

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Return an array of this shape and dtype."""
        raise NotImplementedError

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {}


class FunctionInitializer(Initializer):
    """A plain function of shape and dtype, as Keras takes it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Keep the function."""
        self.function = function

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Call it."""
        result: Array = self.function(shape, dtype=dtype)
        return result


def first_values(label: str, initializer: Initializer, shape: tuple[int, ...], dtype: str) -> Array:
    """Return a new array of first values; raises InvalidInput when somebody's own initializer makes something else."""
    made = initializer(shape, dtype)
    if type(initializer).__module__.startswith("tinyseg.") and not isinstance(initializer, FunctionInitializer):
        return made
    values = np.asarray(made)
    if values.shape != shape or values.dtype.kind not in "fiub":
        raise InvalidInput(
            f"{label}: expected the initializer to make numbers of shape {shape}, got {values.dtype} {values.shape}"
        )
    return np.array(values, dtype, order="C")  # a copy: another parameter may be given the same array


class RandomInitializer(Initializer):
    """What the random ones share: the seed."""

    def __init__(self, seed: Natural | None = None) -> None:
        """Set the seed, or None for tinyseg's generator."""
        self.seed = seed

    def generator(self) -> np.random.Generator:
        """Return the generator to draw from."""
        return generator() if self.seed is None else np.random.default_rng(self.seed)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"seed": self.seed}


def compute_fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (fan_in, fan_out): how many numbers each output is a sum of, and how many outputs each input goes to.

    For a kernel (KH, KW, C, F) these are KH*KW*C and KH*KW*F; for (D, F) D and F.
    """
    if len(shape) < 1:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    receptive_field = prod(shape[:-2])
    return shape[-2] * receptive_field, shape[-1] * receptive_field
