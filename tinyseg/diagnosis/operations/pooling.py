"""What max_pool2d and avg_pool2d share: configurations, windows, and what goes wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, strided
from ..geometry import Geometry, cut_alike, gather, geometry_mistakes, output_mistakes, overlap_counts, scatter
from ..operation import Hypothesis, Operation, axis_sizes
from ..place import NamedRegion
from ..traits import FLOAT32, LARGE, ONE_SIDED_PADDING, STRIDED, TIES, Trait
from .loops import loops_one_short
from .windows import WindowCase, window_regions

NEGATIVE = Trait("negative numbers only")
POOLING_CASES = (
    WindowCase((1, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((2, 2, 2, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 2, 2), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 2, 4, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(1, 1), by_hand=True),
    WindowCase((1, 4, 4, 1), (2, 2), strides=(2, 2), by_hand=True, special=TIES),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(2, 2), padding="same", by_hand=True),
    WindowCase((1, 3, 3, 1), (2, 2), strides=(2, 2), by_hand=True),
    WindowCase((1, 4, 6, 1), (2, 3), strides=(2, 3), by_hand=True),
    WindowCase((1, 5, 5, 1), (2, 2), strides=(3, 3), by_hand=True),
    WindowCase((1, 3, 3, 1), (3, 3), strides=(1, 1), padding="same", by_hand=True),
    WindowCase((2, 4, 6, 3), (2, 2), strides=(2, 2)),
    WindowCase((2, 6, 5, 3), (3, 3), strides=(2, 2)),
    WindowCase((2, 6, 5, 3), (3, 3), strides=(2, 2), padding="same"),
    WindowCase((2, 5, 6, 2), (3, 3), strides=(1, 1), padding="same"),
    WindowCase((2, 7, 6, 2), (3, 2), strides=(1, 2)),
    WindowCase((2, 7, 6, 2), (3, 2), strides=(2, 1), padding="same"),
    WindowCase((3, 6, 7, 2), (2, 3), strides=(2, 3), padding="same"),
    WindowCase((2, 7, 8, 2), (2, 2), strides=(3, 3)),
    WindowCase((2, 7, 8, 2), (2, 2), strides=(3, 2), padding="same"),
    WindowCase((1, 6, 9, 2), (5, 5), strides=(3, 3), padding="same"),
    WindowCase((2, 4, 5, 2), (4, 5), strides=(4, 5)),
    WindowCase((2, 4, 5, 2), (1, 1), strides=(1, 1)),
    WindowCase((2, 5, 6, 2), (2, 2), strides=(1, 1), special=TIES),
    WindowCase((2, 6, 6, 2), (3, 3), strides=(2, 2), padding="same", special=NEGATIVE),
    WindowCase((1, 5, 6, 2), (3, 3), strides=(2, 2), padding="same", special=LARGE),
    WindowCase((1, 18, 20, 1), (3, 3), strides=(3, 3), padding="same"),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), padding="same", special=STRIDED),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), padding="same", special=FLOAT32),
    WindowCase((2, 5, 6, 2), (3, 2), strides=(2, 2), padding=((1, 0), (1, 1)), lenient=True),
)


ALL = slice(None)
TAPS = (
    ("last-tap-row-missing", (slice(0, -1), ALL)),
    ("last-tap-column-missing", (ALL, slice(0, -1))),
    ("last-tap-missing", (slice(0, -1), slice(0, -1))),
    ("first-tap-row-missing", (slice(1, None), ALL)),
    ("first-tap-column-missing", (ALL, slice(1, None))),
    ("first-tap-missing", (slice(1, None), slice(1, None))),
    ("only-first-tap-row", (slice(0, 1), ALL)),
    ("only-first-tap-column", (ALL, slice(0, 1))),
)
OF_BOTH = {
    "last-tap-missing": "the last row and the last column of each window",
    "first-tap-missing": "the first row and the first column of each window",
}
"""What it is that is missing, where it is more than one tap."""


class Pooling(Operation):
    """What the two have in common."""

    rungs: ClassVar[tuple[Any, ...]]
    gradients = ("dx",)
    shapes: ClassVar[tuple[WindowCase, ...]] = POOLING_CASES
    options: ClassVar[tuple[str, ...]] = ("pool_size", "strides", "padding")
    """What forward is told; who is not told of padding has a table of shapes without any."""

    def cases(self) -> list[Case]:
        """Windows side by side first, then with overlap, padding, gaps and ties."""
        cases = [_case(shape, number) for number, shape in enumerate(self.shapes)]
        return [
            replace(case, options={name: value for name, value in case.options.items() if name in self.options})
            for case in cases
        ]

    def run(self, module: ModuleType, case: Case) -> tuple[Array, Any]:
        """Run a rung's forward."""
        y, cache = getattr(module, f"{self.name}_forward")(case.arrays["x"], **case.options)
        return y, cache

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = self.run(self.rungs[0], case)
        if case.dy is None:
            return {"y": y}
        return {"y": y, "dx": getattr(self.rungs[0], f"{self.name}_backward")(case.dy, cache)}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [self.run(module, case)[1] for module in self.rungs]

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """Without strides, windows stand side by side; without padding, there is none."""
        return {"strides": (case.options["pool_size"],), "padding": ("valid",)}

    def geometry(self, case: Case) -> Geometry:
        """Return the right geometry."""
        o = case.options
        return Geometry.of(case.arrays["x"].shape[1:3], o["pool_size"], o["strides"], o.get("padding", "valid"))

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Border, overlaps."""
        return window_regions(self.geometry(case), output, self.right(case)[output])

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes of image, window and output."""
        sizes = axis_sizes(("N", "H", "W", "C"), case.arrays["x"])
        sizes |= axis_sizes(("KH", "KW"), np.empty(case.options["pool_size"]))
        return sizes | axis_sizes(("OH", "OW"), np.empty(self.geometry(case).out))

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """Image and dy."""
        return {"dy": ("N", "OH", "OW", "C"), "x": ("N", "H", "W", "C")}

    def from_table(self, case: Case, geometry: Geometry, how: str = "add") -> dict[str, Array]:
        """Compute y and dx from an index table."""
        raise NotImplementedError

    def geometry_hypotheses(self) -> Iterator[Hypothesis]:
        """Yield wrong windows, in the forward with their own number of outputs and with the right one."""

        def whole(case: Case, change: Callable[[Geometry], Geometry], own: bool) -> Outputs:
            wrong = change(self.geometry(case))
            result = {"y": self.from_table(case.with_dy(None), wrong.with_right_output() if own else wrong)["y"]}
            if case.dy is not None:
                result["dx"] = self.from_table(case, replace(wrong, out=case.dy.shape[1:3]))["dx"]
            return result

        swapped, square = "window-height-and-width-swapped", "window-square-assumed"
        changes = [
            *((m.cause, m.change) for m in geometry_mistakes() if not m.of_dilation),
            (swapped, lambda g: replace(g, window=g.window[::-1])),
            ("window-replaced-by-stride", lambda g: replace(g, window=g.strides)),
            *((square, lambda g, k=k: replace(g, window=(g.window[k],) * 2)) for k in (0, 1)),
        ]
        for cause, change in changes:
            for own in (True, False):
                yield Hypothesis(cause, lambda case, change=change, own=own: whole(case, change, own))
        for cause, change, of_dilation in output_mistakes():
            if of_dilation:
                continue
            yield Hypothesis(
                cause,
                lambda case, change=change: {
                    "y": self.from_table(case.with_dy(None), change(self.geometry(case)))["y"]
                },
            )
        yield Hypothesis("padding-not-removed", self._uncropped)
        for first in (True, False):
            yield Hypothesis(
                "padding-removed-at-the-wrong-end", lambda case, first=first: self._cropped_wrongly(case, first)
            )
        for end in (0, 1):
            yield Hypothesis(
                "padding-of-one-end-for-both", lambda case, end=end: {"dx": cut_alike(*self._whole_dx(case), end)}
            )
        for cause, change in changes:
            yield Hypothesis(
                cause, lambda case, change=change: self._placed(case, change), "right terms at the wrong place"
            )
        yield Hypothesis("unreached-pixels-missing", self._reached_only)
        for name, taps in TAPS:
            yield Hypothesis(name, lambda case, taps=taps: self._some_taps(case, taps), OF_BOTH.get(name, ""))
        for how, cause in (
            ("last window", "overlaps-overwritten"),
            ("last tap", "overlaps-overwritten"),
            ("first window", "overlaps-overwritten"),
            ("mean", "overlaps-averaged"),
            ("maximum", "overlaps-keep-the-largest"),
        ):
            yield Hypothesis(
                cause, lambda case, how=how: {"dx": self.from_table(case, self.geometry(case), how)["dx"]}, how
            )

        def normalised(case: Case) -> Outputs:
            counts = np.maximum(overlap_counts(self.geometry(case)), 1)[None, :, :, None]
            return {"dx": self.right(case)["dx"] / counts}

        yield Hypothesis("overlaps-averaged", normalised, "divided by the number of windows that meet the pixel")
        yield from self._border_mistakes()
        yield from loops_one_short(self)

    def _border_mistakes(self) -> Iterator[Hypothesis]:
        """The first or the last row or column of the image, or both, are never looked at."""
        whole, first, last = slice(None), slice(1, None), slice(None, -1)
        for end, part in (("last", last), ("first", first)):
            for cause, rows, columns in (
                (f"image-without-its-{end}-row", part, whole),
                (f"image-without-its-{end}-column", whole, part),
                (f"image-without-its-{end}-row-and-column", part, part),
            ):
                yield Hypothesis(cause, lambda case, rows=rows, columns=columns: self.cropped(case, rows, columns))

    def cropped(self, case: Case, rows: slice, columns: slice) -> Outputs:
        """Return the results of an image whose border is treated as if it were padding."""
        g, x = self.geometry(case), case.arrays["x"]
        part = x[:, rows, columns]
        moved = [pair[0] + (cut.start or 0) * -1 for pair, cut in zip(g.pads, (rows, columns), strict=True)]
        pads = ((moved[0], g.pads[0][1]), (moved[1], g.pads[1][1]))
        result = dict(self.from_table(case.with_arrays(x=part), replace(g, size=part.shape[1:3], pads=pads)))
        if "dx" in result:
            dx = np.zeros(x.shape)
            dx[:, rows, columns] = result["dx"]
            result["dx"] = dx
        return result

    def _whole_dx(self, case: Case) -> tuple[Geometry, Array]:
        """Return dx of the padded image."""
        g = self.geometry(case)
        (top, bottom), (left, right) = g.pads
        wide = replace(g, size=(g.size[0] + top + bottom, g.size[1] + left + right), pads=((0, 0), (0, 0)))
        return g, scatter(self.terms(case, g), wide)

    def terms(self, case: Case, geometry: Geometry) -> Array:
        """Return what each window gives to its positions, (N, OH, KH, OW, KW, C)."""
        raise NotImplementedError

    def _placed(self, case: Case, change: Callable[[Geometry], Geometry]) -> Outputs:
        """dx with the right terms put at the places of a wrong geometry."""
        g = self.geometry(case)
        wrong = replace(change(g), out=g.out)
        return {"dx": scatter(self.terms(case, g), wrong)} if wrong.window == g.window else {}

    def _cropped_wrongly(self, case: Case, first: bool) -> Outputs:
        g, whole = self._whole_dx(case)
        top, left = (0, 0) if first else (g.pads[0][1], g.pads[1][1])
        return {"dx": whole[:, top : top + g.size[0], left : left + g.size[1]]}

    def _some_taps(self, case: Case, taps: tuple[slice, slice]) -> Outputs:
        """Windows that lack a row or a column, in the forward or in the backward."""
        g = self.geometry(case)
        kept = np.zeros((1, 1, g.window[0], 1, g.window[1], 1))
        kept[:, :, taps[0], :, taps[1]] = 1
        result = {"y": self.pooled(np.where(kept > 0, gather(case.arrays["x"], g, np.nan), np.nan), g)}
        if case.dy is not None:
            result["dx"] = scatter(self.terms(case, g) * kept, g)
        return result

    def pooled(self, windows: Array, geometry: Geometry) -> Array:
        """Pool windows (N, OH, KH, OW, KW, C) in which NaN marks what is not there."""
        raise NotImplementedError

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """A dx of dy's size times the window or the stride."""
        if output != "dx":
            return {}
        g = self.geometry(case)
        n, _, _, c = case.arrays["x"].shape
        sizes = [tuple(o * k for o, k in zip(g.out, by, strict=True)) for by in (g.window, g.strides)]
        return {(n, *size, c): "windows-side-by-side-assumed" for size in sizes}

    def _uncropped(self, case: Case) -> Outputs:
        return {"dx": self._whole_dx(case)[1]}

    def _reached_only(self, case: Case) -> Outputs:
        g = self.geometry(case)
        reach = [(o - 1) * s + k - p[0] for o, s, k, p in zip(g.out, g.strides, g.window, g.pads, strict=True)]
        return {"dx": self.right(case)["dx"][:, : reach[0], : reach[1]]}


def _case(shape: WindowCase, number: int) -> Case:
    rng = case_rng(number, 2)
    count = int(np.prod(shape.image))
    if shape.special == TIES:
        x = rng.integers(-2, 2, shape.image).astype(np.float64)
    elif shape.by_hand:
        x = (rng.permutation(count) - count // 3).reshape(shape.image).astype(np.float64)
    else:
        x = rng.standard_normal(shape.image)
    if shape.special == NEGATIVE:
        x = -np.abs(x) - 0.5
    if shape.special == LARGE:
        x = -1e14 * (1 + rng.random(shape.image))
    if shape.special == FLOAT32:
        x = x.astype(np.float32)
    if shape.special == STRIDED:
        x = strided(x)
    options = {"pool_size": shape.window, "strides": shape.strides, "padding": shape.padding}
    traits = (
        shape.traits - {ONE_SIDED_PADDING}
        if not any(map(sum, Geometry.of(shape.image[1:3], shape.window, shape.strides, shape.padding).pads))
        else shape.traits
    )
    return Case({"x": x}, options, traits, lenient=shape.lenient, by_hand=shape.by_hand)
