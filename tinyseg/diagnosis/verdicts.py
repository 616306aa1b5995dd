"""What a diagnosis can find, as records. `reporting.py` puts them into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .calling import Raised, Watched
from .case import Case
from .clauses import Clause
from .comparison import Finding
from .explanation import Explanation
from .observing import Failure, Function, Malformed, Observation
from .operation import Trouble
from .place import Place
from .precision import Loss
from .traits import Trait


@dataclass(frozen=True)
class Passed:
    """All is right; `worst` is the largest relative error in float64."""

    functions: tuple[Function, ...]
    configurations: int
    worst: float
    wider: tuple[str, ...] = ()
    """Results of more digits than the inputs."""


@dataclass(frozen=True)
class TookTooLong:
    """A call that did not come back within `limit` seconds, after `before` configurations that went well."""

    function: Function
    case: Case
    before: int
    traits: tuple[Trait, ...]
    limit: float


@dataclass(frozen=True)
class WrongOrder:
    """Results of a function that are right, handed back in another order."""

    function: Function
    returned: tuple[str, ...]
    expected: tuple[str, ...]


@dataclass(frozen=True)
class WrongReturn:
    """A function returned other things than its contract says."""

    malformed: Malformed
    case: Case


@dataclass(frozen=True)
class NoArray:
    """A result that is None, no array of numbers, or complex."""

    output: str
    finding: Finding
    case: Case


@dataclass(frozen=True)
class Crashed:
    """An exception in `count` of `of` configurations; always, when none went well.

    `traits` are what the failing configurations have in common, `case` is the smallest of them.
    """

    function: Function
    raised: Raised
    case: Case
    traits: tuple[Trait, ...]
    count: int
    of: int
    always: bool

    @property
    def cause(self) -> str:
        """A mistake that gives itself away by where it raises; in general the exception is what is to be told."""
        suspect = next((trait for trait in self.traits if trait.suspect), None)
        return (suspect.mistake if suspect else "") or "exception"


@dataclass(frozen=True)
class Changed:
    """Arrays that a function was given and changed, in `count` of `of` configurations."""

    function: Function
    arrays: tuple[Watched, ...]
    case: Case
    count: int
    of: int

    @property
    def cause(self) -> str:
        """Whether it is only the cache."""
        return "cache-changed" if all(array.in_cache for array in self.arrays) else "input-changed"


@dataclass(frozen=True)
class LostPrecision:
    """Numbers that are right, but of few digits; `also` are other outputs of which the same holds."""

    loss: Loss
    also: tuple[str, ...]


@dataclass(frozen=True)
class Unstable:
    """Results that depend on more than the arguments: on unwritten memory, or on what an earlier call left."""

    cause: str
    where: str
    case: Case


@dataclass(frozen=True)
class WrongOutput:
    """What was seen of the output that is to be mended first."""

    output: str
    function: Function
    failing: Sequence[Observation]
    passing: Sequence[Observation]
    place: Place
    clauses: tuple[Clause, ...] = ()
    """What is said about the place."""


@dataclass(frozen=True)
class Explained:
    """A wrong output that is what a known mistake gives.

    Attributes:
        seen: The output.
        explanation: The mistake.
        details: What is to be added to it in brackets: each of them gives the same numbers.
        alternatives: Other mistakes of the operation that give the same numbers.
        looks_alike: All causes that do.
        made_elsewhere: In how many configurations it would show where the result is right.
        also: Other wrong outputs, each with its cause.
        changed: Arrays that were changed as well.
        crash: An exception that was raised as well, and where.
    """

    seen: WrongOutput
    explanation: Explanation
    details: tuple[str, ...]
    alternatives: tuple[Explanation, ...]
    looks_alike: tuple[str, ...]
    made_elsewhere: int
    also: tuple[tuple[str, str], ...]
    changed: tuple[Watched, ...]
    crash: tuple[Failure, Case] | None


@dataclass(frozen=True)
class Unexplained:
    """A wrong output that no known mistake gives: `cause` is what place and conditions suggest, or 'unknown'.

    `also` are other wrong outputs, `changed` are inputs that were changed as well.
    """

    seen: WrongOutput
    cause: str
    also: tuple[str, ...]
    changed: tuple[Watched, ...]


Malfunction = WrongReturn | NoArray | Crashed | Changed | LostPrecision
"""What comes before numbers."""

Verdict = Passed | TookTooLong | Trouble | WrongOrder | Malfunction | Unstable | Explained | Unexplained
