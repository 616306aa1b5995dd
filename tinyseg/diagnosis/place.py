"""Where and when something is wrong, as records; `words` is how they stand in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from .axes import End
from .language import say
from .traits import Trait


@dataclass(frozen=True)
class NamedRegion:
    """A part of a result that has a name.

    Attributes:
        words: 'the border'.
        mistake: The cause when all that is wrong lies there, whatever the configurations have in common.
        mishandled: The cause when all that is wrong lies there and nothing else is known.
    """

    words: str
    mistake: str = ""
    mishandled: str = ""


@dataclass(frozen=True)
class OneNumber:
    """The first or the last number of a result, alone."""

    end: End

    @property
    def words(self) -> str:
        """'the very last number only'."""
        return say("the very first number only" if self.end is End.FIRST else "the very last number only")

    @property
    def mishandled(self) -> str:
        """The cause that it suggests."""
        return f"{self.end.value}-entry-missing"


@dataclass(frozen=True)
class OneEnd:
    """The first or the last entry along an axis; `entry` is what it is called ('row'), '' on an axis without a name."""

    end: End
    axis: int
    entry: str = ""

    @property
    def words(self) -> str:
        """'the last row only'."""
        entry = say(self.entry) if self.entry else say("index of axis {axis}", axis=self.axis)
        return say("the first {entry} only" if self.end is End.FIRST else "the last {entry} only", entry=entry)

    @property
    def not_finite(self) -> str:
        """The cause when infinities and NaN stand there; '' on an axis without a name."""
        return f"{self.end.value}-{self.entry}-missing" if self.entry else ""


@dataclass(frozen=True)
class Share:
    """A part of all numbers, spread over the result."""

    wrong: int
    total: int

    @property
    def words(self) -> str:
        """'everywhere' (from 97 % on) or '12 % of the numbers'."""
        if self.wrong > 0.97 * self.total or self.wrong == self.total:
            return say("everywhere")
        return say("{share:.0f} % of the numbers", share=100 * self.wrong / self.total)


Region = NamedRegion | OneNumber | OneEnd | Share


@dataclass(frozen=True)
class Place:
    """Where in a result something is wrong, and in which configurations.

    Attributes:
        region: The part of the result; None where only shapes are wrong.
        wrong_shape: Whether the shape is wrong in some configuration.
        traits: What the failing configurations have in common and the passing ones lack.
        telling: Those that alone make the difference: everything fails that has them, or nothing once they are taken
            away and all else is as before.
    """

    region: Region | None
    wrong_shape: bool
    traits: tuple[Trait, ...]
    telling: tuple[Trait, ...] = ()

    @property
    def words(self) -> str:
        """'the border, only with strides above 1'."""
        region = say(self.region.words) if isinstance(self.region, NamedRegion) else self.region and self.region.words
        where = [*([say("shape")] if self.wrong_shape else []), *([region] if region else [])]
        return ", ".join(part for part in ("; ".join(where), only_with(self.traits)) if part)


def only_with(traits: tuple[Trait, ...]) -> str:
    """Say when something fails: 'only with strides above 1'; '' when it fails always or nothing is common."""
    listed = say(" and ").join(say(trait.words) for trait in traits)
    return say("only with {traits}", traits=listed) if traits else ""


SEVERAL_WINDOWS = NamedRegion("pixels in several windows", mishandled="overlaps-mishandled")
NO_WINDOW = NamedRegion("pixels in no window")
BORDER = NamedRegion("the border", mishandled="border-mishandled")
BEYOND_THE_BORDER = NamedRegion("windows that reach beyond the border", mishandled="border-mishandled")
INTERIOR = NamedRegion("the interior")
