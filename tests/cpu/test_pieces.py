"""Pieces of one size, the last of which overlaps the one before; and the tables of sizes."""

from __future__ import annotations

from typing import Any

import pytest
from tinyseg_kernels.cpu.compiled import kernel
from tinyseg_kernels.cpu.pieces import piece_from, piece_or_one
from tinyseg_kernels.cpu.sizes import AVX2, AVX_512, SIZES, Sizes


@kernel
def piece(first: int, count: int, size: int) -> Any:
    return piece_or_one(first, count, size)


@kernel
def whole_piece(first: int, count: int, size: int) -> int:
    return piece_from(first, count, size)


@pytest.mark.parametrize("size", [1, 4, 6])
def test_pieces_hold_everything_and_nothing_beyond(size: int) -> None:
    for count in range(20):
        first, held = 0, list[int]()
        while first < count:
            place, rows = piece(first, count, size)
            assert place <= first < place + rows
            assert rows == (size if count >= size else 1)
            held += range(place, place + rows)
            first = place + rows
        assert set(held) == set(range(count))
        if count >= size:
            assert [whole_piece(k, count, size) for k in range(0, count, size)] == sorted(set(held[::size]))


@pytest.mark.parametrize("sizes", [AVX_512, AVX2])
def test_sizes_of_an_architecture_fit_together(sizes: Sizes) -> None:
    """What the kernels take for granted, beside that every size is positive."""
    assert min(sizes) > 0
    assert sizes.columns % sizes.lanes == 0
    assert sizes.narrow_rows % sizes.rows == 0  # a block of narrow tiles is one of wide tiles
    assert sizes.winograd_channels_together % sizes.lanes == 0
    assert sizes.rows <= sizes.lanes  # a tile of rows is packed by vectors, whose rest is overwritten
    assert sizes.winograd_least_tiles % sizes.narrow_rows == 0
    assert SIZES in (AVX_512, AVX2)
