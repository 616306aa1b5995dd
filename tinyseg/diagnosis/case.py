"""What a learner's functions are run on: one configuration of an operation, with its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from .traits import STRIDED, Trait, in_order

Outputs = Mapping[str, Any]
"""Results by name: 'y', 'dx', 'dkernel', ..."""

_DRAW: ContextVar[int] = ContextVar("draw", default=0)
"""Which numbers the configurations have; their shapes and options are always the same."""


@contextmanager
def drawn_with(seed: int) -> Iterator[None]:
    """Within the block, `Operation.cases` draws other numbers: who knows those of seed 0 by heart knows nothing."""
    token = _DRAW.set(seed)
    try:
        yield
    finally:
        _DRAW.reset(token)


def drawn_with_seed() -> int:
    """Return the seed with which configurations are drawn now."""
    return _DRAW.get()


def case_rng(number: int, salt: int) -> np.random.Generator:
    """Return the generator of the numbers of configuration `number`; `salt` is another one for each operation."""
    seed = _DRAW.get()
    return np.random.default_rng([number, salt, seed] if seed else [number, salt])


@dataclass(frozen=True)
class Case:
    """One configuration.

    Attributes:
        arrays: Positional arguments of forward by name, in order.
        options: Keyword arguments of forward.
        traits: What is special about it ('strides above 1', 'several images', ...): tells when a fault appears.
        dy: The upstream gradient; None until the shape of the right result is known, or when there is no backward.
        lenient: Whether a function may refuse it (by an exception) and still count as right: explicit padding, for
            example.
        by_hand: Whether its numbers are small integers, for an example that can be checked on paper.
        seen: What was learned from the function's own forward and the right result depends on: dropout's mask, a loss
            that is a mean.
    """

    arrays: Mapping[str, Array]
    options: Mapping[str, Any] = field(default_factory=dict)
    traits: frozenset[Trait] = frozenset()
    dy: Any = None
    lenient: bool = False
    by_hand: bool = False
    seen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The configuration in words: 'x (1, 3, 3, 1), kernel (2, 2, 1, 1), strides (1, 1)'."""
        parts = [f"{name} {array.shape}" for name, array in self.arrays.items()]
        parts += [f"{name}={value!r}" for name, value in self.options.items()]
        special = [trait.words for trait in in_order(self.traits) if trait.unseen]
        return ", ".join(parts) + (f" ({'; '.join(special)})" if special else "")

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The dtype of its floating-point inputs."""
        return next((a.dtype for a in self.arrays.values() if a.dtype.kind == "f"), np.dtype(np.float64))

    def with_arrays(self, **changed: Array) -> Case:
        """Return the case with other arrays."""
        return replace(self, arrays={**self.arrays, **changed})

    def with_options(self, **changed: Any) -> Case:
        """Return the case with other options."""
        return replace(self, options={**self.options, **changed})

    def with_dy(self, dy: Any) -> Case:
        """Return the case with another upstream gradient."""
        return replace(self, dy=dy)


def upstream_for(y: Any, case: Case, seed: int, number: int = -1) -> Array:
    """Draw dy: random numbers of y's shape (small integers for a case to be checked by hand), never ones.

    `number` is that of the configuration: if all began with the same dy, its first number would look constant.
    """
    rng = np.random.default_rng([seed, 0x6479, number + 1])
    shape = np.shape(y)
    if case.by_hand:
        dy = rng.integers(1, 6, shape) * rng.choice([-1, 1], shape)
    else:
        dy = rng.standard_normal(shape)
    dy = np.asarray(dy, case.dtype)
    if STRIDED in case.traits and dy.ndim > 1:
        dy = strided(dy)
    return dy


def strided(array: Array) -> Array:
    """Return the same numbers in another memory order, as a transposed array or a slice of a larger one has it."""
    twice = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype).T
    view = twice.T[..., ::2]
    view[...] = array
    return view


def small_integers(rng: np.random.Generator, shape: Iterable[int], low: int = 1, high: int = 9) -> Array:
    """Draw distinct-looking integers with signs, as floats: numbers for calculations by hand."""
    shape = tuple(shape)
    return (rng.integers(low, high + 1, shape) * rng.choice([-1, 1], shape)).astype(np.float64)
