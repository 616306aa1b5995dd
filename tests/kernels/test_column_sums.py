"""Sums over rows on the device: accuracy in float32, same bits in every run, all shapes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.gpu.column_sums import column_sums, sum_to_last_axis
from tinyseg_kernels.types import Array

from tests.kernels.backends import EMULATED, MISSING, choose
from tests.support.errors import relative_error

pytestmark = pytest.mark.skipif("cupy" in MISSING, reason=str(MISSING.get("cupy")))


@pytest.fixture(autouse=True)
def cupy_backend() -> Iterator[None]:
    with choose("cupy"):
        yield


def summed(x: Array) -> Array:
    result: Array = to_host(column_sums(to_device(x)))
    return result


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("columns", [1, 2, 3, 5, 16, 31, 32, 33, 100])
@pytest.mark.parametrize("rows", [1, 2, 255, 257, 2049, 70001])
def test_agrees_with_numpy(rng: np.random.Generator, rows: int, columns: int, dtype: str) -> None:
    x = rng.standard_normal((rows, columns)).astype(dtype)
    sums = summed(x)
    assert sums.dtype == dtype
    assert sums.shape == (columns,)
    expected = x.astype(np.longdouble).sum(axis=0)
    bound = {"float32": 6e-7, "float64": 2e-15}[dtype] * np.sqrt(rows)  # of sums around 0 in which digits cancel
    assert np.abs(sums - expected).max() < bound


@pytest.mark.parametrize("columns", [1, 3, 40])
def test_millions_of_rows_far_from_zero_keep_their_digits_in_float32(rng: np.random.Generator, columns: int) -> None:
    """One number after the other onto a total would be off by 1e-3: the total outgrows what is added."""
    x = (rng.random((3_000_001 // columns, columns)) + 100).astype(np.float32)
    expected = x.astype(np.float64).sum(axis=0)
    assert relative_error(summed(x), expected) < 2e-7


def test_two_runs_give_the_same_bits(rng: np.random.Generator) -> None:
    x = rng.standard_normal((10_000, 7)).astype(np.float32)
    np.testing.assert_array_equal(summed(x), summed(x))


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (0, 0)])
def test_a_sum_over_nothing_is_zero(shape: tuple[int, int]) -> None:
    np.testing.assert_array_equal(summed(np.zeros(shape, np.float32)), np.zeros(shape[1], np.float32))


def test_what_is_not_a_number_stays_in_its_column(rng: np.random.Generator) -> None:
    x = rng.standard_normal((600, 4)).astype(np.float32)
    x[599, 1], x[0, 2] = np.nan, np.inf
    sums = summed(x)
    assert np.isfinite(sums[[0, 3]]).all()
    assert np.isnan(sums[1])
    assert sums[2] == np.inf


def test_more_axes_and_gaps(rng: np.random.Generator) -> None:
    x = rng.standard_normal((3, 4, 5, 6))
    expected = x[..., ::2].sum(axis=(0, 1, 2))
    assert relative_error(to_host(sum_to_last_axis(to_device(x)[..., ::2])), expected) < 1e-14


@pytest.mark.skipif(not EMULATED, reason="asks the emulator")
@pytest.mark.parametrize("columns", [3, 70])
def test_no_races_and_each_sector_is_read_once(rng: np.random.Generator, columns: int) -> None:
    x = rng.standard_normal((512, columns)).astype(np.float32)
    with emulation(races=True, memory_report=True) as findings:
        summed(x)
    assert len(findings) == 0
    read = [line for line in findings.traffic if line.array == "matrix"]
    # 70 columns are no multiple of 32 bytes: requests begin and end within a sector.
    assert sum(line.sectors for line in read) < 1.6 * sum(line.ideal_sectors for line in read)
