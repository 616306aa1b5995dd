"""gpu_convolution: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng, small_integers
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import traits_of

from ...gpu.operation import (
    NOT_SQUARE,
    NOTHING,
    OVERHANG,
    SEVERAL_BLOCKS,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)

BLOCK = 8
SIZES = ((8, 8), (2, 3), (1, 1), (8, 16), (16, 8), (16, 16), (9, 5), (11, 13), (7, 20), (18, 10), (1, 12))
"""Height and width of the image."""

Change = Callable[[Array], Array]


class Convolution(KernelOperation):
    """A kernel of 3 x 3 with zeros around the image."""

    name = "gpu_convolution"
    language = "numba"
    kernel = "conv3x3"
    parameters = "x, kernel, y"
    arrays = ("x", "kernel")
    contract = (
        f"conv3x3[(columns, rows), ({BLOCK}, {BLOCK})](x, kernel, y): y[r, c] = sum of x[r + i - 1, c + j - 1] * "
        "kernel[i, j], zeros around x; x and y (H, W), kernel (3, 3)"
    )
    finds: ClassVar[Finds] = {
        "kernel-flipped": NOTHING,
        "halo-is-zero": NOTHING,
        "edge-repeated": NOTHING,
        "window-moved": NOTHING,
        "taps-left-out": NOTHING,
        "corners-of-the-halo-are-zero": NOTHING,
    }

    def cases(self) -> list[Case]:
        """One block, several, images that end within one."""
        cases = []
        for number, (height, width) in enumerate(SIZES):
            rng = case_rng(number, 108)
            by_hand = height * width < 7
            x, kernel = (
                small_integers(rng, shape, high=5) if by_hand else rng.standard_normal(shape)
                for shape in ((height, width), (3, 3))
            )
            traits = traits_of(
                {
                    SEVERAL_BLOCKS: max(height, width) > BLOCK,
                    OVERHANG: bool(height % BLOCK or width % BLOCK),
                    NOT_SQUARE: height != width,
                }
            )
            grid = (-(-width // BLOCK), -(-height // BLOCK))
            arrays = {"x": x.astype(np.float32), "kernel": kernel.astype(np.float32)}
            cases.append(Case(arrays, {"grid": grid, "block": (BLOCK, BLOCK)}, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """A thread for each pixel, and some more."""
        x = case.arrays["x"]
        arguments = {"x": x, "kernel": case.arrays["kernel"], "y": unwritten(x.shape)}
        return Launch(case.options["grid"], case.options["block"], arguments)

    def right(self, case: Case) -> Outputs:
        """The definition."""
        return {"y": _windows(case, np.pad(_image(case), 1)).astype(np.float32)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """Of 10 x 10 numbers a block of 64 threads reads each once, in a few rounds of two warps."""
        if max(case.arrays["x"].shape) < 2 * BLOCK:
            return ()
        blocks = case.options["grid"][0] * case.options["grid"][1]
        return (Traffic("too-many-global-reads", "global", ("read",), "requests", 15.0 * blocks, ("x",)),)

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Kernels turned, halos left empty, windows moved."""
        yield Hypothesis("kernel-flipped", _with_kernel(lambda k: k[::-1, ::-1]), "along both axes")
        yield Hypothesis("kernel-flipped", _with_kernel(lambda k: k[::-1]), "along rows")
        yield Hypothesis("kernel-flipped", _with_kernel(lambda k: k[:, ::-1]), "along columns")
        yield Hypothesis("kernel-transposed", _with_kernel(lambda k: k.T))
        yield Hypothesis("halo-is-zero", _by_block(lambda tile, inner: np.pad(inner, 1)))
        yield Hypothesis(
            "halo-is-zero", _by_block(lambda tile, inner: np.pad(inner, ((0, 0), (1, 1)))), "above and below"
        )
        yield Hypothesis("halo-is-zero", _by_block(lambda tile, inner: tile), "nowhere")
        for words, rows, columns in SIDES:
            yield Hypothesis("halo-is-zero", _by_block(_emptied(rows, columns)), words)
        yield Hypothesis("corners-of-the-halo-are-zero", _by_block(_without_corners))
        for down, right in ((1, 1), (-1, -1), (0, 1), (1, 0), (0, -1), (-1, 0)):
            yield Hypothesis("window-moved", _moved(down, right), f"by ({down}, {right})")
        yield Hypothesis("edge-repeated", lambda c: {"y": _windows(c, np.pad(_image(c), 1, "edge"))})
        yield Hypothesis(
            "edge-repeated", lambda c: {"y": _windows(c, np.pad(_image(c), 1, "wrap"))}, "round the corner"
        )
        for value in (1.0, -1.0):
            yield Hypothesis("outside-not-zero", _padded_with(value), f"{value:g}")
        for words, cut in CUTS:
            yield Hypothesis("image-cut-off", _cut(cut), words)
        yield Hypothesis("window-does-not-run", lambda c: {"y": _image(c) * c.arrays["kernel"].sum()})
        yield Hypothesis("result-tile-transposed", _tiles_turned(True), "where it is written")
        yield Hypothesis("result-tile-transposed", _tiles_turned(False), "in its place")
        yield Hypothesis("blocks-swapped", _blocks_swapped)
        yield Hypothesis("border-left-out", _bordered(np.nan), "it is not written")
        yield Hypothesis("border-left-out", _bordered(0.0), "it is 0")
        for words, keep in TAPS:
            yield Hypothesis("taps-left-out", _with_kernel(_times(keep)), words)
        for words, change in FORMULAS:
            yield Hypothesis("wrong-formula", _changed(change), words)
        yield Hypothesis("wrong-formula", _with_kernel(lambda k: k / 9), "the mean of the products")
        yield Hypothesis("wrong-formula", _with_kernel(np.ones_like), "the kernel is not used")
        for axis, words in ((0, "along y"), (1, "along x")):
            yield Hypothesis("block-ignored-along-one-axis", _first_block(axis), words)
        yield Hypothesis("last-row-or-column-skipped", _without(0), "row")
        yield Hypothesis("last-row-or-column-skipped", _without(1), "column")
        yield Hypothesis("height-and-width-swapped", _clipped)


CUTS = (
    ("the first row", (slice(1, None), slice(None))),
    ("the first column", (slice(None), slice(1, None))),
    ("the last row", (slice(None, -1), slice(None))),
    ("the last column", (slice(None), slice(None, -1))),
)
SIDES = (
    ("above", slice(0, 1), slice(None)),
    ("below", slice(-1, None), slice(None)),
    ("on the left", slice(None), slice(0, 1)),
    ("on the right", slice(None), slice(-1, None)),
)
TAPS: tuple[tuple[str, Array], ...] = (
    ("the last row", np.array([[1.0], [1.0], [0.0]])),
    ("the last column", np.array([[1.0, 1.0, 0.0]])),
    ("the last row and the last column", np.outer([1.0, 1.0, 0.0], [1.0, 1.0, 0.0])),
    ("the first row", np.array([[0.0], [1.0], [1.0]])),
    ("the first column", np.array([[0.0, 1.0, 1.0]])),
    ("the first row and the first column", np.outer([0.0, 1.0, 1.0], [0.0, 1.0, 1.0])),
    ("all but the diagonal", np.eye(3)),
    ("all but the diagonal, thrice", 3 * np.eye(3)),
    ("all but the middle", np.outer([0.0, 1.0, 0.0], [0.0, 1.0, 0.0])),
    ("all but the last", np.outer([0.0, 0.0, 1.0], [0.0, 0.0, 1.0])),
)
FORMULAS: tuple[tuple[str, Change], ...] = (
    ("negative results are cut off", lambda y: np.maximum(y, 0)),
    ("the sign is wrong", np.negative),
)


def _image(case: Case) -> Array:
    return case.arrays["x"].astype(np.float64)


def _windows(case: Case, padded: Array, kernel: Array | None = None) -> Array:
    """Lay the kernel on each place of an image that has one more row and column on each side."""
    height, width = case.arrays["x"].shape
    taps = case.arrays["kernel"].astype(np.float64) if kernel is None else kernel
    parts = [padded[i : i + height, j : j + width] * taps[i, j] for i in range(3) for j in range(3)]
    return np.sum(parts, axis=0)


def _with_kernel(change: Change) -> Predict:
    def predict(case: Case) -> Outputs:
        kernel = change(case.arrays["kernel"].astype(np.float64))
        return {"y": _windows(case, np.pad(_image(case), 1), kernel)}

    return predict


def _times(mask: Array) -> Change:
    return lambda kernel: kernel * mask


def _changed(change: Change) -> Predict:
    return lambda case: {"y": change(_windows(case, np.pad(_image(case), 1)))}


def _by_block(fill: Callable[[Array, Array], Array]) -> Predict:
    """What comes out when each block's tile is filled in another way, from the right tile and its inner part."""

    def predict(case: Case) -> Outputs:
        height, width = case.arrays["x"].shape
        rows, columns = (-(-n // BLOCK) * BLOCK for n in (height, width))
        padded = np.pad(_image(case), ((1, rows - height + 1), (1, columns - width + 1)))
        y = np.zeros((rows, columns))
        taps = case.arrays["kernel"].astype(np.float64)
        for top in range(0, rows, BLOCK):
            for left in range(0, columns, BLOCK):
                tile = padded[top : top + BLOCK + 2, left : left + BLOCK + 2]
                tile = fill(tile.copy(), tile[1:-1, 1:-1].copy())
                parts = [tile[i : i + BLOCK, j : j + BLOCK] * taps[i, j] for i in range(3) for j in range(3)]
                y[top : top + BLOCK, left : left + BLOCK] = np.sum(parts, axis=0)
        return {"y": y[:height, :width]}

    return predict


def _emptied(rows: slice, columns: slice) -> Callable[[Array, Array], Array]:
    def fill(tile: Array, inner: Array) -> Array:
        tile[rows, columns] = 0
        return tile

    return fill


def _without_corners(tile: Array, inner: Array) -> Array:
    tile[[0, 0, -1, -1], [0, -1, 0, -1]] = 0
    return tile


def _moved(down: int, right: int) -> Predict:
    """What comes out when the window lies elsewhere."""

    def predict(case: Case) -> Outputs:
        height, width = case.arrays["x"].shape
        padded = np.pad(_image(case), 2)
        return {"y": _windows(case, padded[1 + down : 3 + down + height, 1 + right : 3 + right + width])}

    return predict


def _padded_with(value: float) -> Predict:
    return lambda case: {"y": _windows(case, np.pad(_image(case), 1, constant_values=value))}


def _cut(part: tuple[slice, slice]) -> Predict:
    """What comes out when a row or column of the image counts as lying outside."""

    def predict(case: Case) -> Outputs:
        image = _image(case)
        kept = np.zeros_like(image)
        kept[part] = image[part]
        return {"y": _windows(case, np.pad(kept, 1))}

    return predict


def _tiles_turned(moved: bool) -> Predict:
    """Each block's result transposed in its place; or written by threads whose row is along x (`moved`)."""

    def predict(case: Case) -> Outputs:
        height, width = case.arrays["x"].shape
        rows, columns = (-(-n // BLOCK) * BLOCK for n in (height, width))
        padded = np.pad(_image(case), ((1, rows - height + 1), (1, columns - width + 1)))
        taps = case.arrays["kernel"].astype(np.float64)
        whole = np.sum([padded[i : i + rows, j : j + columns] * taps[i, j] for i in range(3) for j in range(3)], axis=0)
        r, c = np.indices((rows, columns))
        if not moved:
            turned = whole[r // BLOCK * BLOCK + c % BLOCK, c // BLOCK * BLOCK + r % BLOCK]
            return {"y": turned[:height, :width]}
        y = np.full((height, width), np.nan)
        inside = (c < height) & (r < width)  # the thread at row r and column c of the grid writes to (c, r)
        y[c[inside], r[inside]] = whole[inside]
        return {"y": y}

    return predict


def _blocks_swapped(case: Case) -> Outputs:
    """The tile is that of block (y, x); the result is written where it belongs."""
    height, width = case.arrays["x"].shape
    side = -(-max(height, width) // BLOCK) * BLOCK
    padded = np.pad(_image(case), ((1, side - height + 1), (1, side - width + 1)))
    taps = case.arrays["kernel"].astype(np.float64)
    whole = np.sum([padded[i : i + side, j : j + side] * taps[i, j] for i in range(3) for j in range(3)], axis=0)
    r, c = np.indices((height, width))
    return {"y": whole[c // BLOCK * BLOCK + r % BLOCK, r // BLOCK * BLOCK + c % BLOCK]}


def _bordered(value: float) -> Predict:
    def predict(case: Case) -> Outputs:
        y = np.full(case.arrays["x"].shape, value)
        y[1:-1, 1:-1] = _windows(case, np.pad(_image(case), 1))[1:-1, 1:-1]
        return {"y": y}

    return predict


def _first_block(axis: int) -> Predict:
    """What comes out when all blocks load the tiles of the first row (or column) of blocks."""

    def predict(case: Case) -> Outputs:
        right = _windows(case, np.pad(_image(case), 1))
        place = np.indices(right.shape)
        return {"y": np.where(place[axis] < BLOCK, right, np.nan)}

    return predict


def _without(axis: int) -> Predict:
    def predict(case: Case) -> Outputs:
        right = _windows(case, np.pad(_image(case), 1))
        last = np.indices(right.shape)[axis] == right.shape[axis] - 1
        return {"y": np.where(last, np.nan, right)}

    return predict


def _clipped(case: Case) -> Outputs:
    """Height and width have changed places in the condition for writing."""
    right = _windows(case, np.pad(_image(case), 1))
    r, c = np.indices(right.shape)
    return {"y": np.where((r < right.shape[1]) & (c < right.shape[0]), right, np.nan)}
