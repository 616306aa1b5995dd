"""mean_absolute_error: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation, axis_sizes
from ..place import NamedRegion
from ..traits import FLOAT32, IMAGES, LARGE, SEVERAL_SAMPLES, STRIDED, TINY, Numbers, Special, Trait, traits_of

SOME_EXACT = Trait("numbers that are predicted exactly", mishandled="exact-predictions-mishandled", unseen=True)
ALL_EXACT = Trait("a perfect prediction", mishandled="exact-predictions-mishandled", unseen=True)
EXACT = NamedRegion("where the prediction is exact", mistake="gradient-at-zero")
TOO_LARGE = NamedRegion("where the prediction is too large")
TOO_SMALL = NamedRegion("where the prediction is too small")
SHAPES: tuple[tuple[tuple[int, ...], Special], ...] = (
    ((1,), Numbers.BY_HAND),
    ((3,), Numbers.BY_HAND),
    ((1, 2), Numbers.BY_HAND),
    ((2, 2), Numbers.BY_HAND),
    ((2, 3), Numbers.BY_HAND),
    ((4, 1), Numbers.BY_HAND),
    ((5, 7), Numbers.RANDOM),
    ((2, 3, 4, 1), Numbers.RANDOM),
    ((2, 3, 4, 3), Numbers.RANDOM),
    ((2, 4), SOME_EXACT),
    ((3, 2, 2), SOME_EXACT),
    ((2, 3), ALL_EXACT),
    ((3, 4, 2, 2), STRIDED),
    ((3, 4), FLOAT32),
    ((3, 4), TINY),
    ((2, 5), LARGE),
)


class MeanAbsoluteError(Operation):
    """Mean of |y_pred - y_true|."""

    name = "mean_absolute_error"
    arrays = ("y_true", "y_pred")
    gradients = ("dy_pred",)
    contract = (
        "forward(y_true, y_pred) -> (loss, cache): arrays of one shape, any; one number, the mean of |y_pred - y_true| "
        "over all entries; backward(dloss, cache) -> dy_pred, 0 where the two are equal"
    )

    def cases(self) -> list[Case]:
        """One number first; exact predictions, tiny and large differences at the end."""
        cases = []
        for number, (shape, special) in enumerate(SHAPES):
            rng = case_rng(number, 17)
            by_hand = special is Numbers.BY_HAND or special in (SOME_EXACT, ALL_EXACT)
            t = small_integers(rng, shape) if by_hand else rng.standard_normal(shape)
            difference = small_integers(rng, shape, high=5) if by_hand else rng.standard_normal(shape)
            if special == SOME_EXACT:
                difference[..., ::2] = 0
            if special == ALL_EXACT:
                difference[...] = 0
            if special in (LARGE, TINY):
                size = 1e5 if special == LARGE else 1e-7
                t, difference = size * t, size * difference
            values = {"y_true": t, "y_pred": t + difference}
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            if special == STRIDED:
                values = {name: strided(value) for name, value in values.items()}
            some = {SEVERAL_SAMPLES: len(shape) > 1 and shape[0] > 1, IMAGES: len(shape) == 4}
            cases.append(Case(values, {}, traits_of(some, special), by_hand=by_hand))
        return cases

    def right(self, case: Case) -> Outputs:
        """The mean, and its slope: the sign of the difference by the number of entries."""
        t, p = case.arrays.values()
        y = np.asarray(np.abs(p - t).mean(), case.dtype)
        return (
            {"y": y} if case.dy is None else {"y": y, "dy_pred": np.asarray(case.dy * np.sign(p - t) / t.size, t.dtype)}
        )

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """By the sign of the difference."""
        t, p = case.arrays.values()
        return {EXACT: p == t, TOO_LARGE: p > t, TOO_SMALL: p < t} if output == "dy_pred" else {}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Number of samples, of entries along the last axis, and of all."""
        t = case.arrays["y_true"]
        return {**axis_sizes(("N",), t), "C": float(t.shape[-1]), "size": float(t.size)}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """The upstream gradient, one number."""
        return {"dy": ()}

    def named_shapes(self, case: Case, output: str) -> Mapping[tuple[int, ...], str]:
        """The gradients of both arrays as one."""
        return {(2, *case.arrays["y_true"].shape): "gradient-of-both-arrays"} if output == "dy_pred" else {}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Another distance, another mean; another slope, another count."""
        yield from self._distance_mistakes()
        yield from self._mean_mistakes()
        yield from self._left_out_mistakes()
        yield from self._slope_mistakes()
        yield from self._exact_mistakes()
        yield from self._count_mistakes()

    def _distance_mistakes(self) -> Iterator[Hypothesis]:
        """What is averaged."""
        yield Hypothesis("squared-error", loss(lambda t, p, d: (d**2).mean()))
        yield Hypothesis("squared-error", loss(lambda t, p, d: (d**2).mean() / 2), "half of it")
        yield Hypothesis("squared-error", loss(lambda t, p, d: (d**2).sum()), "their sum")
        yield Hypothesis("root-of-the-squared-error", loss(lambda t, p, d: np.sqrt((d**2).mean())))
        yield Hypothesis("root-of-the-squared-error", loss(lambda t, p, d: np.sqrt((d**2).sum())), "of a sum")
        yield Hypothesis("absolute-value-missing", loss(lambda t, p, d: d.mean()))
        yield Hypothesis("absolute-value-missing", loss(lambda t, p, d: -d.mean()), "label minus prediction")
        yield Hypothesis("absolute-value-of-the-mean", loss(lambda t, p, d: np.abs(d.mean())))
        yield Hypothesis("absolute-value-of-the-mean", loss(lambda t, p, d: np.abs(d.sum())), "of the sum")
        yield Hypothesis("difference-of-absolute-values", loss(lambda t, p, d: np.abs(np.abs(p) - np.abs(t)).mean()))
        yield Hypothesis("difference-of-absolute-values", loss(lambda t, p, d: np.abs(p).mean() - np.abs(t).mean()))
        yield Hypothesis(
            "difference-of-absolute-values", loss(lambda t, p, d: (np.abs(p) - t).mean()), "of y_pred only"
        )
        yield Hypothesis("sum-instead-of-difference", loss(lambda t, p, d: np.abs(p + t).mean()))
        yield Hypothesis("prediction-alone", loss(lambda t, p, d: np.abs(p).mean()))
        yield Hypothesis("only-one-direction", loss(lambda t, p, d: np.maximum(d, 0).mean()), "y_pred above y_true")
        yield Hypothesis("only-one-direction", loss(lambda t, p, d: np.maximum(-d, 0).mean()), "y_pred below y_true")
        yield Hypothesis("relative-error", loss(lambda t, p, d: np.abs(d / t).mean()))
        yield Hypothesis("relative-error", loss(lambda t, p, d: 100 * np.abs(d / t).mean()), "in percent")
        yield Hypothesis("huber-loss", loss(lambda t, p, d: _huber(d).mean()))
        yield Hypothesis("log-cosh", loss(lambda t, p, d: (np.logaddexp(d, -d) - np.log(2)).mean()))
        yield Hypothesis("difference-clipped", loss(lambda t, p, d: np.minimum(np.abs(d), 1).mean()), "at 1")
        for tiny in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12):
            yield Hypothesis("smoothed", loss(lambda t, p, d, e=tiny: np.sqrt(d**2 + e).mean()), f"by {tiny:g}")
            yield Hypothesis("smoothed", loss(lambda t, p, d, e=tiny: (np.abs(d) + e).mean()), f"by {tiny:g}")
        yield Hypothesis("rounded-to-integers", loss(lambda t, p, d: np.abs(np.trunc(p) - np.trunc(t)).mean()))
        yield Hypothesis("rounded-to-integers", loss(lambda t, p, d: np.abs(np.trunc(d)).mean()), "of the difference")

    def _mean_mistakes(self) -> Iterator[Hypothesis]:
        """How it is averaged."""
        yield Hypothesis("sum-instead-of-mean", loss(lambda t, p, d: np.abs(d).sum()))
        yield Hypothesis("mean-over-the-batch-only", loss(lambda t, p, d: np.abs(d).sum() / len(d)))
        yield Hypothesis("mean-over-the-last-axis-only", loss(lambda t, p, d: np.abs(d).sum() / d.shape[-1]))
        yield Hypothesis("not-averaged", loss(lambda t, p, d: np.abs(d)))
        yield Hypothesis("one-number-for-each-position", loss(lambda t, p, d: np.abs(d).mean(axis=-1)))
        yield Hypothesis("one-number-for-each-position", loss(lambda t, p, d: np.abs(d).sum(axis=-1)), "a sum")
        yield Hypothesis("one-number-for-each-sample", loss(lambda t, p, d: np.abs(d).reshape(len(d), -1).mean(axis=1)))
        yield Hypothesis("mean-over-the-batch-for-each-entry", loss(lambda t, p, d: np.abs(d).mean(axis=0)))
        yield Hypothesis("mean-over-the-batch-for-each-entry", loss(lambda t, p, d: np.abs(d).sum(axis=0)), "a sum")
        yield Hypothesis("median-instead-of-mean", loss(lambda t, p, d: np.median(np.abs(d))))
        yield Hypothesis("largest-instead-of-mean", loss(lambda t, p, d: np.abs(d).max()))
        yield Hypothesis("largest-instead-of-mean", loss(lambda t, p, d: d.max()), "without its absolute value")
        yield Hypothesis("divided-by-one-less", loss(lambda t, p, d: np.abs(d).sum() / (d.size - 1)))

        def of_the_others(t: Array, p: Array, d: Array) -> Any:
            return np.abs(d).sum() / (d != 0).sum()

        yield Hypothesis("exact-predictions-left-out", loss(of_the_others))

    def _left_out_mistakes(self) -> Iterator[Hypothesis]:
        """Samples that are not looked at."""

        def part(kept: slice, all_counted: bool) -> Callable[[Case], Outputs]:
            def value(t: Array, p: Array, d: Array) -> Any:
                total = np.abs(d[kept]).sum()
                return total / (d.size if all_counted else max(d[kept].size, 1))

            return loss(value)

        for cause, kept in (
            ("last-sample-missing", slice(0, -1)),
            ("first-sample-missing", slice(1, None)),
            ("only-first-sample", slice(0, 1)),
            ("only-last-sample", slice(-1, None)),
        ):
            for all_counted in (False, True):
                yield Hypothesis(cause, part(kept, all_counted), "in the mean" if all_counted else "")

            def gradient(case: Case, kept: slice = kept) -> Outputs:
                right = np.asarray(self.right(case)["dy_pred"])
                result = np.zeros_like(right)
                result[kept] = right[kept]
                return {"dy_pred": result}

            yield Hypothesis(cause, gradient)

        def entries(kept: slice, all_counted: bool) -> Callable[[Case], Outputs]:
            def value(t: Array, p: Array, d: Array) -> Any:
                some = np.abs(d).ravel()[kept]
                return some.sum() / (d.size if all_counted else max(some.size, 1))

            return loss(value)

        for all_counted in (False, True):
            yield Hypothesis("last-entry-missing", entries(slice(0, -1), all_counted))
            yield Hypothesis("first-entry-missing", entries(slice(1, None), all_counted))
            yield Hypothesis("only-first-entry", entries(slice(0, 1), all_counted))
            yield Hypothesis("only-last-entry", entries(slice(-1, None), all_counted))

    def _slope_mistakes(self) -> Iterator[Hypothesis]:
        """Another derivative than the sign."""
        yield Hypothesis("difference-instead-of-sign", slope(lambda t, p, d: d / d.size))
        yield Hypothesis("squared-error", slope(lambda t, p, d: 2 * d / d.size))
        yield Hypothesis("difference-instead-of-sign", slope(lambda t, p, d: d), "not divided by the number of entries")
        yield Hypothesis("squared-error", slope(lambda t, p, d: 2 * d), "not divided by the number of entries")
        yield Hypothesis("absolute-difference-instead-of-sign", slope(lambda t, p, d: np.abs(d) / d.size))
        yield Hypothesis("sign-missing", slope(lambda t, p, d: np.ones_like(d) / d.size))
        yield Hypothesis("sign-missing", slope(lambda t, p, d: np.ones_like(d)), "and the number of entries")
        yield Hypothesis(
            "sign-missing", slope(lambda t, p, d: np.abs(np.sign(d)) / d.size), "an absolute value is taken"
        )
        yield Hypothesis("sign-of-the-prediction", slope(lambda t, p, d: np.sign(p) / d.size))
        yield Hypothesis("sign-of-the-prediction", slope(lambda t, p, d: np.sign(t) / d.size), "of y_true")
        yield Hypothesis("sign-of-the-sum", slope(lambda t, p, d: np.sign(d.sum()) * np.ones_like(d) / d.size))
        yield Hypothesis("sign-of-the-sum", slope(lambda t, p, d: np.sign(p + t) / d.size), "of y_pred and y_true")
        yield Hypothesis("huber-loss", slope(lambda t, p, d: np.clip(d, -1, 1) / d.size))
        yield Hypothesis("log-cosh", slope(lambda t, p, d: np.tanh(d) / d.size))
        yield Hypothesis("loss-in-the-gradient", slope(lambda t, p, d: np.sign(d) * np.abs(d).mean() / d.size))
        yield Hypothesis(
            "loss-in-the-gradient", slope(lambda t, p, d: np.sign(d) * np.abs(d).mean()), "and not divided"
        )
        yield Hypothesis("relative-error", slope(lambda t, p, d: np.sign(d) / np.abs(t) / d.size))
        yield Hypothesis("root-of-the-squared-error", slope(lambda t, p, d: d / d.size / np.sqrt((d**2).mean())))
        yield Hypothesis("only-one-direction", slope(lambda t, p, d: (d > 0) / d.size), "y_pred above y_true")
        yield Hypothesis("only-one-direction", slope(lambda t, p, d: -1.0 * (d < 0) / d.size), "y_pred below y_true")
        for tiny in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12):
            yield Hypothesis("smoothed", slope(lambda t, p, d, e=tiny: d / (np.abs(d) + e) / d.size), f"by {tiny:g}")
            yield Hypothesis("smoothed", slope(lambda t, p, d, e=tiny: d / np.sqrt(d**2 + e) / d.size), f"by {tiny:g}")

    def _exact_mistakes(self) -> Iterator[Hypothesis]:
        """What becomes of a difference of 0."""
        yield Hypothesis("gradient-at-zero", slope(lambda t, p, d: np.where(d >= 0, 1, -1) / d.size), "it counts as 1")
        yield Hypothesis("gradient-at-zero", slope(lambda t, p, d: np.where(d > 0, 1, -1) / d.size), "it counts as -1")
        yield Hypothesis("zero-divided-by-zero", slope(lambda t, p, d: d / np.abs(d) / d.size))
        yield Hypothesis("zero-divided-by-zero", slope(lambda t, p, d: np.abs(d) / d / d.size))

    def _count_mistakes(self) -> Iterator[Hypothesis]:
        """What is divided by."""
        yield Hypothesis("mean-not-divided", slope(lambda t, p, d: np.sign(d)))
        yield Hypothesis("mean-over-the-batch-only", slope(lambda t, p, d: np.sign(d) / len(d)))
        yield Hypothesis("mean-over-the-last-axis-only", slope(lambda t, p, d: np.sign(d) / d.shape[-1]))
        yield Hypothesis("divided-twice", slope(lambda t, p, d: np.sign(d) / d.size**2))
        yield Hypothesis("multiplied-by-the-count", slope(lambda t, p, d: np.sign(d) * d.size))
        yield Hypothesis("exact-predictions-left-out", slope(lambda t, p, d: np.sign(d) / max((d != 0).sum(), 1)))
        yield Hypothesis("divided-by-one-less", slope(lambda t, p, d: np.sign(d) / (d.size - 1)))
        yield Hypothesis("upstream-ignored", lambda c: {"dy_pred": self.right(c.with_dy(np.asarray(1.0)))["dy_pred"]})
        yield Hypothesis("upstream-ignored", lambda c: {"dy_pred": _sign(c)}, "and the number of entries")
        yield Hypothesis("summed-gradient", lambda c: {"dy_pred": np.asarray(self.right(c)["dy_pred"]).sum()})
        yield Hypothesis("summed-gradient", lambda c: {"dy_pred": c.dy * _sign(c).mean()})
        yield Hypothesis("averaged-over-the-batch", lambda c: {"dy_pred": c.dy * _sign(c).mean(axis=0)})
        yield Hypothesis("upstream-added", lambda c: {"dy_pred": c.dy + _sign(c) / _sign(c).size})


def _sign(case: Case) -> Array:
    t, p = case.arrays.values()
    return np.asarray(np.sign(p - t), np.float64)


def _huber(d: Array) -> Array:
    """Return the Huber loss with its border at 1."""
    size = np.abs(d)
    return np.where(size <= 1, size**2 / 2, size - 0.5)


def loss(f: Callable[[Array, Array, Array], Any]) -> Callable[[Case], Outputs]:
    """Predict the loss as f of labels, predictions and their difference."""

    def predict(case: Case) -> Outputs:
        t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
        return {"y": np.asarray(f(t, p, p - t))}

    return predict


def slope(f: Callable[[Array, Array, Array], Any]) -> Callable[[Case], Outputs]:
    """Predict dy_pred as dy times f."""

    def predict(case: Case) -> Outputs:
        t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
        return {"dy_pred": case.dy * np.asarray(f(t, p, p - t))}

    return predict
