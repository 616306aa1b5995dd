"""gpu_shared_tiles: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng, small_integers
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import Trait, traits_of

from ...gpu.operation import (
    NOTHING,
    OVERHANG,
    SEVERAL_BLOCKS,
    Arguments,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)

TILE = 8
OUTER_EDGE = Trait("a result that ends within a tile", mishandled="tile-edges-mishandled")
INNER_EDGE = Trait("sums that end within a tile", mishandled="inner-edge-mishandled")
SEVERAL_TILES = Trait("sums over several tiles", mishandled="several-tiles-mishandled")

SIZES = (
    (2, 2, 2), (1, 3, 2), (8, 8, 8), (1, 1, 1), (8, 16, 8), (16, 8, 24), (16, 24, 16), (5, 3, 7), (8, 20, 8),
    (16, 11, 8),
    (17, 16, 10), (3, 30, 12), (24, 8, 8), (11, 13, 19), (32, 32, 32), (9, 1, 9),
)  # fmt: skip
"""Rows of a, columns of a, columns of b."""

Product = Callable[[Array, Array], Array]

PRODUCTS: tuple[tuple[str, Product, str], ...] = (
    ("matrix-read-transposed", lambda a, b: a.T @ b, "a"),
    ("matrix-read-transposed", lambda a, b: a @ b.T, "b"),
    ("matrix-read-transposed", lambda a, b: a.T @ b.T, "both"),
    ("factors-swapped", lambda a, b: b @ a, ""),
    ("elements-multiplied", lambda a, b: a * b, ""),
    ("only-the-first-tile", lambda a, b: a[:, :TILE] @ b[:TILE], ""),
    ("only-the-last-tile", lambda a, b: a[:, _last(a) :] @ b[_last(a) :], ""),
    ("last-tile-missing", lambda a, b: a[:, : _whole(a)] @ b[: _whole(a)], "when it is not full"),
    ("last-tile-missing", lambda a, b: a[:, : _last(a)] @ b[: _last(a)], "always"),
    ("first-tile-missing", lambda a, b: a[:, TILE:] @ b[TILE:], ""),
    ("first-tile-again-and-again", lambda a, b: _steps(a) * (a[:, :TILE] @ b[:TILE]), "of both"),
    ("first-tile-again-and-again", lambda a, b: np.sum([_part(a, b, 0, s) for s in range(_steps(a))], axis=0), "of a"),
    ("first-tile-again-and-again", lambda a, b: np.sum([_part(a, b, s, 0) for s in range(_steps(a))], axis=0), "of b"),
    ("tile-not-summed-to-its-end", lambda a, b: _without(a, b, TILE - 1), "the last product"),
    ("tile-not-summed-to-its-end", lambda a, b: _without(a, b, 0), "the first product"),
    ("products-counted-again", lambda a, b: _overlapping(a, b), ""),
    ("result-tile-transposed", lambda a, b: _retiled(_padded(a) @ _padded(b))[: len(a), : b.shape[1]], ""),
    ("index-does-not-run", lambda a, b: _stuck(a, b), "in the tile of b"),
    ("index-does-not-run", lambda a, b: _stuck(b.T, a.T).T, "in the tile of a"),
    ("wrong-formula", lambda a, b: a.sum(axis=1, keepdims=True) + b.sum(axis=0), "sums in place of products"),
    ("wrong-formula", lambda a, b: np.max(a[:, :, None] * b[None], axis=1), "the largest product"),
    ("wrong-formula", lambda a, b: a[:, -1:] * b[-1:], "the last product alone"),
    ("wrong-formula", lambda a, b: a[:, :1] * b[:1], "the first product alone"),
)


class MatrixProduct(KernelOperation):
    """c = a @ b."""

    name = "gpu_shared_tiles"
    language = "cuda"
    kernel = "matmul"
    parameters = "const float *a, const float *b, float *c, int m, int k, int n"
    arrays = ("a", "b")
    results = ("c",)
    contract = (
        f"matmul<<<dim3(columns, rows), dim3({TILE}, {TILE})>>>(a, b, c, m, k, n): c = a @ b, by tiles of {TILE} x "
        f"{TILE} in shared memory; a (m, k), b (k, n), c (m, n)"
    )
    finds: ClassVar[Finds] = {
        "edge-repeated": NOTHING,
        "block-ignored-along-one-axis": frozenset(["blocks-write-one-place"]),
    }

    def cases(self) -> list[Case]:
        """Matrices that fill tiles, and such that end within one."""
        cases = []
        for number, (m, k, n) in enumerate(SIZES):
            rng = case_rng(number, 106)
            by_hand = number < 2
            a, b = (small_integers(rng, shape) if by_hand else rng.standard_normal(shape) for shape in ((m, k), (k, n)))
            outer = bool(m % TILE or n % TILE)
            traits = traits_of(
                {
                    SEVERAL_BLOCKS: max(m, n) > TILE,
                    OUTER_EDGE: outer,
                    OVERHANG: outer,
                    INNER_EDGE: bool(k % TILE),
                    SEVERAL_TILES: k > TILE,
                }
            )
            grid = (-(-n // TILE), -(-m // TILE))
            options = {"m": m, "k": k, "n": n, "grid": grid, "block": (TILE, TILE)}
            arrays = {"a": a.astype(np.float32), "b": b.astype(np.float32)}
            cases.append(Case(arrays, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """A thread for each result, and some more."""
        o = case.options
        sizes = {name: np.int32(o[name]) for name in ("m", "k", "n")}
        arguments: Arguments = {**case.arrays, "c": unwritten((o["m"], o["n"])), **sizes}
        return Launch(o["grid"], o["block"], arguments, ("c",))

    def right(self, case: Case) -> Outputs:
        """The product."""
        return {"c": np.matmul(*_factors(case)).astype(np.float32)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """Each thread reads one number of each factor for a whole tile; a block has two warps."""
        o = case.options
        if o["k"] < 16:
            return ()
        blocks, tiles = o["grid"][0] * o["grid"][1], -(-o["k"] // TILE)
        return tuple(
            Traffic("too-many-global-reads", "global", ("read",), "requests", 4.0 * blocks * tiles, (name,))
            for name in ("a", "b")
        )

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Tiles left out or taken twice, factors read in another order."""
        for cause, product, words in PRODUCTS:
            yield Hypothesis(cause, _of(product), words)
        yield Hypothesis("matrix-read-transposed", _of(lambda a, b: _retiled(a) @ b), "the tile of a")
        yield Hypothesis("matrix-read-transposed", _of(lambda a, b: a @ _retiled(b)), "the tile of b")
        yield Hypothesis("matrix-read-transposed", _of(lambda a, b: _retiled(a) @ _retiled(b)), "both tiles")
        yield Hypothesis("edge-repeated", _of(lambda a, b: _clamped(a) @ _clamped(b.T).T))
        yield Hypothesis("edge-repeated", _of(lambda a, b: a @ b + (_steps(a) * TILE - a.shape[1])), "1 is added")
        for rows, columns, words in ((True, False, "along y"), (False, True, "along x"), (True, True, "along both")):
            yield Hypothesis("block-ignored-along-one-axis", _block_ignored(rows, columns), words)
        yield Hypothesis("first-block-for-all", _first_block(True, False), "rows of a")
        yield Hypothesis("first-block-for-all", _first_block(False, True), "columns of b")
        yield Hypothesis("blocks-swapped", _simulated(lambda bx, by, x, y: (bx * TILE + y, by * TILE + x)))
        yield Hypothesis(
            "height-and-width-swapped", _simulated(lambda bx, by, x, y: (bx * TILE + x, by * TILE + y)), "x counts rows"
        )
        yield Hypothesis(
            "height-and-width-swapped",
            _simulated(lambda bx, by, x, y: (by * TILE + x, bx * TILE + y)),
            "threadIdx.x counts rows",
        )
        yield Hypothesis("written-transposed", _written(lambda r, c, m, n: c * m + r), "c[column * m + row]")
        yield Hypothesis("written-transposed", _written(lambda r, c, m, n: c * n + r), "c[column * n + row]")
        yield Hypothesis("wrong-row-length", _written(lambda r, c, m, n: r * m + c), "c[row * m + column]")
        yield Hypothesis("wrong-row-length", _misread(0), "a[row * m + ...]")
        yield Hypothesis("wrong-row-length", _misread(1), "b[... * k + column]")
        yield Hypothesis("wrong-row-length", _misread(2), "a[row * n + ...]")


def _factors(case: Case) -> tuple[Array, Array]:
    return case.arrays["a"].astype(np.float64), case.arrays["b"].astype(np.float64)


def _of(product: Product) -> Predict:
    return lambda case: {"c": product(*_factors(case))}


def _steps(a: Array) -> int:
    return -(-a.shape[1] // TILE)


def _last(a: Array) -> int:
    """Where the last tile of a sum begins."""
    return (_steps(a) - 1) * TILE


def _whole(a: Array) -> int:
    return a.shape[1] // TILE * TILE


def _padded(matrix: Array) -> Array:
    rows, columns = (-(-n // TILE) * TILE for n in matrix.shape)
    return np.pad(matrix, ((0, rows - matrix.shape[0]), (0, columns - matrix.shape[1])))


def _part(a: Array, b: Array, one: int, other: int) -> Array:
    """The product of tile `one` of a's rows with tile `other` of b's columns."""
    wide, high = _padded(a)[: len(a)], _padded(b)[:, : b.shape[1]]
    return wide[:, one * TILE : (one + 1) * TILE] @ high[other * TILE : (other + 1) * TILE]


def _without(a: Array, b: Array, place: int) -> Array:
    """The product without one place of each tile."""
    keep = np.arange(a.shape[1]) % TILE != place
    return a[:, keep] @ b[keep]


def _overlapping(a: Array, b: Array) -> Array:
    """What comes out when a tile begins at each place of the sum, not at every eighth."""
    starts = range(a.shape[1])
    return np.sum([a[:, s : s + TILE] @ b[s : s + TILE] for s in starts], axis=0)


def _stuck(a: Array, b: Array) -> Array:
    """What comes out when a thread takes the number of b in its own row of the tile for all products."""
    wide, high, rows = _padded(a)[: len(a)], _padded(b)[:, : b.shape[1]], np.arange(len(a)) % TILE
    starts = range(0, wide.shape[1], TILE)
    return np.sum([wide[:, s : s + TILE].sum(axis=1, keepdims=True) * high[s + rows] for s in starts], axis=0)


def _retiled(matrix: Array) -> Array:
    """Each tile transposed in its place."""
    padded = _padded(matrix)
    high, wide = padded.shape
    tiles = padded.reshape(high // TILE, TILE, wide // TILE, TILE).transpose(0, 3, 2, 1)
    return tiles.reshape(high, wide)[: matrix.shape[0], : matrix.shape[1]]


def _clamped(matrix: Array) -> Array:
    """The last column repeated up to the end of a tile."""
    return np.pad(matrix, ((0, 0), (0, _steps(matrix) * TILE - matrix.shape[1])), "edge")


def _block_ignored(rows: bool, columns: bool) -> Predict:
    """What comes out when only the first blocks' results are written."""

    def predict(case: Case) -> Outputs:
        c = np.matmul(*_factors(case))
        r, s = np.indices(c.shape)
        written = (~np.bool_(rows) | (r < TILE)) & (~np.bool_(columns) | (s < TILE))
        return {"c": np.where(written, c, np.nan)}

    return predict


def _first_block(rows: bool, columns: bool) -> Predict:
    """What comes out when all blocks load the rows or columns of the first one."""

    def predict(case: Case) -> Outputs:
        a, b = _factors(case)
        r, s = np.arange(len(a)), np.arange(b.shape[1])
        a = _padded(a)[r % TILE if rows else r, : a.shape[1]]
        b = _padded(b)[: b.shape[0], s % TILE if columns else s]
        return {"c": a @ b}

    return predict


Place = Callable[[int, int, Array, Array], tuple[Array, Array]]


def _simulated(place: Place) -> Predict:
    """What comes out when the element of a thread is another one: row and column from block and thread."""

    def predict(case: Case) -> Outputs:
        a, b = _factors(case)
        (columns, rows), (m, k), n = case.options["grid"], a.shape, b.shape[1]
        c, (y, x) = np.full((m, n), np.nan), np.indices((TILE, TILE))
        for by, bx in np.ndindex(rows, columns):
            row, column = place(bx, by, x, y)
            total = np.zeros((TILE, TILE))
            for start in range(0, k, TILE):
                total += _zero_outside(a, row, start + x) @ _zero_outside(b, start + y, column)
            inside = (row < m) & (column < n)
            c[row[inside], column[inside]] = total[inside]
        return {"c": c}

    return predict


def _zero_outside(matrix: Array, row: Array, column: Array) -> Array:
    inside = (row < matrix.shape[0]) & (column < matrix.shape[1])
    return np.where(inside, matrix[np.where(inside, row, 0), np.where(inside, column, 0)], 0.0)


def _written(place: Callable[[Array, Array, int, int], Array]) -> Predict:
    """What comes out when results are written to another place, in the order of the threads."""

    def predict(case: Case) -> Outputs:
        c, (columns, rows) = np.matmul(*_factors(case)), case.options["grid"]
        m, n = c.shape
        flat = np.full(c.size, np.nan)
        for by in range(rows):
            for bx in range(columns):
                r, s = (axis.ravel() for axis in np.indices((TILE, TILE)))
                r, s = r + by * TILE, s + bx * TILE
                r, s = r[(r < m) & (s < n)], s[(r < m) & (s < n)]
                index = place(r, s, m, n)
                good = index < c.size
                flat[index[good]] = c[r, s][good]
        return {"c": flat.reshape(c.shape)}

    return predict


def _misread(which: int) -> Predict:
    """What comes out when the length of a factor's rows is taken for another of the sizes."""

    def predict(case: Case) -> Outputs:
        a, b = _factors(case)
        m, k, n = a.shape[0], a.shape[1], b.shape[1]
        if which == 1:
            b = _rows_of(b, k)
        else:
            a = _rows_of(a, m if which == 0 else n)
        return {"c": a @ b}

    return predict


def _rows_of(matrix: Array, length: int) -> Array:
    """Read a matrix as if its rows had another length; NaN beyond its end."""
    r, s = np.indices(matrix.shape)
    index, flat = r * length + s, matrix.ravel()
    return np.where(index < flat.size, flat[np.minimum(index, flat.size - 1)], np.nan)
