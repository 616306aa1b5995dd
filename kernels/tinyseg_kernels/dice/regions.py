"""The axes of a Dice loss as the kernels of a GPU take them.

(outer, reduced, inner), with the sums over the middle one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..device import contiguous
from ..types import Array, FloatArray

ROWS_OF_A_THREAD = 32
"""Rows that a thread adds up in one fold: short chains, and few sums beside the numbers read."""


class Regions(NamedTuple):
    """An array's axes, grouped."""

    outer: int
    reduced: int
    inner: int
    order: tuple[int, ...] | None
    """How the axes must be ordered first: those kept, then those summed over.

    None: they already lie so that they can be grouped.
    """

    @property
    def number(self) -> int:
        """Number of regions."""
        return self.outer * self.inner

    def arranged(self, array: Array) -> FloatArray:
        """Return the array's numbers in the kernels' order."""
        return contiguous(array if self.order is None else array.transpose(self.order))

    def restored(self, array: Array, shape: tuple[int, ...]) -> FloatArray:
        """Undo `arranged`, for an array of the original `shape`."""
        if self.order is None:
            return array.reshape(shape)
        lengths = [shape[axis] for axis in self.order]
        return contiguous(array.reshape(lengths).transpose(tuple(np.argsort(self.order).tolist())))


def regions_of(shape: tuple[int, ...], axes: tuple[int, ...]) -> Regions:
    """Group the axes: neighbours of one kind become one.

    A copy in another order is needed only where kinds alternate more often than kept-summed-kept.
    """
    first, last = min(axes), max(axes)
    between = all(axis in axes or shape[axis] == 1 for axis in range(first, last + 1))
    reduced = math.prod(shape[axis] for axis in axes)
    if between:
        return Regions(math.prod(shape[:first]), reduced, math.prod(shape[last + 1 :]), None)
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    return Regions(math.prod(shape[axis] for axis in kept), reduced, 1, (*kept, *axes))
