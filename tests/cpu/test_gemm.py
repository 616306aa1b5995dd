"""Matrix products of any shape against float64, packing, and the tile that they are made of, number by number."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from tinyseg_kernels.cpu.gemm.blocked_product import DEPTH as BLOCKED_DEPTH
from tinyseg_kernels.cpu.gemm.blocked_product import PANELS_AT_A_TIME, ROWS_AT_A_TIME, blocked_product
from tinyseg_kernels.cpu.gemm.gemm import DEPTH, FEW_ROWS, product, product_transposed, transposed_product
from tinyseg_kernels.cpu.gemm.micro_kernel import COLUMNS, LANES, ROWS, row, row_add, tile, tile_add
from tinyseg_kernels.cpu.gemm.packing import packed, panels
from tinyseg_kernels.cpu.memory.buffers import poison
from tinyseg_kernels.cpu.threading.threads import set_num_threads
from tinyseg_kernels.cpu.vectors.transposition import transpose

from tests.support.errors import ErrorLog, relative_error

SHAPES = [
    (1, 1, 1), (1, 7, 3), (ROWS, DEPTH, COLUMNS), (ROWS + 1, DEPTH + 1, COLUMNS + 1),
    (2 * ROWS - 1, 3, 2 * COLUMNS - 1),
    (FEW_ROWS, 300, 2 * COLUMNS), (FEW_ROWS + 1, 300, 2 * COLUMNS), (3, 2 * DEPTH + 5, 3 * COLUMNS + 2), (8, 1000, 128),
    (8, 5, 5000),
    (1000, 3, 16), (1000, 16, 3), (257, 129, 65), (5000, 64, 1), (2, 3, 4097), (97, 700, 31),
]  # fmt: skip
EMPTY = [(0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0, 0), (100, 0, 4)]


@pytest.fixture(autouse=True, params=[1, 2, 5])
def _threads(request: pytest.FixtureRequest) -> None:
    """With this many threads, and in memory that holds NaN where nothing was written."""
    set_num_threads(request.param)
    poison(True)


def matrices(rng: np.random.Generator, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def check(actual: np.ndarray, expected: np.ndarray, record_error: ErrorLog) -> None:
    """Compare with a result in float64."""
    assert actual.dtype == np.float32
    error = relative_error(actual, expected)
    record_error("matrix products", error)
    assert error < 2e-6


@pytest.mark.parametrize("shape", [*SHAPES, *EMPTY, (130, 400, 200)])
@pytest.mark.parametrize("biased", [False, True])
def test_product(shape: tuple[int, int, int], biased: bool, rng: np.random.Generator, record_error: ErrorLog) -> None:
    m, k, f = shape
    a, b, bias = matrices(rng, (m, k), (k, f), (f,))
    expected = a.astype(float) @ b + (bias if biased else 0)
    check(product(a, b, bias if biased else None), expected, record_error)


@pytest.mark.parametrize(
    "shape", [*SHAPES, *EMPTY, (150, 400, 450), (24 * ROWS, 5 * DEPTH + 3, 40), (17 * ROWS + 5, 100, COLUMNS)]
)
def test_transposed_product(shape: tuple[int, int, int], rng: np.random.Generator, record_error: ErrorLog) -> None:
    m, k, f = shape
    a, b = matrices(rng, (k, m), (k, f))
    check(transposed_product(a, b), a.T.astype(float) @ b, record_error)


@pytest.mark.parametrize(
    "shape", [*SHAPES, *EMPTY, (130, 400, 200), (9, 70, 5001), (40, 3, 4100), (COLUMNS, 50, 4096 + 2 * ROWS)]
)
def test_product_transposed(shape: tuple[int, int, int], rng: np.random.Generator, record_error: ErrorLog) -> None:
    m, k, f = shape
    a, b = matrices(rng, (m, k), (f, k))
    check(product_transposed(a, b), a.astype(float) @ b.T, record_error)


def test_matrices_with_gaps(rng: np.random.Generator, record_error: ErrorLog) -> None:
    a, b = (array[::-1, ::2] for array in matrices(rng, (70, 90), (45, 80)))
    assert not a.flags.c_contiguous
    check(product(a, b), a.astype(float) @ b, record_error)
    check(transposed_product(a, a), a.T.astype(float) @ a, record_error)
    check(product_transposed(a, b.T), a.astype(float) @ b, record_error)


LARGE = [
    (ROWS_AT_A_TIME, BLOCKED_DEPTH, PANELS_AT_A_TIME * COLUMNS),
    (ROWS_AT_A_TIME + 1, BLOCKED_DEPTH + 1, PANELS_AT_A_TIME * COLUMNS + 1),
    (2 * ROWS_AT_A_TIME + ROWS - 1, 2 * BLOCKED_DEPTH + LANES - 1, 300), (130, 129, 700), (700, 129, 130),
    (FEW_ROWS + 1, 900, 257),
]  # fmt: skip


@pytest.mark.parametrize("shape", [*LARGE, *SHAPES])
@pytest.mark.parametrize("orders", ["C C", "C F", "F C", "F F", "gaps"])
def test_blocked_product(
    shape: tuple[int, int, int], orders: str, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    m, k, f = shape
    a, b, bias = matrices(rng, (m, k), (k, f), (f,))
    expected = a.astype(float) @ b
    if orders == "gaps":
        a, b = (np.repeat(matrix, 2, axis=0)[::2] for matrix in (a, b))
    else:
        order_a, order_b = orders.split()
        a, b = np.asarray(a, order=order_a), np.asarray(b, order=order_b)  # type: ignore[call-overload]
    check(blocked_product(a, b), expected, record_error)
    check(blocked_product(a, b, bias, relu=True), np.maximum(expected + bias, 0), record_error)


@pytest.mark.parametrize("shape", LARGE)
def test_large_products_have_the_same_bits_for_any_number_of_threads(
    shape: tuple[int, int, int], rng: np.random.Generator
) -> None:
    m, k, f = shape
    a, b = matrices(rng, (m, k), (k, f))
    here = product(a, b)
    set_num_threads(3)
    np.testing.assert_array_equal(here, product(a, b))


def test_a_square_is_turned_around_in_registers(rng: np.random.Generator) -> None:
    source, target = (
        rng.standard_normal((LANES, LANES + 3)).astype(np.float32),
        np.empty((LANES, LANES + 5), np.float32),
    )

    @numba.njit
    def turn(source: np.ndarray, target: np.ndarray) -> None:
        transpose(source.ctypes.data, source.shape[1] * 4, target.ctypes.data, target.shape[1] * 4)

    turn(source, target)
    np.testing.assert_array_equal(target[:, :LANES], source[:, :LANES].T)


def test_infinity_and_nan_stay_where_they_are(rng: np.random.Generator) -> None:
    a, b = matrices(rng, (100, 30), (30, 40))
    a[3, 4], a[50, 1] = np.nan, np.inf
    c = product(a, b)
    assert np.isnan(c[3]).all()
    assert np.isinf(c[50]).all()
    assert np.isfinite(np.delete(c, [3, 50], axis=0)).all()


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, COLUMNS), (2, 4, COLUMNS + 1), (36, 7, 3 * COLUMNS - 1)])
def test_packing(shape: tuple[int, int, int], rng: np.random.Generator) -> None:
    count, k, f = shape
    (matrix,) = matrices(rng, shape)
    panel = packed(matrix)
    assert panel.shape == (count, panels(f), k, COLUMNS)
    unpacked = panel.swapaxes(1, 2).reshape(count, k, -1)
    np.testing.assert_array_equal(unpacked[:, :, :f], matrix)
    assert not unpacked[:, :, f:].any()


@numba.njit
def run_tile(full, add, a, a_row, a_step, b, b_step, c, c_row, count):  # type: ignore[no-untyped-def]
    """Call one of the four intrinsics with addresses."""
    if full and add:
        tile_add(a.ctypes.data, a_row, a_step, b.ctypes.data, b_step, c.ctypes.data, c_row, count)
    elif full:
        tile(a.ctypes.data, a_row, a_step, b.ctypes.data, b_step, c.ctypes.data, c_row, count)
    elif add:
        row_add(a.ctypes.data, a_row, a_step, b.ctypes.data, b_step, c.ctypes.data, c_row, count)
    else:
        row(a.ctypes.data, a_row, a_step, b.ctypes.data, b_step, c.ctypes.data, c_row, count)


@pytest.mark.parametrize("count", [0, 1, 2, 17])
@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("full", [False, True])
def test_a_tile_is_exact_for_whole_numbers_and_writes_nothing_else(
    full: bool, add: bool, count: int, rng: np.random.Generator
) -> None:
    rows = ROWS if full else 1
    a = rng.integers(-9, 9, (ROWS, 20)).astype(np.float32)
    b = rng.integers(-9, 9, (20, COLUMNS + 3)).astype(np.float32)
    c = rng.integers(-9, 9, (ROWS + 1, COLUMNS + 5)).astype(np.float32)
    expected = c.copy()
    terms = a[:rows, :count] @ b[:count, :COLUMNS]
    expected[:rows, :COLUMNS] = terms + (c[:rows, :COLUMNS] if add else 0)
    run_tile(full, add, a, a.strides[0], 4, b, b.strides[0], c, c.strides[0], count)
    np.testing.assert_array_equal(c, expected)


def test_a_tile_of_a_transpose(rng: np.random.Generator) -> None:
    a = rng.integers(-9, 9, (20, ROWS)).astype(np.float32)
    b = rng.integers(-9, 9, (20, COLUMNS)).astype(np.float32)
    c = np.empty((ROWS, COLUMNS), np.float32)
    run_tile(True, False, a, 4, a.strides[0], b, b.strides[0], c, c.strides[0], 20)
    np.testing.assert_array_equal(c, a.T @ b)
