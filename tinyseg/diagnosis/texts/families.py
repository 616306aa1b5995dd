"""Causes that exist for each kind of entry along an axis: a row, a channel, an image that is left out or mixed up.

`PATTERNS` are the texts with gaps, {end} 'first' or 'last' and {entry} 'row'; `FAMILIES` are all causes that they make.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from ..axes import AXES, End, plural

ENTRIES = (*dict.fromkeys(AXES.values()), "tap", "entry")
NAMELESS = range(6)
"""Numbers of axes that have no name."""

Text = tuple[str, str]

PATTERNS: Mapping[str, Text] = {
    "only-{end}-{entry}": (
        "Only the {end} {entry} counts ({{detail}}); the others are left out or overwritten.",
        "Is a result assigned in a loop where it should be added to, or an index fixed at one end?",
    ),
    "{end}-{entry}-missing": (
        "The {end} {entry} is left out ({{detail}}).",
        "Where does the loop begin and end? range(n) gives 0 to n - 1.",
    ),
    "first-{entry}-for-all": (
        "The first {entry} is used in place of all ({{detail}}).",
        "Is an index constant that should run?",
    ),
    "{entries}-reversed": (
        "The order along the {entry} axis is reversed ({{detail}}).",
        "Which one comes first?",
    ),
    "{entries}-shifted": (
        "Along the {entry} axis everything is shifted by one ({{detail}}).",
        "Which index belongs to which entry?",
    ),
    "{entries}-averaged": (
        "The mean over the {entry} axis is used in place of each {entry} ({{detail}}).",
        "Which indices does the formula sum over?",
    ),
    "{entries}-summed": (
        "The sum over the {entry} axis is used in place of each {entry} ({{detail}}).",
        "Which indices does the formula sum over?",
    ),
    "all-in-the-{end}-{entry}": (
        "Everything along the {entry} axis is added up in the {end} {entry}, and the others stay 0.",
        "Into which {entry} is each contribution written? Is an index constant that should run?",
    ),
}

PATTERNS_BY_NUMBER: Mapping[str, Text] = {
    "only-{end}-axis-{axis}": (
        "Only the {end} entry along axis {axis} counts ({{detail}}); the others are left out or overwritten.",
        "Is a result assigned in a loop where it should be added to, or an index fixed at one end?",
    ),
    "{end}-axis-{axis}-missing": (
        "The {end} entry along axis {axis} is left out ({{detail}}).",
        "Where does the loop begin and end? range(n) gives 0 to n - 1.",
    ),
    "all-in-the-{end}-axis-{axis}": (
        "Everything along axis {axis} is added up in its {end} entry, and the others stay 0.",
        "Into which entry is each contribution written? Is an index constant that should run?",
    ),
}
"""The same along axes without a name."""


PATTERNS_OF_THE_LAST_AXIS: Mapping[str, Text] = {
    "only-{end}-last-axis": (
        "Only the {end} entry along the last axis counts ({{detail}}); the others are left out or overwritten.",
        "Is a result assigned in a loop where it should be added to, or an index fixed at one end?",
    ),
    "{end}-last-axis-missing": (
        "The {end} entry along the last axis is left out ({{detail}}).",
        "Where does the loop begin and end? range(n) gives 0 to n - 1.",
    ),
}
"""The same for arrays of any rank."""


def filled(patterns: Mapping[str, Text], words: Mapping[str, str] | None = None) -> Iterator[tuple[str, Text]]:
    """Yield all causes that patterns make, with their texts.

    Args:
        patterns: Cause with gaps -> texts with gaps.
        words: What stands in the texts for 'first', 'last', 'row', ... in another language; causes stay as they are.
    """
    words = words or {}
    for (cause, text), end in itertools.product(patterns.items(), End):
        gaps: list[dict[str, str]] = [{}]
        if "{axis}" in cause:
            gaps = [{"axis": str(axis)} for axis in NAMELESS]
        elif "{entr" in cause:
            gaps = [{"entry": entry, "entries": plural(entry)} for entry in ENTRIES]
        for gap in gaps:
            said = {name: words.get(word, word) for name, word in {"end": end.value, **gap}.items()}
            suggests, hint = (part.format(**said) for part in text)
            yield cause.format(end=end.value, **gap), (suggests, hint)


FAMILIES: Mapping[str, Text] = dict(filled({**PATTERNS, **PATTERNS_BY_NUMBER, **PATTERNS_OF_THE_LAST_AXIS}))
"""Cause: (what it suggests, hint)."""
