"""Initializers without chance: Zeros, Ones, Constant."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

from .initializer import Initializer


class Constant(Initializer):
    """The same number everywhere.

    Example:
        >>> from tinyseg.initializers import Constant
        >>> Constant(2.0)((2, 3), "float32")
        array([[2., 2., 2.],
               [2., 2., 2.]], dtype=float32)
    """

    def __init__(self, value: float = 0.0) -> None:
        """Set the number."""
        self.value = float(value)

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Return an array filled with the number."""
        return np.full(shape, self.value, dtype)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"value": self.value}


class Zeros(Initializer):
    """0 everywhere.

    Example:
        >>> from tinyseg.initializers import Zeros
        >>> Zeros()((2, 3), "float32")
        array([[0., 0., 0.],
               [0., 0., 0.]], dtype=float32)
    """

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Return zeros."""
        return np.zeros(shape, dtype)


class Ones(Initializer):
    """1 everywhere.

    Example:
        >>> from tinyseg.initializers import Ones
        >>> Ones()((2, 3), "float32")
        array([[1., 1., 1.],
               [1., 1., 1.]], dtype=float32)
    """

    def __call__(self, shape: tuple[int, ...], dtype: str = "float32") -> Array:
        """Return ones."""
        return np.ones(shape, dtype)
