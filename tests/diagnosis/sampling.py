"""Which part of many is tested: the same one each time. TINYSEG_FULL=1 takes all."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

One = TypeVar("One")
FULL = os.environ.get("TINYSEG_FULL", "0") not in ("", "0")


def some(salt: str, known: Sequence[One], most: int) -> list[One]:
    """Return `most` of them, or all; with another `salt` it is another part."""
    return list(known) if FULL else random.Random(salt).sample(list(known), min(most, len(known)))
