"""upsampling2d: what is asked, and how it goes wrong.

It is linear and separable: one matrix per axis says everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.types import Array, Pair
from tinyseg_kernels.upsampling2d import naive, numpy_cpu

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation, axis_sizes
from ..place import BORDER, INTERIOR, NamedRegion
from ..traits import (
    FLOAT32,
    IMAGE_NOT_SQUARE,
    SEVERAL_CHANNELS,
    SEVERAL_IMAGES,
    STRIDED,
    Numbers,
    Special,
    Trait,
    traits_of,
)
from .bilinear_weights import WEIGHTS
from .upsampling_axes import further_mistakes

FACTORS = Trait("factors above 1")
UNEQUAL_FACTORS = Trait("unequal factors")
NEAREST = Trait("interpolation='nearest'")
BILINEAR = Trait("interpolation='bilinear'")
SHAPES: tuple[tuple[tuple[int, int, int, int], Pair, str, Special], ...] = tuple(
    (image, size, kind, special)
    for kind in ("nearest", "bilinear")
    for image, size, special in (
        ((1, 2, 2, 1), (1, 1), Numbers.BY_HAND),
        ((1, 2, 2, 1), (2, 2), Numbers.BY_HAND),
        ((2, 2, 2, 1), (2, 2), Numbers.BY_HAND),
        ((1, 2, 2, 2), (2, 2), Numbers.BY_HAND),
        ((1, 2, 3, 1), (2, 2), Numbers.BY_HAND),
        ((1, 2, 2, 1), (2, 3), Numbers.BY_HAND),
        ((1, 1, 1, 1), (3, 3), Numbers.BY_HAND),
        ((2, 3, 4, 3), (2, 2), Numbers.RANDOM),
        ((2, 4, 3, 2), (3, 2), Numbers.RANDOM),
        ((3, 3, 5, 2), (1, 4), Numbers.RANDOM),
        ((1, 5, 4, 2), (3, 3), Numbers.RANDOM),
        ((2, 3, 4, 2), (2, 3), STRIDED),
        ((2, 3, 4, 2), (2, 3), FLOAT32),
    )
)


class UpSampling2D(Operation):
    """Enlargement by whole factors."""

    name = "upsampling2d"
    contract = (
        "forward(x, *, size, interpolation) -> (y, cache): x (N, H, W, C), size (rows, columns), interpolation "
        "'nearest' or 'bilinear' (pixel centres at half positions, clamped at the border, as Keras); backward(dy, "
        "cache) -> dx"
    )

    def cases(self) -> list[Case]:
        """Nearest first, then bilinear; each from one pixel up."""
        cases = []
        for number, (image, size, kind, special) in enumerate(SHAPES):
            rng = case_rng(number, 3)
            x = small_integers(rng, image) if special is Numbers.BY_HAND else rng.standard_normal(image)
            x = x.astype(np.float32) if special == FLOAT32 else strided(x) if special == STRIDED else x
            some = {
                SEVERAL_IMAGES: image[0] > 1,
                SEVERAL_CHANNELS: image[3] > 1,
                IMAGE_NOT_SQUARE: image[1] != image[2],
                UNEQUAL_FACTORS: size[0] != size[1],
                FACTORS: max(size) > 1,
                BILINEAR: kind == "bilinear",
                NEAREST: kind == "nearest",
            }
            options, by_hand = {"size": size, "interpolation": kind}, special is Numbers.BY_HAND
            cases.append(Case({"x": x}, options, traits_of(some, special), by_hand=by_hand))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = numpy_cpu.upsampling2d_forward(case.arrays["x"], **case.options)
        return {"y": y} if case.dy is None else {"y": y, "dx": numpy_cpu.upsampling2d_backward(case.dy, cache)}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [rung.upsampling2d_forward(case.arrays["x"], **case.options)[1] for rung in (numpy_cpu, naive)]

    def needs(self, case: Case) -> Mapping[str, tuple[object, ...]]:
        """Without an interpolation, the nearest."""
        return {"interpolation": ("nearest",)}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes and factors."""
        rows, columns = case.options["size"]
        return {**axis_sizes(("N", "H", "W", "C"), case.arrays["x"]), "size[0]": float(rows), "size[1]": float(columns)}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """Image and dy."""
        return {"dy": ("N", "OH", "OW", "C"), "x": ("N", "H", "W", "C")}

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """Border and interior."""
        shape = np.shape(self.right(case)[output])
        mask = np.zeros(shape, bool)
        wide = case.options["size"] if output == "y" else (1, 1)
        rows, columns = wide[0] // 2 or 1, wide[1] // 2 or 1
        mask[:, :rows] = mask[:, -rows:] = mask[:, :, :columns] = mask[:, :, -columns:] = True
        return {BORDER: mask, INTERIOR: ~mask}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """Enlarged along other axes."""
        n, h, w, c = case.arrays["x"].shape
        a, b = case.options["size"]
        return {(n, h, w * a, c * b): "wrong-axes-enlarged", (n * a, h * b, w, c): "wrong-axes-enlarged"}

    # Mistakes ---------------------------------------------------------------------------------------------------------
    def _with(
        self, matrix: Callable[[int, int, str], Array], *, swap: bool = False, back: bool = True
    ) -> Callable[[Case], Outputs]:
        """Predict from wrong matrices (n * factor, n) of both axes; for dx their transposes."""

        def predict(case: Case) -> Outputs:
            x, kind = case.arrays["x"], case.options["interpolation"]
            size = case.options["size"][::-1] if swap else case.options["size"]
            rows, columns = (matrix(n, f, kind) for n, f in zip(x.shape[1:3], size, strict=True))
            result = {"y": np.einsum("ah,bw,nhwc->nabc", rows, columns, x)}
            if case.dy is not None and back and case.dy.shape[1:3] == (len(rows), len(columns)):
                result["dx"] = np.einsum("ah,bw,nabc->nhwc", rows, columns, case.dy)
            return result

        return predict

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other grids, other copies, one copy only."""
        yield from self._axis_mixtures()
        yield Hypothesis("factors-swapped", self._with(right_matrix, swap=True))
        for k in (0, 1):
            yield Hypothesis("one-factor-for-both-axes", lambda case, k=k: self._one_factor(case, k))
        for cause, axis_matrix in GRIDS:
            yield Hypothesis(cause, self._with(axis_matrix))
        yield from self._copies()

        def by_nearest(case: Case) -> Outputs:
            return self.right(case.with_options(interpolation="nearest"))

        def by_bilinear(case: Case) -> Outputs:
            return self.right(case.with_options(interpolation="bilinear"))

        yield Hypothesis("interpolation-ignored", by_nearest)
        yield Hypothesis("interpolation-ignored", by_bilinear)

        def mean(case: Case) -> Outputs:
            return {"dx": self.right(case)["dx"] / np.prod(case.options["size"])}

        yield Hypothesis("copies-averaged", mean)

        def sampled(case: Case) -> Outputs:
            """Backward as an enlargement in reverse: dy interpolated at the input's pixel centres."""
            rows, columns = (
                right_matrix(n, f, "bilinear")
                for n, f in zip(case.arrays["x"].shape[1:3], case.options["size"], strict=True)
            )
            rows, columns = rows / rows.sum(axis=0), columns / columns.sum(axis=0)
            return {"dx": np.einsum("ah,bw,nabc->nhwc", rows, columns, case.dy)}

        yield Hypothesis("backward-averages", sampled)
        yield from self._bilinear_mistakes()
        yield from further_mistakes(self, right_matrix, GRIDS)

    def _bilinear_mistakes(self) -> Iterator[Hypothesis]:
        """Neighbours and weights along both axes; a backward with other weights than the forward."""

        def along_both(of_axis: Callable[[int, int], Array]) -> Callable[[Case], Outputs]:
            return self._with(lambda n, f, kind: right_matrix(n, f, kind) if kind == "nearest" else of_axis(n, f))

        for cause, of_axis in WEIGHTS:
            yield Hypothesis(cause, along_both(of_axis))

        def back(change: Callable[[Array, int], Array]) -> Callable[[Case], Outputs]:
            """Predict dx from changed matrices of both axes."""

            def predict(case: Case) -> Outputs:
                if case.options["interpolation"] == "nearest":
                    return {}
                rows, columns = (
                    change(right_matrix(n, f, "bilinear"), f)
                    for n, f in zip(case.arrays["x"].shape[1:3], case.options["size"], strict=True)
                )
                return {"dx": np.einsum("ah,bw,nabc->nhwc", rows, columns, case.dy)}

            return predict

        def sampled_at(offset: Callable[[int], int]) -> Callable[[Case], Outputs]:
            return back(lambda m, f: np.eye(len(m))[offset(f) :: f].T[:, : m.shape[1]])

        yield Hypothesis("one-copy-only", sampled_at(lambda f: 0), "the first")
        yield Hypothesis("one-copy-only", sampled_at(lambda f: f // 2), "the middle one")
        yield Hypothesis("one-copy-only", sampled_at(lambda f: f - 1), "the last")
        yield Hypothesis("weights-missing-in-the-backward", back(lambda m, f: (m > 0) * 1.0))
        yield Hypothesis("one-neighbour-only-in-the-backward", back(lambda m, f: np.where(m >= 0.5, m, 0)))

    def _axis_mixtures(self) -> Iterator[Hypothesis]:
        """Rows and columns treated differently, or by each other's factor; indices that are written twice."""

        def axes(case: Case) -> Iterator[tuple[int, int]]:
            yield from zip(case.arrays["x"].shape[1:3], case.options["size"], strict=True)

        def both(case: Case, rows: Array, columns: Array) -> Outputs:
            result = {"y": np.einsum("ah,bw,nhwc->nabc", rows, columns, case.arrays["x"])}
            if case.dy is not None:
                result["dx"] = np.einsum("ah,bw,nabc->nhwc", rows, columns, case.dy)
            return result

        def mixed(case: Case, kinds: tuple[str, str]) -> Outputs:
            if case.options["interpolation"] == "nearest":
                return {}
            return both(case, *(right_matrix(n, f, kind) for (n, f), kind in zip(axes(case), kinds, strict=True)))

        yield Hypothesis("bilinear-in-one-axis-only", lambda case: mixed(case, ("bilinear", "nearest")))
        yield Hypothesis("bilinear-in-one-axis-only", lambda case: mixed(case, ("nearest", "bilinear")))

        def other_factor(case: Case, axis: int) -> Outputs:
            kind, factor = case.options["interpolation"], case.options["size"][axis]
            return both(case, *(_by_factor(n, f, factor, kind) for n, f in axes(case)))

        for axis in (0, 1):
            yield Hypothesis("one-factor-for-both-axes", lambda case, axis=axis: other_factor(case, axis))

        def weights_of(case: Case, axis: int) -> Outputs:
            """The fraction t of one axis is used for both."""
            if case.options["interpolation"] == "nearest":
                return {}
            (n0, f0), (n1, f1) = axes(case)
            t = [((np.arange(n * f) + 0.5) / f - 0.5) % 1 for n, f in ((n0, f0), (n1, f1))]
            taken = t[axis]
            matrices = []
            for (n, f), own in (((n0, f0), t[0]), ((n1, f1), t[1])):
                low = np.floor((np.arange(n * f) + 0.5) / f - 0.5)
                matrices.append(_matrix(low + np.resize(taken, len(own)), n))
            return both(case, *matrices)

        for axis in (0, 1):
            yield Hypothesis("weights-of-one-axis-for-both", lambda case, axis=axis: weights_of(case, axis))

        def buffered(case: Case) -> Outputs:
            """dx[index] += ..., where an index that occurs several times counts once."""
            x = case.arrays["x"]
            dx = np.zeros(x.shape)
            corners = []
            for n, f in axes(case):
                centres = (np.arange(n * f) + 0.5) / f - 0.5
                low = np.floor(centres).astype(int)
                if case.options["interpolation"] == "nearest":
                    corners.append([(np.arange(n * f) // f, np.ones(n * f))])
                else:
                    corners.append(
                        [(np.clip(low, 0, n - 1), 1 - centres + low), (np.clip(low + 1, 0, n - 1), centres - low)]
                    )
            for rows, a in corners[0]:
                for columns, b in corners[1]:
                    dx[:, rows[:, None], columns[None]] += case.dy * (a[:, None] * b[None])[None, :, :, None]
            return {"dx": dx}

        yield Hypothesis("repeated-index-counted-once", buffered)
        yield Hypothesis(
            "repeated-index-counted-once",
            lambda case: buffered(case) if case.options["interpolation"] == "bilinear" else {},
        )
        yield Hypothesis(
            "repeated-index-counted-once",
            lambda case: buffered(case) if case.options["interpolation"] == "nearest" else {},
        )

        def down(case: Case) -> Outputs:
            if case.options["interpolation"] == "nearest":
                return {}
            rows, columns = (_matrix((np.arange(n) + 0.5) * f - 0.5, n * f) for n, f in axes(case))
            return {"dx": np.einsum("ha,wb,nabc->nhwc", rows, columns, case.dy)}

        yield Hypothesis("backward-interpolates", down)

        def as_nearest(case: Case) -> Outputs:
            return {"dx": self.right(case.with_options(interpolation="nearest"))["dx"]}

        yield Hypothesis("interpolation-ignored", as_nearest)

    def _one_factor(self, case: Case, axis: int) -> Outputs:
        factor = case.options["size"][axis]
        return self.right(case.with_dy(None).with_options(size=(factor, factor)))

    def _copies(self) -> Iterator[Hypothesis]:
        def part(chosen: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                if case.options["interpolation"] == "bilinear":
                    return {}
                n, h, w, c = case.arrays["x"].shape
                blocks = case.dy.reshape(n, h, case.options["size"][0], w, case.options["size"][1], c)
                return {"dx": chosen(blocks)}

            return predict

        yield Hypothesis("one-copy-only", part(lambda b: b[:, :, 0, :, 0]), "the first")
        yield Hypothesis("one-copy-only", part(lambda b: b[:, :, -1, :, -1]), "the last")
        yield Hypothesis("one-copy-only", part(lambda b: b.max(axis=(2, 4))), "the largest")
        yield Hypothesis("copies-of-one-axis-only", part(lambda b: b[:, :, 0].sum(axis=3)))
        yield Hypothesis("copies-of-one-axis-only", part(lambda b: b[:, :, :, :, 0].sum(axis=2)))
        yield Hypothesis("copies-of-one-axis-only", part(lambda b: b[:, :, -1].sum(axis=3)))
        yield Hypothesis("copies-of-one-axis-only", part(lambda b: b[:, :, :, :, -1].sum(axis=2)))
        yield Hypothesis("copies-averaged", part(lambda b: b.mean(axis=(2, 4))))

        def blocks_misread(case: Case, order: str) -> Outputs:
            if case.options["interpolation"] == "bilinear":
                return {}
            n, h, w, c = case.arrays["x"].shape
            rows, columns = case.options["size"]
            sizes = {"h": h, "w": w, "a": rows, "b": columns}
            blocks = case.dy.reshape(n, *(sizes[k] for k in order), c)
            return {"dx": np.einsum(f"n{order}c->nhwc", blocks)}

        yield Hypothesis("tiled-instead-of-repeated", lambda case: blocks_misread(case, "ahbw"))
        for order in ("hwab", "abhw", "hwba", "wbha"):
            yield Hypothesis("blocks-misread", lambda case, order=order: blocks_misread(case, order), f"as {order}")

        def spread(case: Case, middle: bool) -> Outputs:
            x, (rows, columns) = case.arrays["x"], case.options["size"]
            y = np.zeros((x.shape[0], x.shape[1] * rows, x.shape[2] * columns, x.shape[3]))
            y[:, (rows // 2 if middle else 0) :: rows, (columns // 2 if middle else 0) :: columns] = x
            return {"y": y}

        for middle in (False, True):
            yield Hypothesis("zeros-between-pixels", lambda case, middle=middle: spread(case, middle))


def right_matrix(n: int, factor: int, kind: str) -> Array:
    """Return the matrix (n * factor, n) of one axis."""
    centres = (np.arange(n * factor) + 0.5) / factor - 0.5
    return _matrix(centres, n) if kind == "bilinear" else np.repeat(np.eye(n), factor, axis=0)


def _matrix(centres: Array, n: int, edge: str = "clamp") -> Array:
    """Return linear interpolation at positions of an axis of n pixels."""
    low = np.floor(centres).astype(int)
    t = centres - low
    matrix = np.zeros((len(centres), n))
    for offset, weight in ((0, 1 - t), (1, t)):
        place = low + offset
        inside = (place >= 0) & (place < n)
        if edge == "clamp":
            place = np.clip(place, 0, n - 1)
        elif edge == "wrap":
            place = place % n
        elif edge == "reflect":
            place = np.clip(np.where(place < 0, -place, np.where(place >= n, 2 * n - 2 - place, place)), 0, n - 1)
        elif edge == "zero":
            weight, place = weight * inside, np.clip(place, 0, n - 1)
        np.add.at(matrix, (np.arange(len(centres)), place), weight)
    return matrix


def _by_factor(n: int, f: int, used: int, kind: str) -> Array:
    """Return the matrix of an axis enlarged by f, whose positions are worked out with another factor."""
    if kind == "nearest":
        return np.eye(n)[np.clip(np.arange(n * f) // used, 0, n - 1)]
    return _matrix((np.arange(n * f) + 0.5) / used - 0.5, n)


def _extrapolated(n: int, f: int, kind: str) -> Array:
    """Return bilinear interpolation whose index is kept inside, but not the weight."""
    if kind == "nearest" or n < 2:
        return right_matrix(n, f, kind)
    centres = (np.arange(n * f) + 0.5) / f - 0.5
    low = np.clip(np.floor(centres).astype(int), 0, n - 2)
    t = centres - low
    matrix = np.zeros((n * f, n))
    matrix[np.arange(n * f), low] = 1 - t
    matrix[np.arange(n * f), low + 1] = t
    return matrix


def _bilinear(positions: Callable[[int, int], Array], edge: str = "clamp") -> Callable[[int, int, str], Array]:
    return lambda n, f, kind: right_matrix(n, f, kind) if kind == "nearest" else _matrix(positions(n, f), n, edge)


def _nearest(places: Callable[[int, int], Array]) -> Callable[[int, int, str], Array]:
    def matrix(n: int, f: int, kind: str) -> Array:
        return right_matrix(n, f, kind) if kind == "bilinear" else np.eye(n)[np.clip(places(n, f), 0, n - 1)]

    return matrix


def _outputs(n: int, f: int) -> Array:
    return np.arange(n * f)


def _swapped_weights(n: int, f: int, kind: str) -> Array:
    if kind == "nearest":
        return right_matrix(n, f, kind)
    centres = (np.arange(n * f) + 0.5) / f - 0.5
    low = np.floor(centres)
    return _matrix(low + 1 - (centres - low), n)


def _swapped_weights_inside(n: int, f: int, kind: str) -> Array:
    """The same where positions are kept inside the image before they are split into index and weight."""
    if kind == "nearest":
        return right_matrix(n, f, kind)
    centres = np.clip((np.arange(n * f) + 0.5) / f - 0.5, 0, n - 1)
    low = np.floor(centres).astype(int)
    matrix = np.zeros((n * f, n))
    np.add.at(matrix, (np.arange(n * f), low), centres - low)
    np.add.at(matrix, (np.arange(n * f), np.minimum(low + 1, n - 1)), 1 - centres + low)
    return matrix


GRIDS: tuple[tuple[str, Callable[[int, int, str], Array]], ...] = (
    ("corners-aligned", _bilinear(lambda n, f: _outputs(n, f) * (n - 1) / max(n * f - 1, 1))),
    ("half-pixel-shift-missing", _bilinear(lambda n, f: _outputs(n, f) / f)),
    ("half-pixel-shift-missing", _bilinear(lambda n, f: (_outputs(n, f) + 0.5) / f)),
    ("half-pixel-shift-missing", _bilinear(lambda n, f: _outputs(n, f) / f - 0.5)),
    ("half-pixel-shift-wrong-way", _bilinear(lambda n, f: (_outputs(n, f) - 0.5) / f + 0.5)),
    ("half-pixel-shift-missing", _bilinear(lambda n, f: np.maximum((_outputs(n, f) + 0.5) / f - 1, 0))),
    ("border-not-clamped", _bilinear(lambda n, f: (_outputs(n, f) + 0.5) / f - 0.5, "wrap")),
    ("border-not-clamped", _bilinear(lambda n, f: (_outputs(n, f) + 0.5) / f - 0.5, "zero")),
    ("border-not-clamped", _bilinear(lambda n, f: (_outputs(n, f) + 0.5) / f - 0.5, "reflect")),
    ("border-not-clamped", _extrapolated),
    ("weights-swapped", _swapped_weights),
    ("weights-swapped", _swapped_weights_inside),
    ("tiled-instead-of-repeated", _nearest(lambda n, f: _outputs(n, f) % n)),
    ("nearest-rounded", _nearest(lambda n, f: np.rint(_outputs(n, f) / f).astype(int))),
    ("nearest-rounded", _nearest(lambda n, f: -(-_outputs(n, f) // f))),
    ("nearest-rounded", _nearest(lambda n, f: np.floor(_outputs(n, f) / f + 0.5).astype(int))),
    ("nearest-one-off", _nearest(lambda n, f: _outputs(n, f) // f + 1)),
    ("nearest-one-off", _nearest(lambda n, f: (_outputs(n, f) + 1) // f)),
    ("nearest-one-off", _nearest(lambda n, f: np.maximum(_outputs(n, f) - 1, 0) // f)),
    (
        "nearest-corners-aligned",
        _nearest(lambda n, f: np.rint(_outputs(n, f) * (n - 1) / max(n * f - 1, 1)).astype(int)),
    ),
)
"""Cause and the wrong matrix of an axis."""
