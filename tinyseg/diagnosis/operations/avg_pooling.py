"""avg_pool2d: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from tinyseg_kernels.avg_pool2d import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..geometry import Geometry, gather, geometry_mistakes, scatter
from ..operation import Hypothesis
from .pool_divisors import divisor_mistakes
from .pooling import Pooling


class AvgPool2D(Pooling):
    """The mean of each window."""

    name = "avg_pool2d"
    contract = (
        "forward(x, *, pool_size, strides, padding) -> (y, cache): x (N, H, W, C), pairs, padding 'valid', 'same' or "
        "pairs; the mean is over the pixels of the window, padded places do not count; backward(dy, cache) -> dx"
    )
    rungs = (numpy_cpu, naive)

    def weights(self, geometry: Geometry) -> Array:
        """Return 1 / (number of pixels in the window) as (1, OH, 1, OW, 1, 1)."""
        counts = geometry.inside.sum(axis=(1, 3))
        return (1.0 / np.maximum(counts, 1))[None, :, None, :, None, None]

    def terms(self, case: Case, geometry: Geometry) -> Array:
        """An equal share of dy for each pixel."""
        return self.shares(case, geometry, self.weights(geometry))

    def shares(self, case: Case, geometry: Geometry, weights: Array | float) -> Array:
        """Return dy * weight for each position of each window."""
        share = case.dy[:, :, None, :, None, :] * weights
        n, oh, _, ow, _, c = share.shape
        return np.broadcast_to(share, (n, oh, geometry.window[0], ow, geometry.window[1], c))

    def from_table(self, case: Case, geometry: Geometry, how: str = "add") -> dict[str, Array]:
        """Mean; equal shares."""
        w = gather(case.arrays["x"], geometry)
        weights = self.weights(geometry)
        result: dict[str, Array] = {"y": w.sum(axis=(2, 4)) * weights[:, :, 0, :, 0]}
        if case.dy is not None:
            result["dx"] = scatter(self.shares(case, geometry, weights), geometry, how)
        return result

    def mistakes(self) -> Iterator[Hypothesis]:
        """What is divided by, then the windows."""
        yield from self._divisor_mistakes()
        yield from self._average_mistakes()
        yield from self._share_mistakes()
        yield from self.geometry_hypotheses()
        # The same windows, but divided by the whole window as the wrong one too.
        yield from self._geometry_with_padding_counted()
        yield from self._empty_windows()
        yield from divisor_mistakes(self)

    def _divisor_mistakes(self) -> Iterator[Hypothesis]:
        """What the sum is divided by."""
        divided = self._divided
        yield divided("padding-counted", lambda case, g: 1.0 / (g.window[0] * g.window[1]))
        yield divided("padding-counted", lambda case, g: _by_axis(g, rows=True), "in one axis")
        yield divided("padding-counted", lambda case, g: _by_axis(g, rows=False), "in one axis")
        yield divided("not-divided", lambda case, g: 1.0)
        for axis, side in ((0, "height"), (1, "width")):
            yield divided(
                "divided-by-one-axis-only",
                lambda case, g, axis=axis: _along(g, axis),
                f"the {side} of the part of the window that is in the image",
            )
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

    def _average_mistakes(self) -> Iterator[Hypothesis]:
        """Another average, and its gradient."""

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

    def _share_mistakes(self) -> Iterator[Hypothesis]:
        """One pixel gets all, or overlaps are overwritten."""
        one_only = "gradient-to-one-only"
        for tap in (0, -1):
            for whole in (False, True):
                yield Hypothesis(one_only, lambda case, tap=tap, whole=whole: self._first_inside(case, tap < 0, whole))
            yield Hypothesis(one_only, lambda case, tap=tap: self._corner(case, tap, self.weights(self.geometry(case))))
            yield Hypothesis(one_only, lambda case, tap=tap: self._corner(case, tap, 1.0))
            yield Hypothesis(
                one_only,
                lambda case, tap=tap: self._corner(case, tap, 1.0 / np.prod(self.geometry(case).window)),
            )
            yield Hypothesis(one_only, lambda case, tap=tap: self._share_of_first_inside(case, tap < 0))
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

        for axis, word in ((0, "row"), (1, "column")):
            yield Hypothesis(f"only-first-tap-{word}", lambda case, axis=axis: self._first_line(case, axis))

    def _share_of_first_inside(self, case: Case, last: bool) -> Outputs:
        """dx when one pixel gets its share of the whole window, and the others get nothing."""
        share = 1.0 / np.prod(self.geometry(case).window)
        return {"dx": share * self._first_inside(case, last, True)["dx"]}

    def _first_line(self, case: Case, axis: int) -> Outputs:
        """dx when only the first row (or column) of each window that is in the image gets its share."""
        g = self.geometry(case)
        inside = g.positions(axis) < g.size[axis]
        first: Array = np.arange(g.window[axis]) == inside.argmax(axis=1)[:, None]
        chosen = first[:, :, None, None] if axis == 0 else first[None, None]
        return {"dx": scatter(self.shares(case, g, self.weights(g)) * chosen[None, ..., None], g)}

    def _empty_windows(self) -> Iterator[Hypothesis]:
        """The mean of no pixel at all, which is NaN: windows that a wrong index puts beyond the image."""

        def predict(case: Case, change: Callable[[Geometry], Geometry], own: bool) -> Outputs:
            wrong = change(self.geometry(case))
            wrong = wrong.with_right_output() if own else wrong
            return {"y": _nan_where_empty(self.from_table(case.with_dy(None), wrong)["y"], wrong)}

        for cause, change, of_dilation in geometry_mistakes():
            if not of_dilation:
                for own in (True, False):
                    yield Hypothesis(cause, lambda case, change=change, own=own: predict(case, change, own))
        yield Hypothesis("slice-begins-before-the-image", self._negative_slices)

    def cropped(self, case: Case, rows: slice, columns: slice) -> Outputs:
        """The mean of what is left, NaN where nothing is."""
        whole = self.geometry(case)
        result = dict(super().cropped(case, rows, columns))
        x = case.arrays["x"][:, rows, columns]
        result["y"] = _nan_where_empty(result["y"], replace(whole, size=(x.shape[1], x.shape[2])))
        return result

    def _negative_slices(self, case: Case) -> Outputs:
        """y of x[start : start + K] where start may be negative, which counts from the end."""
        x, g = case.arrays["x"], self.geometry(case)
        y = np.full((x.shape[0], *g.out, x.shape[3]), np.nan)
        for h, w in np.ndindex(*g.out):
            top, left = h * g.strides[0] - g.pads[0][0], w * g.strides[1] - g.pads[1][0]
            block = x[:, top : top + g.window[0], left : left + g.window[1]]
            y[:, h, w] = block.mean(axis=(1, 2)) if block.size else np.nan
        return {"y": y}

    def _divided(self, cause: str, weight: Callable[[Case, Geometry], Any], detail: str = "") -> Hypothesis:
        def predict(case: Case) -> Outputs:
            g = self.geometry(case)
            by = weight(case, g)
            result = {"y": gather(case.arrays["x"], g).sum(axis=(2, 4)) * (by[:, :, 0, :, 0] if np.ndim(by) else by)}
            if case.dy is not None:
                result["dx"] = scatter(self.shares(case, g, by), g)
            return result

        return Hypothesis(cause, predict, detail)

    def _corner(self, case: Case, tap: int, weights: Array | float) -> Outputs:
        """dx with the share of one position of each window, that of index (tap, tap)."""
        g = self.geometry(case)
        one = np.zeros((1, 1, g.window[0], 1, g.window[1], 1))
        one[:, :, tap, :, tap] = 1
        return {"dx": scatter(self.shares(case, g, weights) * one, g)}

    def _first_inside(self, case: Case, last: bool, whole: bool) -> Outputs:
        """dx when the first (or last) position of each window that is in the image gets all."""
        g = self.geometry(case)
        inside = g.inside.transpose(0, 2, 1, 3).reshape(*g.out, -1)
        number = inside.shape[-1] - 1 - inside[..., ::-1].argmax(-1) if last else inside.argmax(-1)
        chosen = (np.arange(inside.shape[-1]) == number[..., None]).reshape(*g.out, *g.window).transpose(0, 2, 1, 3)
        return {"dx": scatter(self.shares(case, g, 1.0 if whole else self.weights(g)) * chosen[None, ..., None], g)}

    def _geometry_with_padding_counted(self) -> Iterator[Hypothesis]:
        def predict(case: Case, change: Callable[[Geometry], Geometry], own: bool) -> Outputs:
            right = self.geometry(case)
            wrong = change(right)
            if wrong == right and not isinstance(right.padding, str):
                return {}  # only what is divided by is wrong, and that has its own name
            whole = 1.0 / (wrong.window[0] * wrong.window[1])
            forward = wrong.with_right_output() if own else wrong
            result = {"y": gather(case.arrays["x"], forward).sum(axis=(2, 4)) * whole}
            if case.dy is not None:
                back = replace(wrong, out=case.dy.shape[1:3])
                result["dx"] = scatter(self.shares(case, back, whole), back)
            return result

        for cause, change, of_dilation in geometry_mistakes():
            # That of one end for both changes nothing else: that has its own name too.
            if not of_dilation and cause != "padding-of-one-end-for-both":
                for own in (True, False):
                    yield Hypothesis(
                        cause, lambda case, change=change, own=own: predict(case, change, own), "and padding is counted"
                    )

    def pooled(self, windows: Array, geometry: Geometry) -> Array:
        """Sum of what is there by the number of pixels of the whole window."""
        return np.nansum(windows, axis=(2, 4)) * self.weights(geometry)[:, :, 0, :, 0]

    def _inverse(self, case: Case) -> Outputs:
        """dx by the pseudo-inverse of the averaging along rows and along columns."""
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
        """dy, divided, repeated as if windows stood side by side, cut or filled with zeros to x's size."""
        g = self.geometry(case)
        rows, columns = g.window if by_window else g.strides
        wide = (case.dy / np.prod(g.window)).repeat(rows, axis=1).repeat(columns, axis=2)[:, : g.size[0], : g.size[1]]
        dx = np.zeros(case.arrays["x"].shape)
        dx[:, : wide.shape[1], : wide.shape[2]] = wide
        return {"dx": dx}

    def _nonzero_mean(self, case: Case) -> Outputs:
        w = gather(case.arrays["x"], self.geometry(case))
        return {"y": w.sum(axis=(2, 4)) / np.maximum((w != 0).sum(axis=(2, 4)), 1)}


def _along(geometry: Geometry, axis: int) -> Array:
    """Return 1 / (number of rows, or columns, of the window that are in the image)."""
    counts = (geometry.positions(axis) < geometry.size[axis]).sum(axis=1)
    weights = 1.0 / np.maximum(counts, 1)
    return weights[None, :, None, None, None, None] if axis == 0 else weights[None, None, None, :, None, None]


def _nan_where_empty(y: Array, geometry: Geometry) -> Array:
    some: Array = geometry.inside.sum(axis=(1, 3)) > 0
    return np.where(some[None, :, :, None], y, np.nan)


def _by_axis(geometry: Geometry, *, rows: bool) -> Array:
    """Return weights that count pixels along one axis and the whole window along the other."""
    inside = geometry.inside
    along_rows, along_columns = inside.any(axis=3).sum(axis=1), inside.any(axis=1).sum(axis=2)
    counts = along_rows * geometry.window[1] if rows else along_columns * geometry.window[0]
    return (1.0 / np.maximum(counts, 1))[None, :, None, :, None, None]
