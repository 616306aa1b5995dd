"""What the diagnosis knows about one operation: contract, configurations, right results, the mistakes people make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

from .case import Case, Outputs
from .comparison import Finding, compare
from .place import NamedRegion
from .traits import Trait

Predict = Callable[[Case], Outputs]


class Hypothesis(NamedTuple):
    """A mistake, and what it makes of a case: results by name; of a name that is left out it says nothing."""

    cause: str
    predict: Predict
    detail: str = ""


class Trouble(NamedTuple):
    """Something wrong that is not a matter of comparing numbers."""

    cause: str
    where: str
    detail: str
    evidence: JsonObject


class Operation(ABC):
    """One operation under diagnosis. Everything is a pure function of a case."""

    name: ClassVar[str]
    contract: ClassVar[str]
    arrays: ClassVar[tuple[str, ...]] = ("x",)
    results: ClassVar[tuple[str, ...]] = ("y",)
    gradients: ClassVar[tuple[str, ...]] = ("dx",)
    has_cache: ClassVar[bool] = True
    chained: ClassVar[bool] = False
    """Whether each result is made of those before it: a mistake made in an early one is then seen there as well."""

    @abstractmethod
    def cases(self) -> list[Case]:
        """Return the configurations, simplest first: the first wrong one is the smallest."""

    @abstractmethod
    def right(self, case: Case) -> Outputs:
        """Return the right results; the gradients too when the case has a dy."""

    @abstractmethod
    def mistakes(self) -> Iterable[Hypothesis]:
        """Return the known mistakes, the more specific first."""

    def pairs(self) -> Iterable[tuple[Hypothesis, tuple[str, str]]]:
        """Return two mistakes made at once: a hypothesis named after the first, and (cause, detail) of the second.

        They are looked at when no single mistake gives what was seen; two that change a result independently of each
        other need not be listed.
        """
        return ()

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Return masks of the parts of a result that have a name: the one in which all that is wrong lies is told."""
        return {}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Return the sizes that a wrong factor may be made of: {'N': 2, ...}."""
        return {}

    def library_caches(self, case: Case) -> list[object]:
        """Return the caches of the library's own forwards, for a backward that comes alone."""
        return []

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """Return wrong shapes that give a mistake away, with its cause."""
        return {}

    def adapt(self, case: Case, y: Any) -> Case:
        """Take note of what the function's own forward decided, where the contract leaves it a choice."""
        return case

    def compare(self, case: Case, output: str, right: object, got: object) -> Finding:
        """Compare a result; overridden where more than one answer is right."""
        return compare(right, got)

    def trouble(self, learner: Any, judged: Sequence[Any]) -> Trouble | None:
        """Look for what no comparison shows (a random mask's properties); called before the numbers are explained."""
        return None

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """Return options with the values for which a function without this argument can be run as well."""
        return {}

    def array_axes(self, case: Case) -> Mapping[str, tuple[str, ...]]:
        """Return, by array, the names of its axes in a configuration, for one with fewer channels, say."""
        return {name: axes for name, axes in self.input_changes().items() if name != "dy"}

    def reductions(self) -> Mapping[Trait, Callable[[Any, Case], Case | None]]:
        """Return how traits of its own are taken away from a configuration (`probes.py` has the general ones)."""
        return {}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """Return, by array, the names of its axes ('N', 'H', 'W', 'C'), for the generic mistakes in how it is read."""
        return {}


def axis_sizes(axes: Iterable[str], array: Array) -> dict[str, float]:
    """Return {'N': 2, 'H': 5, ...} of an array with named axes."""
    return {name: float(size) for name, size in zip(axes, np.shape(array), strict=False)}
