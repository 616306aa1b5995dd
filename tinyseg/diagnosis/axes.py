"""Names of axes, and of the entries along them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

AXES: Mapping[str, str] = {
    "N": "image",
    "H": "row",
    "W": "column",
    "OH": "row",
    "OW": "column",
    "C": "channel",
    "F": "filter",
    "S": "sample",
    "KH": "tap-row",
    "KW": "tap-column",
    "M": "multiplier",
    "D": "feature",
    "K": "class",
    "P": "position",
}
"""What an entry along an axis is called."""


class End(Enum):
    """One of the two ends of an axis; its value is the word and, by `index`, the place."""

    FIRST = "first"
    LAST = "last"

    @property
    def index(self) -> int:
        """Where it is: 0 or -1."""
        return 0 if self is End.FIRST else -1


def plural(word: str) -> str:
    """Return 'rows', 'classes'."""
    return word + ("es" if word.endswith("s") else "s")
