"""dense: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from tinyseg_kernels.dense import naive, numpy_cpu
from tinyseg_kernels.dense.cache import DenseCache

from ..case import Case, Outputs, case_rng, small_integers, strided
from ..operation import Hypothesis, Operation, axis_sizes
from ..probes import Reduction, first_along
from ..traits import FLOAT32, SEVERAL_SAMPLES, STRIDED, Numbers, Special, Trait, traits_of
from .bias import bias_gradient_mistakes

SEVERAL_FEATURES = Trait("several features")
SEVERAL_UNITS = Trait("several units")
SQUARE_KERNEL = Trait("a square kernel")
KERNEL_NOT_SQUARE = Trait("a kernel that is not square")
SHAPES: tuple[tuple[int, int, int, Special], ...] = (
    (1, 1, 1, Numbers.BY_HAND),
    (1, 2, 2, Numbers.BY_HAND),
    (2, 2, 2, Numbers.BY_HAND),
    (1, 2, 1, Numbers.BY_HAND),
    (1, 1, 2, Numbers.BY_HAND),
    (2, 3, 2, Numbers.BY_HAND),
    (3, 2, 3, Numbers.BY_HAND),
    (3, 3, 3, Numbers.RANDOM),
    (4, 3, 5, Numbers.RANDOM),
    (5, 6, 2, Numbers.RANDOM),
    (1, 7, 4, Numbers.RANDOM),
    (6, 1, 3, Numbers.RANDOM),
    (3, 4, 2, STRIDED),
    (3, 4, 2, FLOAT32),
)


class Dense(Operation):
    """y = x @ kernel + bias."""

    name = "dense"
    arrays = ("x", "kernel", "bias")
    gradients = ("dx", "dkernel", "dbias")
    contract = (
        "forward(x, kernel, bias) -> (y, cache): x (N, D), kernel (D, F), bias (F,); backward(dy, cache) -> (dx, "
        "dkernel, dbias)"
    )

    def cases(self) -> list[Case]:
        """From one number up."""
        cases = []
        for number, (n, d, f, special) in enumerate(SHAPES):
            rng = case_rng(number, 5)
            sizes = {"x": (n, d), "kernel": (d, f), "bias": (f,)}
            values = {
                k: small_integers(rng, s) if special is Numbers.BY_HAND else rng.standard_normal(s)
                for k, s in sizes.items()
            }
            if special == FLOAT32:
                values = {name: value.astype(np.float32) for name, value in values.items()}
            if special == STRIDED:
                values["x"], values["kernel"] = strided(values["x"]), strided(values["kernel"])
            some = {
                SEVERAL_SAMPLES: n > 1,
                SEVERAL_FEATURES: d > 1,
                SEVERAL_UNITS: f > 1,
                KERNEL_NOT_SQUARE: d != f,
                SQUARE_KERNEL: d == f > 1,
            }
            by_hand = special is Numbers.BY_HAND
            cases.append(Case(values, {}, traits_of(some, special), by_hand=by_hand))
        return cases

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = numpy_cpu.dense_forward(*case.arrays.values())
        if case.dy is None:
            return {"y": y}
        assert isinstance(cache, DenseCache)
        return {"y": y, **dict(zip(self.gradients, numpy_cpu.dense_backward(case.dy, cache), strict=True))}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [rung.dense_forward(*case.arrays.values())[1] for rung in (numpy_cpu, naive)]

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Sizes."""
        return axis_sizes(("N", "D"), case.arrays["x"]) | axis_sizes(("D", "F"), case.arrays["kernel"])

    def reductions(self) -> Mapping[Trait, Reduction]:
        """One feature, one unit; a kernel that is square, and one that is not."""
        return {
            SEVERAL_FEATURES: first_along("D"),
            SEVERAL_UNITS: first_along("F"),
            KERNEL_NOT_SQUARE: _square,
            SQUARE_KERNEL: lambda operation, case: _units(case, case.arrays["kernel"].shape[1] - 1),
        }

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """All inputs and dy."""
        return {"dy": ("S", "F"), "x": ("S", "D"), "kernel": ("D", "F"), "bias": ("F",)}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Bias, transposes, products of the wrong arrays."""
        yield Hypothesis("bias-missing", lambda c: {"y": self.right(c)["y"] - c.arrays["bias"]})
        yield Hypothesis("bias-subtracted", lambda c: {"y": self.right(c)["y"] - 2 * c.arrays["bias"]})
        yield Hypothesis(
            "bias-added-repeatedly",
            lambda c: {"y": self.right(c)["y"] + (c.arrays["x"].shape[1] - 1) * c.arrays["bias"]},
            "once per feature",
        )
        yield Hypothesis(
            "bias-added-repeatedly",
            lambda c: {"y": self.right(c)["y"] + (len(c.arrays["x"]) - 1) * c.arrays["bias"]},
            "once per sample",
        )
        yield Hypothesis("bias-added-repeatedly", lambda c: {"y": self.right(c)["y"] + c.arrays["bias"]}, "twice")
        yield Hypothesis("bias-multiplied", lambda c: {"y": (self.right(c)["y"] - c.arrays["bias"]) * c.arrays["bias"]})
        yield Hypothesis(
            "bias-one-for-all", lambda c: {"y": self.right(c)["y"] - c.arrays["bias"] + c.arrays["bias"][0]}
        )
        yield Hypothesis(
            "bias-one-for-all", lambda c: {"y": self.right(c)["y"] - c.arrays["bias"] + c.arrays["bias"].sum()}
        )
        yield Hypothesis(
            "bias-along-the-wrong-axis",
            lambda c: {"y": self.right(c)["y"] - c.arrays["bias"] + c.arrays["bias"][:, None]},
        )
        yield from bias_gradient_mistakes(2)
        yield Hypothesis("kernel-not-transposed", lambda c: {"dx": c.dy @ c.arrays["kernel"]})
        yield Hypothesis("kernel-transposed", lambda c: {"y": c.arrays["x"] @ c.arrays["kernel"].T + c.arrays["bias"]})
        yield Hypothesis("bias-in-the-gradient", lambda c: {"dx": self.right(c)["dx"] + c.arrays["bias"]})
        yield Hypothesis("wrong-array-used", lambda c: {"dx": c.arrays["x"] * 1.0}, "x")
        yield Hypothesis(
            "wrong-array-used", lambda c: {"dkernel": c.arrays["x"].T @ self.right(c)["y"]}, "y instead of dy"
        )
        yield Hypothesis(
            "wrong-array-used", lambda c: {"dx": self.right(c)["y"] @ c.arrays["kernel"].T}, "y instead of dy"
        )
        yield Hypothesis("wrong-array-used", lambda c: {"dbias": self.right(c)["y"].sum(axis=0)}, "y instead of dy")
        yield Hypothesis("wrong-array-used", lambda c: {"dbias": c.arrays["x"].sum(axis=0)}, "x instead of dy")
        yield Hypothesis(
            "wrong-array-used",
            lambda c: {"dkernel": np.ones_like(c.arrays["kernel"]) * c.arrays["x"].sum(axis=0)[:, None]},
            "dy left out",
        )
        yield Hypothesis("wrong-array-used", lambda c: {"dkernel": self.right(c)["y"].T @ c.dy}, "y instead of x")
        yield Hypothesis(
            "wrong-array-used", lambda c: {"dkernel": c.arrays["kernel"] @ c.dy.T @ c.dy}, "the kernel instead of x"
        )
        yield Hypothesis(
            "wrong-array-used", lambda c: {"dkernel": c.arrays["kernel"] * c.dy.sum(axis=0)}, "the kernel instead of x"
        )
        yield Hypothesis(
            "mean-subtracted",
            lambda c: {"y": self.right(c)["y"] - (self.right(c)["y"] - c.arrays["bias"]).mean(axis=0)},
            "over the batch",
        )
        yield Hypothesis("product-elementwise", lambda c: {"y": c.arrays["x"] * c.arrays["kernel"] + c.arrays["bias"]})
        yield Hypothesis("kernel-decay-added", lambda c: {"dkernel": self.right(c)["dkernel"] + c.arrays["kernel"]})
        yield Hypothesis(
            "activation-built-in",
            lambda c: {n: g for n, g in self.right(c.with_dy(c.dy * (self.right(c)["y"] > 0))).items() if n != "y"},
        )
        yield Hypothesis("activation-built-in", lambda c: {"y": 1 / (1 + np.exp(-self.right(c)["y"]))})
        yield Hypothesis("activation-built-in", lambda c: {"y": np.tanh(self.right(c)["y"])})
        yield Hypothesis("bias-gradient-averaged", lambda c: {"dbias": c.dy.mean(axis=0)})
        yield from self._mixed_up_sums()
        yield from self._bias_at_the_wrong_place()

    def _bias_at_the_wrong_place(self) -> Iterator[Hypothesis]:
        """The bias by the number of the sample, and in dx."""

        def by_sample(case: Case) -> Outputs:
            x, _, bias = case.arrays.values()
            return {"y": self.right(case)["y"] - bias + np.resize(bias, len(x))[:, None]}

        yield Hypothesis("bias-along-the-wrong-axis", by_sample, "by the number of the sample")
        yield Hypothesis("bias-inside-the-product", lambda c: {"dx": c.dy @ (c.arrays["kernel"] + c.arrays["bias"]).T})

    def _mixed_up_sums(self) -> Iterator[Hypothesis]:
        """Sums and products in another order, and masks that belong to a ReLU."""
        yield Hypothesis(
            "bias-inside-the-product", lambda c: {"y": c.arrays["x"] @ (c.arrays["kernel"] + c.arrays["bias"])}
        )
        yield Hypothesis("activation-built-in", lambda c: {"y": np.maximum(self.right(c)["y"], 0)})
        yield Hypothesis(
            "product-of-sums", lambda c: {"dx": np.outer(c.dy.sum(axis=1), c.arrays["kernel"].sum(axis=1))}
        )
        yield Hypothesis(
            "product-of-sums", lambda c: {"dkernel": np.outer(c.arrays["x"].sum(axis=0), c.dy.sum(axis=0))}
        )
        for cause, part in (("last-sample-missing", slice(0, -1)), ("first-sample-missing", slice(1, None))):
            yield Hypothesis(cause, lambda c, part=part: {"dkernel": c.arrays["x"][part].T @ c.dy[part]})
        yield Hypothesis("mask-of-the-input", lambda c: {"dx": self.right(c)["dx"] * (c.arrays["x"] > 0)})


def _units(case: Case, units: int) -> Case:
    """Return the case with fewer units."""
    return case.with_arrays(kernel=case.arrays["kernel"][:, :units], bias=case.arrays["bias"][:units])


def _square(operation: Operation, case: Case) -> Case:
    """Return the case with as many units as features."""
    side = min(case.arrays["kernel"].shape)
    fewer = _units(case, side)
    return fewer.with_arrays(x=case.arrays["x"][:, :side], kernel=fewer.arrays["kernel"][:side])
