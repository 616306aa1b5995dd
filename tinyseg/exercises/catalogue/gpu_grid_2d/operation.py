"""gpu_grid_2d: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, Outputs, case_rng
from tinyseg.diagnosis.operation import Hypothesis, Predict
from tinyseg.diagnosis.traits import Trait, traits_of

from ...gpu.operation import (
    BOUNDS,
    NOT_SQUARE,
    NOTHING,
    OVERHANG,
    SEVERAL_BLOCKS,
    SEVERAL_WRITERS,
    Arguments,
    Finds,
    KernelOperation,
    Launch,
    Traffic,
    unwritten,
)
from ...gpu.threads import Threads, gather, scatter, threads

BESIDE = Trait("more threads than columns", mishandled="column-check-missing")
BELOW = Trait("more threads than rows", mishandled="row-check-missing")
WEIGHTS = (0.299, 0.587, 0.114)

LAUNCHES = (
    ((1, 1), (2, 2), (2, 2)), ((1, 1), (3, 2), (2, 3)), ((2, 1), (2, 3), (3, 4)), ((1, 2), (3, 1), (2, 3)),
    ((2, 2), (2, 2), (3, 3)), ((1, 1), (4, 4), (1, 1)), ((2, 3), (8, 4), (12, 16)), ((2, 3), (8, 4), (11, 13)),
    ((4, 2), (4, 8), (9, 14)), ((2, 2), (4, 4), (7, 8)), ((3, 1), (16, 2), (2, 40)), ((1, 5), (16, 2), (9, 7)),
    ((2, 2), (16, 16), (30, 20)),
    ((1, 4), (32, 4), (16, 32)), ((1, 4), (32, 4), (13, 29)),
)  # fmt: skip
"""Blocks along x and y, threads along x and y, and the image's height and width."""


class View(NamedTuple):
    """The threads of a launch and the size of the image."""

    t: Threads
    height: int
    width: int

    @property
    def inside(self) -> Array:
        """Which threads have a pixel."""
        return (self.t.y < self.height) & (self.t.x < self.width)


Pixel = Callable[[View], Array]


def _row(view: View) -> Array:
    """The row of a kernel that steps by the block's width."""
    return view.t.by * view.t.width + view.t.ty


def _column(view: View) -> Array:
    """The column of a kernel that steps by the block's height."""
    return view.t.bx * view.t.height + view.t.tx


def _ok(view: View, row: Array, column: Array) -> Array:
    return (row < view.height) & (column < view.width)


PIXELS: tuple[tuple[str, Pixel, Pixel, str], ...] = (
    ("height-and-width-swapped", lambda v: v.t.x * v.width + v.t.y, lambda v: _turned(v), "x counts rows"),
    ("height-and-width-swapped", lambda v: v.t.y * v.height + v.t.x, lambda v: v.inside, "row * height + column"),
    ("height-and-width-swapped", lambda v: v.t.x * v.width + v.t.y, lambda v: v.inside, "column * width + row"),
    (
        "height-and-width-swapped",
        lambda v: v.t.y * v.width + v.t.x,
        lambda v: (v.t.y < v.width) & (v.t.x < v.height),
        "rows are compared with the width",
    ),
    ("block-ignored", lambda v: v.t.ty * v.width + v.t.tx, lambda v: (v.t.ty < v.height) & (v.t.tx < v.width), ""),
    ("block-ignored-along-one-axis", lambda v: v.t.y * v.width + v.t.tx, lambda v: v.inside, "along x"),
    ("block-ignored-along-one-axis", lambda v: v.t.ty * v.width + v.t.x, lambda v: v.inside, "along y"),
    (
        "block-ignored-along-one-axis",
        lambda v: v.t.y * v.width + v.t.tx,
        lambda v: (v.t.y < v.height) & (v.t.tx < v.width),
        "along x",
    ),
    (
        "block-ignored-along-one-axis",
        lambda v: v.t.ty * v.width + v.t.x,
        lambda v: (v.t.ty < v.height) & (v.t.x < v.width),
        "along y",
    ),
    (
        "thread-ignored-along-one-axis",
        lambda v: v.t.by * v.width + v.t.x,
        lambda v: (v.t.by < v.height) & (v.t.x < v.width),
        "along y",
    ),
    (
        "thread-ignored-along-one-axis",
        lambda v: v.t.y * v.width + v.t.bx,
        lambda v: (v.t.y < v.height) & (v.t.bx < v.width),
        "along x",
    ),
    ("block-sizes-swapped", lambda v: _row(v) * v.width + v.t.x, lambda v: _ok(v, _row(v), v.t.x), "for rows"),
    ("block-sizes-swapped", lambda v: v.t.y * v.width + _column(v), lambda v: _ok(v, v.t.y, _column(v)), "for columns"),
    (
        "block-sizes-swapped",
        lambda v: _row(v) * v.width + _column(v),
        lambda v: _ok(v, _row(v), _column(v)),
        "for both",
    ),
    (
        "grid-size-for-block-size",
        lambda v: v.t.y * v.width + v.t.bx * v.t.columns + v.t.tx,
        lambda v: _ok(v, v.t.y, v.t.bx * v.t.columns + v.t.tx),
        "along x",
    ),
    (
        "grid-size-for-block-size",
        lambda v: (v.t.by * v.t.rows + v.t.ty) * v.width + v.t.x,
        lambda v: _ok(v, v.t.by * v.t.rows + v.t.ty, v.t.x),
        "along y",
    ),
    ("rows-overlap", lambda v: v.t.y + v.t.x, lambda v: v.inside, "row + column"),
    ("rows-overlap", lambda v: v.t.y * v.t.x, lambda v: v.inside, "row * column"),
    ("row-length-one-off", lambda v: v.t.y * (v.width - 1) + v.t.x, lambda v: v.inside, "width - 1"),
    ("row-length-one-off", lambda v: v.t.y * (v.width + 1) + v.t.x, lambda v: v.inside, "width + 1"),
    (
        "row-length-of-the-grid",
        lambda v: v.t.y * v.t.width * v.t.columns + v.t.x,
        lambda v: v.inside,
        "gridDim.x * blockDim.x",
    ),
    ("row-length-of-the-grid", lambda v: v.t.y * v.t.width + v.t.x, lambda v: v.inside, "blockDim.x"),
    (
        "last-row-or-column-skipped",
        lambda v: v.t.y * v.width + v.t.x,
        lambda v: v.inside & (v.t.y < v.height - 1),
        "row",
    ),
    (
        "last-row-or-column-skipped",
        lambda v: v.t.y * v.width + v.t.x,
        lambda v: v.inside & (v.t.x < v.width - 1),
        "column",
    ),
    (
        "first-row-or-column-skipped",
        lambda v: v.t.y * v.width + v.t.x,
        lambda v: v.inside & (v.t.x > 0) & (v.t.y > 0),
        "both",
    ),
    ("rows-in-the-opposite-order", lambda v: (v.height - 1 - v.t.y) * v.width + v.t.x, lambda v: v.inside, ""),
)
"""Cause, pixel of a thread, which threads work, words."""

Channels = Callable[[Array], Array]

CHANNELS: tuple[tuple[str, Channels, str], ...] = (
    ("channels-swapped", lambda c: c @ np.array([0.114, 0.587, 0.299]), "red and blue"),
    ("channels-swapped", lambda c: c @ np.array([0.587, 0.299, 0.114]), "red and green"),
    ("channels-swapped", lambda c: c @ np.array([0.299, 0.114, 0.587]), "green and blue"),
    ("wrong-formula", lambda c: c.mean(axis=-1), "the mean of the channels"),
    ("wrong-formula", lambda c: c.sum(axis=-1), "the sum of the channels"),
    ("wrong-formula", lambda c: c.max(axis=-1), "the largest channel"),
    ("wrong-formula", lambda c: c[..., :2] @ np.array([0.299, 0.587]), "without blue"),
    ("wrong-formula", lambda c: c[..., 1:] @ np.array([0.587, 0.114]), "without red"),
    ("wrong-formula", lambda c: c[..., ::2] @ np.array([0.299, 0.114]), "without green"),
    ("wrong-formula", lambda c: c[..., 0], "red alone"),
    ("wrong-formula", lambda c: c[..., 0] * 0.299, "red alone, weighted"),
    ("wrong-formula", lambda c: c @ np.array([0.299, 0.587, 1.114]), "blue weighs 1.114"),
    ("wrong-formula", lambda c: c @ np.array([0.299, 0.587, 0.144]), "blue weighs 0.144"),
    ("wrong-formula", lambda c: c @ np.array([0.2126, 0.7152, 0.0722]), "the weights of another standard"),
    ("one-channel-three-times", lambda c: c[..., 0], "red"),
    ("one-channel-three-times", lambda c: c[..., 1], "green"),
    ("one-channel-three-times", lambda c: c[..., 2], "blue"),
)


class Grey(KernelOperation):
    """The brightness of each pixel."""

    name = "gpu_grid_2d"
    language = "cuda"
    kernel = "grey"
    parameters = "const float *rgb, float *y, int height, int width"
    arrays = ("rgb",)
    contract = (
        "grey<<<dim3(columns, rows), dim3(tx, ty)>>>(rgb, y, height, width): rgb (H, W, 3) to y (H, W), "
        "y = 0.299 R + 0.587 G + 0.114 B"
    )
    finds: ClassVar[Finds] = {
        "one-channel-three-times": NOTHING,
        "rows-overlap": SEVERAL_WRITERS,
        "block-ignored-along-one-axis": SEVERAL_WRITERS,
    }

    def cases(self) -> list[Case]:
        """One block, several, images that end in the middle of one; hardly any is square."""
        cases = []
        for number, (grid, block, (height, width)) in enumerate(LAUNCHES):
            rng = case_rng(number, 105)
            by_hand = number < 5
            shape = (height, width, 3)
            rgb = 10.0 * rng.integers(0, 26, shape) if by_hand else rng.uniform(0, 255, shape)
            beside, below = grid[0] * block[0] > width, grid[1] * block[1] > height
            traits = traits_of(
                {
                    SEVERAL_BLOCKS: grid != (1, 1),
                    NOT_SQUARE: height != width,
                    BESIDE: beside,
                    BELOW: below,
                    OVERHANG: beside or below,
                }
            )
            options = {"height": height, "width": width, "grid": grid, "block": block}
            cases.append(Case({"rgb": rgb.astype(np.float32)}, options, traits, by_hand=by_hand))
        return cases

    def launch(self, case: Case) -> Launch:
        """A thread for each pixel, and some more."""
        rgb, o = case.arrays["rgb"], case.options
        arguments: Arguments = {
            "rgb": rgb, "y": unwritten(rgb.shape[:2]), "height": np.int32(o["height"]), "width": np.int32(o["width"]),
        }  # fmt: skip
        return Launch(o["grid"], o["block"], arguments)

    def right(self, case: Case) -> Outputs:
        """The weighted sum."""
        return {"y": _grey(case).astype(np.float32)}

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """Neighbouring threads have neighbouring pixels of a row."""
        if case.options["block"][0] < 32:
            return ()
        return (
            Traffic("one-thread-does-the-work", "global", ("write",), "fill", 2.0),
            Traffic("uncoalesced-access", "global", ("write",), "sectors", 5.0),
        )

    def renamed(self, cause: str, having: Sequence[Case], others: Sequence[Case]) -> str:
        """A thread beside the image has the index of a pixel in the next row."""
        if cause not in BOUNDS | SEVERAL_WRITERS or not all(OVERHANG in case.traits for case in having):
            return cause
        for name, trait in (("column-check-missing", BESIDE), ("row-check-missing", BELOW)):
            if all(trait in case.traits for case in having) and not any(trait in case.traits for case in others):
                return name
        return "bounds-check-missing"

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Other pixels, other channels."""
        for cause, pixel, works, words in PIXELS:
            yield Hypothesis(cause, _on(pixel, works), words)
        for cause, channels, words in CHANNELS:
            yield Hypothesis(cause, _mixed(channels), words)
        yield Hypothesis("planes-assumed", _reading(lambda p, k, size: p + k * size))
        yield Hypothesis("pixel-not-times-three", _reading(lambda p, k, size: p + k), "pixel + k")
        yield Hypothesis("pixel-not-times-three", _reading(lambda p, k, size: p), "the channel is missing as well")
        yield Hypothesis("four-channels-assumed", _reading(lambda p, k, size: 4 * p + k))
        yield Hypothesis("channel-one-off", _reading(lambda p, k, size: 3 * p + k + 1), "from 1 on")


def _turned(view: View) -> Array:
    """The condition of a kernel in which x counts rows."""
    return (view.t.x < view.height) & (view.t.y < view.width)


def _grey(case: Case) -> Array:
    return case.arrays["rgb"].astype(np.float64) @ np.array(WEIGHTS)


def _mixed(channels: Channels) -> Predict:
    return lambda case: {"y": channels(case.arrays["rgb"].astype(np.float64))}


def _on(pixel: Pixel, works: Pixel) -> Predict:
    """What comes out when each thread works on another pixel, or does not work."""

    def predict(case: Case) -> Outputs:
        right = _grey(case)
        height, width = right.shape
        view = View(threads(case.options["grid"], case.options["block"]), height, width)
        index = np.where(works(view), pixel(view), -1)
        flat = scatter((right.size,), gather(right.ravel(), index), index)
        return {"y": flat.reshape(right.shape)}

    return predict


def _reading(index: Callable[[Array, int, int], Array]) -> Predict:
    """What comes out when channel k of a pixel is looked for elsewhere."""

    def predict(case: Case) -> Outputs:
        rgb = case.arrays["rgb"].astype(np.float64)
        pixels = np.arange(rgb.shape[0] * rgb.shape[1])
        sums = sum(w * gather(rgb.ravel(), index(pixels, k, pixels.size)) for k, w in enumerate(WEIGHTS))
        return {"y": np.asarray(sums).reshape(rgb.shape[:2])}

    return predict
