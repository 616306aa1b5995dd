"""max_pool2d: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.max_pool2d import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..geometry import Geometry, gather, scatter
from ..operation import Hypothesis
from ..place import NamedRegion
from .pooling import Pooling

LOSERS = NamedRegion("pixels that won no window", mistake="gradient-to-pixels-that-did-not-win")
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
        "forward(x, *, pool_size, strides, padding) -> (y, cache): x (N, H, W, C), pairs, padding 'valid', 'same' or "
        "pairs; padded places never win; of equal numbers the first of the window in row-major order wins; "
        "backward(dy, cache) -> dx"
    )
    rungs = (numpy_cpu, naive)

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
        """dy at the winner."""
        return self.spread(self.winners(self.windows(case, geometry)) * case.dy[..., None], geometry)

    def from_table(self, case: Case, geometry: Geometry, how: str = "add") -> dict[str, Array]:
        """Largest number; dy to the winner."""
        w = self.windows(case, geometry)
        result: dict[str, Array] = {"y": w.max(axis=-1)}
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

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Pixels that won, and the others."""
        if output != "dx":
            return super().regions(case, output)
        g = self.geometry(case)
        ones = case.with_dy(np.ones((case.arrays["x"].shape[0], *g.out, case.arrays["x"].shape[3])))
        won = scatter(self.terms(ones, g), g) > 0
        return {LOSERS: ~won, **super().regions(case, output)}

    def _filled(self, case: Case, fill: float) -> Outputs:
        g = self.geometry(case)
        w = self.windows(case, g, fill)
        result: dict[str, Array] = {"y": w.max(axis=-1)}
        if case.dy is not None:
            result["dx"] = self._scattered(case, g, self.winners(w))
        return result

    def _routing_mistakes(self) -> Iterator[Hypothesis]:
        """dy goes elsewhere than to the winner."""
        yield from self._tie_mistakes()
        yield from self._index_mistakes()
        yield from self._match_mistakes()
        yield from self._upstream_mistakes()

    def _routed(self, mask: Callable[[Array], Array], how: str = "add") -> Callable[[Case], Outputs]:
        def predict(case: Case) -> Outputs:
            g = self.geometry(case)
            return {"dx": self._scattered(case, g, mask(self.windows(case, g)), how)}

        return predict

    def _tie_mistakes(self) -> Iterator[Hypothesis]:
        """Another pixel of the window wins, or several."""
        routed = self._routed
        yield Hypothesis("ties-routed-to-all", routed(ties))
        for how in ("last window", "first window", "last tap"):
            yield Hypothesis(
                "overlaps-overwritten",
                routed(lambda w: np.arange(w.shape[-1]) == w.argmax(axis=-1)[..., None], how),
                how,
            )
        yield Hypothesis("ties-shared", routed(lambda w: ties(w) / ties(w).sum(axis=-1, keepdims=True)))
        yield Hypothesis("last-tie-wins", routed(last))
        yield Hypothesis("tie-in-column-order", self._column_major)
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

    def _index_mistakes(self) -> Iterator[Hypothesis]:
        """The winner's number is read wrongly."""
        decoded = self._decoded
        yield Hypothesis(
            "winner-index-misread", decoded(lambda k, kh, kw: (k // kh, k % kh)), "split by the window's height"
        )
        for fixed in (2, 3):
            yield Hypothesis(
                "winner-index-misread",
                decoded(lambda k, kh, kw, by=fixed: (k // by, k % by)),
                f"split by {fixed}, whatever the window is",
            )
        yield Hypothesis("winner-row-and-column-swapped", decoded(lambda k, kh, kw: (k % kw, k // kw)))
        yield Hypothesis(
            "winner-row-and-column-swapped", decoded(lambda k, kh, kw: (k % kh, k // kh)), "and split by the height"
        )
        yield Hypothesis(
            "winner-index-one-off", decoded(lambda k, kh, kw: (np.maximum(k - 1, 0) // kw, np.maximum(k - 1, 0) % kw))
        )
        yield Hypothesis("winner-index-one-off", decoded(lambda k, kh, kw: ((k + 1) // kw, (k + 1) % kw)))
        yield Hypothesis("index-overflows", self._one_byte)
        yield Hypothesis("one-winner-for-all-channels", self._global_match)

    def _match_mistakes(self) -> Iterator[Hypothesis]:
        """Whatever resembles the maximum wins, or one winner stands for all channels."""
        routed = self._routed
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

        def first_image(case: Case) -> Outputs:
            g = self.geometry(case)
            mask = self.winners(self.windows(case, g))
            return {"dx": self._scattered(case, g, np.broadcast_to(mask[:1], mask.shape))}

        def of_any_channel(case: Case) -> Outputs:
            """Each channel's number at the place of the largest number of all channels, y included."""
            g = self.geometry(case)
            w = self.windows(case, g)
            mask = np.broadcast_to(self.winners(w.max(axis=-2, keepdims=True)), w.shape)
            result = {"y": np.where(mask, w, 0).sum(axis=-1)}
            return result if case.dy is None else {**result, "dx": self._scattered(case, g, mask)}

        def into_the_first(case: Case) -> Outputs:
            """The winners' places in the flat array are those of the first image, so that all dy goes there."""
            dx = first_image(case)["dx"]
            heap = np.zeros_like(dx)
            heap[0] = dx.sum(axis=0)
            return {"dx": heap}

        yield Hypothesis("one-winner-for-all-images", first_image)
        yield Hypothesis("one-winner-for-all-images", into_the_first, "and its pixels get the gradients of all")
        yield Hypothesis("one-winner-for-all-channels", of_any_channel)
        yield Hypothesis("one-winner-for-all-channels", first_channel)
        yield Hypothesis("one-winner-for-all-channels", by_sum)
        yield Hypothesis("multiplied-by-the-value", times_value)
        yield Hypothesis("overlaps-overwritten", by_value)

    def _upstream_mistakes(self) -> Iterator[Hypothesis]:
        """The maximum is looked for in the whole image, or dy is not used."""

        def anywhere(case: Case, first: bool) -> Outputs:
            """dy to where the maximum's value stands in the whole image."""
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

    def _column_major(self, case: Case) -> Outputs:
        g = self.geometry(case)
        w = self.windows(case, g)
        kh, kw = g.window
        turned = w.reshape(*w.shape[:-1], kh, kw).swapaxes(-1, -2).reshape(w.shape)
        mask = self.winners(turned).reshape(*w.shape[:-1], kw, kh).swapaxes(-1, -2).reshape(w.shape)
        return {"dx": self._scattered(case, g, mask)}

    def _decoded(self, split: Callable[[Array, int, int], tuple[Array, Array]]) -> Callable[[Case], Outputs]:
        """dy to where the winner's number, split into row and column in a wrong way, points."""

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

    def _one_byte(self, case: Case) -> Outputs:
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

    def _global_match(self, case: Case) -> Outputs:
        """Every pixel of the window's channel block that equals the maximum, over all channels."""
        g = self.geometry(case)
        w = self.windows(case, g)
        best = w.max(axis=(-1, -2), keepdims=True)
        return {"dx": self._scattered(case, g, w == best)}


def ties(w: Array) -> Array:
    """Return a mask of all numbers that are the largest of their window."""
    return w == w.max(axis=-1, keepdims=True)


def last(w: Array) -> Array:
    """Return a mask of the last largest number of each window."""
    return np.arange(w.shape[-1]) == (w.shape[-1] - 1 - w[..., ::-1].argmax(axis=-1))[..., None]


def _indices(shape: tuple[int, ...]) -> Array:
    return np.indices(shape)
