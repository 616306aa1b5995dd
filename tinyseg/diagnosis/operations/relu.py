"""relu: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from tinyseg_kernels.activation import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation, axis_sizes
from ..place import NamedRegion
from ..traits import FLOAT32, IMAGES, LARGE, STRIDED, TINY, ZEROS, Numbers, Special, traits_of

KINK = NamedRegion("where x is 0", mistake="gradient-at-zero")
NEGATIVE = NamedRegion("where x is negative")
POSITIVE = NamedRegion("where x is positive")
SHAPES: tuple[tuple[tuple[int, ...], Special], ...] = (
    ((1, 4), Numbers.BY_HAND),
    ((2, 3), Numbers.BY_HAND),
    ((3, 3), Numbers.BY_HAND),
    ((1, 2, 2, 1), Numbers.BY_HAND),
    ((2, 3, 4, 3), Numbers.RANDOM),
    ((5, 7), Numbers.RANDOM),
    ((2, 6), ZEROS),
    ((3, 4, 2, 2), STRIDED),
    ((3, 4), FLOAT32),
    ((3, 4), TINY),
    ((2, 5), LARGE),
)


class Relu(Operation):
    """max(x, 0)."""

    name = "relu"
    contract = (
        "forward(x) -> (y, cache): max(x, 0) of an array of any shape; backward(dy, cache) -> dx: dy where x > 0, "
        "else 0 (0 at 0)"
    )

    def cases(self) -> list[Case]:
        """A few numbers first; zeros and large numbers at the end."""
        cases = []
        for number, (shape, special) in enumerate(SHAPES):
            rng = case_rng(number, 8)
            x = small_integers(rng, shape) if special in (Numbers.BY_HAND, ZEROS) else rng.standard_normal(shape)
            if special == ZEROS:
                x[:, ::2] = 0
            if special in (LARGE, TINY):
                x = x * (1e5 if special == LARGE else 1e-7)
            x = x.astype(np.float32) if special == FLOAT32 else strided(x) if special == STRIDED else x
            traits = traits_of({IMAGES: len(shape) > 2}, special)
            cases.append(Case({"x": x}, {}, traits, by_hand=special in (Numbers.BY_HAND, ZEROS)))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = numpy_cpu.relu_forward(case.arrays["x"])
        return {"y": y} if case.dy is None else {"y": y, "dx": numpy_cpu.relu_backward(case.dy, cache)}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs, and x, which is what learners keep."""
        x = case.arrays["x"]
        return [numpy_cpu.relu_forward(x)[1], naive.relu_forward(x)[1], x]

    def regions(self, case: Case, output: str) -> Mapping[NamedRegion, Array]:
        """By the sign of x."""
        x = case.arrays["x"]
        return {KINK: x == 0, NEGATIVE: x < 0, POSITIVE: x > 0}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Number of samples and of all numbers."""
        return {**axis_sizes(("N",), case.arrays["x"]), "size": float(case.arrays["x"].size)}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Other functions, other masks."""

        def both(f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            def predict(c: Case) -> Outputs:
                x = np.asarray(c.arrays["x"], np.float64)
                return {"y": f(x)} if c.dy is None else {"y": f(x), "dx": c.dy * slope(x)}

            return predict

        def back(f: Callable[[Array, Array], Array]) -> Callable[[Case], Outputs]:
            return lambda c: {"dx": f(c.dy, np.asarray(c.arrays["x"], np.float64))}

        yield Hypothesis("mask-missing", back(lambda d, x: d))
        yield Hypothesis("gradient-at-zero", back(lambda d, x: d * (x >= 0)))
        yield Hypothesis("gradient-at-zero", back(lambda d, x: d * ((x > 0) + 0.5 * (x == 0))), "one half")
        yield Hypothesis("mask-inverted", back(lambda d, x: d * (x < 0)))
        yield Hypothesis("mask-inverted", back(lambda d, x: d * (x <= 0)))
        yield Hypothesis("mask-of-the-upstream", back(lambda d, x: np.maximum(d, 0)))
        yield Hypothesis("mask-of-the-upstream", back(lambda d, x: d * (x > 0) * (d > 0)), "and of x")
        yield Hypothesis("upstream-ignored", back(lambda d, x: (x > 0) * 1.0))
        yield Hypothesis("multiplied-by-the-value", back(lambda d, x: d * np.maximum(x, 0)))
        yield Hypothesis("multiplied-by-the-value", back(lambda d, x: d * x))
        yield Hypothesis("slope-of-the-absolute-value", back(lambda d, x: d * np.sign(x)))
        yield Hypothesis("mask-of-nonzero", back(lambda d, x: d * (x != 0)))
        yield Hypothesis("mask-one-off", back(lambda d, x: d * (x > 1)), "above 1")
        yield Hypothesis("mask-one-off", back(lambda d, x: d * (x >= 1)), "1 or more")
        for slope in (0.01, 0.1, 0.2, 0.3, 0.05, 0.001, 0.25, 0.5):
            yield Hypothesis(
                "leaky",
                both(lambda x, s=slope: np.where(x > 0, x, s * x), lambda x, s=slope: np.where(x > 0, 1.0, s)),
                f"with slope {slope}",
            )
        for top in (6.0, 1.0):
            yield Hypothesis(
                "cut-off-above",
                both(lambda x, t=top: np.clip(x, 0, t), lambda x, t=top: (x > 0) & (x < t)),
                f"at {top:g}",
            )
            yield Hypothesis(
                "cut-off-above",
                both(lambda x, t=top: np.clip(x, 0, t), lambda x, t=top: (x > 0) & (x <= t)),
                f"at {top:g}",
            )
        yield Hypothesis("absolute-value", both(np.abs, np.sign))
        yield Hypothesis("minimum-instead-of-maximum", both(lambda x: np.minimum(x, 0), lambda x: x < 0))
        yield Hypothesis("another-activation", both(np.tanh, lambda x: 1 - np.tanh(x) ** 2), "tanh")
        yield Hypothesis(
            "another-activation",
            both(lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
            "sigmoid",
        )
        yield Hypothesis(
            "another-activation", both(lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))), "softplus"
        )
        yield Hypothesis(
            "another-activation",
            both(
                lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
                lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0))),
            ),
            "ELU",
        )
        yield Hypothesis("step-instead-of-ramp", lambda c: {"y": (c.arrays["x"] > 0) * 1.0})
        yield Hypothesis("identity", both(lambda x: x * 1.0, lambda x: np.ones_like(x)))
        yield Hypothesis("identity", lambda c: {"y": c.arrays["x"] * 1.0})
        yield Hypothesis("maximum-along-an-axis", lambda c: {"y": c.arrays["x"].max(axis=0)}, "0")
        yield Hypothesis("maximum-along-an-axis", lambda c: {"y": c.arrays["x"].max(axis=-1)}, "the last")
        yield Hypothesis("squared", lambda c: {"y": np.maximum(c.arrays["x"], 0) ** 2})
        yield Hypothesis("one-off", lambda c: {"y": np.maximum(c.arrays["x"], 1)})
        yield Hypothesis("one-off", lambda c: {"y": np.where(c.arrays["x"] > 1, c.arrays["x"], 0)})
        yield Hypothesis("negative-numbers-removed", lambda c: {"y": c.arrays["x"][c.arrays["x"] > 0]})
        for axis in (-1, 0, 1, None):

            def whole(c: Case, axis: int | None = axis) -> Outputs:
                keep = (c.arrays["x"] > 0).any(axis=axis, keepdims=True)
                result = {"y": np.asarray(c.arrays["x"] * keep)}
                return result if c.dy is None else {**result, "dx": c.dy * keep}

            yield Hypothesis(
                "whole-rows-decided", whole, f"along axis {axis}" if axis is not None else "for the whole array"
            )

        def rest(c: Case) -> Outputs:
            keep = (c.arrays["x"] > 0).any(axis=tuple(range(1, c.arrays["x"].ndim)), keepdims=True)
            return {"y": np.asarray(c.arrays["x"] * keep)}

        yield Hypothesis("whole-rows-decided", rest, "along all axes but the first")
        yield Hypothesis(
            "whole-rows-decided", lambda c: {"y": c.arrays["x"] * (c.arrays["x"].sum(axis=-1, keepdims=True) > 0)}
        )
        yield Hypothesis("compared-with-the-mean", lambda c: {"y": np.maximum(c.arrays["x"], c.arrays["x"].mean())})
        for axis in (-1, 0, None):

            def above(c: Case, axis: int | None = axis) -> Outputs:
                x = c.arrays["x"]
                keep = x > x.mean(axis=axis, keepdims=True)
                result = {"y": x * keep}
                return result if c.dy is None else {**result, "dx": c.dy * keep}

            words = {-1: "that of its row", 0: "that along the first axis", None: "that of all numbers"}[axis]
            yield Hypothesis("mean-as-the-threshold", above, words)
        for limit in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.5):
            yield Hypothesis(
                "threshold-above-zero",
                both(lambda x, t=limit: np.where(x > t, x, 0), lambda x, t=limit: x > t),
                f"{limit:g}" if limit > 0.01 else "0.01 or less",
            )
        for words, gate in (
            ("GELU", lambda x: 1 / (1 + np.exp(-1.702 * x))),
            ("GELU", lambda x: 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))),
            ("SiLU", lambda x: 1 / (1 + np.exp(-x))),
            ("hard swish", lambda x: np.clip(x / 6 + 0.5, 0, 1)),
        ):
            yield Hypothesis("another-activation", lambda c, g=gate: {"y": c.arrays["x"] * g(c.arrays["x"])}, words)
