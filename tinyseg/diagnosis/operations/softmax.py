"""softmax: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum

import numpy as np
from tinyseg_kernels.softmax import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, strided
from ..operation import Hypothesis, Operation
from ..probes import Reduction, one_less
from ..traits import (
    FLOAT32,
    IMAGES,
    LABELS_OF_8_BITS,
    LARGE,
    MORE_THAN_TWO_CLASSES,
    SEVERAL_IMAGES,
    SEVERAL_SAMPLES,
    STRIDED,
    TIES,
    Trait,
    traits_of,
)
from .softmax_loops import softmax_loops, two_exponent_mistakes

AS_MANY_SAMPLES = Trait("as many samples as classes")


class Large(Enum):
    """Which numbers are large; all of these configurations have the trait `LARGE`."""

    POSITIVE = "all, and positive"
    NEGATIVE = "all, and negative"
    ROWS_FAR_APART = "some rows positive, some negative"
    CLASSES_FAR_APART = "those of one class, negative"
    ONE_FAR_ABOVE = "one of four classes, positive"
    TWO_FAR_APART = "both of two classes, of either sign"
    ONE_ABOVE = "one of three classes, less so"


SHAPES: tuple[tuple[tuple[int, ...], Trait | Large | None], ...] = (
    ((1, 2), None),
    ((2, 2), None),
    ((1, 3), None),
    ((2, 3), None),
    ((3, 3), None),
    ((4, 3), None),
    ((1, 1, 2, 3), None),
    ((2, 3, 4, 5), None),
    ((3, 2, 2, 2), None),
    ((2, 4), TIES),
    ((2, 3, 4, 3), STRIDED),
    ((3, 4), FLOAT32),
    ((2, 6, 6, 5), LABELS_OF_8_BITS),
    ((2, 3), Large.POSITIVE),
    ((2, 3), Large.NEGATIVE),
    ((4, 3), Large.ROWS_FAR_APART),
    ((3, 3), Large.CLASSES_FAR_APART),
    ((3, 4), Large.ONE_FAR_ABOVE),
    ((3, 2), Large.TWO_FAR_APART),
    ((2, 3), Large.ONE_ABOVE),
)


def _logits(shape: tuple[int, ...], special: Trait | Large | None, rng: np.random.Generator) -> Array:
    x = (
        np.round(2 * rng.standard_normal(shape), 1)
        if len(shape) == 2 and shape[0] < 3
        else 2 * rng.standard_normal(shape)
    )
    if special == TIES:
        x = rng.integers(0, 2, shape).astype(np.float64)
    if special is Large.POSITIVE:
        x = x + 1000
    if special is Large.NEGATIVE:
        x = x - 2000
    if special is Large.ROWS_FAR_APART:
        x[::2] += 1000
        x[1::2] -= 1000
    if special is Large.CLASSES_FAR_APART:
        x[:, 0] -= 1000
    # What is subtracted in the place of the maximum shows in some of these, and each in others.
    if special is Large.ONE_FAR_ABOVE:
        x[:, 1] += 2500
    if special is Large.TWO_FAR_APART:
        x += np.array([-600, 600]) * np.array([[1], [-1], [1]])
    if special is Large.ONE_ABOVE:
        x[:, 1] += 900
    return x.astype(np.float32) if special == FLOAT32 else strided(x) if special == STRIDED else x


def logits_cases(salt: int) -> Iterator[tuple[Case, np.random.Generator]]:
    """Yield configurations x (..., K), each with the generator that drew it."""
    for number, (shape, special) in enumerate(SHAPES):
        rng = case_rng(number, salt)
        x = _logits(shape, special, rng)
        some = {
            SEVERAL_SAMPLES: x[..., 0].size > 1,
            IMAGES: x.ndim > 2,
            SEVERAL_IMAGES: x.ndim > 2 and len(x) > 1,
            MORE_THAN_TWO_CLASSES: x.shape[-1] > 2,
            AS_MANY_SAMPLES: x.ndim == 2 and x.shape[0] == x.shape[1],
            LARGE: isinstance(special, Large),
        }
        yield Case({"x": x}, {}, traits_of(some, special if isinstance(special, Trait) else None)), rng


def stable(x: Array, axis: int | tuple[int, ...] | None = -1) -> Array:
    """Return softmax over any axes."""
    z = np.exp(x - x.max(axis=axis, keepdims=True))
    return z / z.sum(axis=axis, keepdims=True)


class Softmax(Operation):
    """Numbers to probabilities."""

    name = "softmax"
    contract = (
        "forward(x) -> (y, cache): over the last axis of x (..., K), for large numbers too; backward(dy, cache) -> dx"
    )

    def cases(self) -> list[Case]:
        """Two classes first; images; large numbers last."""
        return [case for case, _ in logits_cases(6)]

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = numpy_cpu.softmax_forward(case.arrays["x"], axis=-1)
        return {"y": y} if case.dy is None else {"y": y, "dx": numpy_cpu.softmax_backward(case.dy, cache)}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [rung.softmax_forward(case.arrays["x"], axis=-1)[1] for rung in (numpy_cpu, naive)]

    def reductions(self) -> Mapping[Trait, Reduction]:
        """One sample less than classes."""
        return {AS_MANY_SAMPLES: one_less}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Samples and classes."""
        x = case.arrays["x"]
        return {"K": float(x.shape[-1]), "P": float(x[..., 0].size), "N": float(len(x))}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Overflow, axes, and terms of the Jacobian that are missing."""
        yield from self._axis_mistakes()
        yield from self._exponent_mistakes()
        yield from self._sum_mistakes()
        yield from self._jacobian_mistakes()
        yield from self._shift_mistakes()
        yield from softmax_loops()

    def pairs(self) -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
        """Two mistakes in the exponent."""
        return two_exponent_mistakes()

    def _axis_mistakes(self) -> Iterator[Hypothesis]:
        """Maximum and sum over other axes."""
        yield Hypothesis("maximum-not-subtracted", lambda c: self._from(c, np.exp(c.arrays["x"])))
        yield Hypothesis("maximum-of-everything", lambda c: self._from(c, np.exp(c.arrays["x"] - c.arrays["x"].max())))
        for axis in range(3):
            yield Hypothesis(
                "maximum-of-everything",
                lambda c, axis=axis: self._from(c, np.exp(c.arrays["x"] - c.arrays["x"].max(axis=axis, keepdims=True))),
                f"of axis {axis}",
            )
        yield Hypothesis("softmax-over-wrong-axis", lambda c: {"y": stable(c.arrays["x"], None)}, "all axes")
        yield Hypothesis("softmax-over-wrong-axis", lambda c: self._global_sum(c), "the sum is that of everything")
        for axis in range(3):
            yield Hypothesis(
                "softmax-over-wrong-axis", lambda c, axis=axis: {"y": stable(c.arrays["x"], axis)}, f"axis {axis}"
            )
        yield Hypothesis(
            "softmax-over-wrong-axis",
            lambda c: {"y": stable(c.arrays["x"], tuple(range(1, c.arrays["x"].ndim)))},
            "all axes but the first",
        )

    def _normalised(self, z: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
        """Predict y from other exponentials."""
        return lambda c: self._from(c, z(c.arrays["x"]))

    def _exponent_mistakes(self) -> Iterator[Hypothesis]:
        """Other functions in the place of the exponential, or of other numbers."""
        normalised = self._normalised
        yield Hypothesis(
            "not-normalised", lambda c: {"y": np.exp(c.arrays["x"] - c.arrays["x"].max(axis=-1, keepdims=True))}
        )
        yield Hypothesis("not-normalised", lambda c: {"y": np.exp(c.arrays["x"])})
        yield Hypothesis("sigmoid-instead-of-softmax", lambda c: {"y": 1 / (1 + np.exp(-c.arrays["x"]))})
        yield Hypothesis("sign-of-the-exponent", normalised(lambda x: np.exp(x.min(axis=-1, keepdims=True) - x)))
        yield Hypothesis("exponential-missing", normalised(lambda x: x))
        yield Hypothesis("exponential-missing", normalised(lambda x: np.abs(x)))
        yield Hypothesis("exponential-missing", normalised(lambda x: x - x.min(axis=-1, keepdims=True)))
        yield Hypothesis("wrong-base", normalised(lambda x: 2.0 ** (x - x.max(axis=-1, keepdims=True))))
        for tiny in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
            yield Hypothesis("epsilon-in-the-sum", lambda c, tiny=tiny: self._epsilon(c, tiny), f"{tiny:g}")
        yield Hypothesis(
            "temperature", lambda c: {"y": stable(c.arrays["x"] / np.sqrt(c.arrays["x"].shape[-1]))}, "sqrt(K)"
        )
        yield Hypothesis("temperature", lambda c: {"y": stable(c.arrays["x"] / c.arrays["x"].shape[-1])}, "K")
        yield Hypothesis(
            "temperature", lambda c: {"y": stable(c.arrays["x"] / np.abs(c.arrays["x"]).max())}, "the largest magnitude"
        )
        yield Hypothesis(
            "temperature",
            lambda c: {"y": stable(c.arrays["x"] / np.abs(c.arrays["x"]).max(-1, keepdims=True))},
            "the largest magnitude",
        )
        for bound in (10, 20, 30, 50, 80, 88, 100, 300, 500, 600, 700, 709, 1000):
            # The numbers are far apart, so that many bounds give the same: none is told.
            yield Hypothesis("inputs-clipped", lambda c, b=bound: {"y": stable(np.clip(c.arrays["x"], -b, b))})
            yield Hypothesis("inputs-clipped", lambda c, b=bound: {"y": stable(np.minimum(c.arrays["x"], b))})

    def _shift_mistakes(self) -> Iterator[Hypothesis]:
        """What the numbers are shifted by, and sums over another axis than the maximum."""
        normalised = self._normalised
        yield Hypothesis("minimum-instead-of-maximum", normalised(lambda x: np.exp(x - x.min(axis=-1, keepdims=True))))
        yield Hypothesis("exponential-missing", normalised(lambda x: x - x.max(axis=-1, keepdims=True)))
        yield Hypothesis("exponent-squared", normalised(lambda x: np.exp((x - x.max(axis=-1, keepdims=True)) ** 2)))
        yield Hypothesis("sign-of-the-exponent", normalised(lambda x: np.exp(x.max(axis=-1, keepdims=True) - x)))
        yield Hypothesis("temperature", lambda c: {"y": _over_its_maximum(c.arrays["x"])}, "the largest number")
        for axis in range(3):
            yield Hypothesis(
                "softmax-over-wrong-axis",
                lambda c, axis=axis: self._by(c, lambda z: z.sum(axis=axis, keepdims=True)),
                f"axis {axis}, while the maximum is that of the last one",
            )

    def _sum_mistakes(self) -> Iterator[Hypothesis]:
        """What is divided by."""
        normalised = self._normalised
        yield Hypothesis(
            "normalised-by-the-length", lambda c: self._by(c, lambda z: np.sqrt((z**2).sum(-1, keepdims=True)))
        )
        yield Hypothesis("last-class-missing", lambda c: self._by(c, lambda z: z[..., :-1].sum(-1, keepdims=True)))
        yield Hypothesis("first-class-missing", lambda c: self._by(c, lambda z: z[..., 1:].sum(-1, keepdims=True)))
        yield Hypothesis("averaged-instead-of-summed", lambda c: self._by(c, lambda z: z.mean(-1, keepdims=True)))
        yield Hypothesis("logarithm-taken", lambda c: {"y": np.log(self.right(c)["y"])})
        yield Hypothesis(
            "one-hot-instead-of-probabilities",
            lambda c: {"y": (np.arange(c.arrays["x"].shape[-1]) == c.arrays["x"].argmax(-1)[..., None]) * 1.0},
        )
        yield Hypothesis(
            "normalised-by-the-sum-before-exponentials",
            lambda c: {"y": np.exp(c.arrays["x"]) / np.exp(c.arrays["x"].sum(axis=-1, keepdims=True))},
        )
        yield Hypothesis(
            "divided-by-the-deviation",
            normalised(lambda x: np.exp((x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True))),
        )

    def _jacobian_mistakes(self) -> Iterator[Hypothesis]:
        """Terms of dx = y * (dy - sum(dy * y))."""

        def back(f: Callable[[Array, Array, Array], Array]) -> Callable[[Case], Outputs]:
            return lambda c: {"dx": f(self.right(c)["y"], c.dy, c.arrays["x"])}

        def s(a: Array) -> Array:
            return a.sum(axis=-1, keepdims=True)

        for axes in ((0,), (1,), (2,), None):
            yield Hypothesis(
                "coupling-over-wrong-axis",
                back(lambda y, d, x, axes=axes: y * (d - (d * y).sum(axis=axes, keepdims=True))),
                "all axes" if axes is None else f"axis {axes[0]}",
            )
        yield Hypothesis("coupling-missing", back(lambda y, d, x: y * d))
        yield Hypothesis("coupling-missing", back(lambda y, d, x: y * (1 - y) * d), "only the diagonal of the Jacobian")
        yield Hypothesis("coupling-sign", back(lambda y, d, x: y * (d + s(d * y))))
        yield Hypothesis("all-zero", back(lambda y, d, x: 0 * y * d))  # the rows of the Jacobian summed, for example
        yield Hypothesis("diagonal-missing", back(lambda y, d, x: -y * s(d * y)))
        yield Hypothesis(
            "diagonal-missing", back(lambda y, d, x: -y * (s(d * y) - d * y)), "only the off-diagonal of the Jacobian"
        )
        yield Hypothesis("factor-y-missing", back(lambda y, d, x: d - s(d * y)))
        yield Hypothesis("coupling-without-y", back(lambda y, d, x: y * (d - s(d))))
        yield Hypothesis("coupling-averaged", back(lambda y, d, x: y * (d - (d * y).mean(axis=-1, keepdims=True))))
        yield Hypothesis("coupling-averaged", back(lambda y, d, x: y * (d - d.mean(axis=-1, keepdims=True))))
        yield Hypothesis("cross-entropy-gradient", back(lambda y, d, x: y - d))
        yield Hypothesis("cross-entropy-gradient", back(lambda y, d, x: (y - d) / len(y)))
        yield Hypothesis("factor-y-missing", back(lambda y, d, x: d - y * s(d)))
        yield Hypothesis("coupling-without-y", back(lambda y, d, x: y * d - y**2 * s(d)))
        yield Hypothesis("y-squared", back(lambda y, d, x: y**2 * (d - s(d * y))))
        yield Hypothesis("log-softmax-gradient", back(lambda y, d, x: d - y * s(d)))
        yield Hypothesis("upstream-passed-on", back(lambda y, d, x: d))
        yield Hypothesis("wrong-array-used", back(lambda y, d, x: x * (d - s(d * x))), "x instead of y")
        yield Hypothesis("wrong-array-used", back(lambda y, d, x: y * (d - s(d * x))), "x instead of y")
        yield Hypothesis(
            "wrong-array-used", back(lambda y, d, x: np.exp(x) * (d - s(d * np.exp(x)))), "exp(x) instead of y"
        )
        yield Hypothesis(
            "sigmoid-instead-of-softmax", back(lambda y, d, x: d / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x))))
        )
        yield Hypothesis("coupling-squared", back(lambda y, d, x: y * d - y**2 * d * y.shape[-1]))
        yield Hypothesis("coupling-squared", back(lambda y, d, x: y * (d - s(d * y**2))))
        yield Hypothesis("factor-y-missing", back(lambda y, d, x: y * d - s(d * y)), "in front of the sum")
        yield Hypothesis(
            "not-normalised", back(lambda y, d, x: shifted_exponentials(x) * (d - s(d * shifted_exponentials(x))))
        )
        yield Hypothesis("coupling-of-the-first-sample", back(lambda y, d, x: _first(y) * (d - s(d * _first(y)))))
        yield Hypothesis("coupling-of-the-first-sample", back(lambda y, d, x: y * (d - s(d * y)[:1])))

    def _from(self, case: Case, z: Array) -> Outputs:
        return {"y": z / z.sum(axis=-1, keepdims=True)}

    def _global_sum(self, case: Case) -> Outputs:
        x = case.arrays["x"]
        z = np.exp(x - x.max(axis=-1, keepdims=True))
        return {"y": z / z.sum()}

    def _by(self, case: Case, divisor: Callable[[Array], Array]) -> Outputs:
        z = np.exp(case.arrays["x"] - case.arrays["x"].max(axis=-1, keepdims=True))
        return {"y": z / divisor(z)}

    def _epsilon(self, case: Case, tiny: float) -> Outputs:
        return self._by(case, lambda z: z.sum(axis=-1, keepdims=True) + tiny)

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """dy only: x has no axes but the last that mean anything."""
        return {"dy": ("P", "K")}


def shifted_exponentials(x: Array) -> Array:
    """Return the numerators of a stable softmax over the last axis."""
    return np.exp(x - x.max(axis=-1, keepdims=True))


def _over_its_maximum(x: Array) -> Array:
    """Return what comes of dividing each position by its largest number where that should be subtracted."""
    z = np.exp(x / x.max(axis=-1, keepdims=True))
    return np.asarray(z / z.sum(axis=-1, keepdims=True))


def _first(y: Array) -> Array:
    """Return the first position's probabilities for every position."""
    return np.broadcast_to(y.reshape(-1, y.shape[-1])[0], y.shape)
