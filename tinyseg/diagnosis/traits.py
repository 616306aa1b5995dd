"""What can be special about a configuration, and which mistake a fault that appears just there suggests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Trait:
    """Something that is special about a configuration.

    Attributes:
        words: As it stands in a sentence: 'strides above 1'.
        mistake: The cause that is named when a fault appears exactly where the configuration has this trait, and no
            known mistake gives the numbers; or, beside `mishandled`, where it raises just there.
        mishandled: For wrong numbers, in its place, a cause that says no more than where the fault appears.
        not_finite: The cause when what is wrong there are infinities and NaN.
        unseen: Whether shapes and options do not show it, so that the configuration's label names it.
    """

    words: str
    mistake: str = ""
    mishandled: str = ""
    not_finite: str = ""
    unseen: bool = False

    @property
    def suspect(self) -> str:
        """The cause that it suggests; '' for none."""
        return self.mishandled or self.mistake


class Numbers(Enum):
    """How the arrays of a configuration without a trait of their own are drawn."""

    BY_HAND = "small integers, to be checked on paper"
    RANDOM = "random numbers"


Special = Trait | Numbers
"""What stands in an operation's table of configurations: how the numbers are drawn, or what is special about them."""

FLOAT32 = Trait("float32 inputs", mishandled="float32-mishandled", unseen=True)
STRIDED = Trait("inputs that are not contiguous in memory", mistake="memory-layout-assumed", unseen=True)
TIES = Trait("equal numbers in a window", mishandled="ties-mishandled", unseen=True)
LARGE = Trait("large numbers", mistake="overflow", not_finite="overflow", unseen=True)
ZEROS = Trait("zeros among the inputs", mishandled="zeros-mishandled", unseen=True)
TINY = Trait("tiny numbers", mishandled="tiny-numbers-mishandled", unseen=True)

IMAGES = Trait("images")
SEVERAL_IMAGES = Trait("several images", mishandled="batch-mishandled")
SEVERAL_SAMPLES = Trait("several samples")
SEVERAL_CHANNELS = Trait("several channels", mishandled="channels-mishandled")
SEVERAL_FILTERS = Trait("several filters", mishandled="filters-mishandled")
MORE_THAN_TWO_CLASSES = Trait("more than two classes")
IMAGE_NOT_SQUARE = Trait("an image that is not square", "height-and-width-swapped", "image-not-square-mishandled")
LABELS_OF_8_BITS = Trait("labels of 8 bits", mistake="label-dtype-overflows")
LARGE_EPSILON = Trait("a large epsilon")

WINDOW_NOT_SQUARE = Trait("a window that is not square", "height-and-width-swapped", "window-not-square-mishandled")
STRIDES = Trait("strides above 1", mishandled="strides-mishandled")
UNEQUAL_STRIDES = Trait("unequal strides", "strides-swapped", "unequal-strides-mishandled")
DILATION = Trait("dilation above 1", mishandled="dilation-mishandled")
UNEQUAL_DILATION = Trait("unequal dilation", "dilations-swapped", "unequal-dilation-mishandled")
PADDING = Trait("padding", mishandled="padding-mishandled")
ONE_SIDED_PADDING = Trait("padding that is not symmetric", mishandled="padding-not-symmetric-mishandled")
EXPLICIT_PADDING = Trait("explicit padding", mishandled="explicit-padding-mishandled")
OVERLAPS = Trait("overlapping windows", mishandled="overlaps-mishandled")
GAPS = Trait("pixels that no window meets")


def traits_of(holds: Mapping[Trait, bool], *special: Special | None) -> frozenset[Trait]:
    """Return the traits that hold, and those of `special` that are traits."""
    return frozenset([t for t, there in holds.items() if there] + [s for s in special if isinstance(s, Trait)])


def in_order(traits: Iterable[Trait]) -> list[Trait]:
    """Return traits in the order of their words, which is the same in every process."""
    return sorted(traits, key=lambda trait: trait.words)
