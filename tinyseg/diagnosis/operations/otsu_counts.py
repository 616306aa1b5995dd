"""otsu_threshold: histograms of a part of the image, or of fewer levels; levels that are not tried or not summed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis

LEVELS = np.arange(256)
PARTS: tuple[tuple[str, tuple[slice, slice]], ...] = (
    ("last-row-missing", (slice(None, -1), slice(None))),
    ("first-row-missing", (slice(1, None), slice(None))),
    ("last-column-missing", (slice(None), slice(None, -1))),
    ("first-column-missing", (slice(None), slice(1, None))),
    ("border-left-out", (slice(1, -1), slice(1, -1))),
    ("last-row-missing", (slice(None, -1), slice(None, -1))),
)
BINS = (2, 4, 5, 8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 250, 255)


def variances(n0: Array, n1: Array, s0: Array, s1: Array) -> Array:
    """Return the variance between classes of these numbers and sums; 0 for an empty class."""
    values: Array = n0 * n1 * (s0 / np.maximum(n0, 1) - s1 / np.maximum(n1, 1)) ** 2
    return values


def _of_counts(counts: Array, levels: Array) -> Array:
    n0, s0 = np.cumsum(counts), np.cumsum(counts * levels)
    return variances(n0, n0[-1] - n0, s0, s0[-1] - s0)


def _counts(image: Array) -> Array:
    return np.bincount(image.ravel(), minlength=256).astype(float)


def count_mistakes() -> Iterator[Hypothesis]:
    """Yield all of them."""

    def of(f: Callable[[Array], float | np.intp]) -> Callable[[Case], Outputs]:
        return lambda case: {"threshold": np.asarray(float(f(case.arrays["image"])))}

    for number, (cause, part) in enumerate(PARTS):
        words = "and the last column" if number == 5 else "in the histogram"
        yield Hypothesis(cause, of(lambda image, part=part: _of_counts(_counts(image[part]), LEVELS).argmax()), words)

    def summed(change: Callable[[Array, Array], tuple[Array, Array]]) -> Callable[[Case], Outputs]:
        """`change` gives the counts of which numbers are made, and those of which sums are."""

        def best(image: Array) -> float | np.intp:
            numbers, sums = change(_counts(image), _counts(image))
            n0, s0 = np.cumsum(numbers), np.cumsum(sums * LEVELS)
            return variances(n0, n0[-1] - n0, s0, s0[-1] - s0).argmax()

        return of(best)

    def without(counts: Array, level: int) -> Array:
        return np.where(level == LEVELS, 0, counts)

    yield Hypothesis("levels-left-out", summed(lambda n, s: (n, without(s, 255))), "255 in the sums")
    yield Hypothesis("levels-left-out", summed(lambda n, s: (without(n, 255), s)), "255 in the numbers")
    yield Hypothesis("levels-left-out", summed(lambda n, s: (without(n, 0), s)), "0 in the numbers")

    def joined(image: Array) -> float | np.intp:
        counts = _counts(image)[:255]
        counts[254] += (image == 255).sum()
        return _of_counts(counts, LEVELS[:255]).argmax()

    yield Hypothesis("too-few-bins", of(joined), "255, the last for two levels")
    yield Hypothesis(
        "search-begins-late", of(lambda image: 1 + _of_counts(_counts(image), LEVELS)[1:].argmax()), "at 1"
    )

    def by_power(power: float, square: bool) -> Callable[[Case], Outputs]:
        def best(image: Array) -> float | np.intp:
            n0, s0 = np.cumsum(_counts(image)), np.cumsum(_counts(image) * LEVELS)
            n1, s1 = n0[-1] - n0, s0[-1] - s0
            distance = np.abs(s0 / np.maximum(n0, 1) - s1 / np.maximum(n1, 1))
            return ((n0 * n1) ** power * (distance**2 if square else distance)).argmax()

        return of(best)

    yield Hypothesis("weights-rooted", by_power(0.5, True))
    yield Hypothesis("weights-rooted", by_power(0.25, True), "twice")
    for bins in BINS:
        for limits in ((0, 256), (0, 255), None):
            for told in ("index", "lower", "middle", "upper"):
                if bins == 2 and (told == "index" or (told == "lower" and limits)):
                    continue  # that is always 0
                cause = "bin-number-returned" if told == "index" and limits is None else "too-few-bins"
                yield Hypothesis(cause, of(lambda image, b=bins, r=limits, t=told: _by_bins(image, b, r, t)), f"{bins}")


def _by_bins(image: Array, bins: int, limits: tuple[int, int] | None, told: str) -> float:
    """Return the number, an edge or the middle of the best bin of a histogram."""
    counts, edges = np.histogram(image, bins, limits)
    middles = (edges[:-1] + edges[1:]) / 2
    k = int(_of_counts(counts.astype(float), middles).argmax())
    return float({"index": k, "lower": edges[k], "middle": middles[k], "upper": edges[k + 1]}[told])
