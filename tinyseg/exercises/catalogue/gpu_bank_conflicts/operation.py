"""gpu_bank_conflicts: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng, small_integers
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import traits_of

from ...gpu.operation import (
    NOTHING,
    OVERHANG,
    SEVERAL_BLOCKS,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)

TILE = 32
SIZES = ((32, 32), (2, 4), (3, 1), (32, 64), (64, 32), (33, 37), (1, 33))
"""Rows and columns."""

Change = Callable[[Array], Array]


class RowSums(KernelOperation):
    """The sum of each row."""

    name = "gpu_bank_conflicts"
    language = "numba"
    kernel = "row_sums"
    parameters = "x, sums"
    results = ("sums",)
    contract = (
        f"row_sums[blocks, {TILE}](x, sums): sums[r] is the sum of row r of x (H, W); block b has the rows from "
        f"{TILE} * b on; reads of x are coalesced, shared memory has no bank conflicts"
    )
    finds: ClassVar[Finds] = {
        "columns-for-rows": NOTHING,
    }

    def cases(self) -> list[Case]:
        """Whole tiles, and images that end within one."""
        cases = []
        for number, shape in enumerate(SIZES):
            rng = case_rng(number, 109)
            by_hand = shape[0] * shape[1] < 9
            x = small_integers(rng, shape) if by_hand else rng.standard_normal(shape) + 0.5
            traits = traits_of(
                {
                    SEVERAL_BLOCKS: shape[0] > TILE,
                    OVERHANG: bool(shape[0] % TILE or shape[1] % TILE),
                }
            )
            options = {"grid": (-(-shape[0] // TILE),), "block": (TILE,)}
            cases.append(Case({"x": x.astype(np.float32)}, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """A thread for each row, and some more."""
        x = case.arrays["x"]
        arguments = {"x": x, "sums": unwritten((len(x),))}
        return Launch(case.options["grid"], case.options["block"], arguments, ("sums",))

    def right(self, case: Case) -> Outputs:
        """The sums."""
        return {"sums": _image(case).sum(axis=1).astype(np.float32)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Columns."""
        return {"W": float(case.arrays["x"].shape[1])}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """A warp reads neighbours, and no two of its threads want one bank."""
        conflicts = Traffic("bank-conflicts", "shared", ("read", "write", "atomic"), "conflicts", 0.0)
        sectors = Traffic("uncoalesced-access", "global", ("read",), "sectors", 5.0, ("x",))
        if OVERHANG not in case.traits:
            return (sectors, conflicts)
        # Threads that take different branches are counted together wrongly: they do not write at the same time.
        return (sectors,) if case.arrays["x"].shape[1] >= TILE else ()

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Tiles left out, other sums."""
        yield Hypothesis("only-the-first-tile", _of(lambda x: x[:, :TILE].sum(axis=1)))
        yield Hypothesis("only-the-last-tile", _of(lambda x: x[:, _last(x) :].sum(axis=1)))
        yield Hypothesis("last-tile-missing", _of(lambda x: x[:, : x.shape[1] // TILE * TILE].sum(axis=1)))
        yield Hypothesis("last-tile-missing", _of(lambda x: x[:, : _last(x)].sum(axis=1)), "always")
        yield Hypothesis("first-tile-missing", _of(lambda x: x[:, TILE:].sum(axis=1)))
        yield Hypothesis("first-tile-again-and-again", _of(_first_again), "")
        yield Hypothesis("numbers-counted-again", _of(_overlapping))
        yield Hypothesis("numbers-cut-to-integers", _of(lambda x: np.trunc(x).sum(axis=1)))
        yield Hypothesis(
            "some-threads-idle",
            _of(lambda x: np.where(np.arange(len(x)) % TILE == 0, x.sum(axis=1), np.nan)),
            "all but the first of each block",
        )
        yield Hypothesis("columns-for-rows", _of(lambda x: _column_sums(x)))
        yield Hypothesis("tile-not-summed-to-its-end", _of(lambda x: _without(x, TILE - 1)), "the last column")
        yield Hypothesis("tile-not-summed-to-its-end", _of(lambda x: _without(x, 0)), "the first column")
        yield Hypothesis("block-ignored", _of(lambda x: np.where(np.arange(len(x)) < TILE, x.sum(axis=1), np.nan)))
        yield Hypothesis("block-ignored-in-sum", _of(lambda x: x.sum(axis=1)[np.arange(len(x)) % TILE]))
        yield Hypothesis("last-element-skipped", _of(lambda x: np.where(_is_last(len(x)), np.nan, x.sum(axis=1))))
        yield Hypothesis("last-element-skipped", _of(lambda x: x[:, :-1].sum(axis=1)), "of each row")
        yield Hypothesis("edge-repeated", _of(_clamped))
        for words, change in CHANGES:
            yield Hypothesis("another-reduction", _of(change), words)


CHANGES: tuple[tuple[str, Change], ...] = (
    ("the largest number of each row", lambda x: x.max(axis=1)),
    ("the largest number of each row, or 0", lambda x: np.maximum(x.max(axis=1), 0)),
    ("the smallest number of each row", lambda x: x.min(axis=1)),
    ("the sum of squares", lambda x: (x * x).sum(axis=1)),
    ("the sum of magnitudes", lambda x: np.abs(x).sum(axis=1)),
    ("the mean of each row", lambda x: x.mean(axis=1)),
    ("the product", lambda x: x.prod(axis=1)),
    ("differences", lambda x: -x.sum(axis=1)),
    ("the last number of each row", lambda x: x[:, -1]),
    (
        "the last number of each tile",
        lambda x: np.pad(x, ((0, 0), (0, -x.shape[1] % TILE)))[:, TILE - 1 :: TILE].sum(axis=1),
    ),
    ("the last number of the last tile, or 0", lambda x: np.pad(x, ((0, 0), (0, -x.shape[1] % TILE)))[:, -1]),
    ("the diagonal of each tile", lambda x: _diagonals(x)),
)


def _image(case: Case) -> Array:
    return case.arrays["x"].astype(np.float64)


def _of(change: Change) -> Predict:
    return lambda case: {"sums": change(_image(case))}


def _last(x: Array) -> int:
    """Where the last tile of a row begins."""
    return (-(-x.shape[1] // TILE) - 1) * TILE


def _is_last(size: int) -> Array:
    return np.arange(size) == size - 1


def _padded(x: Array) -> Array:
    return np.pad(x, [(0, -n % TILE) for n in x.shape])


def _first_again(x: Array) -> Array:
    starts = range(0, x.shape[1], TILE)
    return np.sum([x[:, : min(TILE, x.shape[1] - s)].sum(axis=1) for s in starts], axis=0)


def _overlapping(x: Array) -> Array:
    """A tile begins at each column."""
    return np.sum([x[:, s : s + TILE].sum(axis=1) for s in range(x.shape[1])], axis=0)


def _column_sums(x: Array) -> Array:
    """The columns of each tile are summed, as if they were rows."""
    padded = _padded(x)
    high, wide = padded.shape
    return padded.reshape(high // TILE, TILE, wide // TILE, TILE).sum(axis=(1, 2)).ravel()[: len(x)]


def _diagonals(x: Array) -> Array:
    padded, rows = _padded(x), np.arange(len(x))
    return np.sum([padded[rows, s + rows % TILE] * TILE for s in range(0, padded.shape[1], TILE)], axis=0)


def _without(x: Array, place: int) -> Array:
    return x[:, np.arange(x.shape[1]) % TILE != place].sum(axis=1)


def _clamped(x: Array) -> Array:
    """The last column repeated up to the end of a tile."""
    return np.pad(x, ((0, 0), (0, -x.shape[1] % TILE)), "edge").sum(axis=1)
