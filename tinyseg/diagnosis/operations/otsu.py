"""otsu_threshold: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.segmentation.thresholds import otsu_threshold, variance_between_classes

from ..case import Case, Outputs, case_rng
from ..comparison import Finding, Kind, compare
from ..operation import Hypothesis, Operation
from ..traits import Trait, traits_of
from .otsu_counts import count_mistakes

TWO_HUMPS = Trait("two humps")
SMALL_BRIGHT_PART = Trait("a small bright part")
SMALL_DARK_PART = Trait("a small dark part")
BRIGHT = Trait("a bright image")
DARK = Trait("a dark image")
THREE_LEVELS = Trait("three levels")
ALL_LEVELS = Trait("all levels")
BLACK_AND_WHITE = Trait("levels 0 and 255")
NEIGHBOURS = Trait("neighbouring levels")
TWO_BRIGHTEST = Trait("levels 254 and 255")
ONE_DARK_PIXEL = Trait("one dark pixel")
ONE_BRIGHT_PIXEL = Trait("one bright pixel")
TWO_DARKEST = Trait("levels 0 to 2")
BRIGHT_AND_WHITE = Trait("many pixels of level 255")
TWO_MAXIMA = Trait("two maxima of the variance", mistake="stops-at-the-first-maximum")
MANY_ZEROS = Trait("many zeros")
SKEWED = Trait("a skewed image")
LARGE_IMAGE = Trait("a large image", mistake="integer-overflow")

LEVELS = np.arange(256)
LEVELS_WITH_TWO_MAXIMA = ((9, 112, 115, 165, 254), (20, 56, 120, 403, 1))
"""Levels and their pixels; the variance between the classes has a smaller maximum before the largest."""


class OtsuThreshold(Operation):
    """The threshold with the largest variance between the classes."""

    name = "otsu_threshold"
    arrays = ("image",)
    results = ("threshold",)
    gradients = ()
    has_cache = False
    contract = (
        "forward(image) -> number t: image (H, W) of uint8; of all splits into image <= t and image > t the one with "
        "the largest variance between the classes (any t that gives this split)"
    )

    def cases(self) -> list[Case]:
        """A few pixels; two humps, even and uneven; dark, bright, few levels."""
        cases = []
        for number, (special, shape) in enumerate(
            (
                (None, (2, 3)),
                (None, (3, 4)),
                (TWO_HUMPS, (20, 24)),
                (SMALL_BRIGHT_PART, (30, 25)),
                (SMALL_DARK_PART, (25, 30)),
                (BRIGHT, (16, 18)),
                (DARK, (18, 16)),
                (THREE_LEVELS, (12, 13)),
                (ALL_LEVELS, (40, 40)),
                (BLACK_AND_WHITE, (6, 7)),
                (NEIGHBOURS, (8, 9)),
                (TWO_MAXIMA, (24, 25)),
                (MANY_ZEROS, (15, 14)),
                (MANY_ZEROS, (22, 20)),
                (SMALL_BRIGHT_PART, (18, 21)),
                (BRIGHT, (20, 15)),
                (SKEWED, (21, 22)),
                (SKEWED, (17, 26)),
                (LARGE_IMAGE, (320, 320)),
                (TWO_BRIGHTEST, (9, 7)),
                (TWO_BRIGHTEST, (5, 8)),
                (ONE_DARK_PIXEL, (4, 5)),
                (ONE_BRIGHT_PIXEL, (5, 4)),
                (MANY_ZEROS, (30, 40)),
                (MANY_ZEROS, (44, 38)),
                (THREE_LEVELS, (40, 41)),
                (TWO_DARKEST, (7, 8)),
                (TWO_DARKEST, (2, 2)),
                (BRIGHT_AND_WHITE, (14, 15)),
                (BRIGHT_AND_WHITE, (25, 13)),
            )
        ):
            rng = case_rng(number, 14)
            image = {"image": _image(special, shape, rng)}
            traits, lenient = traits_of({}, special), special == LARGE_IMAGE
            cases.append(Case(image, {}, traits, lenient=lenient, by_hand=special is None))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library."""
        return {"threshold": np.asarray(otsu_threshold(case.arrays["image"]))}

    def compare(self, case: Case, output: str, right: Any, got: Any) -> Finding:
        """Any threshold between the same two levels is right, and any other split with the same variance."""
        found = compare(np.asarray(float(right)), got)
        if found.kind in (Kind.RIGHT, Kind.VALUE, Kind.PRECISION):
            image, t = case.arrays["image"], float(np.asarray(found.got))
            found = found._replace(same=lambda other: _is_same_split(image, t, other))
        if found.kind in (Kind.VALUE, Kind.PRECISION) and _variance_of_split(
            case.arrays["image"], float(found.got)
        ) >= _best(case.arrays["image"]) * (1 - 1e-9):
            return found._replace(kind=Kind.RIGHT, error=0.0)
        return found

    def symbols(self, case: Case) -> Mapping[str, float]:
        """The largest level, for results between 0 and 1."""
        return {"255": 255.0, "256": 256.0}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other criteria, other averages, levels shifted."""
        yield Hypothesis("all-zero", lambda case: {"threshold": np.asarray(0.0)})
        yield from self._criterion_mistakes()
        yield from self._level_mistakes()
        yield from self._other_threshold_mistakes()
        yield from self._search_mistakes()
        yield from self._histogram_mistakes()
        yield from self._sum_mistakes()
        yield from count_mistakes()

    def _criterion_mistakes(self) -> Iterator[Hypothesis]:
        """What is made largest."""
        yield Hypothesis(
            "smallest-instead-of-largest",
            criterion(lambda w0, w1, m0, m1, v0, v1: between(w0, w1, m0, m1, v0, v1), np.nanargmin),
        )
        yield Hypothesis(
            "smallest-instead-of-largest",
            criterion(lambda w0, w1, m0, m1, v0, v1: w0 * v0 + w1 * v1, np.nanargmax),
            "the variance within is made largest",
        )
        for tried in (255, 256):
            yield Hypothesis(
                "empty-class-divides-by-zero", of(lambda image, counts, n=tried: _between(counts)[:n].argmin())
            )
        yield Hypothesis("empty-class-divides-by-zero", criterion(between, np.argmax))
        yield Hypothesis("empty-class-divides-by-zero", criterion(between, lambda values: values[:255].argmax()))
        yield Hypothesis(
            "empty-class-divides-by-zero", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * v0 + w1 * v1, np.argmin)
        )
        yield Hypothesis("weights-missing", criterion(lambda w0, w1, m0, m1, v0, v1: (m0 - m1) ** 2))
        yield Hypothesis(
            "weights-missing",
            criterion(lambda w0, w1, m0, m1, v0, v1: v0 + v1, np.nanargmin),
            "of the variances within",
        )
        yield Hypothesis(
            "weight-of-one-class-only", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * (m0 - m1) ** 2), "the dark one"
        )
        yield Hypothesis(
            "weight-of-one-class-only", criterion(lambda w0, w1, m0, m1, v0, v1: w1 * (m0 - m1) ** 2), "the bright one"
        )
        yield Hypothesis("weights-squared", criterion(lambda w0, w1, m0, m1, v0, v1: (w0 * w1 * (m0 - m1)) ** 2))
        yield Hypothesis("weights-swapped", criterion(lambda w0, w1, m0, m1, v0, v1: w1 * v0 + w0 * v1, np.nanargmin))
        yield Hypothesis("difference-not-squared", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * w1 * (m1 - m0)))
        yield Hypothesis("difference-not-squared", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * w1 * (m0 - m1)))
        yield Hypothesis("means-missing", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * w1))
        yield Hypothesis("weights-added", criterion(lambda w0, w1, m0, m1, v0, v1: (w0 + w1) * (m0 - m1) ** 2))
        yield Hypothesis("means-added", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * w1 * (m0 + m1) ** 2))
        yield Hypothesis(
            "deviation-instead-of-variance",
            criterion(lambda w0, w1, m0, m1, v0, v1: w0 * np.sqrt(v0) + w1 * np.sqrt(v1), np.nanargmin),
        )
        yield Hypothesis("divided-by-the-weights", criterion(lambda w0, w1, m0, m1, v0, v1: (m0 - m1) ** 2 / (w0 * w1)))
        yield Hypothesis("entropy-instead-of-variance", of(_entropy))
        yield Hypothesis(
            "sums-instead-of-means", criterion(lambda w0, w1, m0, m1, v0, v1: w0 * w1 * (w0 * m0 - w1 * m1) ** 2)
        )

    def _level_mistakes(self) -> Iterator[Hypothesis]:
        """The right split, told by another number."""

        def shifted(by: float) -> Callable[[Case], Outputs]:
            return lambda case: {"threshold": np.asarray(otsu_threshold(case.arrays["image"]) + by)}

        yield Hypothesis("threshold-one-too-high", shifted(1))
        yield Hypothesis("threshold-one-too-low", shifted(-1))
        yield Hypothesis(
            "threshold-one-too-high",
            lambda case: {"threshold": np.asarray(_next_level(case.arrays["image"]))},
            "the lowest level of the bright part",
        )
        yield Hypothesis(
            "counted-from-the-darkest-level",
            lambda case: {
                "threshold": np.asarray(otsu_threshold(case.arrays["image"]) - float(case.arrays["image"].min()))
            },
        )
        yield Hypothesis(
            "counted-among-the-levels-that-occur",
            lambda case: {
                "threshold": np.asarray(
                    float(np.searchsorted(np.unique(case.arrays["image"]), otsu_threshold(case.arrays["image"])))
                )
            },
        )
        yield Hypothesis(
            "image-inverted", lambda case: {"threshold": np.asarray(float(otsu_threshold(255 - case.arrays["image"])))}
        )
        yield Hypothesis(
            "image-inverted", lambda case: {"threshold": np.asarray(255 - otsu_threshold(case.arrays["image"]))}
        )
        yield Hypothesis(
            "between-0-and-1", lambda case: {"threshold": np.asarray(otsu_threshold(case.arrays["image"]) / 255)}
        )
        yield Hypothesis(
            "between-0-and-1", lambda case: {"threshold": np.asarray(otsu_threshold(case.arrays["image"]) / 256)}
        )
        yield Hypothesis("variance-returned", lambda case: {"threshold": np.asarray(_best(case.arrays["image"]))})

    def _other_threshold_mistakes(self) -> Iterator[Hypothesis]:
        """Thresholds that are not Otsu's, or are Otsu's of another image."""
        yield Hypothesis("mean-instead-of-otsu", of(lambda image, counts: image.mean()))
        yield Hypothesis("mean-instead-of-otsu", of(lambda image, counts: np.floor(image.mean())))
        yield Hypothesis("median-instead-of-otsu", of(lambda image, counts: np.median(image)))
        yield Hypothesis("middle-of-the-range", of(lambda image, counts: (float(image.min()) + float(image.max())) / 2))
        yield Hypothesis("middle-of-the-range", of(lambda image, counts: (int(image.min()) + int(image.max())) // 2))
        yield Hypothesis("middle-of-the-range", of(lambda image, counts: 127.5), "of uint8")
        yield Hypothesis("middle-of-the-range", of(lambda image, counts: 128), "of uint8")
        yield Hypothesis("middle-of-the-range", of(lambda image, counts: 127), "of uint8")
        yield Hypothesis("most-frequent-level", of(lambda image, counts: counts.argmax()))
        yield Hypothesis("rarest-level", of(lambda image, counts: counts.argmin()))
        yield Hypothesis("levels-counted-once", of(lambda image, counts: otsu_threshold(np.unique(image))))
        yield Hypothesis("search-ends-early", of(lambda image, counts: _between(counts)[:254].argmax()), "at 253")
        for level in (0, 255):
            yield Hypothesis(
                "levels-left-out",
                of(lambda image, counts, k=level: _between(np.where(k == LEVELS, 0, counts)).argmax()),
                f"{level}",
            )
        yield Hypothesis(
            "integer-overflow", of(lambda image, counts: _between(counts % 256).argmax()), "the counts, in 8 bits"
        )
        yield Hypothesis("levels-left-out", of(lambda image, counts: otsu_threshold(image[image > 0])), "0")
        yield Hypothesis("levels-left-out", of(lambda image, counts: otsu_threshold(image[image < 255])), "255")
        yield Hypothesis("means-of-classes-averaged", of(_iterated))
        yield Hypothesis(
            "middle-of-the-range",
            of(lambda image, counts: (int(image.min()) + int(image.max())) % 256 // 2),
            "in 8 bits",
        )
        yield Hypothesis("bin-number-returned", of(lambda image, counts: _bin_number(image)))
        yield Hypothesis("stretched-first", of(lambda image, counts: otsu_threshold(_stretched(image))))

    def _search_mistakes(self) -> Iterator[Hypothesis]:
        """The search misses the best level."""
        yield Hypothesis("search-ends-early", of(lambda image, counts: _between(counts)[:128].argmax()), "at 127")
        yield Hypothesis(
            "search-ends-early",
            of(lambda image, counts: _between(counts)[: int(image.max())].argmax()),
            "before the brightest level",
        )
        yield Hypothesis("best-not-kept", of(lambda image, counts: np.flatnonzero(_between(counts) > 0).max()))
        yield Hypothesis("stops-at-the-first-maximum", of(_first_maximum))
        yield Hypothesis(
            "stops-at-the-first-maximum",
            of(lambda image, counts: _between(counts)[: int(_first_maximum(image, counts)) + 1].argmax()),
        )
        for places in (1, 2, 3):
            yield Hypothesis(
                "weights-rounded",
                criterion(lambda w0, w1, m0, m1, v0, v1, k=places: np.round(w0, k) * np.round(w1, k) * (m0 - m1) ** 2),
            )
        yield Hypothesis("rows-averaged", of(lambda image, counts: otsu_threshold(image.mean(axis=-1))))
        yield Hypothesis("rows-averaged", of(lambda image, counts: otsu_threshold(image.mean(axis=0))), "columns")
        yield Hypothesis("means-of-classes-averaged", of(lambda image, counts: np.floor(_iterated(image, counts))))
        yield Hypothesis("means-of-classes-averaged", of(lambda image, counts: np.rint(_iterated(image, counts))))

    def _histogram_mistakes(self) -> Iterator[Hypothesis]:
        """Few bins, and few pixels."""
        for bins in (8, 16, 32, 64, 128):
            for edge in ("lower", "upper", "index"):
                yield Hypothesis(
                    "too-few-bins", of(lambda image, counts, b=bins, e=edge: _by_blocks(image, b, e)), f"{bins}"
                )
        for bins in (2, 4, 8, 10, 16, 32, 50, 64, 100, 128):
            yield Hypothesis(
                "too-few-bins", of(lambda image, counts, b=bins: _coarse(image, b, whole=False)), f"{bins}"
            )
            yield Hypothesis("too-few-bins", of(lambda image, counts, b=bins: _coarse(image, b, whole=True)), f"{bins}")
        yield Hypothesis("only-a-row", of(lambda image, counts: otsu_threshold(image[0])))
        yield Hypothesis("only-a-row", of(lambda image, counts: otsu_threshold(image[:, 0])), "a column")

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """The image in the place of the number."""
        return {
            case.arrays["image"].shape: "image-returned",
            (256,): "criterion-returned",
            (255,): "criterion-returned",
        }

    def _sum_mistakes(self) -> Iterator[Hypothesis]:
        """Means from sums that are divided or cut wrongly."""

        def sums(f: Callable[[Array, Array, Array, Array], Array]) -> Callable[[Case], Outputs]:
            """f(n0, n1, s0, s1): numbers and sums of the levels below and above each level."""

            def predict(case: Case) -> Outputs:
                counts = np.bincount(case.arrays["image"].ravel(), minlength=256).astype(float)
                n0, s0 = np.cumsum(counts), np.cumsum(counts * LEVELS)
                with np.errstate(all="ignore"):
                    values = f(n0, n0[-1] - n0, s0, s0[-1] - s0)
                return {"threshold": np.asarray(float(np.nanargmax(np.where(np.isfinite(values), values, -np.inf))))}

            return predict

        yield Hypothesis(
            "means-divided-by-all-pixels", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / (n0 + n1) - s1 / (n0 + n1)) ** 2)
        )
        yield Hypothesis(
            "total-mean-instead-of-class-mean",
            sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n0 - (s0 + s1) / (n0 + n1)) ** 2),
        )
        yield Hypothesis(
            "total-mean-instead-of-class-mean", sums(lambda n0, n1, s0, s1: n0 * (s0 / n0 - (s0 + s1) / (n0 + n1)) ** 2)
        )
        yield Hypothesis(
            "total-mean-instead-of-class-mean", sums(lambda n0, n1, s0, s1: n1 * (s1 / n1 - (s0 + s1) / (n0 + n1)) ** 2)
        )
        yield Hypothesis(
            "total-instead-of-rest", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n0 - (s0 + s1) / n1) ** 2)
        )
        yield Hypothesis(
            "total-instead-of-rest", sums(lambda n0, n1, s0, s1: n0 * (n0 + n1) * (s0 / n0 - s1 / n1) ** 2)
        )
        yield Hypothesis("sums-instead-of-means", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 - s1) ** 2))
        yield Hypothesis(
            "sums-instead-of-means", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 - s1 / n1) ** 2), "in the dark class"
        )
        yield Hypothesis(
            "sums-instead-of-means", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n0 - s1) ** 2), "in the bright class"
        )
        yield Hypothesis(
            "integer-overflow",
            sums(
                lambda n0, n1, s0, s1: (
                    (n0 % 256) * (n1 % 256) * ((s0 % 256) / (n0 % 256) - (s1 % 256) / (n1 % 256)) ** 2
                )
            ),
            "in 8 bits",
        )
        yield Hypothesis(
            "integer-overflow",
            sums(lambda n0, n1, s0, s1: n0 * n1 * ((s0 % 256) / n0 - (s1 % 256) / n1) ** 2),
            "in 8 bits",
        )
        yield Hypothesis(
            "integer-overflow",
            sums(lambda n0, n1, s0, s1: n0 * n1 * ((s0 % 256) / n0 - (s0 + s1 - s0 % 256) / n1) ** 2),
            "the sum of the dark class, in 8 bits",
        )
        yield Hypothesis(
            "integer-overflow",
            sums(lambda n0, n1, s0, s1: ((n0 * n1 + 2**31) % 2**32 - 2**31) * (s0 / n0 - s1 / n1) ** 2),
            "in 32 bits",
        )
        yield Hypothesis(
            "integer-division", sums(lambda n0, n1, s0, s1: n0 * n1 * (np.floor(s0 / n0) - np.floor(s1 / n1)) ** 2)
        )
        yield Hypothesis("sums-swapped", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n1 - s1 / n0) ** 2))
        for dark, bright, words in (
            (lambda n0, n1: n0 + n1, lambda n0, n1: n1, "that of the dark class"),
            (lambda n0, n1: n0, lambda n0, n1: n0 + n1, "that of the bright class"),
        ):
            yield Hypothesis(
                "means-divided-by-all-pixels",
                sums(lambda n0, n1, s0, s1, d=dark, b=bright: n0 * n1 * (s0 / d(n0, n1) - s1 / b(n0, n1)) ** 2),
                words,
            )
        yield Hypothesis(
            "sums-swapped", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n1 - s1 / n1) ** 2), "in the dark class"
        )
        yield Hypothesis(
            "sums-swapped", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n0 - s1 / n0) ** 2), "in the bright class"
        )
        for first, second, words in (
            (np.floor, np.copy, "of the dark class"),
            (np.copy, np.floor, "of the bright class"),
        ):
            yield Hypothesis(
                "integer-division",
                sums(lambda n0, n1, s0, s1, f=first, g=second: n0 * n1 * (f(s0 / n0) - g(s1 / n1)) ** 2),
                words,
            )
        middle0, middle1 = LEVELS / 2, (LEVELS + 256) / 2  # means of the levels 0 to t and t + 1 to 255
        for m0, m1, words in (
            (True, False, "in the dark class"),
            (False, True, "in the bright class"),
        ):
            yield Hypothesis(
                "means-of-levels",
                sums(
                    lambda n0, n1, s0, s1, m0=m0, m1=m1: (
                        n0 * n1 * ((middle0 if m0 else s0 / n0) - (middle1 if m1 else s1 / n1)) ** 2
                    )
                ),
                words,
            )
        yield Hypothesis(
            "bright-levels-from-zero", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n0 - s1 / n1 + LEVELS + 1) ** 2)
        )
        yield Hypothesis(
            "bright-levels-from-zero", sums(lambda n0, n1, s0, s1: n0 * n1 * (s0 / n0 - s1 / n1 + LEVELS) ** 2)
        )


def of(f: Callable[[Array, Array], Any]) -> Callable[[Case], Outputs]:
    """f(pixels, counts of the 256 levels) -> threshold."""

    def predict(case: Case) -> Outputs:
        image = case.arrays["image"]
        return {"threshold": np.asarray(float(f(image, np.bincount(image.ravel(), minlength=256).astype(float))))}

    return predict


def criterion(
    f: Callable[[Array, Array, Array, Array, Array, Array], Array], best: Callable[[Array], Any] = np.nanargmax
) -> Callable[[Case], Outputs]:
    """f(w0, w1, m0, m1, v0, v1) for every level; the threshold is the best level."""

    def predict(case: Case) -> Outputs:
        with np.errstate(all="ignore"):
            values = f(*_statistics(case.arrays["image"]))
        return {"threshold": np.asarray(float(best(values)))}

    return predict


def between(w0: Array, w1: Array, m0: Array, m1: Array, v0: Array, v1: Array) -> Array:
    """Return the variance between the classes."""
    return w0 * w1 * (m0 - m1) ** 2


def _image(special: Trait | None, shape: tuple[int, int], rng: np.random.Generator) -> Array:
    size = shape[0] * shape[1]

    def humps(dark: float, bright: float, share: float, width: float = 12) -> Array:
        return np.where(rng.random(size) < share, rng.normal(bright, width, size), rng.normal(dark, width, size))

    draw: Mapping[Trait | None, Callable[[], Any]] = {
        None: lambda: rng.choice([10, 12, 15, 60, 64, 200, 210], size),
        TWO_HUMPS: lambda: humps(70, 160, 0.45),
        SMALL_BRIGHT_PART: lambda: humps(60, 190, 0.06, 20),
        SMALL_DARK_PART: lambda: humps(190, 50, 0.06, 20),
        BRIGHT: lambda: humps(180, 235, 0.3, 8),
        DARK: lambda: humps(12, 50, 0.3, 5),
        THREE_LEVELS: lambda: rng.choice([20, 90, 230], size, p=[0.5, 0.3, 0.2]),
        ALL_LEVELS: lambda: np.concatenate([np.arange(256), rng.integers(0, 256, size - 256)]),
        MANY_ZEROS: lambda: np.where(rng.random(size) < 0.5, 0, humps(60, 150, 0.3)),
        SKEWED: lambda: rng.gamma(1.5, 30, size),
        TWO_MAXIMA: lambda: rng.permutation(np.resize(np.repeat(*LEVELS_WITH_TWO_MAXIMA), size)),
        LARGE_IMAGE: lambda: humps(70, 160, 0.45),
        BLACK_AND_WHITE: lambda: rng.choice([0, 255, 255], size),
        TWO_BRIGHTEST: lambda: rng.choice([254, 255], size),
        TWO_DARKEST: lambda: rng.permutation(np.resize([0, 0, 1, 2], size)),
        BRIGHT_AND_WHITE: lambda: np.where(rng.random(size) < 0.3, 255, humps(60, 190, 0.5, 25)),
        ONE_DARK_PIXEL: lambda: rng.permutation([8, *rng.choice([180, 183, 190], size - 1)]),
        ONE_BRIGHT_PIXEL: lambda: rng.permutation([245, *rng.choice([30, 33, 41], size - 1)]),
        NEIGHBOURS: lambda: rng.choice([100, 101, 102, 103], size, p=[0.4, 0.1, 0.2, 0.3]),
    }
    return np.clip(np.rint(draw[special]()), 0, 255).astype(np.uint8).reshape(shape)


def _statistics(image: Array) -> tuple[Array, ...]:
    """Return weights, means and variances of both classes, split after each of the 256 levels; NaN for an empty one."""
    share = np.bincount(image.ravel(), minlength=256) / image.size
    w0, first, second = np.cumsum(share), np.cumsum(share * LEVELS), np.cumsum(share * LEVELS**2)
    w1 = np.cumsum(share[::-1])[::-1]
    w1 = np.append(w1[1:], 0.0)
    w0, w1 = np.where(w0 > 1e-12, w0, np.nan), np.where(w1 > 1e-12, w1, np.nan)
    m0, m1 = first / w0, (first[-1] - first) / w1
    return w0, w1, m0, m1, second / w0 - m0**2, (second[-1] - second) / w1 - m1**2


def _best(image: Array) -> float:
    return float(variance_between_classes(image)[0].max())


def _is_same_split(image: Array, one: float, other: object) -> bool:
    """Whether two thresholds leave the same pixels above."""
    number = np.asarray(other, np.float64)
    if number.size != 1:
        return False
    above, other_above = image > one, image > float(number.reshape(-1)[0])
    if above.all() or not above.any():  # no split at all: there only the number itself says something
        return bool(abs(float(number.reshape(-1)[0]) - one) < 1e-6)
    return bool((above == other_above).all())


def _variance_of_split(image: Array, threshold: float) -> float:
    bright = image[image > threshold].astype(float)
    dark = image[image <= threshold].astype(float)
    if not bright.size or not dark.size:
        return -1.0
    return float(dark.size * bright.size / image.size**2 * (dark.mean() - bright.mean()) ** 2)


def _between(counts: Array) -> Array:
    """Return the variance between the classes for a split after each of the 256 levels; 0 for an empty class."""
    n0, s0 = np.cumsum(counts), np.cumsum(counts * LEVELS)
    n1, s1 = n0[-1] - n0, s0[-1] - s0
    values = n0 * n1 * (s0 / np.maximum(n0, 1) - s1 / np.maximum(n1, 1)) ** 2
    return values / n0[-1] ** 2


def _first_maximum(image: Array, counts: Array) -> float:
    values = _between(counts)
    for k in range(1, 256):
        if values[k] < values[k - 1]:
            return float(k - 1)
    return 255.0


def _bin_number(image: Array) -> float:
    counts, edges = np.histogram(image, 256)
    centres = (edges[:-1] + edges[1:]) / 2
    n0, s0 = np.cumsum(counts), np.cumsum(counts * centres)
    n1, s1 = n0[-1] - n0, s0[-1] - s0
    return float((n0 * n1 * (s0 / np.maximum(n0, 1) - s1 / np.maximum(n1, 1)) ** 2).argmax())


def _stretched(image: Array) -> Array:
    low, high = float(image.min()), float(image.max())
    return np.rint((image - low) * 255 / max(high - low, 1)).astype(np.uint8)


def _by_blocks(image: Array, bins: int, edge: str) -> float:
    width = 256 // bins
    k = int(_between(np.bincount((image // width).ravel(), minlength=256).astype(float)).argmax())
    return {"lower": k * width, "upper": k * width + width - 1, "index": k}[edge]


def _next_level(image: Array) -> float:
    above = image[image > otsu_threshold(image)]
    return float(above.min())


def _coarse(image: Array, bins: int, *, whole: bool) -> float:
    limits = (0, 256) if whole else (float(image.min()), float(image.max()))
    counts, edges = np.histogram(image, bins, limits)
    centres = (edges[:-1] + edges[1:]) / 2
    repeated = np.repeat(centres, counts)
    return float(otsu_threshold(repeated, bins)) if np.ptp(repeated) else float(centres[0])


def _iterated(image: Array, counts: Array) -> float:
    """The threshold that lies in the middle of the two class means (the iterative method of Ridler and Calvard)."""
    t = float(image.mean())
    for _ in range(200):
        new = (image[image <= t].mean() + image[image > t].mean()) / 2
        if new == t:
            break
        t = float(new)
    return t


def _entropy(image: Array, counts: Array) -> float:
    """Kapur's criterion: the largest sum of the entropies of both classes."""
    share = counts / counts.sum()
    values = np.full(256, -np.inf)
    for k in range(255):
        total = 0.0
        for part in (share[: k + 1], share[k + 1 :]):
            q = part[part > 0] / part.sum() if part.sum() else np.empty(0)
            total += float(-(q * np.log(q)).sum()) if q.size else -np.inf
        values[k] = total
    return float(values.argmax())
