"""batch_norm: what is asked, and how it goes wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.batch_norm import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation, axis_sizes
from ..probes import Reduction, one_less
from ..traits import (
    FLOAT32,
    IMAGE_NOT_SQUARE,
    IMAGES,
    SEVERAL_CHANNELS,
    SEVERAL_IMAGES,
    STRIDED,
    Numbers,
    Special,
    Trait,
    traits_of,
)
from .batch_norm_steps import loops_that_end_early, two_mistakes, wrong_steps

CONSTANT = Trait("a channel of one value")
FAR = Trait("a mean far above the spread", mistake="variance-as-difference-of-squares")
NARROW = Trait("a spread far below epsilon", unseen=True)
AS_MANY_SAMPLES = Trait("as many samples as channels")
SHAPES: tuple[tuple[tuple[int, ...], float, Special], ...] = (
    ((2, 1), 1e-3, Numbers.BY_HAND),
    ((3, 1), 0.5, Numbers.BY_HAND),
    ((4, 2), 1e-3, Numbers.BY_HAND),
    ((3, 3), 0.5, Numbers.BY_HAND),
    ((1, 2, 2, 1), 1e-3, Numbers.BY_HAND),
    ((2, 2, 2, 2), 0.5, Numbers.BY_HAND),
    ((5, 3), 1e-5, Numbers.RANDOM),
    ((4, 4), 0.1, Numbers.RANDOM),
    ((2, 3, 4, 3), 1e-3, Numbers.RANDOM),
    ((3, 4, 3, 2), 0.3, Numbers.RANDOM),
    ((1, 5, 4, 3), 1e-2, Numbers.RANDOM),
    ((4, 2, 2, 4), 1e-5, Numbers.RANDOM),
    ((4, 2), 1e-3, CONSTANT),
    ((6, 2), 1e-3, FAR),
    ((2, 3, 4, 2), 1e-3, STRIDED),
    ((6, 3), 1e-3, FLOAT32),
    ((5, 2), 0.5, NARROW),
)


class Parts(NamedTuple):
    """What the formulas are made of."""

    x: Array
    gamma: Array
    beta: Array
    dy: Array
    epsilon: float
    mean: Array
    variance: Array
    s: Array
    z: Array
    positions: int
    axes: tuple[int, ...]


class BatchNorm(Operation):
    """Normalisation by the batch's statistics."""

    name = "batch_norm"
    arrays = ("x", "gamma", "beta")
    gradients = ("dx", "dgamma", "dbeta")
    contract = (
        "forward(x, gamma, beta, *, epsilon) -> (y, cache): x (..., C), gamma and beta (C,), mean and (biased) "
        "variance of the batch over all axes but the last, epsilon added to the variance; backward(dy, cache) -> (dx, "
        "dgamma, dbeta)"
    )

    def cases(self) -> list[Case]:
        """A few numbers of one channel first; images; a constant channel."""
        cases = []
        for number, (shape, epsilon, special) in enumerate(SHAPES):
            rng = case_rng(number, 9)
            x = rng.standard_normal(shape) * rng.uniform(0.5, 3, shape[-1]) + rng.uniform(-3, 3, shape[-1])
            if special is Numbers.BY_HAND:
                x = small_integers(rng, shape)
                x[0] += 1
            if special == FAR:
                x = rng.standard_normal(shape) + 1e6
            if special == NARROW:
                x = 0.1 * rng.standard_normal(shape)
            if special == CONSTANT:
                x[:, 0] = 2
            values = {
                "x": x,
                "gamma": rng.uniform(0.5, 2, shape[-1]) * rng.choice([-1, 1], shape[-1]),
                "beta": rng.standard_normal(shape[-1]),
            }
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            if special == STRIDED:
                values["x"] = strided(values["x"])
            some = {
                IMAGES: len(shape) == 4,
                SEVERAL_IMAGES: len(shape) == 4 and shape[0] > 1,
                SEVERAL_CHANNELS: shape[-1] > 1,
                AS_MANY_SAMPLES: shape[0] == shape[-1],
                IMAGE_NOT_SQUARE: len(shape) == 4 and shape[1] != shape[2],
            }
            by_hand = special is Numbers.BY_HAND
            cases.append(Case(values, {"epsilon": epsilon}, traits_of(some, special), by_hand=by_hand))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = numpy_cpu.batch_norm_train_forward(*case.arrays.values(), **case.options)
        if case.dy is None:
            return {"y": y}
        return {"y": y, **dict(zip(self.gradients, numpy_cpu.batch_norm_train_backward(case.dy, cache), strict=True))}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [rung.batch_norm_train_forward(*case.arrays.values(), **case.options)[1] for rung in (numpy_cpu, naive)]

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Samples, positions, channels."""
        x = case.arrays["x"]
        sizes = {"P": float(x[..., 0].size), **axis_sizes(("N", "H", "W"), x[..., 0])}
        return {**sizes, "C": float(x.shape[-1])}

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """Scale, shift and dy."""
        return {"gamma": ("C",), "beta": ("C",), "dy": ("P", "C")}

    def array_axes(self, case: Case) -> Mapping[str, tuple[str, ...]]:
        """The same, with x."""
        rank = case.arrays["x"].ndim
        return {"x": (*("N", "H", "W")[: rank - 1], "C"), "gamma": ("C",), "beta": ("C",)}

    def reductions(self) -> Mapping[Trait, Reduction]:
        """One sample less than channels."""
        return {AS_MANY_SAMPLES: one_less}

    def parts(self, case: Case) -> Parts:
        """Return the quantities of the formulas."""
        x, gamma, beta = (np.asarray(a, np.float64) for a in case.arrays.values())
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axis=axes), x.var(axis=axes)
        s = 1 / np.sqrt(variance + case.options["epsilon"])
        dy = np.zeros(x.shape) if case.dy is None else np.asarray(case.dy, np.float64)
        return Parts(
            x, gamma, beta, dy, case.options["epsilon"], mean, variance, s, (x - mean) * s, x[..., 0].size, axes
        )

    def mistakes(self) -> Iterator[Hypothesis]:
        """Statistics, scale and shift, then the three ways in which y depends on x."""
        yield from self._scale_mistakes()
        yield from self._statistic_mistakes()
        yield from self._parameter_use_mistakes()
        yield from self._axis_mistakes()
        yield from self._running_mistakes()
        yield from self._term_mistakes()
        yield from self._count_mistakes()
        yield from self._wrong_array_mistakes()
        yield from self._epsilon_mistakes()
        yield from self._parameter_gradient_mistakes()
        yield from self._further_mistakes()
        yield from loops_that_end_early(self)
        yield from wrong_steps(self)

    def pairs(self) -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
        """Two wrong steps of the forward, or of the backward."""
        return two_mistakes(self)

    def _y(self, f: Callable[[Parts], Array]) -> Callable[[Case], Outputs]:
        """Predict y as f of the quantities of the formulas."""
        return lambda case: {"y": f(self.parts(case))}

    def _scaled(self, f: Callable[[Parts], Array]) -> Callable[[Case], Outputs]:
        """Predict y with another scale than 1 / sqrt(variance + epsilon)."""
        return self._y(lambda p: p.gamma * (p.x - p.mean) * f(p) + p.beta)

    def _dx(self, f: Callable[[Parts], Array]) -> Callable[[Case], Outputs]:
        """Predict dx as f of the quantities of the formulas."""
        return lambda case: {"dx": f(self.parts(case))}

    # The forward ------------------------------------------------------------------------------------------------------
    def _scale_mistakes(self) -> Iterator[Hypothesis]:
        """What is divided by, and epsilon in it."""
        scaled = self._scaled

        def unbiased(p: Parts) -> Array:
            return p.variance * p.positions / (p.positions - 1)

        yield Hypothesis("variance-unbiased", scaled(lambda p: 1 / np.sqrt(unbiased(p) + p.epsilon)))
        yield Hypothesis("epsilon-missing", scaled(lambda p: 1 / np.sqrt(p.variance)))
        yield Hypothesis("epsilon-outside-the-root", scaled(lambda p: 1 / (np.sqrt(p.variance) + p.epsilon)))
        yield Hypothesis("epsilon-twice", scaled(lambda p: 1 / (np.sqrt(p.variance + p.epsilon) + p.epsilon)))
        yield Hypothesis("epsilon-twice", scaled(lambda p: 1 / np.sqrt(p.variance + 2 * p.epsilon)))
        yield Hypothesis("epsilon-squared", scaled(lambda p: 1 / np.sqrt(p.variance + p.epsilon**2)))
        yield Hypothesis("epsilon-subtracted", scaled(lambda p: 1 / np.sqrt(p.variance - p.epsilon)))
        for other in (1e-3, 1e-5, 1e-7, 1e-8, 1e-10, 1e-12, 1e-4, 1e-6):
            yield Hypothesis(
                "epsilon-ignored", scaled(lambda p, e=other: 1 / np.sqrt(p.variance + e)), f"{other:g} is used instead"
            )
        yield Hypothesis("epsilon-as-a-lower-limit", scaled(lambda p: 1 / np.sqrt(np.maximum(p.variance, p.epsilon))))
        yield Hypothesis("root-missing", scaled(lambda p: 1 / (p.variance + p.epsilon)))
        yield Hypothesis("multiplied-by-the-deviation", scaled(lambda p: np.sqrt(p.variance + p.epsilon)))
        yield Hypothesis("multiplied-by-the-variance", scaled(lambda p: p.variance + p.epsilon))
        yield Hypothesis("not-scaled", scaled(lambda p: np.ones_like(p.s)))

    def _statistic_mistakes(self) -> Iterator[Hypothesis]:
        """Mean and variance of something else, or of other numbers."""
        y, scaled = self._y, self._scaled

        yield Hypothesis("mean-not-subtracted", y(lambda p: p.gamma * p.x * p.s + p.beta))
        yield Hypothesis("mean-added", y(lambda p: p.gamma * (p.x + p.mean) * p.s + p.beta))
        yield Hypothesis("variance-around-zero", scaled(lambda p: 1 / np.sqrt((p.x**2).mean(axis=p.axes) + p.epsilon)))
        yield Hypothesis(
            "root-mean-square", y(lambda p: p.gamma * p.x / np.sqrt((p.x**2).mean(axis=p.axes) + p.epsilon) + p.beta)
        )

        def mad(p: Parts) -> Array:
            return np.abs(p.x - p.mean).mean(axis=p.axes)

        yield Hypothesis("mean-deviation", scaled(lambda p: 1 / np.sqrt(mad(p) ** 2 + p.epsilon)))
        yield Hypothesis("mean-deviation", scaled(lambda p: 1 / np.maximum(mad(p), p.epsilon)))
        yield Hypothesis(
            "batch-counted-instead-of-positions",
            y(lambda p: _from_sums(p, len(p.x), mean=True, variance=True)),
            "in both statistics",
        )
        yield Hypothesis(
            "batch-counted-instead-of-positions",
            y(lambda p: _from_sums(p, len(p.x), mean=False, variance=True)),
            "in the variance",
        )
        yield Hypothesis(
            "batch-counted-instead-of-positions",
            y(lambda p: _from_sums(p, len(p.x), mean=True, variance=False)),
            "in the mean",
        )
        for part, cause in ((slice(0, -1), "last-position-missing"), (slice(1, None), "first-position-missing")):

            def without(p: Parts, part: slice = part) -> Array:
                rows = p.x.reshape(-1, p.x.shape[-1])[part]
                return p.gamma * (p.x - rows.mean(axis=0)) / np.sqrt(rows.var(axis=0) + p.epsilon) + p.beta

            yield Hypothesis(cause, y(without), "in the statistics")
        yield Hypothesis("mean-minus-x", y(lambda p: p.gamma * (p.mean - p.x) * p.s + p.beta))
        yield Hypothesis("mean-deviation", scaled(lambda p: 1 / (np.abs(p.x - p.mean).mean(axis=p.axes) + p.epsilon)))
        yield Hypothesis(
            "mean-deviation", scaled(lambda p: 1 / np.sqrt(np.abs(p.x - p.mean).mean(axis=p.axes) + p.epsilon))
        )
        yield Hypothesis(
            "sum-instead-of-mean",
            scaled(lambda p: 1 / np.sqrt(p.variance * p.positions + p.epsilon)),
            "in the variance",
        )
        yield Hypothesis(
            "sum-instead-of-mean", y(lambda p: p.gamma * (p.x - p.mean * p.positions) * p.s + p.beta), "in the mean"
        )
        yield Hypothesis(
            "median-instead-of-mean", y(lambda p: p.gamma * (p.x - np.median(p.x, axis=p.axes)) * p.s + p.beta)
        )

    def _parameter_use_mistakes(self) -> Iterator[Hypothesis]:
        """Gamma and beta."""
        y = self._y

        yield Hypothesis("gamma-missing", y(lambda p: p.z + p.beta))
        yield Hypothesis("beta-missing", y(lambda p: p.gamma * p.z))
        yield Hypothesis("beta-subtracted", y(lambda p: p.gamma * p.z - p.beta))
        yield Hypothesis("gamma-and-beta-missing", y(lambda p: p.z))
        yield Hypothesis("gamma-and-beta-swapped", y(lambda p: p.beta * p.z + p.gamma))
        yield Hypothesis("beta-inside-the-bracket", y(lambda p: p.gamma * (p.z + p.beta)))
        yield Hypothesis("beta-inside-the-bracket", y(lambda p: p.gamma * (p.x - p.mean + p.beta) * p.s))
        yield Hypothesis("gamma-added", y(lambda p: p.z + p.gamma + p.beta))
        yield Hypothesis("gamma-one-plus", y(lambda p: (1 + p.gamma) * p.z + p.beta))
        yield Hypothesis("gamma-squared", y(lambda p: p.gamma**2 * p.z + p.beta))
        yield Hypothesis("gamma-divided-by", y(lambda p: p.z / p.gamma + p.beta))
        yield Hypothesis("gamma-sign-lost", y(lambda p: np.abs(p.gamma) * p.z + p.beta))
        yield Hypothesis("gamma-of-one-channel", y(lambda p: p.gamma[0] * p.z + p.beta))
        yield Hypothesis("beta-of-one-channel", y(lambda p: p.gamma * p.z + p.beta[0]))

    def _axis_mistakes(self) -> Iterator[Hypothesis]:
        """Statistics over other axes, or divided by the number of all numbers."""
        y, scaled = self._y, self._scaled
        yield Hypothesis("reshaped-instead-of-transposed", self._garbled)
        yield Hypothesis("reshaped-instead-of-transposed", lambda case: self._garbled(case, statistics_only=True))
        yield Hypothesis(
            "all-numbers-counted",
            y(
                lambda p: (
                    p.gamma
                    * (p.x - p.mean / p.x.shape[-1])
                    / np.sqrt(((p.x - p.mean / p.x.shape[-1]) ** 2).sum(axis=p.axes) / p.x.size + p.epsilon)
                    + p.beta
                )
            ),
        )
        yield Hypothesis(
            "all-numbers-counted",
            scaled(lambda p: 1 / np.sqrt(p.variance / p.x.shape[-1] + p.epsilon)),
            "in the variance",
        )
        for size in range(5):
            for axes in itertools.combinations(range(4), size):
                for keep_mean, keep_variance in ((False, False), (True, False), (False, True)):
                    yield Hypothesis(
                        "statistics-over-wrong-axes",
                        lambda case, axes=axes, m=keep_mean, v=keep_variance: self._over(case, axes, m, v),
                        f"over axes {axes}"
                        + (" (the variance only)" if keep_mean else " (the mean only)" if keep_variance else ""),
                    )
        for what, axes_of in (
            ("all axes", lambda n: tuple(range(n))),
            ("the last axis", lambda n: (n - 1,)),
            ("all axes but the first", lambda n: tuple(range(1, n))),
            ("all axes but the first and the last", lambda n: tuple(range(1, n - 1))),
        ):
            for m, v in ((False, False), (True, False), (False, True)):
                yield Hypothesis(
                    "statistics-over-wrong-axes",
                    lambda case, f=axes_of, m=m, v=v: self._over(case, f(case.arrays["x"].ndim), m, v),
                    what,
                )

    def _running_mistakes(self) -> Iterator[Hypothesis]:
        """Running statistics in the place of the batch's."""

        def running(case: Case) -> Outputs:
            p = self.parts(case)
            return {"y": p.gamma * p.x / np.sqrt(1 + p.epsilon) + p.beta}

        yield Hypothesis("fresh-running-statistics-used", running)
        for momentum in (0.9, 0.99, 0.1, 0.01):

            def mixed(case: Case, m: float = momentum) -> Outputs:
                p = self.parts(case)
                mean, variance = (1 - m) * p.mean, m + (1 - m) * p.variance
                return {"y": p.gamma * (p.x - mean) / np.sqrt(variance + p.epsilon) + p.beta}

            yield Hypothesis("fresh-running-statistics-used", mixed)

    # The backward -----------------------------------------------------------------------------------------------------
    def _term_mistakes(self) -> Iterator[Hypothesis]:
        """The three ways in which y depends on x, and the factor in front of them."""
        dx = self._dx

        yield Hypothesis("statistics-not-differentiated", dx(lambda p: p.gamma * p.s * p.dy))
        yield Hypothesis("mean-not-differentiated", dx(lambda p: p.gamma * p.s * inner(p, second=0)))
        yield Hypothesis("variance-not-differentiated", dx(lambda p: p.gamma * p.s * inner(p, third=0)))
        yield Hypothesis("direct-term-missing", dx(lambda p: p.gamma * p.s * inner(p, first=0)))
        yield Hypothesis("gamma-forgotten-in-dx", dx(lambda p: p.s * inner(p)))
        yield Hypothesis("gamma-twice-in-dx", dx(lambda p: p.gamma**2 * p.s * inner(p)))
        yield Hypothesis("deviation-forgotten-in-dx", dx(lambda p: p.gamma * inner(p)))
        yield Hypothesis("gamma-and-deviation-forgotten-in-dx", dx(lambda p: inner(p)))
        yield Hypothesis("deviation-squared-in-dx", dx(lambda p: p.gamma * p.s**2 * inner(p)))
        yield Hypothesis("multiplied-by-the-deviation", dx(lambda p: p.gamma / p.s * inner(p)))
        yield Hypothesis("statistics-not-differentiated", dx(lambda p: p.gamma * p.dy), "and the deviation is missing")
        yield Hypothesis("statistics-not-differentiated", dx(lambda p: p.s * p.dy), "and gamma is missing")
        for half in (0.5, 2.0, -1.0):
            text = {0.5: "half", 2.0: "double", -1.0: "the wrong sign"}[half]
            yield Hypothesis(
                "term-of-the-variance-scaled", dx(lambda p, h=half: p.gamma * p.s * inner(p, third=h)), text
            )
            yield Hypothesis("term-of-the-mean-scaled", dx(lambda p, h=half: p.gamma * p.s * inner(p, second=h)), text)
        yield Hypothesis("both-terms-with-wrong-sign", dx(lambda p: p.gamma * p.s * inner(p, second=-1, third=-1)))

    def _count_mistakes(self) -> Iterator[Hypothesis]:
        """Sums that are divided by another number."""
        dx = self._dx

        yield Hypothesis(
            "sum-instead-of-mean",
            dx(lambda p: p.gamma * p.s * inner(p, second=p.positions, third=p.positions)),
            "in both terms",
        )
        yield Hypothesis(
            "sum-instead-of-mean", dx(lambda p: p.gamma * p.s * inner(p, second=p.positions)), "in the term of the mean"
        )
        yield Hypothesis(
            "sum-instead-of-mean",
            dx(lambda p: p.gamma * p.s * inner(p, third=p.positions)),
            "in the term of the variance",
        )
        yield Hypothesis(
            "all-numbers-counted",
            dx(lambda p: p.gamma * p.s * inner(p, second=1 / p.x.shape[-1], third=1 / p.x.shape[-1])),
        )
        yield Hypothesis(
            "all-numbers-counted",
            dx(lambda p: p.gamma * p.s * inner(p, second=1 / p.x.shape[-1])),
            "in the term of the mean",
        )
        yield Hypothesis(
            "all-numbers-counted",
            dx(lambda p: p.gamma * p.s * inner(p, third=1 / p.x.shape[-1])),
            "in the term of the variance",
        )
        yield Hypothesis(
            "batch-counted-instead-of-positions",
            dx(lambda p: p.gamma * p.s * inner(p, second=p.positions / len(p.x), third=p.positions / len(p.x))),
            "in both terms",
        )
        yield Hypothesis(
            "batch-counted-instead-of-positions", dx(lambda p: p.gamma * p.s * inner(p, second=p.positions / len(p.x)))
        )
        yield Hypothesis(
            "batch-counted-instead-of-positions", dx(lambda p: p.gamma * p.s * inner(p, third=p.positions / len(p.x)))
        )
        yield Hypothesis(
            "variance-unbiased", dx(lambda p: p.gamma * p.s * inner(p, third=p.positions / (p.positions - 1)))
        )
        yield Hypothesis(
            "positions-minus-one",
            dx(
                lambda p: (
                    p.gamma
                    * p.s
                    * inner(p, second=p.positions / (p.positions - 1), third=p.positions / (p.positions - 1))
                )
            ),
        )

    def _wrong_array_mistakes(self) -> Iterator[Hypothesis]:
        """Other arrays in the place of z, gamma and the deviation."""
        dx = self._dx

        yield Hypothesis(
            "not-normalised-in-the-backward",
            dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - p.x * mean(p, p.dy * p.x))),
            "x instead of z",
        )
        yield Hypothesis(
            "not-normalised-in-the-backward",
            dx(lambda p: p.gamma * p.s * inner(p, z=p.x - p.mean)),
            "x - mean instead of z",
        )
        yield Hypothesis(
            "not-normalised-in-the-backward",
            dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - (p.x - p.mean) * mean(p, p.dy * p.z))),
            "x - mean instead of z, once",
        )
        yield Hypothesis(
            "not-normalised-in-the-backward",
            dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - p.z * mean(p, p.dy * p.x))),
            "x instead of z, once",
        )
        yield Hypothesis(
            "not-normalised-in-the-backward",
            dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - p.x * mean(p, p.dy * p.z))),
            "x instead of z, once",
        )
        yield Hypothesis("y-instead-of-z", dx(lambda p: p.gamma * p.s * inner(p, z=p.gamma * p.z + p.beta)))
        yield Hypothesis(
            "y-instead-of-z",
            dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - p.z * mean(p, p.dy * (p.gamma * p.z + p.beta)))),
            "once",
        )
        yield Hypothesis(
            "y-instead-of-z",
            dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - (p.gamma * p.z + p.beta) * mean(p, p.dy * p.z))),
            "once",
        )
        yield Hypothesis(
            "z-missing-in-the-variance-term", dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - mean(p, p.dy * p.z)))
        )
        yield Hypothesis(
            "z-missing-in-the-variance-term", dx(lambda p: p.gamma * p.s * (p.dy - mean(p, p.dy) - p.z * mean(p, p.dy)))
        )
        yield Hypothesis(
            "gamma-only-in-the-direct-term",
            dx(lambda p: p.s * (p.gamma * p.dy - mean(p, p.dy) - p.z * mean(p, p.dy * p.z))),
        )
        yield Hypothesis(
            "gamma-missing-in-the-direct-term",
            dx(lambda p: p.s * (p.dy - p.gamma * mean(p, p.dy) - p.gamma * p.z * mean(p, p.dy * p.z))),
        )
        yield Hypothesis("gamma-of-one-channel", dx(lambda p: p.gamma[0] * p.s * inner(p)))
        yield Hypothesis(
            "deviation-only-in-the-direct-term",
            dx(lambda p: p.gamma * (p.s * p.dy - mean(p, p.dy) - p.z * mean(p, p.dy * p.z))),
        )
        # The way through the variance, with one power of s wrong: z * mean(dy z) is s^2 (x - mean) mean(dy (x - mean)).
        for power in (0, 1, 3, 4):
            yield Hypothesis(
                "power-of-the-deviation-in-the-variance-term",
                dx(
                    lambda p, k=power: (
                        p.gamma
                        * p.s
                        * (p.dy - mean(p, p.dy) - p.s**k * (p.x - p.mean) * mean(p, p.dy * (p.x - p.mean)))
                    )
                ),
                f"{power} instead of 2",
            )

    def _epsilon_mistakes(self) -> Iterator[Hypothesis]:
        """Epsilon, and sums over other axes."""
        dx = self._dx

        yield Hypothesis(
            "epsilon-missing",
            dx(lambda p: p.gamma / np.sqrt(p.variance) * inner(p, z=(p.x - p.mean) / np.sqrt(p.variance))),
        )
        yield Hypothesis(
            "epsilon-missing", dx(lambda p: p.gamma / np.sqrt(p.variance) * inner(p)), "in the factor in front"
        )
        yield Hypothesis(
            "epsilon-missing",
            dx(
                lambda p: (
                    p.gamma
                    * p.s
                    * (p.dy - mean(p, p.dy) - (p.x - p.mean) / p.variance * mean(p, p.dy * (p.x - p.mean)))
                )
            ),
            "in the term of the variance",
        )
        yield Hypothesis(
            "epsilon-outside-the-root", dx(lambda p: p.gamma / (np.sqrt(p.variance) + p.epsilon) * inner(p))
        )
        for axes_of, what in (
            (lambda n: (0,), "the first axis"),
            (lambda n: (n - 1,), "the last axis"),
            (lambda n: tuple(range(n)), "all axes"),
            (lambda n: tuple(range(1, n - 1)), "rows and columns"),
            (lambda n: tuple(range(1, n)), "all axes but the first"),
        ):

            def other(case: Case, f: Any = axes_of) -> Outputs:
                p = self.parts(case)
                axes = f(p.x.ndim)
                m1, m2 = p.dy.mean(axis=axes, keepdims=True), (p.dy * p.z).mean(axis=axes, keepdims=True)
                dgamma, dbeta = (p.dy * p.z).sum(axis=axes), p.dy.sum(axis=axes)
                return {"dx": p.gamma * p.s * (p.dy - m1 - p.z * m2), "dgamma": dgamma, "dbeta": dbeta}

            yield Hypothesis("sums-over-wrong-axes", other, what)
        for constant in (1e-3, 1e-5, 1e-7, 1e-8, 1e-4, 1e-6, 1e-2):

            def another_epsilon(case: Case, e: float = constant) -> Outputs:
                p = self.parts(case.with_options(epsilon=e))
                return {"dx": p.gamma * p.s * inner(p), "dgamma": (p.dy * p.z).sum(axis=p.axes)}

            yield Hypothesis("epsilon-ignored", another_epsilon, f"{constant:g} is used instead")
            yield Hypothesis(
                "epsilon-ignored",
                dx(lambda p, e=constant: p.gamma / np.sqrt(p.variance + e) * inner(p)),
                f"{constant:g} is used instead, in the factor in front",
            )

    def _parameter_gradient_mistakes(self) -> Iterator[Hypothesis]:
        def dgamma(f: Callable[[Parts], Array]) -> Callable[[Case], Outputs]:
            def predict(case: Case) -> Outputs:
                p = self.parts(case)
                return {"dgamma": f(p).sum(axis=p.axes)}

            return predict

        yield Hypothesis("x-instead-of-z", dgamma(lambda p: p.dy * p.x))
        yield Hypothesis(
            "x-instead-of-z", dgamma(lambda p: p.dy * (p.x - p.mean)), "the mean is subtracted, but it is not scaled"
        )
        yield Hypothesis("x-instead-of-z", dgamma(lambda p: p.dy * p.x * p.s), "the mean is not subtracted")
        yield Hypothesis("y-instead-of-z", dgamma(lambda p: p.dy * (p.gamma * p.z + p.beta)))
        yield Hypothesis("y-instead-of-z", dgamma(lambda p: p.dy * p.gamma * p.z), "without beta")
        yield Hypothesis("z-missing", dgamma(lambda p: p.dy))
        yield Hypothesis("deviation-squared", dgamma(lambda p: p.dy * p.z * p.s))
        yield Hypothesis("upstream-ignored", dgamma(lambda p: p.z))
        yield Hypothesis("epsilon-missing", dgamma(lambda p: p.dy * (p.x - p.mean) / np.sqrt(p.variance)))
        yield Hypothesis(
            "epsilon-outside-the-root", dgamma(lambda p: p.dy * (p.x - p.mean) / (np.sqrt(p.variance) + p.epsilon))
        )
        yield Hypothesis(
            "variance-unbiased",
            dgamma(lambda p: p.dy * (p.x - p.mean) / np.sqrt(p.variance * p.positions / (p.positions - 1) + p.epsilon)),
        )
        yield Hypothesis(
            "product-of-sums",
            lambda case: {
                "dgamma": self.parts(case).dy.sum(axis=self.parts(case).axes)
                * self.parts(case).z.sum(axis=self.parts(case).axes)
            },
        )
        yield Hypothesis(
            "not-summed",
            lambda case: {"dgamma": self.parts(case).dy * self.parts(case).z, "dbeta": self.parts(case).dy},
        )
        yield Hypothesis(
            "gamma-gradient-for-beta",
            lambda case: {"dbeta": self.right(case)["dgamma"], "dgamma": self.right(case)["dbeta"]},
        )
        yield Hypothesis("gamma-in-dbeta", lambda case: {"dbeta": self.right(case)["dbeta"] * case.arrays["gamma"]})

        def batch_only(case: Case) -> Outputs:
            p = self.parts(case)
            return {"dgamma": (p.dy * p.z).sum(axis=0), "dbeta": p.dy.sum(axis=0)}

        yield Hypothesis("sums-over-wrong-axes", batch_only, "the first axis only")

        def averaged(case: Case) -> Outputs:
            p = self.parts(case)
            return {"dgamma": (p.dy * p.z).mean(axis=p.axes), "dbeta": p.dy.mean(axis=p.axes)}

        yield Hypothesis("mean-instead-of-sum", averaged)

    def _further_mistakes(self) -> Iterator[Hypothesis]:
        """One wrong quantity in several results, and brackets that end too early."""

        def around_median(p: Parts) -> Array:
            centred = p.x - np.median(p.x, axis=p.axes)
            return p.gamma * centred / np.sqrt(mean(p, centred**2) + p.epsilon) + p.beta

        yield Hypothesis("median-instead-of-mean", self._y(around_median), "in the variance too")
        yield Hypothesis("epsilon-added-to-the-quotient", self._scaled(lambda p: 1 / np.sqrt(p.variance) + p.epsilon))
        yield Hypothesis(
            "factors-only-in-the-direct-term",
            self._dx(lambda p: p.gamma * p.s * p.dy - mean(p, p.dy) - p.z * mean(p, p.dy * p.z)),
        )

        def from_dgamma(f: Callable[[Parts], Array]) -> Callable[[Case], Outputs]:
            """Predict a wrong dgamma, and the dx in which it is used."""

            def predict(case: Case) -> Outputs:
                p = self.parts(case)
                dgamma = f(p)
                dx = p.gamma * p.s * (p.dy - mean(p, p.dy) - p.z * dgamma / p.positions)
                return {"dx": dx, "dgamma": dgamma}

            return predict

        yield Hypothesis(
            "product-of-sums", from_dgamma(lambda p: p.dy.sum(axis=p.axes) * p.z.sum(axis=p.axes)), "used in dx too"
        )
        yield Hypothesis("z-missing", from_dgamma(lambda p: p.dy.sum(axis=p.axes)), "used in dx too")

    def _garbled(self, case: Case, statistics_only: bool = False) -> Outputs:
        """x.reshape(C, -1), which mixes channels, in the place of a transposition."""
        p = self.parts(case)
        rows = p.x.reshape(p.x.shape[-1], -1)
        mean, variance = rows.mean(axis=1), rows.var(axis=1)
        if statistics_only:
            return {"y": p.gamma * (p.x - mean) / np.sqrt(variance + p.epsilon) + p.beta}
        z = (rows - mean[:, None]) / np.sqrt(variance + p.epsilon)[:, None]
        return {"y": (p.gamma[:, None] * z + p.beta[:, None]).reshape(p.x.shape)}

    def _over(self, case: Case, axes: tuple[int, ...], keep_mean: bool, keep_variance: bool) -> Outputs:
        p = self.parts(case)
        if any(axis >= p.x.ndim for axis in axes):
            axes = tuple(a for a in axes if a < p.x.ndim)
        mean = p.mean if keep_mean else p.x.mean(axis=axes, keepdims=True)
        variance = p.variance if keep_variance else p.x.var(axis=axes, keepdims=True)
        y = p.gamma * (p.x - mean) / np.sqrt(variance + p.epsilon) + p.beta
        result: dict[str, Array] = {"y": y}
        if case.dy is not None and not keep_mean and not keep_variance:
            z, g = (p.x - mean) / np.sqrt(variance + p.epsilon), p.gamma * p.dy
            inner = g - g.mean(axis=axes, keepdims=True) - z * (g * z).mean(axis=axes, keepdims=True)
            result["dx"] = inner / np.sqrt(variance + p.epsilon)
        return result


def _from_sums(p: Parts, count: int, *, mean: bool, variance: bool) -> Array:
    """Normalise with sums that are divided by another count."""
    m = p.x.sum(axis=p.axes) / count if mean else p.mean
    v = ((p.x - m) ** 2).sum(axis=p.axes) / (count if variance else p.positions)
    return p.gamma * (p.x - m) / np.sqrt(v + p.epsilon) + p.beta


def mean(p: Parts, a: Array) -> Array:
    """Return the mean of each channel."""
    return a.mean(axis=p.axes)


def inner(p: Parts, first: float = 1, second: float = 1, third: float = 1, z: Array | None = None) -> Array:
    """Return dx without gamma * s: dy minus its mean minus z * mean(dy * z), each with a factor; `z` replaces z."""
    z = p.z if z is None else z
    return first * p.dy - second * mean(p, p.dy) - third * z * mean(p, p.dy * z)
