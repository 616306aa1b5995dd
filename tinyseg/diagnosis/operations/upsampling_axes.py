"""upsampling2d: mistakes in one axis only, in one of the four corners, and in the order of copies."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis
from .bilinear_weights import positions, written

if TYPE_CHECKING:
    from .upsampling import UpSampling2D

AxisMatrix = Callable[[int, int, str], Array]
"""From the number of pixels, the factor and the interpolation to the matrix (n * factor, n) of an axis."""
WORDS = ("in rows only", "in columns only")


class Corners(NamedTuple):
    """Bilinear interpolation along one axis: pixels before and after each output, and their weights."""

    low: Array
    high: Array
    low_weight: Array
    high_weight: Array

    @classmethod
    def of(cls, n: int, factor: int) -> Corners:
        """Return the right ones."""
        p = positions(n, factor)
        low = np.floor(p).astype(int)
        return cls(np.clip(low, 0, n - 1), np.clip(low + 1, 0, n - 1), 1 - (p - low), p - low)


def _axes(case: Case) -> Iterator[tuple[int, int]]:
    yield from zip(case.arrays["x"].shape[1:3], case.options["size"], strict=True)


def _is_bilinear(case: Case) -> bool:
    return bool(case.options["interpolation"] == "bilinear")


def axis_mistakes(right: AxisMatrix, grids: Iterable[tuple[str, AxisMatrix]]) -> Iterator[Hypothesis]:
    """Yield each wrong matrix in rows only and in columns only."""

    def of(wrong: AxisMatrix, axes: tuple[int, ...]) -> Callable[[Case], Outputs]:
        def predict(case: Case) -> Outputs:
            kind = case.options["interpolation"]
            rows, columns = ((wrong if axis in axes else right)(n, f, kind) for axis, (n, f) in enumerate(_axes(case)))
            result = {"y": np.einsum("ah,bw,nhwc->nabc", rows, columns, case.arrays["x"])}
            if case.dy is not None:
                result["dx"] = np.einsum("ah,bw,nabc->nhwc", rows, columns, case.dy)
            return result

        return predict

    for cause, wrong in grids:
        for axis in (0, 1):
            yield Hypothesis(cause, of(wrong, (axis,)), WORDS[axis])
    yield Hypothesis("border-not-clamped", of(end_wraps, (0, 1)), "at the end")


def end_wraps(n: int, factor: int, kind: str) -> Array:
    """Return the matrix where the pixel after the last is the first."""
    if kind == "nearest":
        return np.repeat(np.eye(n), factor, axis=0)
    low = np.floor(positions(n, factor)).astype(int)
    t = positions(n, factor) - low
    return written(n, np.clip(low, 0, n - 1), (low + 1) % n, 1 - t, t)


def _low_only(n: int, factor: int, kind: str) -> Array:
    """Return the matrix that takes the pixel before each position, without weights."""
    if kind == "nearest":
        return np.repeat(np.eye(n), factor, axis=0)
    return np.eye(n)[np.clip(np.floor(positions(n, factor)).astype(int), 0, n - 1)]


def corner_mistakes(operation: UpSampling2D) -> Iterator[Hypothesis]:
    """Yield sums of the four corners of which one is missing, or has a weight of the other axis."""

    def with_corners(weights: Callable[[Corners, Corners], Iterable[tuple[int, int, Array, Array]]]) -> Hypothesis:
        """`weights` gives, for each corner, whether it is the later pixel in rows and in columns, and two weights."""

        def predict(case: Case) -> Outputs:
            if not _is_bilinear(case):
                return {}
            rows, columns = (Corners.of(n, f) for n, f in _axes(case))
            x = case.arrays["x"]
            y = np.zeros((len(x), len(rows.low), len(columns.low), x.shape[3]))
            dx = np.zeros(x.shape)
            for later, right, a, b in weights(rows, columns):
                r, c = (rows.high if later else rows.low), (columns.high if right else columns.low)
                weight = (np.reshape(a, (-1, 1)) if np.ndim(a) < 2 else a) * b
                y += x[:, r][:, :, c] * weight[None, :, :, None]
                place: Any = (slice(None), r[:, None], c[None])
                if case.dy is not None:
                    np.add.at(dx, place, case.dy * weight[None, :, :, None])
            return {"y": y} if case.dy is None else {"y": y, "dx": dx}

        return Hypothesis("corner-missing", predict)

    corners = tuple(itertools.product((0, 1), (0, 1)))
    names = {(0, 0): "the upper left", (0, 1): "the upper right", (1, 0): "the lower left", (1, 1): "the lower right"}

    def usual(rows: Corners, columns: Corners) -> dict[tuple[int, int], tuple[Array, Array]]:
        return {(i, j): (rows[2 + i], columns[2 + j]) for i, j in corners}

    for missing in corners:
        yield with_corners(
            lambda rows, columns, m=missing: [(*k, *w) for k, w in usual(rows, columns).items() if k != m]
        )._replace(detail=names[missing])

    def mixed(rows: Corners, columns: Corners, axis: int, which: int) -> list[tuple[int, int, Array, Array]]:
        """One weight is that of the other axis: of rows at columns, as a broadcast makes it."""
        found = []
        for (i, j), (a, b) in usual(rows, columns).items():
            wrong = (i if axis == 0 else j) == which
            if axis == 0 and wrong:
                a = np.broadcast_to(columns[2 + which], (len(rows.low), len(columns.low)))
            if axis == 1 and wrong:
                b = np.broadcast_to(rows[2 + which][:, None], (len(rows.low), len(columns.low)))
            found.append((i, j, a, b))
        return found

    for axis, which in corners:
        yield with_corners(lambda rows, columns, axis=axis, which=which: mixed(rows, columns, axis, which))._replace(
            cause="weights-of-one-axis-for-both", detail="once"
        )


def index_mistakes() -> Iterator[Hypothesis]:
    """Yield dx where an index that occurs several times counts once, in one axis; dx with the weights exchanged."""

    def buffered(case: Case, axis: int) -> Outputs:
        """The other axis is a loop."""
        if not _is_bilinear(case):
            return {}
        corners = [Corners.of(n, f) for n, f in _axes(case)]
        loop, index = corners[1 - axis], corners[axis]
        dy, x = case.dy, case.arrays["x"]
        dx = np.zeros(x.shape)
        if axis == 0:
            dy, dx = dy.swapaxes(1, 2), dx.swapaxes(1, 2)
        for k in range(len(loop.low)):
            for place, weight in ((loop.low[k], loop.low_weight[k]), (loop.high[k], loop.high_weight[k])):
                dx[:, place, index.low] += dy[:, k] * weight * index.low_weight[:, None]
                dx[:, place, index.high] += dy[:, k] * weight * index.high_weight[:, None]
        return {"dx": dx.swapaxes(1, 2) if axis == 0 else dx}

    for axis in (0, 1):
        yield Hypothesis("repeated-index-counted-once", lambda c, a=axis: buffered(c, a), WORDS[axis])


def copy_mistakes() -> Iterator[Hypothesis]:
    """Yield copies made along one axis and folded into the other; indices by the other factor."""

    def folded(how: Callable[[Array, int, int], Array]) -> Callable[[Case], Outputs]:
        def predict(case: Case) -> Outputs:
            if _is_bilinear(case):
                return {}
            x, (a, b) = case.arrays["x"], case.options["size"]
            n, h, w, c = x.shape
            return {"y": how(x, a, b).reshape(n, h * a, w * b, c)}

        return predict

    yield Hypothesis("copies-folded", folded(lambda x, a, b: x.repeat(a * b, axis=2)), "along columns")
    yield Hypothesis("copies-folded", folded(lambda x, a, b: x.repeat(a * b, axis=1)), "along rows")
    yield Hypothesis("copies-folded", folded(lambda x, a, b: x.repeat(a * b)), "of the flat array")
    yield Hypothesis("copies-folded", folded(lambda x, a, b: np.tile(x, (1, a, b, 1))), "whole images side by side")

    def other_factor(case: Case) -> Outputs:
        if _is_bilinear(case):
            return {}
        (h, a), (w, b) = _axes(case)
        rows, columns = np.arange(h * a) // b % h, np.arange(w * b) // a % w
        return {"y": case.arrays["x"][:, rows][:, :, columns]}

    yield Hypothesis("factors-swapped", other_factor, "in the index of the pixel")


def further_mistakes(
    operation: UpSampling2D, right: AxisMatrix, grids: Iterable[tuple[str, AxisMatrix]]
) -> Iterator[Hypothesis]:
    """Yield all of these."""
    more = (*grids, ("border-not-clamped", end_wraps), ("bilinear-in-one-axis-only", _low_only))
    yield from axis_mistakes(right, more)
    yield from corner_mistakes(operation)
    yield from index_mistakes()
    yield from copy_mistakes()
