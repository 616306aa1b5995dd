"""Sums of losses: `0.5 * Dice() + CategoricalCrossentropy()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class Arithmetic:
    """Base of `Loss`: a loss times a number, and a loss plus a loss, are a `WeightedSum`.

    Example:
        >>> from tinyseg.losses import MeanAbsoluteError, MeanSquaredError
        >>> float((0.5 * MeanSquaredError() + 2 * MeanAbsoluteError())([[0.0]], [[3.0]]))  # 0.5 * 9 + 2 * 3
        10.5
    """

    combined: ClassVar[Callable[..., Arithmetic]]
    """Makes the sum of losses with factors; set where `WeightedSum` is."""

    def terms(self) -> list[tuple[Arithmetic, float]]:
        """Return the losses that this one is the sum of, with their factors."""
        return [(self, 1.0)]

    def __add__(self, other: object) -> Arithmetic:
        """Return the sum of two losses; 0, which Python's sum() begins with, adds nothing."""
        if type(other) is int and other == 0:
            return self
        if not isinstance(other, Arithmetic):
            return NotImplemented
        both = [*self.terms(), *other.terms()]
        return type(self).combined([loss for loss, _ in both], [factor for _, factor in both])

    __radd__ = __add__

    def __mul__(self, factor: float) -> Arithmetic:
        """Return this loss times a number of at least 0."""
        if isinstance(factor, Arithmetic):
            return NotImplemented
        known = self.terms()
        scaled = type(self).combined([self], [factor]).terms()[0][1]  # a checked number
        return type(self).combined([loss for loss, _ in known], [own * scaled for _, own in known])

    __rmul__ = __mul__
