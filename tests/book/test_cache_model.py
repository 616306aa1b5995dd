"""The model of a cache against counts by hand, and against a cache written another way."""

from __future__ import annotations

from collections import OrderedDict
from itertools import product

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tinyseg.book.cache_model import LINE, SETS, WAYS, fetch, lines_fetched


def empty_cache() -> tuple[np.ndarray, np.ndarray]:
    return np.full((SETS, WAYS), -1), np.zeros((SETS, WAYS), np.int64)


def test_a_line_is_fetched_once_and_serves_its_neighbours() -> None:
    lines, used = empty_cache()
    assert [fetch(lines, used, now, address) for now, address in enumerate((64, 68, 124, 128, 64), 1)] == [
        1,
        0,
        0,
        1,
        0,
    ]


def test_of_a_full_set_the_line_unused_for_longest_goes() -> None:
    lines, used = empty_cache()
    same_set = [k * SETS * LINE for k in range(WAYS + 1)]
    touched = [*same_set[:WAYS], same_set[0], same_set[WAYS], same_set[0], same_set[1]]
    found = [fetch(lines, used, now, address) for now, address in enumerate(touched, 1)]
    assert found == [1] * WAYS + [0, 1, 0, 1]  # line 0 was used again, so line 1 had to go


def expected(order: str, n: int, block: int) -> list[int]:
    """Count with a set of an OrderedDict each: the first key is the line unused for longest."""
    sets: list[OrderedDict[int, None]] = [OrderedDict() for _ in range(SETS)]
    found = [0, 0, 0]
    for corner in product(range(0, n, block), repeat=3):
        for inside in product(range(block), repeat=3):
            at = {letter: c + i for letter, c, i in zip(order, corner, inside, strict=True)}
            i, j, k = (at[letter] for letter in "ijk")
            for which, number in enumerate((i * n + k, n * n + k * n + j, 2 * n * n + i * n + j)):
                line = 4 * number // LINE
                lines = sets[line % SETS]
                found[which] += line not in lines
                lines[line] = None
                lines.move_to_end(line)
                if len(lines) > WAYS:
                    lines.popitem(last=False)
    return found


@pytest.mark.parametrize(("order", "n", "block"), [("ijk", 40, 40), ("jki", 40, 8), ("ikj", 48, 16), ("kij", 36, 12)])
def test_counts_are_those_of_another_cache(order: str, n: int, block: int) -> None:
    assert lines_fetched(order, n, block).tolist() == expected(order, n, block)


@pytest.mark.parametrize(("order", "n", "block"), [("iij", 8, 8), ("ij", 8, 8), ("ijk", 8, 3), ("ijk", 8, 0)])
def test_other_loops_are_refused(order: str, n: int, block: int) -> None:
    with pytest.raises(InvalidInput, match="expected an order"):
        lines_fetched(order, n, block)
