"""tiled_prediction: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng
from ..operation import Hypothesis, Operation
from ..traits import FLOAT32, IMAGE_NOT_SQUARE, SEVERAL_CHANNELS, Trait, traits_of

OVERLAPPING = Trait("tiles that overlap", mishandled="overlaps-mishandled")
MOVED = Trait("a last tile that is moved back", mishandled="last-tile-mishandled", not_finite="rest-not-covered")
SMALL_IMAGE = Trait("an image smaller than a tile", mishandled="small-image-mishandled")
FITTING = Trait("tiles that just fit", mishandled="fitting-tiles-mishandled")
MANY_OVER_A_PIXEL = Trait("an overlap above half of the tile", mishandled="large-overlap-mishandled")

SHAPES: tuple[tuple[tuple[int, int, int], int, int, Trait | None], ...] = (
    ((1, 4, 1), 3, 1, None),
    ((1, 5, 1), 3, 1, None),
    ((4, 1, 1), 2, 0, None),
    ((3, 3, 1), 3, 1, None),
    ((3, 4, 1), 2, 1, None),
    ((5, 7, 2), 3, 1, None),
    ((6, 9, 1), 4, 2, None),
    ((10, 7, 3), 4, 1, None),
    ((6, 6, 1), 3, 0, None),
    ((7, 5, 2), 3, 0, None),
    ((2, 3, 1), 4, 2, None),
    ((2, 9, 2), 4, 2, None),
    ((9, 3, 1), 5, 1, None),
    ((9, 8, 1), 5, 4, None),
    ((11, 6, 2), 5, 3, None),
    ((12, 10, 2), 4, 2, FLOAT32),
    ((13, 17, 3), 6, 2, None),
    ((20, 17, 2), 8, 3, None),
)
"""Shape of the image, size of a tile, overlap, what is special."""

FILLED = {
    "constant": "with zeros",
    "reflect": "by reflection",
    "symmetric": "by reflection, the edge twice",
    "edge": "by repeating the edge",
    "wrap": "with the other end",
}
"""Modes of np.pad in words."""

Starts = Callable[[int, int, int], list[int]]
"""(pixels along an axis, size, overlap) -> where tiles begin."""


class TiledPrediction(Operation):
    """Scores of a large image, put together from tiles."""

    name = "tiled_prediction"
    arrays = ("image",)
    results = ("scores",)
    gradients = ()
    has_cache = False
    contract = (
        "forward(image, *, size, overlap) -> scores, both (H, W, C): tiles of size x size begin every size - overlap "
        "pixels, the last one ends with the image; an image that is not larger than a tile is one tile. The model "
        "makes of a tile tile - tile.mean(axis=(0, 1)). Scores of several tiles are averaged with weights: the product "
        "of min(i + 1, n - i) over both axes, i the pixel's place among the n of the tile"
    )

    def cases(self) -> list[Case]:
        """One row of pixels; tiles that fit and that do not, small images, large overlaps."""
        return [_case(number, *row) for number, row in enumerate(SHAPES)]

    def right(self, case: Case) -> Outputs:
        """Run over the tiles; add scores and weights; divide."""
        return _run(case, Way())

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes."""
        h, w, c = case.arrays["image"].shape
        return {"H": float(h), "W": float(w), "C": float(c), "size": float(case.options["size"])}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The axes of the image, and those of the scores, which are no argument."""
        return {"image": ("H", "W", "C"), "scores": ("H", "W", "C")}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other tiles, other weights, other sums, another use of the model."""
        yield from self._tile_mistakes()
        yield from self._weight_mistakes()
        yield from self._sum_mistakes()
        yield from self._model_mistakes()

    def _tile_mistakes(self) -> Iterator[Hypothesis]:
        """Where tiles begin and end."""

        def tiles(starts: Starts, **changes: bool | str) -> Callable[[Case], Outputs]:
            return lambda case: _run(case, replace(Way(), starts=starts, **changes))  # type: ignore[arg-type]

        def whole(n: int, s: int, step: int) -> list[int]:
            return list(range(0, n - s + 1, step)) if n > s else [0]

        yield Hypothesis("rest-not-covered", tiles(lambda n, s, o: whole(n, s, s - o)), "zero divided by zero")
        yield Hypothesis(
            "rest-not-covered", tiles(lambda n, s, o: whole(n, s, s - o), empty="zero"), "its scores are 0"
        )
        for empty in ("nan", "zero"):
            yield Hypothesis(
                "rest-not-covered",
                tiles(lambda n, s, o: _starts(n, s, o)[:-1] or [0], empty=empty),
                "nor where the last tile just fits",
            )
        for empty in ("nan", "zero"):
            yield Hypothesis(
                "small-image-without-a-tile", tiles(lambda n, s, o: _starts(n, s, o) if n >= s else [], empty=empty)
            )
        yield Hypothesis("tile-begins-before-the-image", tiles(lambda n, s, o: [*range(0, n - s, s - o), n - s]))
        yield Hypothesis(
            "last-tile-cut", tiles(lambda n, s, o: list(range(0, n, s - o))), "it begins where the others do"
        )
        yield Hypothesis(
            "last-tile-cut",
            tiles(lambda n, s, o: list(range(0, max(n - o, 1), s - o))),
            "it begins where the others do, unless it holds only what others hold",
        )
        yield Hypothesis(
            "last-tile-twice",
            tiles(lambda n, s, o: [*whole(n, s, s - o), n - s] if n > s else [0]),
            "where tiles just fit",
        )
        yield Hypothesis("overlap-ignored", tiles(lambda n, s, o: _starts(n, s, 0)), "tiles lie side by side")
        yield Hypothesis("overlap-ignored", tiles(lambda n, s, o: _starts(n, s, s - 1)), "tiles begin at every pixel")
        yield Hypothesis(
            "overlap-ignored", tiles(lambda n, s, o: _starts(n, s, s // 2)), "it is always half of the size"
        )
        yield Hypothesis("overlap-as-step", tiles(lambda n, s, o: _starts(n, s, s - max(o, 1))))
        yield Hypothesis(
            "overlap-on-both-sides", tiles(lambda n, s, o: _starts(n, s, min(2 * o, s - 1))), "counted twice"
        )
        yield Hypothesis("overlap-on-both-sides", tiles(lambda n, s, o: _starts(n, s, o // 2)), "halved")
        yield Hypothesis("step-one-off", tiles(lambda n, s, o: _starts(n, s, min(o + 1, s - 1))), "one too short")
        yield Hypothesis("step-one-off", tiles(lambda n, s, o: _starts(n, s, o - 1)), "one too long")
        yield Hypothesis("last-tile-one-off", tiles(lambda n, s, o: [*_starts(n, s, o)[:-1], max(n - s - 1, 0)]))
        yield Hypothesis(
            "all-tiles-from-the-end",
            tiles(lambda n, s, o: sorted(n - s - k for k in _starts(n, s, o)) if n > s else [0]),
        )
        yield Hypothesis(
            "tiles-spread-evenly",
            tiles(lambda n, s, o: [int(k) for k in np.linspace(0, max(n - s, 0), len(_starts(n, s, o)))]),
        )
        yield Hypothesis(
            "tiles-spread-evenly",
            tiles(lambda n, s, o: [round(k) for k in np.linspace(0, max(n - s, 0), len(_starts(n, s, o)))]),
            "rounded",
        )
        for words, rows, columns in (("rows", True, False), ("columns", False, True)):
            yield Hypothesis(
                "tiled-along-one-axis-only",
                lambda case, rows=rows, columns=columns: _run(case, replace(Way(), tiled=(rows, columns))),
                words,
            )
        for axis, words in ((0, "that of the rows for both"), (1, "that of the columns for both")):
            yield Hypothesis(
                "starts-of-one-axis-for-both",
                lambda case, axis=axis: _run(case, replace(Way(), shared_axis=axis)),
                words,
            )
        for mode, words in FILLED.items():
            yield Hypothesis(
                "image-filled-up",
                lambda case, mode=mode: _filled(case, mode),
                words,
            )
            yield Hypothesis(
                "image-filled-up", lambda case, mode=mode: _filled(case, mode, cut=False), "and the scores are not cut"
            )

    def _weight_mistakes(self) -> Iterator[Hypothesis]:
        """How much each pixel of a tile counts."""

        def weighted(weight: Callable[[int, int], Array], **changes: str) -> Callable[[Case], Outputs]:
            return lambda case: _run(case, replace(Way(), weight=weight, **changes))  # type: ignore[arg-type]

        def along(ramp: Callable[[Array, int], Array]) -> Callable[[int, int], Array]:
            """Product over both axes of ramp(places, number of places)."""
            return lambda h, w: np.outer(ramp(np.arange(h), h), ramp(np.arange(w), w)).astype(float)

        for cause, weight, detail in (
            ("weights-missing", lambda h, w: np.ones((h, w)), "a plain average"),
            ("smaller-weight-instead-of-product", lambda h, w: np.minimum.outer(_ramp(h), _ramp(w)), ""),
            ("weights-added", lambda h, w: np.add.outer(_ramp(h), _ramp(w)), ""),
            ("weights-along-one-axis-only", lambda h, w: np.outer(_ramp(h), np.ones(w)), "rows"),
            ("weights-along-one-axis-only", lambda h, w: np.outer(np.ones(h), _ramp(w)), "columns"),
            ("weights-squared", lambda h, w: np.outer(_ramp(h), _ramp(w)) ** 2, ""),
            ("weights-fall-to-zero", along(lambda i, n: np.minimum(i, n - 1 - i)), ""),
            ("weights-one-off", along(lambda i, n: np.minimum(i + 1, n - i + 1)), "towards the end"),
            ("weights-one-off", along(lambda i, n: np.minimum(i + 1, np.maximum(n - 1 - i, 0))), "towards the end"),
            ("weights-one-off", along(lambda i, n: np.minimum(i + 2, n - i)), "towards the beginning"),
            ("weights-one-off", along(lambda i, n: np.minimum(i + 2, n - i + 1)), "at both ends"),
            ("weights-grow-towards-the-border", along(lambda i, n: np.maximum(i + 1, n - i)), ""),
            (
                "weights-grow-towards-the-border",
                along(lambda i, n: 1 / np.minimum(i + 1.0, n - i)),
                "one divided by them",
            ),
            ("weights-rise-only", along(lambda i, n: i + 1), "to the right and down"),
            ("weights-rise-only", along(lambda i, n: n - i), "to the left and up"),
            ("other-weights", along(lambda i, n: np.hanning(n + 2)[1:-1]), "a Hann window"),
            ("other-weights", along(lambda i, n: np.exp(-0.5 * ((i - (n - 1) / 2) / (n / 4)) ** 2)), "a Gaussian"),
            ("other-weights", along(lambda i, n: np.exp(-0.5 * ((i - (n - 1) / 2) / (n / 8)) ** 2)), "a Gaussian"),
        ):
            yield Hypothesis(cause, weighted(weight), detail)
        yield Hypothesis("weights-fall-to-zero", weighted(along(lambda i, n: np.minimum(i, n - 1 - i)), empty="zero"))

    def _sum_mistakes(self) -> Iterator[Hypothesis]:
        """How the tiles are put together."""

        def joined(how: str) -> Callable[[Case], Outputs]:
            return lambda case: _run(case, replace(Way(), joined=how))

        yield Hypothesis("tiles-overwritten", joined("last"), "the last one stays")
        yield Hypothesis("tiles-overwritten", joined("first"), "the first one stays")
        yield Hypothesis("tiles-overwritten", joined("weighted last"), "the last one stays, and it is weighted")
        for small in (1.0, 1e-2, 1e-3, 1e-5, 1e-6):
            yield Hypothesis(
                "constant-added-to-the-weights",
                lambda case, e=small: _run(case, replace(Way(), epsilon=e)),
                f"{small:g}",
            )
        yield Hypothesis("best-weight-wins", joined("heaviest"))
        yield Hypothesis("largest-score-wins", joined("largest"))
        yield Hypothesis("not-divided-by-the-weights", joined("sum"))
        yield Hypothesis("not-divided-by-the-weights", joined("plain sum"), "and without weights")
        yield Hypothesis("divided-by-the-number-of-tiles", joined("sum by count"))
        yield Hypothesis("divided-by-the-number-of-tiles", joined("sum by total"), "of the whole image")
        yield Hypothesis("weights-not-applied-to-the-scores", joined("plain by weights"))
        yield Hypothesis("divided-by-the-largest-weight", joined("sum by largest"))
        yield Hypothesis("weights-overwritten", joined("sum by last weight"))
        yield Hypothesis("averaged-one-after-the-other", joined("halves"))
        yield Hypothesis("middles-only", _middles, "half of the overlap is cut off on each side")

    def _model_mistakes(self) -> Iterator[Hypothesis]:
        """What the model is given."""

        def modelled(model: Callable[[Array, Array], Array]) -> Callable[[Case], Outputs]:
            """model(tile, image)."""
            return lambda case: _run(case, replace(Way(), model=model))

        yield Hypothesis("whole-image-at-once", modelled(lambda tile, image: tile - image.mean(axis=(0, 1))))
        yield Hypothesis("model-not-called", modelled(lambda tile, image: tile))

        def on_the_result(case: Case) -> Outputs:
            scores = self.right(case)["scores"]
            return {"scores": scores - scores.mean(axis=(0, 1))}

        yield Hypothesis("model-called-on-the-result", on_the_result)
        yield Hypothesis("channels-share-a-mean", modelled(lambda tile, image: tile - tile.mean()))
        yield Hypothesis("rows-one-by-one", modelled(lambda tile, image: tile - tile.mean(axis=1, keepdims=True)))


# The right way, with some freedom to go wrong ------------------------------------------------------------------------


def _starts(n: int, size: int, overlap: int) -> list[int]:
    return [0] if n <= size else [*range(0, n - size, size - overlap), n - size]


def _ramp(n: int) -> Array:
    i = np.arange(n)
    return np.minimum(i + 1, n - i)


@dataclass(frozen=True)
class Way:
    """How an image is predicted; the defaults are right."""

    starts: Starts = _starts
    tiled: tuple[bool, bool] = (True, True)
    shared_axis: int | None = None
    weight: Callable[[int, int], Array] = lambda h, w: np.outer(_ramp(h), _ramp(w))
    model: Callable[[Array, Array], Array] = lambda tile, image: tile - tile.mean(axis=(0, 1))
    joined: str = "mean"
    empty: str = "nan"
    epsilon: float = 0.0


def _windows(case: Case, way: Way) -> Iterator[tuple[slice, slice]]:
    size, overlap = case.options["size"], case.options["overlap"]
    shape = case.arrays["image"].shape[:2]
    sizes = [size if tiled else n for n, tiled in zip(shape, way.tiled, strict=True)]
    starts = [way.starts(n, s, min(overlap, s - 1)) for n, s in zip(shape, sizes, strict=True)]
    if way.shared_axis is not None:
        starts = [starts[way.shared_axis]] * 2
    for top in starts[0]:
        for left in starts[1]:
            yield slice(top, top + sizes[0]), slice(left, left + sizes[1])


def _run(case: Case, way: Way) -> Outputs:
    """Predict tile by tile."""
    image = case.arrays["image"].astype(np.float64)
    total = np.zeros(image.shape)
    weights, counts, heaviest, last = (np.zeros((*image.shape[:2], 1)) for _ in range(4))
    for window in _windows(case, way):
        scores = way.model(image[window], image)
        h, w = scores.shape[:2]
        weight = np.asarray(way.weight(h, w), np.float64)[..., None]
        first = counts[window] == 0
        if way.joined in ("last", "weighted last"):
            total[window] = scores * weight if way.joined != "last" else scores
        elif way.joined == "first":
            total[window] = np.where(first, scores, total[window])
        elif way.joined == "largest":
            total[window] = np.where(first, scores, np.maximum(total[window], scores))
        elif way.joined == "heaviest":
            total[window] = np.where(weight > heaviest[window], scores, total[window])
            heaviest[window] = np.maximum(heaviest[window], weight)
        elif way.joined == "halves":
            total[window] = np.where(first, scores, (total[window] + scores) / 2)
        else:
            total[window] += scores * (1 if way.joined in ("plain sum", "plain by weights") else weight)
        weights[window] += weight
        last[window] = weight
        counts[window] += 1
    by = {
        "mean": weights,
        "sum by count": counts,
        "sum by total": counts * 0 + sum(1 for _ in _windows(case, way)),
        "sum by largest": counts * 0 + weights.max(),
        "plain by weights": weights,
        "sum by last weight": last,
        "weighted last": weights,
    }.get(way.joined)
    if by is not None:
        by = by + way.epsilon
        with np.errstate(all="ignore"):
            total = total / (by if way.empty == "nan" else np.where(by > 0, by, 1))
    return {"scores": total.astype(case.dtype)}


def _filled(case: Case, mode: str, *, cut: bool = True) -> Outputs:
    """Fill the image up until tiles fit, and cut the result."""
    size, overlap = case.options["size"], case.options["overlap"]
    image = case.arrays["image"]
    step = size - overlap
    extra = [max(size - n, 0) if n <= size else -(n - size) % step for n in image.shape[:2]]
    full = np.pad(image, ((0, extra[0]), (0, extra[1]), (0, 0)), mode=mode)  # type: ignore[call-overload]
    scores = _run(case.with_arrays(image=full), Way())["scores"]
    return {"scores": scores[: image.shape[0], : image.shape[1]] if cut else scores}


def _middles(case: Case) -> Outputs:
    """Of each tile only the middle is used, but at the borders of the image."""
    image = case.arrays["image"].astype(np.float64)
    total = np.zeros(image.shape)
    half = case.options["overlap"] // 2
    for rows, columns in _windows(case, Way()):
        scores = image[rows, columns] - image[rows, columns].mean(axis=(0, 1))
        top, left = half if rows.start else 0, half if columns.start else 0
        total[rows.start + top : rows.stop, columns.start + left : columns.stop] = scores[top:, left:]
    return {"scores": total.astype(case.dtype)}


# Configurations ------------------------------------------------------------------------------------------------------


def _case(number: int, shape: tuple[int, int, int], size: int, overlap: int, special: Trait | None) -> Case:
    rng = case_rng(number, 25)
    by_hand = number < 5
    image = rng.integers(0, 10, shape).astype(np.float64) if by_hand else rng.standard_normal(shape)
    if special == FLOAT32:
        image = image.astype(np.float32)
    sides = shape[:2]
    larger = [n for n in sides if n > size]
    traits = traits_of(
        {
            OVERLAPPING: overlap > 0 and bool(larger),
            MOVED: any((n - size) % (size - overlap) for n in larger),
            FITTING: any((n - size) % (size - overlap) == 0 for n in larger),
            SMALL_IMAGE: any(n < size for n in sides) and min(sides) > 1,
            MANY_OVER_A_PIXEL: 2 * overlap > size,
            SEVERAL_CHANNELS: shape[2] > 1,
            IMAGE_NOT_SQUARE: shape[0] != shape[1],
        },
        special,
    )
    return Case({"image": image}, {"size": size, "overlap": overlap}, traits, by_hand=by_hand)
