"""Pieces of address space: the lowest gap that fits, none of them shared, gaps that touch become one.

What the system refuses.
"""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tinyseg_kernels.cpu.memory import arena
from tinyseg_kernels.cpu.memory.arena import PAGE, Arena, Range

PAGES = 40


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=60))
def test_a_range_against_a_table_of_its_pages(orders: list[tuple[bool, int]]) -> None:
    found, taken = Range(PAGES * PAGE), np.zeros(PAGES, bool)
    pieces: list[tuple[int, int]] = []
    highest = 0
    for take, number in orders:
        if take:
            starts = [k for k in range(PAGES - number + 1) if not taken[k : k + number].any()]
            start = found.take(number * PAGE)
            assert start == (starts[0] * PAGE if starts else None)
            if starts:
                taken[starts[0] : starts[0] + number] = True
                pieces.append((starts[0], number))
                highest = max(highest, starts[0] + number)
        elif pieces:
            first, count = pieces.pop(number % len(pieces))
            found.give(first * PAGE, count * PAGE)
            taken[first : first + count] = False
        edges = np.flatnonzero(np.diff(np.concatenate([[True], taken, [True]]).astype(int)))
        assert found.gaps == [(int(a) * PAGE, int(b) * PAGE) for a, b in zip(edges[::2], edges[1::2], strict=True)]
        assert found.touched == highest * PAGE


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="the system takes no single pages back")
def test_released_gaps_are_empty_and_pieces_keep_their_numbers() -> None:
    found = Range(3 * PAGE)
    starts = [found.take(PAGE) for _ in range(3)]
    memory = np.frombuffer(found._memory, np.uint8)
    memory[:] = 7
    found.give(PAGE, PAGE)
    found.release()
    assert starts == [0, PAGE, 2 * PAGE]
    assert (memory[:PAGE] == 7).all()
    assert (memory[PAGE : 2 * PAGE] == 0).all()
    assert (memory[2 * PAGE :] == 7).all()


def test_another_range_when_the_first_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena, "_first_range", lambda: 4 * PAGE)
    monkeypatch.setattr(arena, "SMALLEST_RANGE", 8 * PAGE)
    small = Arena()
    places = [small.take(3 * PAGE) for _ in range(3)]
    assert [found.size // PAGE for found in small.ranges] == [4, 8]
    assert [(small.ranges.index(found), start // PAGE) for found, start in places] == [(0, 0), (1, 0), (1, 3)]
    large, start = small.take(50 * PAGE)
    assert (large.size, start) == (50 * PAGE, 0)
    for found, start in places[1:]:
        found.give(start, 3 * PAGE)
    small.release()  # a range that nobody uses goes
    assert [found.size // PAGE for found in small.ranges] == [4, 50]


def test_smaller_ranges_where_the_system_refuses_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    real = arena._reserve

    def limited(size: int) -> mmap.mmap:
        if size > 10 * PAGE:
            raise OSError(12, "Cannot allocate memory")
        return real(size)

    monkeypatch.setattr(arena, "_reserve", limited)
    found, _ = Arena().take(3 * PAGE)
    assert 3 * PAGE <= found.size <= 10 * PAGE
    with pytest.raises(
        MemoryError, match=rf"expected {11 * PAGE:,} bytes of memory, the system refused: .*Cannot allocate"
    ):
        Arena().take(11 * PAGE)


def test_strict_accounting_gets_small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda self: "2\n")
    assert arena._first_range() == arena.SMALLEST_RANGE
