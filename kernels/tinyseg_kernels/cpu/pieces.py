"""Work that is cut into pieces of one size, vectors or tiles, where the last piece overlaps the one before.

What both hold is computed twice, to the same numbers, and no piece has another size. Sums cannot be added twice: who
adds to what is there does without this.
"""

from __future__ import annotations

from typing import Any

from .compiled import inlined


@inlined
def piece_from(first: int, count: int, size: int) -> int:
    """Return where the piece begins that has `first` in it, of a count that is at least the size."""
    return min(first, count - size)


@inlined
def piece_or_one(first: int, count: int, size: int) -> Any:
    """Return where the piece begins that has `first` in it, and its size: 1 where the count is too small."""
    if first + size <= count:
        return first, size
    if count >= size:
        return count - size, size
    return first, 1
