"""Sums over all axes but the last, which every bias and batch statistic goes through."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_kernels.sums import BLOCK_NUMBERS, row_blocks, sum_to_last_axis

from tests.support.errors import relative_error

SHAPES = [(1, 1), (3,), (7, 3), (2, 3, 4, 5), (0, 4), (2, 0, 3), (70_001, 2), (3, 41, 53, 20), (2, 2 * BLOCK_NUMBERS)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-14), ("float32", 5e-6)])
def test_sums_to_the_last_axis(rng: np.random.Generator, shape: tuple[int, ...], dtype: str, tolerance: float) -> None:
    """Numbers far from zero, on which a running total in float32 would be wrong by 1e-3 and more."""
    x = (rng.random(shape) + 100).astype(dtype)
    total = sum_to_last_axis(x)
    assert total.dtype == dtype
    assert relative_error(total, x.astype(np.float64).reshape(-1, shape[-1]).sum(axis=0)) < tolerance


@pytest.mark.parametrize("shape", [(1, 1), (0, 3), (70_001, 2), (65, 5000), (3, 3 * BLOCK_NUMBERS)])
def test_blocks_cover_every_row_once(shape: tuple[int, int]) -> None:
    rows = np.zeros(shape, np.int8)
    for block in row_blocks(rows):
        rows[block] += 1
        assert rows[block].size <= max(BLOCK_NUMBERS, shape[1])
    assert (rows == 1).all()
