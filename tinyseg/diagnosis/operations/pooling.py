"""max_pool2d and avg_pool2d: what is asked, and how they go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from tinyseg_kernels.avg_pool2d import naive as avg_naive
from tinyseg_kernels.avg_pool2d import numpy_cpu as avg
from tinyseg_kernels.max_pool2d import naive as max_naive
from tinyseg_kernels.max_pool2d import numpy_cpu as maximum
from tinyseg_kernels.types import Array

from ..case import FLOAT32, LARGE, STRIDED, TIES, Case, Outputs, strided
from ..geometry import Geometry, gather, geometry_mistakes, output_mistakes, overlap_counts, scatter
from ..operation import Hypothesis, Operation, axis_sizes
from .windows import WindowCase, window_regions

NEGATIVE = "negative numbers only"
LOSERS = "pixels that won no window"
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


class Pooling(Operation):
    """What the two have in common."""

    rungs: ClassVar[tuple[Any, ...]]
    gradients = ("dx",)

    def cases(self) -> list[Case]:
        """Windows side by side first, then with overlap, padding, gaps and ties."""
        return [_case(shape, number) for number, shape in enumerate(POOLING_CASES)]

    def run(self, module: Any, case: Case) -> tuple[Array, Any]:
        """Run a rung's forward."""
        y, cache = getattr(module, f"{self.name}_forward")(case.arrays["x"], **case.options)
        return y, cache

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = self.run(self.rungs[0], case)
        if case.dy is None:
            return {"y": y}
        return {"y": y, "dx": getattr(self.rungs[0], f"{self.name}_backward")(case.dy, cache)}

    def library_caches(self, case: Case) -> list[Any]:
        """The caches of both rungs."""
        return [self.run(module, case)[1] for module in self.rungs]

    def needs(self, case: Case) -> Mapping[str, tuple[Any, ...]]:
        """Without strides, windows stand side by side; without padding, there is none."""
        return {"strides": (case.options["pool_size"],), "padding": ("valid",)}

    def geometry(self, case: Case) -> Geometry:
        """Return the right geometry."""
        o = case.options
        return Geometry.of(case.arrays["x"].shape[1:3], o["pool_size"], o["strides"], o["padding"])

    def regions(self, case: Case, output: str) -> Mapping[str, Array]:
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

    def from_table(self, case: Case, geometry: Geometry, how: str = "add") -> dict[str, Any]:
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

        changes = [
            *geometry_mistakes(),
            ("window-height-and-width-swapped", lambda g: replace(g, window=g.window[::-1])),
        ]
        changes += [("window-square-assumed", lambda g, k=k: replace(g, window=(g.window[k],) * 2)) for k in (0, 1)]
        for cause, change in changes:
            if "dilation" in cause:
                continue
            for own in (True, False):
                yield Hypothesis(cause, lambda case, change=change, own=own: whole(case, change, own))
        for cause, change in output_mistakes():
            if "dilation" in cause:
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
        for cause, change in changes:
            if "dilation" not in cause:
                yield Hypothesis(
                    cause, lambda case, change=change: self._placed(case, change), "right terms at the wrong place"
                )
        yield Hypothesis("unreached-pixels-missing", self._reached_only)
        for name, taps in TAPS:
            yield Hypothesis(name, lambda case, taps=taps: self._some_taps(case, taps))
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
        """Dx with the right terms put at the places of a wrong geometry."""
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
    rng = np.random.default_rng([number, 2])
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
        shape.traits - {"padding that is not symmetric"}
        if not any(map(sum, Geometry.of(shape.image[1:3], shape.window, shape.strides, shape.padding).pads))
        else shape.traits
    )
    return Case({"x": x}, options, traits, lenient=shape.lenient, by_hand=shape.by_hand)


NEARNESS = tuple(
    (r, a)
    for r in (1e-5, 1e-3, 1e-2, 0.05, 0.1, 0.0)
    for a in (0.1, 0.0, 1e-3, 1e-2, 0.05, 0.2, 0.25, 0.5, 1.0)
    if r or a
)
"""Tolerances (relative, absolute) with which a number may be taken for the maximum."""


class MaxPool2D(Pooling):
    """The largest number of each window."""

    name = "max_pool2d"
    contract = (
        "forward(x, *, pool_size, strides, padding) -> (y, cache): x (N, H, W, C), pairs, padding 'valid', 'same' or pairs; padded places never win; "
        "of equal numbers the first of the window in row-major order wins; backward(dy, cache) -> dx"
    )
    rungs = (maximum, max_naive)

    def windows(self, case: Case, geometry: Geometry, fill: float = -np.inf) -> Array:
        """Return the numbers of each window as (N, OH, OW, C, KH * KW)."""
        w = gather(case.arrays["x"], geometry, fill)
        n, oh, kh, ow, kw, c = w.shape
        return w.transpose(0, 1, 3, 5, 2, 4).reshape(n, oh, ow, c, kh * kw)

    def spread(self, share: Array, geometry: Geometry) -> Array:
        """Turn (N, OH, OW, C, KH * KW) back into windows (N, OH, KH, OW, KW, C)."""
        n, oh, ow, c, _ = share.shape
        return share.reshape(n, oh, ow, c, *geometry.window).transpose(0, 1, 4, 2, 5, 3)

    def winners(self, w: Array) -> Array:
        """Return a mask of the first largest number of each window."""
        return np.arange(w.shape[-1]) == w.argmax(axis=-1)[..., None]

    def terms(self, case: Case, geometry: Geometry) -> Array:
        """Dy at the winner."""
        return self.spread(self.winners(self.windows(case, geometry)) * case.dy[..., None], geometry)

    def from_table(self, case: Case, geometry: Geometry, how: str = "add") -> dict[str, Any]:
        """Largest number; dy to the winner."""
        w = self.windows(case, geometry)
        result: dict[str, Any] = {"y": w.max(axis=-1)}
        if case.dy is not None:
            result["dx"] = self._scattered(case, geometry, self.winners(w), how)
        return result

    def _scattered(self, case: Case, geometry: Geometry, mask: Array, how: str = "add") -> Array:
        share = self.spread(mask * case.dy[..., None], geometry)
        if how in ("add", "maximum"):
            return scatter(share, geometry, how)
        # Only winners are written: a pixel that did not win keeps what it has.
        dx = np.zeros(case.arrays["x"].shape)
        chosen = self.spread(mask, geometry)
        rows, columns = geometry.positions(0), geometry.positions(1)
        counts = np.zeros(dx.shape)
        steps = list(np.ndindex(*geometry.out, *geometry.window))
        if how == "first window":
            steps = steps[::-1]
        if how == "last tap":
            steps = sorted(steps, key=lambda s: s[2:])
        for oh, ow, i, j in steps:
            h, w = rows[oh, i], columns[ow, j]
            if h >= dx.shape[1] or w >= dx.shape[2]:
                continue
            wins = chosen[:, oh, i, ow, j]
            counts[:, h, w] += wins
            dx[:, h, w] = np.where(wins, share[:, oh, i, ow, j] + (dx[:, h, w] if how == "mean" else 0), dx[:, h, w])
        return dx / np.maximum(counts, 1) if how == "mean" else dx

    def mistakes(self) -> Iterator[Hypothesis]:
        """Who wins, what padding is, and the windows."""
        yield from self._routing_mistakes()
        for cause, fill in (
            ("padding-can-win", 0.0),
            *(("padding-can-win", -(10.0**k)) for k in range(13)),
            ("padding-can-win", -999.0),
            ("padding-can-win", -9999.0),
            ("padding-can-win", 1e-300),
        ):
            yield Hypothesis(cause, lambda case, fill=fill: self._filled(case, fill))

        def other(function: Callable[..., Array]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                w = self.windows(case, self.geometry(case), np.nan)
                return {"y": function(w, axis=-1)}

            return predict

        yield Hypothesis("mean-instead-of-maximum", other(np.nanmean))
        yield Hypothesis("minimum-instead-of-maximum", other(np.nanmin))
        yield Hypothesis("sum-instead-of-maximum", other(np.nansum))
        yield Hypothesis(
            "largest-magnitude", lambda case: {"y": np.abs(self.windows(case, self.geometry(case), 0.0)).max(axis=-1)}
        )

        def signed_magnitude(case: Case) -> Outputs:
            w = self.windows(case, self.geometry(case), 0.0)
            return {"y": np.take_along_axis(w, np.abs(w).argmax(axis=-1)[..., None], -1)[..., 0]}

        def whole_image(case: Case) -> Outputs:
            y = self.right(case)["y"]
            return {"y": y * 0 + case.arrays["x"].max(axis=(1, 2), keepdims=True)}

        def folded(case: Case) -> Outputs:
            """Blocks read as (oh, ow, kh, kw) where they lie as (oh, kh, ow, kw)."""
            g = self.geometry(case)
            if g.strides != g.window:
                return {}
            n, _, _, c = case.arrays["x"].shape
            wide = np.pad(case.arrays["x"], ((0, 0), *g.pads, (0, 0)), constant_values=-np.inf)
            blocks = np.ascontiguousarray(wide[:, : g.out[0] * g.window[0], : g.out[1] * g.window[1]])
            return {"y": blocks.reshape(n, *g.out, *g.window, c).max(axis=(3, 4))}

        yield Hypothesis("blocks-misread", folded)
        yield Hypothesis("largest-magnitude", signed_magnitude)
        yield Hypothesis("whole-image-instead-of-window", whole_image)
        yield Hypothesis("smooth-maximum", other(lambda w, axis: np.log(np.nansum(np.exp(w), axis=axis))))
        yield Hypothesis(
            "smooth-maximum",
            other(
                lambda w, axis: (
                    np.nanmax(w, axis=axis)
                    + np.log(np.nansum(np.exp(w - np.nanmax(w, axis=axis, keepdims=True)), axis=axis))
                )
            ),
        )
        yield Hypothesis("median-instead-of-maximum", other(np.nanmedian))
        yield Hypothesis(
            "maximum-over-images",
            lambda case: {
                "y": np.broadcast_to(self.right(case)["y"].max(axis=0, keepdims=True), self.right(case)["y"].shape)
            },
        )
        yield Hypothesis("first-of-the-window", lambda case: {"y": self.windows(case, self.geometry(case))[..., 0]})
        yield Hypothesis("starts-from-zero", lambda case: {"y": np.maximum(self.right(case)["y"], 0)})
        yield Hypothesis(
            "index-instead-of-maximum", lambda case: {"y": self.windows(case, self.geometry(case)).argmax(axis=-1)}
        )
        yield Hypothesis(
            "maximum-over-channels",
            lambda case: {
                "y": np.broadcast_to(self.right(case)["y"].max(axis=-1, keepdims=True), self.right(case)["y"].shape)
            },
        )
        yield from self.geometry_hypotheses()

    def pooled(self, windows: Array, geometry: Geometry) -> Array:
        """Largest that is there."""
        return np.where(np.isnan(windows), -np.inf, windows).max(axis=(2, 4))

    def regions(self, case: Case, output: str) -> Mapping[str, Array]:
        """Pixels that won, and the others."""
        if output != "dx":
            return super().regions(case, output)
        g = self.geometry(case)
        ones = case.with_dy(np.ones((case.arrays["x"].shape[0], *g.out, case.arrays["x"].shape[3])))
        won = scatter(self.terms(ones, g), g) > 0
        return {LOSERS: ~won, **super().regions(case, output)}

    def named_regions(self) -> Mapping[str, str]:
        """Gradient where nothing was won."""
        return {LOSERS: "gradient-to-pixels-that-did-not-win"}

    def _filled(self, case: Case, fill: float) -> Outputs:
        g = self.geometry(case)
        w = self.windows(case, g, fill)
        result: dict[str, Any] = {"y": w.max(axis=-1)}
        if case.dy is not None:
            result["dx"] = self._scattered(case, g, self.winners(w))
        return result

    def _routing_mistakes(self) -> Iterator[Hypothesis]:
        def routed(mask: Callable[[Array], Array], how: str = "add") -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                g = self.geometry(case)
                return {"dx": self._scattered(case, g, mask(self.windows(case, g)), how)}

            return predict

        def ties(w: Array) -> Array:
            return w == w.max(axis=-1, keepdims=True)

        def last(w: Array) -> Array:
            return np.arange(w.shape[-1]) == (w.shape[-1] - 1 - w[..., ::-1].argmax(axis=-1))[..., None]

        def column_major(case: Case) -> Outputs:
            g = self.geometry(case)
            w = self.windows(case, g)
            kh, kw = g.window
            turned = w.reshape(*w.shape[:-1], kh, kw).swapaxes(-1, -2).reshape(w.shape)
            mask = self.winners(turned).reshape(*w.shape[:-1], kw, kh).swapaxes(-1, -2).reshape(w.shape)
            return {"dx": self._scattered(case, g, mask)}

        def decoded(split: Callable[[Array, int, int], tuple[Array, Array]]) -> Callable[[Case], Outputs]:
            """Dy to where the winner's number, split into row and column in a wrong way, points."""

            def predict(case: Case) -> Outputs:
                g = self.geometry(case)
                i, j = split(self.windows(case, g).argmax(axis=-1), *g.window)
                dx = np.zeros(case.arrays["x"].shape)
                n, oh, ow, c = _indices(i.shape)
                h, w = oh * g.strides[0] - g.pads[0][0] + i, ow * g.strides[1] - g.pads[1][0] + j
                inside: Array = (h >= 0) & (h < g.size[0]) & (w >= 0) & (w < g.size[1])
                np.add.at(dx, (n[inside], h[inside], w[inside], c[inside]), case.dy[inside])
                return {"dx": dx}

            return predict

        def one_byte(case: Case) -> Outputs:
            """The pixel's number in its image is kept in 8 bits."""
            g, x = self.geometry(case), case.arrays["x"]
            i = self.windows(case, g).argmax(axis=-1)
            n, oh, ow, c = _indices(i.shape)
            h, w = (
                oh * g.strides[0] - g.pads[0][0] + i // g.window[1],
                ow * g.strides[1] - g.pads[1][0] + i % g.window[1],
            )
            flat = (h * x.shape[2] + w) % 256
            dx = np.zeros((x.shape[0], x.shape[1] * x.shape[2], x.shape[3]))
            np.add.at(dx, (n, flat, c), case.dy)
            return {"dx": dx.reshape(x.shape)}

        def global_match(case: Case) -> Outputs:
            """Every pixel of the window's channel block that equals the maximum, over all channels."""
            g = self.geometry(case)
            w = self.windows(case, g)
            best = w.max(axis=(-1, -2), keepdims=True)
            return {"dx": self._scattered(case, g, w == best)}

        yield Hypothesis("ties-routed-to-all", routed(ties))
        for how in ("last window", "first window", "last tap"):
            yield Hypothesis(
                "overlaps-overwritten",
                routed(lambda w: np.arange(w.shape[-1]) == w.argmax(axis=-1)[..., None], how),
                how,
            )
        yield Hypothesis("ties-shared", routed(lambda w: ties(w) / ties(w).sum(axis=-1, keepdims=True)))
        yield Hypothesis("last-tie-wins", routed(last))
        yield Hypothesis("tie-in-column-order", column_major)
        yield Hypothesis("gradient-to-all", routed(lambda w: np.isfinite(w)))
        yield Hypothesis(
            "gradient-shared-like-a-mean", routed(lambda w: np.isfinite(w) / np.isfinite(w).sum(axis=-1, keepdims=True))
        )
        yield Hypothesis("gradient-shared-like-a-mean", routed(lambda w: np.isfinite(w) / w.shape[-1]))
        yield Hypothesis(
            "gradient-to-the-first", routed(lambda w: np.broadcast_to(np.arange(w.shape[-1]) == 0, w.shape))
        )
        yield Hypothesis(
            "gradient-to-the-last",
            routed(lambda w: np.broadcast_to(np.arange(w.shape[-1]) == w.shape[-1] - 1, w.shape)),
        )
        yield Hypothesis(
            "gradient-to-the-smallest",
            routed(lambda w: np.arange(w.shape[-1]) == np.where(np.isfinite(w), w, np.inf).argmin(axis=-1)[..., None]),
        )
        yield Hypothesis(
            "gradient-to-the-others",
            routed(lambda w: ~(np.arange(w.shape[-1]) == w.argmax(axis=-1)[..., None]) & np.isfinite(w)),
        )
        yield Hypothesis("ties-routed-to-all", routed(ties, "last window"), "and overlaps overwritten")
        yield Hypothesis(
            "winner-index-misread", decoded(lambda k, kh, kw: (k // kh, k % kh)), "split by the window's height"
        )
        yield Hypothesis("winner-row-and-column-swapped", decoded(lambda k, kh, kw: (k % kw, k // kw)))
        yield Hypothesis(
            "winner-row-and-column-swapped", decoded(lambda k, kh, kw: (k % kh, k // kh)), "and split by the height"
        )
        yield Hypothesis(
            "winner-index-one-off", decoded(lambda k, kh, kw: (np.maximum(k - 1, 0) // kw, np.maximum(k - 1, 0) % kw))
        )
        yield Hypothesis("winner-index-one-off", decoded(lambda k, kh, kw: ((k + 1) // kw, (k + 1) % kw)))
        yield Hypothesis("index-overflows", one_byte)
        yield Hypothesis("one-winner-for-all-channels", global_match)
        for rtol, atol in NEARNESS:
            yield Hypothesis(
                "gradient-to-nearly-equal",
                routed(lambda w, r=rtol, a=atol: np.isclose(w, w.max(axis=-1, keepdims=True), rtol=r, atol=a)),
                f"within {rtol:g} of the maximum, plus {atol:g}",
            )

        def first_channel(case: Case) -> Outputs:
            g = self.geometry(case)
            mask = self.winners(self.windows(case, g))
            return {"dx": self._scattered(case, g, np.broadcast_to(mask[..., :1, :], mask.shape))}

        def by_sum(case: Case) -> Outputs:
            g = self.geometry(case)
            w = self.windows(case, g)
            total = np.where(np.isfinite(w), w, 0).sum(axis=-2, keepdims=True)
            return {"dx": self._scattered(case, g, np.broadcast_to(self.winners(total), w.shape))}

        def times_value(case: Case) -> Outputs:
            return {"dx": self.right(case)["dx"] * case.arrays["x"]}

        def by_value(case: Case) -> Outputs:
            """Pixels that equal the upsampled y, each taken once: dy of its own block, windows side by side."""
            g = self.geometry(case)
            w = self.windows(case, g)
            share = self.spread(ties(w) * case.dy[..., None], g)
            return {"dx": scatter(share, g, "last window")}

        yield Hypothesis("one-winner-for-all-channels", first_channel)
        yield Hypothesis("one-winner-for-all-channels", by_sum)
        yield Hypothesis("multiplied-by-the-value", times_value)
        yield Hypothesis("overlaps-overwritten", by_value)

        def anywhere(case: Case, first: bool) -> Outputs:
            """Dy to where the maximum's value stands in the whole image."""
            x, y = case.arrays["x"], self.right(case)["y"]
            dx = np.zeros_like(x)
            for n, oh, ow, c in np.ndindex(*y.shape):
                match = x[n, :, :, c] == y[n, oh, ow, c]
                if first:
                    place = np.unravel_index(match.argmax(), match.shape)
                    dx[(n, *place, c)] += case.dy[n, oh, ow, c]
                else:
                    dx[n, :, :, c] += match * case.dy[n, oh, ow, c]
            return {"dx": dx}

        for first in (True, False):
            yield Hypothesis("maximum-searched-in-the-whole-image", lambda case, first=first: anywhere(case, first))

        def binary(case: Case) -> Outputs:
            g = self.geometry(case)
            return {"dx": self._scattered(case.with_dy(np.ones_like(case.dy)), g, self.winners(self.windows(case, g)))}

        yield Hypothesis("upstream-ignored", binary)

        def once(case: Case) -> Outputs:
            dx = self._scattered(
                case.with_dy(np.ones_like(case.dy)),
                self.geometry(case),
                self.winners(self.windows(case, self.geometry(case))),
            )
            return {"dx": (dx > 0) * 1.0}

        yield Hypothesis("upstream-ignored", once)


class AvgPool2D(Pooling):
    """The mean of each window."""

    name = "avg_pool2d"
    contract = (
        "forward(x, *, pool_size, strides, padding) -> (y, cache): x (N, H, W, C), pairs, padding 'valid', 'same' or pairs; the mean is over the pixels of "
        "the window, padded places do not count; backward(dy, cache) -> dx"
    )
    rungs = (avg, avg_naive)

    def weights(self, geometry: Geometry) -> Array:
        """Return 1 / (number of pixels in the window) as (1, OH, 1, OW, 1, 1)."""
        counts = geometry.inside.sum(axis=(1, 3))
        return (1.0 / np.maximum(counts, 1))[None, :, None, :, None, None]

    def terms(self, case: Case, geometry: Geometry) -> Array:
        """An equal share of dy for each pixel."""
        return self.shares(case, geometry, self.weights(geometry))

    def shares(self, case: Case, geometry: Geometry, weights: Any) -> Array:
        """Return dy * weight for each position of each window."""
        share = case.dy[:, :, None, :, None, :] * weights
        n, oh, _, ow, _, c = share.shape
        return np.broadcast_to(share, (n, oh, geometry.window[0], ow, geometry.window[1], c))

    def from_table(self, case: Case, geometry: Geometry, how: str = "add") -> dict[str, Any]:
        """Mean; equal shares."""
        w = gather(case.arrays["x"], geometry)
        weights = self.weights(geometry)
        result: dict[str, Any] = {"y": w.sum(axis=(2, 4)) * weights[:, :, 0, :, 0]}
        if case.dy is not None:
            result["dx"] = scatter(self.shares(case, geometry, weights), geometry, how)
        return result

    def mistakes(self) -> Iterator[Hypothesis]:
        """What is divided by, then the windows."""

        def divided(cause: str, weight: Callable[[Case, Geometry], Any], detail: str = "") -> Hypothesis:
            def predict(case: Case) -> Outputs:
                g = self.geometry(case)
                by = weight(case, g)
                result = {
                    "y": gather(case.arrays["x"], g).sum(axis=(2, 4)) * (by[:, :, 0, :, 0] if np.ndim(by) else by)
                }
                if case.dy is not None:
                    result["dx"] = scatter(self.shares(case, g, by), g)
                return result

            return Hypothesis(cause, predict, detail)

        yield divided("padding-counted", lambda case, g: 1.0 / (g.window[0] * g.window[1]))
        yield divided("padding-counted", lambda case, g: _by_axis(g, rows=True), "in one axis")
        yield divided("padding-counted", lambda case, g: _by_axis(g, rows=False), "in one axis")
        yield divided("not-divided", lambda case, g: 1.0)
        yield divided("divided-by-one-axis-only", lambda case, g: 1.0 / g.window[0], "the window's height")
        yield divided("divided-by-one-axis-only", lambda case, g: 1.0 / g.window[1], "the window's width")
        yield divided("divided-by-one-axis-only", lambda case, g: 1.0 / g.window[0] ** 2, "the window's height twice")
        yield divided("divided-by-one-axis-only", lambda case, g: 1.0 / g.window[1] ** 2, "the window's width twice")
        yield divided("divided-by-the-stride", lambda case, g: 1.0 / (g.strides[0] * g.strides[1]))
        yield divided("divided-by-the-sum-of-the-sides", lambda case, g: 1.0 / (g.window[0] + g.window[1]))
        yield divided("divided-twice", lambda case, g: self.weights(g) ** 2)
        yield divided("divided-twice", lambda case, g: self.weights(g) / (g.window[0] * g.window[1]))
        yield divided("divided-twice", lambda case, g: 1.0 / (g.window[0] * g.window[1]) ** 2)
        yield divided("divided-by-channels-too", lambda case, g: self.weights(g) / case.arrays["x"].shape[3])
        yield divided("divided-by-images-too", lambda case, g: self.weights(g) / case.arrays["x"].shape[0])
        yield divided("divided-by-outputs", lambda case, g: 1.0 / (g.out[0] * g.out[1]))
        yield divided("multiplied-instead-of-divided", lambda case, g: 1.0 / self.weights(g))
        yield divided("multiplied-instead-of-divided", lambda case, g: 1.0 * g.window[0] * g.window[1])

        def mask(case: Case, chosen: Callable[[Array], Array]) -> Outputs:
            g = self.geometry(case)
            w = gather(case.arrays["x"], g, np.nan)
            return {"dx": scatter(np.where(chosen(w), case.dy[:, :, None, :, None, :], 0.0), g)}

        yield Hypothesis(
            "maximum-instead-of-mean",
            lambda case: {"y": np.nanmax(gather(case.arrays["x"], self.geometry(case), np.nan), axis=(2, 4))},
        )
        yield Hypothesis(
            "gradient-to-one-only", lambda case: mask(case, lambda w: w == np.nanmax(w, axis=(2, 4), keepdims=True))
        )
        for cause, function in (
            ("median-instead-of-mean", np.nanmedian),
            ("minimum-instead-of-mean", np.nanmin),
            ("root-mean-square", lambda w, axis: np.sqrt(np.nanmean(w**2, axis=axis))),
            ("middle-of-the-range", lambda w, axis: (np.nanmax(w, axis=axis) + np.nanmin(w, axis=axis)) / 2),
            ("variance-instead-of-mean", np.nanvar),
            ("magnitudes-averaged", lambda w, axis: np.nanmean(np.abs(w), axis=axis)),
        ):
            yield Hypothesis(
                cause,
                lambda case, function=function: {
                    "y": function(gather(case.arrays["x"], self.geometry(case), np.nan), axis=(2, 4))
                },
            )
        yield Hypothesis("running-average", self._running)
        yield Hypothesis("inverse-instead-of-transpose", self._inverse)
        yield Hypothesis(
            "whole-image-instead-of-window",
            lambda case: {"y": self.right(case)["y"] * 0 + case.arrays["x"].mean(axis=(1, 2), keepdims=True)},
        )
        for by_window in (True, False):
            yield Hypothesis("windows-side-by-side-assumed", lambda case, b=by_window: self._repeated(case, b))
        yield Hypothesis(
            "rounded-down",
            lambda case: {"dx": scatter(np.floor(self.terms(case, self.geometry(case))), self.geometry(case))},
        )
        yield Hypothesis(
            "overlaps-averaged",
            lambda case: {"dx": scatter(self.shares(case, self.geometry(case), 1.0), self.geometry(case), "mean")},
        )
        yield Hypothesis("zeros-not-counted", self._nonzero_mean)
        yield Hypothesis("rounded-down", lambda case: {"y": np.floor(self.right(case)["y"])})
        for i, j in ((0, 0), (-1, -1)):

            def corner(case: Case, i: int = i, j: int = j) -> Outputs:
                g = self.geometry(case)
                one = np.zeros((1, 1, g.window[0], 1, g.window[1], 1))
                one[:, :, i, :, j] = 1
                return {"dx": scatter(self.shares(case, g, self.weights(g)) * one, g)}

            def corner_whole(case: Case, i: int = i, j: int = j) -> Outputs:
                g = self.geometry(case)
                one = np.zeros((1, 1, g.window[0], 1, g.window[1], 1))
                one[:, :, i, :, j] = 1
                return {"dx": scatter(self.shares(case, g, 1.0) * one, g)}

            def first_inside(case: Case, last: bool = i < 0, whole: bool = False) -> Outputs:
                """The first (or last) position of each window that is in the image gets all."""
                g = self.geometry(case)
                inside = g.inside.transpose(0, 2, 1, 3).reshape(*g.out, -1)
                number = inside.shape[-1] - 1 - inside[..., ::-1].argmax(-1) if last else inside.argmax(-1)
                chosen = (
                    (np.arange(inside.shape[-1]) == number[..., None]).reshape(*g.out, *g.window).transpose(0, 2, 1, 3)
                )
                return {
                    "dx": scatter(self.shares(case, g, 1.0 if whole else self.weights(g)) * chosen[None, ..., None], g)
                }

            yield Hypothesis("gradient-to-one-only", first_inside)
            yield Hypothesis("gradient-to-one-only", lambda case, f=first_inside: f(case, whole=True))
            yield Hypothesis("gradient-to-one-only", corner)
            yield Hypothesis("gradient-to-one-only", corner_whole)
        yield Hypothesis("multiplied-by-the-value", lambda case: {"dx": self.right(case)["dx"] * case.arrays["x"]})
        for how in ("last window", "last tap", "first window"):
            yield Hypothesis(
                "overlaps-overwritten",
                lambda case, how=how: {
                    "dx": scatter(
                        self.shares(case, self.geometry(case), 1.0 / np.prod(self.geometry(case).window)),
                        self.geometry(case),
                        how,
                    )
                },
            )
        yield from self.geometry_hypotheses()
        # The same windows, but divided by the whole window as the wrong one too.
        yield from self._geometry_with_padding_counted()

    def _geometry_with_padding_counted(self) -> Iterator[Hypothesis]:
        def predict(case: Case, change: Callable[[Geometry], Geometry], own: bool) -> Outputs:
            wrong = change(self.geometry(case))
            whole = 1.0 / (wrong.window[0] * wrong.window[1])
            forward = wrong.with_right_output() if own else wrong
            result = {"y": gather(case.arrays["x"], forward).sum(axis=(2, 4)) * whole}
            if case.dy is not None:
                back = replace(wrong, out=case.dy.shape[1:3])
                result["dx"] = scatter(self.shares(case, back, whole), back)
            return result

        for cause, change in geometry_mistakes():
            if "dilation" not in cause:
                for own in (True, False):
                    yield Hypothesis(
                        cause, lambda case, change=change, own=own: predict(case, change, own), "and padding is counted"
                    )

    def pooled(self, windows: Array, geometry: Geometry) -> Array:
        """Sum of what is there by the number of pixels of the whole window."""
        return np.nansum(windows, axis=(2, 4)) * self.weights(geometry)[:, :, 0, :, 0]

    def _inverse(self, case: Case) -> Outputs:
        """Dx by the pseudo-inverse of the averaging along rows and along columns."""
        g = self.geometry(case)
        matrices = []
        for axis in (0, 1):
            positions, n = g.positions(axis), g.size[axis]
            counts = np.zeros((g.out[axis], n + 1))
            np.add.at(counts, (np.arange(g.out[axis])[:, None], positions), 1.0)
            inside = counts[:, :n]
            matrices.append(np.linalg.pinv(inside / np.maximum(inside.sum(axis=1, keepdims=True), 1)))
        return {"dx": np.einsum("ha,wb,nabc->nhwc", *matrices, case.dy)}

    def _running(self, case: Case) -> Outputs:
        """(mean + next) / 2 over and over."""
        w = gather(case.arrays["x"], self.geometry(case), np.nan)
        result = np.full(w[:, :, 0, :, 0].shape, np.nan)
        for i, j in np.ndindex(*self.geometry(case).window):
            value = w[:, :, i, :, j]
            result = np.where(np.isnan(result), value, np.where(np.isnan(value), result, (result + value) / 2))
        return {"y": result}

    def _repeated(self, case: Case, by_window: bool) -> Outputs:
        """Dy, divided, repeated as if windows stood side by side, cut or filled with zeros to x's size."""
        g = self.geometry(case)
        rows, columns = g.window if by_window else g.strides
        wide = (case.dy / np.prod(g.window)).repeat(rows, axis=1).repeat(columns, axis=2)[:, : g.size[0], : g.size[1]]
        dx = np.zeros(case.arrays["x"].shape)
        dx[:, : wide.shape[1], : wide.shape[2]] = wide
        return {"dx": dx}

    def _nonzero_mean(self, case: Case) -> Outputs:
        w = gather(case.arrays["x"], self.geometry(case))
        return {"y": w.sum(axis=(2, 4)) / np.maximum((w != 0).sum(axis=(2, 4)), 1)}


def _indices(shape: tuple[int, ...]) -> Array:
    return np.indices(shape)


def _by_axis(geometry: Geometry, *, rows: bool) -> Array:
    """Return weights that count pixels along one axis and the whole window along the other."""
    inside = geometry.inside
    along_rows, along_columns = inside.any(axis=3).sum(axis=1), inside.any(axis=1).sum(axis=2)
    counts = along_rows * geometry.window[1] if rows else along_columns * geometry.window[0]
    return (1.0 / np.maximum(counts, 1))[None, :, None, :, None, None]
