"""gpu_coalescing: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng, small_integers
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import Trait, traits_of

from ...gpu.operation import (
    NOT_SQUARE,
    OVERHANG,
    SEVERAL_BLOCKS,
    Arguments,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)

TILE, ROWS = 32, 8
SEVERAL_TILES = Trait("several tiles", mishandled="several-tiles-mishandled")
SIZES = (
    (2, 3), (1, 4), (32, 32), (3, 32), (64, 32), (32, 96), (64, 64), (33, 32), (40, 70), (70, 40), (1, 65), (50, 31),
    (31, 33),
)  # fmt: skip
"""Height and width of the image."""


class Transposition(KernelOperation):
    """y = x transposed."""

    name = "gpu_coalescing"
    language = "cuda"
    kernel = "transpose"
    parameters = "const float *x, float *y, int height, int width"
    contract = (
        f"transpose<<<dim3(columns, rows), dim3({TILE}, {ROWS})>>>(x, y, height, width): y[c, r] = x[r, c], x (H, W), "
        "y (W, H); each warp reads and writes neighbours"
    )
    finds: ClassVar[Finds] = {}

    def cases(self) -> list[Case]:
        """One tile, several, images that end within one; hardly any is square."""
        cases = []
        for number, (height, width) in enumerate(SIZES):
            rng = case_rng(number, 107)
            by_hand = number < 2
            shape = (height, width)
            x = small_integers(rng, shape) if by_hand else rng.standard_normal(shape)
            traits = traits_of(
                {
                    SEVERAL_BLOCKS: max(shape) > TILE,
                    SEVERAL_TILES: max(shape) > TILE,
                    NOT_SQUARE: height != width,
                    OVERHANG: bool(height % TILE or width % TILE),
                }
            )
            grid = (-(-width // TILE), -(-height // TILE))
            options = {"height": height, "width": width, "grid": grid, "block": (TILE, ROWS)}
            cases.append(Case({"x": x.astype(np.float32)}, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """A block for each tile, a thread for each of its columns in every eighth row."""
        x, o = case.arrays["x"], case.options
        arguments: Arguments = {
            "x": x, "y": unwritten(x.T.shape), "height": np.int32(o["height"]), "width": np.int32(o["width"]),
        }  # fmt: skip
        return Launch(o["grid"], o["block"], arguments)

    def right(self, case: Case) -> Outputs:
        """The transpose."""
        return {"y": np.ascontiguousarray(case.arrays["x"].T)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """32 neighbours lie in 4 sectors, or in 5 where a row does not begin at one."""
        height, width = case.arrays["x"].shape
        if min(height, width) < TILE:
            return ()
        return (
            Traffic("uncoalesced-access", "global", ("read",), "sectors", 5.0, ("x",)),
            Traffic("uncoalesced-access", "global", ("write",), "sectors", 5.0, ("y",)),
            Traffic("one-thread-does-the-work", "global", ("write",), "fill", 1.5, ("y",)),
        )

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Tiles put in another place or left as they are, parts left out."""
        yield Hypothesis("not-transposed", lambda c: {"y": c.arrays["x"].reshape(c.arrays["x"].T.shape)}, "a copy")
        yield Hypothesis("tile-not-transposed", _of(lambda x: _tiles_turned(x).T))
        yield Hypothesis("tile-not-transposed", _flat(_tile_as_it_was))
        yield Hypothesis("blocks-not-transposed", _flat(_blocks_as_they_were))
        for rows in (range(ROWS), range(0, TILE, ROWS), range(TILE - 1)):
            yield Hypothesis("tile-part-missing", _only(rows, along=0), "rows of the tile when it is read")
            yield Hypothesis("tile-part-missing", _only(rows, along=1), "rows of the tile when it is written")
        yield Hypothesis("tile-part-missing", _only(range(ROWS - 1), along=0), "rows")
        yield Hypothesis("wrong-row-length", _flat(lambda r, c, h, w: c * w + r), "y[column * width + row]")
        yield Hypothesis("wrong-row-length", _misread, "x[row * height + column]")
        yield Hypothesis("not-transposed", _flat(lambda r, c, h, w: r * w + c), "y[row * width + column]")
        yield Hypothesis("flipped-as-well", _of(lambda x: x[::-1].T), "rows")
        yield Hypothesis("flipped-as-well", _of(lambda x: x[:, ::-1].T), "columns")
        yield Hypothesis("blocks-not-transposed", _flat(_corner_as_it_was))
        yield Hypothesis("height-and-width-swapped", _clipped)
        yield Hypothesis("blocks-swapped", _blocks_swapped)
        yield Hypothesis("last-row-or-column-skipped", _without(0), "row")
        yield Hypothesis("last-row-or-column-skipped", _without(1), "column")
        for along in ("x", "y"):
            yield Hypothesis("block-ignored-along-one-axis", _first_block(along), f"along {along}")


def _of(change: Callable[[Array], Array]) -> Predict:
    return lambda case: {"y": change(case.arrays["x"].astype(np.float64))}


def _tiles_turned(x: Array) -> Array:
    """Each tile transposed in its place; what comes from outside of the image is NaN."""
    padded = np.pad(x, [(0, -n % TILE) for n in x.shape], constant_values=np.nan)
    high, wide = padded.shape
    tiles = padded.reshape(high // TILE, TILE, wide // TILE, TILE).transpose(0, 3, 2, 1)
    return tiles.reshape(high, wide)[: x.shape[0], : x.shape[1]]


Place = Callable[[Array, Array, int, int], Array]


def _flat(place: Place) -> Predict:
    """What comes out when pixel (r, c) is written to a place of y, counted along its rows."""

    def predict(case: Case) -> Outputs:
        x = case.arrays["x"].astype(np.float64)
        r, c = (axis.ravel() for axis in np.indices(x.shape))
        index, y = place(r, c, *x.shape), np.full(x.size, np.nan)
        good = (index >= 0) & (index < x.size)
        y[index[good]] = x.ravel()[good]
        return {"y": y.reshape(x.T.shape)}

    return predict


def _tile_as_it_was(r: Array, c: Array, height: int, width: int) -> Array:
    """The tile goes to the right place, but its rows stay rows."""
    row, column = c // TILE * TILE + r % TILE, r // TILE * TILE + c % TILE
    return np.where((row < width) & (column < height), row * height + column, -1)


def _blocks_as_they_were(r: Array, c: Array, height: int, width: int) -> Array:
    """Tiles are transposed, but stay in their places."""
    row, column = r // TILE * TILE + c % TILE, c // TILE * TILE + r % TILE
    return np.where((row < width) & (column < height), row * height + column, -1)


def _corner_as_it_was(r: Array, c: Array, height: int, width: int) -> Array:
    """As `_blocks_as_they_were`, but nobody looks whether there is such a place."""
    return (r // TILE * TILE + c % TILE) * height + c // TILE * TILE + r % TILE


def _blocks_swapped(case: Case) -> Outputs:
    """blockIdx.x is taken for rows: tiles beyond the grid are missing."""
    x, (columns, rows) = case.arrays["x"].astype(np.float64), case.options["grid"]
    r, c = np.indices(x.shape)
    return {"y": np.where((r // TILE < columns) & (c // TILE < rows), x, np.nan).T}


def _only(rows: range, along: int) -> Predict:
    """What comes out when only some rows of each tile are read (or written)."""

    def predict(case: Case) -> Outputs:
        x = case.arrays["x"].astype(np.float64)
        kept = np.isin(np.indices(x.shape)[along] % TILE, list(rows))
        return {"y": np.where(kept, x, np.nan).T}

    return predict


def _misread(case: Case) -> Outputs:
    x = case.arrays["x"].astype(np.float64)
    r, c = np.indices(x.shape)
    index = r * x.shape[0] + c
    return {"y": np.where(index < x.size, x.ravel()[np.minimum(index, x.size - 1)], np.nan).T}


def _clipped(case: Case) -> Outputs:
    """Height and width have changed places in a condition."""
    x = case.arrays["x"].astype(np.float64)
    r, c = np.indices(x.shape)
    return {"y": np.where((r < x.shape[1]) & (c < x.shape[0]), x, np.nan).T}


def _without(axis: int) -> Predict:
    def predict(case: Case) -> Outputs:
        x = case.arrays["x"].astype(np.float64)
        last = np.indices(x.shape)[axis] == x.shape[axis] - 1
        return {"y": np.where(last, np.nan, x).T}

    return predict


def _first_block(along: str) -> Predict:
    """What comes out when all blocks read the tiles of the first column (or row) of blocks."""

    def predict(case: Case) -> Outputs:
        x = case.arrays["x"].astype(np.float64)
        r, c = np.indices(x.shape)
        return {"y": (x[r % TILE, c] if along == "y" else x[r, c % TILE]).T}

    return predict
