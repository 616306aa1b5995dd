"""A small model of a cache, which counts what a clock can only suggest. Chapter 11 counts with it, and shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray
from tinyseg_kernels.errors import InvalidInput

Function = TypeVar("Function", bound=Callable[..., object])

SETS, WAYS, LINE = 16, 8, 64
"""The modelled cache: 16 sets of 8 lines of 64 bytes, 8 KiB."""


def _compiled(function: Function) -> Function:
    compiled: Function = njit(function)
    return compiled


@_compiled
def fetch(lines: NDArray[np.int64], used: NDArray[np.int64], now: int, address: int | np.int64) -> int:
    """Touch an address; return 1 if its line has to be fetched.

    `lines` and `used` (sets, ways) hold which line lies where, and when it was touched last. The last digits of a
    line's number name its set; of a full set the line that was not used for longest has to go.
    """
    line, oldest = address // LINE, 0
    place = line % lines.shape[0]
    for way in range(lines.shape[1]):
        if lines[place, way] == line:
            used[place, way] = now
            return 0
        if used[place, way] < used[place, oldest]:
            oldest = way
    lines[place, oldest], used[place, oldest] = line, now
    return 1


def lines_fetched(order: str, n: int, block: int) -> NDArray[np.int64]:
    """Count the lines of a, b and c that a matrix product c[i, j] += a[i, k] * b[k, j] fetches.

    Args:
        order: The three loops from the outside in, such as 'ikj'.
        n: Rows and columns of each of the three float32 matrices, which lie one after the other, row by row.
        block: The loops go over blocks of block^3 products, in the same order; it divides n.

    Returns:
        (3,): lines of a, of b, of c.

    Raises:
        InvalidInput: Another order, or a block that does not divide n.

    Example:
        >>> lines_fetched("ikj", 32, 32).tolist()  # b stays, a and c go by: each of 64 lines once
        [64, 64, 64]
    """
    if sorted(order) != ["i", "j", "k"] or block < 1 or n % block:
        raise InvalidInput(
            f"expected an order of 'i', 'j', 'k' and a block that divides {n}, got {order!r} and {block}"
        )
    p, q, r = ("ijk".index(letter) for letter in order)
    return np.asarray(_lines_fetched(p, q, r, n, block))


@_compiled
def _lines_fetched(p: int, q: int, r: int, n: int, block: int) -> NDArray[np.int64]:
    lines, used, found = np.full((SETS, WAYS), -1), np.zeros((SETS, WAYS), np.int64), np.zeros(3, np.int64)
    at, now, across = np.zeros(3, np.int64), 0, n // block
    for number in range(across**3):
        first = number // across**2 * block, number // across % across * block, number % across * block
        for u in range(first[0], first[0] + block):
            for v in range(first[1], first[1] + block):
                for w in range(first[2], first[2] + block):
                    at[p], at[q], at[r] = u, v, w
                    i, j, k = at
                    now += 3
                    found[0] += fetch(lines, used, now, 4 * (i * n + k))
                    found[1] += fetch(lines, used, now + 1, 4 * (n * n + k * n + j))
                    found[2] += fetch(lines, used, now + 2, 4 * (2 * n * n + i * n + j))
    return found
