"""softmax and softmax_cross_entropy: what is asked, and how they go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.softmax import naive as softmax_naive
from tinyseg_kernels.softmax import numpy_cpu as softmax
from tinyseg_kernels.softmax_cross_entropy import naive as entropy_naive
from tinyseg_kernels.softmax_cross_entropy import numpy_cpu as entropy
from tinyseg_kernels.types import Array

from ..case import FLOAT32, LARGE, STRIDED, TIES, Case, Outputs, strided
from ..operation import Hypothesis, Operation

BYTES = "labels of 8 bits"
SHAPES: tuple[tuple[tuple[int, ...], str], ...] = (
    ((1, 2), ""),
    ((2, 2), ""),
    ((1, 3), ""),
    ((2, 3), ""),
    ((3, 3), ""),
    ((4, 3), ""),
    ((1, 1, 2, 3), ""),
    ((2, 3, 4, 5), ""),
    ((3, 2, 2, 2), ""),
    ((2, 4), TIES),
    ((2, 3, 4, 3), STRIDED),
    ((3, 4), FLOAT32),
    ((2, 6, 6, 5), BYTES),
    ((2, 3), LARGE),
    ((2, 3), LARGE + ", negative"),
    ((4, 3), LARGE + ", rows far apart"),
    ((3, 3), LARGE + ", classes far apart"),
)


def _logits(shape: tuple[int, ...], special: str, rng: np.random.Generator) -> Array:
    x = (
        np.round(2 * rng.standard_normal(shape), 1)
        if len(shape) == 2 and shape[0] < 3
        else 2 * rng.standard_normal(shape)
    )
    if special == TIES:
        x = rng.integers(0, 2, shape).astype(np.float64)
    if special == LARGE:
        x = x + 1000
    if special.endswith("negative"):
        x = x - 2000
    if special.endswith("rows far apart"):
        x[::2] += 1000
        x[1::2] -= 1000
    if special.endswith("classes far apart"):
        x[:, 0] -= 1000
    return x.astype(np.float32) if special == FLOAT32 else strided(x) if special == STRIDED else x


def _cases(salt: int) -> Iterator[tuple[Case, np.random.Generator]]:
    for number, (shape, special) in enumerate(SHAPES):
        rng = np.random.default_rng([number, salt])
        x = _logits(shape, special, rng)
        some = {
            "several samples": x[..., 0].size > 1,
            "images": x.ndim > 2,
            "several images": x.ndim > 2 and len(x) > 1,
            "more than two classes": x.shape[-1] > 2,
            "as many samples as classes": x.ndim == 2 and x.shape[0] == x.shape[1],
            LARGE: special.startswith(LARGE),
        }
        traits = frozenset(
            [t for t, holds in some.items() if holds] + ([special] if special and not special.startswith(LARGE) else [])
        )
        yield Case({"x": x}, {}, traits), rng


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
        return [case for case, _ in _cases(6)]

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        y, cache = softmax.softmax_forward(case.arrays["x"], axis=-1)
        return {"y": y} if case.dy is None else {"y": y, "dx": softmax.softmax_backward(case.dy, cache)}

    def library_caches(self, case: Case) -> list[Any]:
        """The caches of both rungs."""
        return [rung.softmax_forward(case.arrays["x"], axis=-1)[1] for rung in (softmax, softmax_naive)]

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Samples and classes."""
        x = case.arrays["x"]
        return {"K": float(x.shape[-1]), "P": float(x[..., 0].size), "N": float(len(x))}

    def mistakes(self) -> Iterator[Hypothesis]:
        """Overflow, axes, and terms of the Jacobian that are missing."""
        yield Hypothesis("maximum-not-subtracted", lambda c: self._from(c, np.exp(c.arrays["x"])))
        yield Hypothesis("maximum-of-everything", lambda c: self._from(c, np.exp(c.arrays["x"] - c.arrays["x"].max())))
        for axis in range(3):
            yield Hypothesis(
                "maximum-of-everything",
                lambda c, axis=axis: self._from(c, np.exp(c.arrays["x"] - c.arrays["x"].max(axis=axis, keepdims=True))),
                f"of axis {axis}",
            )
        yield Hypothesis("softmax-over-wrong-axis", lambda c: {"y": stable(c.arrays["x"], None)}, "all axes")
        yield Hypothesis(
            "softmax-over-wrong-axis", lambda c: self._global_maximum(c), "the maximum is that of everything"
        )
        for axis in range(3):
            yield Hypothesis(
                "softmax-over-wrong-axis", lambda c, axis=axis: {"y": stable(c.arrays["x"], axis)}, f"axis {axis}"
            )
        yield Hypothesis(
            "softmax-over-wrong-axis",
            lambda c: {"y": stable(c.arrays["x"], tuple(range(1, c.arrays["x"].ndim)))},
            "all axes but the first",
        )

        def normalised(z: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            return lambda c: self._from(c, z(c.arrays["x"]))

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
            yield Hypothesis(
                "inputs-clipped", lambda c, b=bound: {"y": stable(np.clip(c.arrays["x"], -b, b))}, f"at {bound}"
            )
            yield Hypothesis(
                "inputs-clipped", lambda c, b=bound: {"y": stable(np.minimum(c.arrays["x"], b))}, f"at {bound}"
            )
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

        def back(f: Callable[[Array, Array, Array], Array]) -> Callable[[Case], Outputs]:
            return lambda c: {"dx": f(self.right(c)["y"], c.dy, c.arrays["x"])}

        def s(a: Array) -> Array:
            return a.sum(axis=-1, keepdims=True)

        for axes in ((0,), (1,), (2,), None):
            yield Hypothesis(
                "coupling-over-wrong-axis",
                back(lambda y, d, x, axes=axes: y * (d - (d * y).sum(axis=axes, keepdims=True))),
                f"axes {axes}",
            )
        yield Hypothesis("coupling-missing", back(lambda y, d, x: y * d))
        yield Hypothesis("coupling-missing", back(lambda y, d, x: y * (1 - y) * d), "only the diagonal of the Jacobian")
        yield Hypothesis("coupling-sign", back(lambda y, d, x: y * (d + s(d * y))))
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
        yield Hypothesis("not-normalised", back(lambda y, d, x: _shifted(x) * (d - s(d * _shifted(x)))))
        yield Hypothesis("coupling-of-the-first-sample", back(lambda y, d, x: _first(y) * (d - s(d * _first(y)))))
        yield Hypothesis("coupling-of-the-first-sample", back(lambda y, d, x: y * (d - s(d * y)[:1])))

    def _from(self, case: Case, z: Array) -> Outputs:
        return {"y": z / z.sum(axis=-1, keepdims=True)}

    def _global_maximum(self, case: Case) -> Outputs:
        x = case.arrays["x"]
        z = np.exp(x - x.max(axis=-1, keepdims=True))
        return {"y": z / z.sum()}

    def _by(self, case: Case, divisor: Callable[[Array], Array]) -> Outputs:
        z = np.exp(case.arrays["x"] - case.arrays["x"].max(axis=-1, keepdims=True))
        return {"y": z / divisor(z)}

    def _epsilon(self, case: Case, tiny: float) -> Outputs:
        return self._by(case, lambda z: z.sum(axis=-1, keepdims=True) + tiny)

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """Dy only: x has no axes but the last that mean anything."""
        return {"dy": ("P", "K")}


def _shifted(x: Array) -> Array:
    return np.exp(x - x.max(axis=-1, keepdims=True))


def _first(y: Array) -> Array:
    """Return the first position's probabilities for every position."""
    return np.broadcast_to(y.reshape(-1, y.shape[-1])[0], y.shape)


class SoftmaxCrossEntropy(Operation):
    """Loss of logits against class ids."""

    name = "softmax_cross_entropy"
    arrays = ("logits", "target")
    gradients = ("dlogits",)
    contract = (
        "forward(logits, target) -> (loss, cache): logits (..., K), class ids target (...); one loss per position, shape (...), or their mean as one number; right "
        "for large logits too; backward(dloss, cache) -> dlogits, with dloss of the loss's shape"
    )

    def cases(self) -> list[Case]:
        """As softmax, with labels."""
        cases = []
        for case, rng in _cases(7):
            x = case.arrays["x"]
            target = rng.integers(0, x.shape[-1], x.shape[:-1])
            if LARGE in case.traits:
                target.flat[0] = 0  # the unlikely class where one is
            if BYTES in case.traits:
                target = target.astype(np.uint8)
            cases.append(Case({"logits": x, "target": target}, {}, case.traits))
        return cases

    def adapt(self, case: Case, y: Any) -> Case:
        """A loss that is one number is taken as the mean."""
        number = isinstance(y, (float, int)) or hasattr(y, "__array__")
        scalar = number and (np.ndim(y) == 0 or (np.size(y) == 1 and case.arrays["target"].size > 1))
        return Case(case.arrays, case.options, case.traits, case.dy, case.lenient, case.by_hand, {"scalar": scalar})

    def right(self, case: Case) -> Outputs:
        """Ask the library's NumPy rung."""
        logits, target = case.arrays.values()
        loss, cache = entropy.softmax_cross_entropy_forward(logits, target)
        scalar = case.seen.get("scalar", False)
        y = np.asarray(loss.mean()) if scalar else loss
        if case.dy is None:
            return {"y": y}
        dloss = np.broadcast_to(np.asarray(case.dy / loss.size, loss.dtype), loss.shape) if scalar else case.dy
        return {"y": y, "dlogits": entropy.softmax_cross_entropy_backward(np.array(dloss), cache)}

    def library_caches(self, case: Case) -> list[Any]:
        """The caches of both rungs."""
        return [rung.softmax_cross_entropy_forward(*case.arrays.values())[1] for rung in (entropy, entropy_naive)]

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Samples and classes."""
        x = case.arrays["logits"]
        sizes = {"P": float(x[..., 0].size), "K": float(x.shape[-1]), "N": float(len(x))}
        return {**sizes, "H*W": float(x.shape[1] * x.shape[2])} if x.ndim == 4 else sizes

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """Dy only."""
        return {"dy": ("P",)}

    def mistakes(self) -> Iterator[Hypothesis]:
        """What the loss is of, what it is divided by, and terms that are missing."""

        def loss(f: Callable[[Array, Array, Array], Array]) -> Callable[[Case], Outputs]:
            def predict(c: Case) -> Outputs:
                x, t = c.arrays.values()
                hot = (np.arange(x.shape[-1]) == t[..., None]) * 1.0
                each = f(x, stable(x), hot)
                return {"y": np.asarray(each.mean()) if c.seen.get("scalar") else each}

            return predict

        def total(how: Callable[[Array], Any]) -> Callable[[Case], Outputs]:
            return lambda c: {"y": np.asarray(how(self._each(c)))}

        yield Hypothesis("maximum-not-subtracted", loss(lambda x, p, h: np.log(np.exp(x).sum(-1)) - (x * h).sum(-1)))
        yield Hypothesis(
            "maximum-not-subtracted", loss(lambda x, p, h: -np.log((np.exp(x) * h).sum(-1) / np.exp(x).sum(-1)))
        )
        yield Hypothesis(
            "maximum-of-everything",
            loss(lambda x, p, h: np.log(np.exp(x - x.max()).sum(-1)) - ((x - x.max()) * h).sum(-1)),
        )
        yield Hypothesis(
            "maximum-of-everything",
            loss(lambda x, p, h: -np.log((np.exp(x - x.max()) * h).sum(-1) / np.exp(x - x.max()).sum(-1))),
        )
        yield Hypothesis("class-0-ignored", loss(lambda x, p, h: -np.log((p * h).sum(-1)) * (1 - h[..., 0])))
        yield Hypothesis("last-class-missing", loss(lambda x, p, h: -np.log((p * h).sum(-1)) * (1 - h[..., -1])))
        yield Hypothesis("temperature", loss(lambda x, p, h: -np.log((stable(x / np.abs(x).max()) * h).sum(-1))))
        yield Hypothesis(
            "temperature", loss(lambda x, p, h: -np.log((stable(x / np.abs(x).max(-1, keepdims=True)) * h).sum(-1)))
        )
        yield Hypothesis(
            "label-left-out-of-the-sum",
            loss(
                lambda x, p, h: (
                    np.log(((1 - h) * np.exp(x - x.max(-1, keepdims=True))).sum(-1))
                    - ((x - x.max(-1, keepdims=True)) * h).sum(-1)
                )
            ),
        )
        yield Hypothesis("logarithm-of-zero", loss(lambda x, p, h: -np.log((p * h).sum(-1))))
        for tiny in (1e-7, 1e-8, 1e-10, 1e-12, 1e-15, 1e-16, 1e-9, 1e-6, 1e-5, 1e-3, 1e-300):
            yield Hypothesis(
                "logarithm-clipped",
                loss(lambda x, p, h, tiny=tiny: -np.log((p * h).sum(-1) + tiny)),
                f"{tiny:g} is added to the probability",
            )
            yield Hypothesis(
                "logarithm-clipped",
                loss(lambda x, p, h, tiny=tiny: -np.log(np.maximum((p * h).sum(-1), tiny))),
                f"the probability is cut off at {tiny:g}",
            )
            yield Hypothesis(
                "logarithm-clipped",
                loss(lambda x, p, h, tiny=tiny: -np.log(np.clip((p * h).sum(-1), tiny, 1 - tiny))),
                f"the probability is cut off at {tiny:g}",
            )
        yield Hypothesis("mean-instead-of-each", total(np.mean))
        yield Hypothesis("sum-instead-of-mean", total(np.sum))
        yield Hypothesis(
            "mean-over-the-batch-only", lambda c: {"y": np.asarray(self._each(c).sum() / len(self._each(c)))}
        )
        yield Hypothesis(
            "mean-over-classes-too", lambda c: {"y": np.asarray(self.right(c)["y"] / c.arrays["logits"].shape[-1])}
        )
        yield Hypothesis("logarithm-missing", loss(lambda x, p, h: -(p * h).sum(-1)))
        yield Hypothesis("logarithm-missing", loss(lambda x, p, h: 1 - (p * h).sum(-1)))
        yield Hypothesis("softmax-missing", loss(lambda x, p, h: -(x * h).sum(-1)))
        yield Hypothesis("softmax-missing", loss(lambda x, p, h: -np.log(np.abs((x * h).sum(-1)))))
        yield Hypothesis("softmax-twice", loss(lambda x, p, h: -np.log((stable(p) * h).sum(-1))))
        yield Hypothesis("wrong-logarithm", loss(lambda x, p, h: _entropy(x, h) / np.log(2)), "base 2")
        yield Hypothesis("wrong-logarithm", loss(lambda x, p, h: _entropy(x, h) / np.log(10)), "base 10")
        yield Hypothesis("exponential-of-the-loss", loss(lambda x, p, h: np.exp(_entropy(x, h))))
        yield Hypothesis("exponential-of-the-loss", lambda c: {"y": np.exp(self.right(c)["y"])})

        def all_pairs(c: Case) -> Outputs:
            x, t = c.arrays.values()
            return {"y": -np.log(stable(x)[..., t])}

        yield Hypothesis("labels-picked-for-every-position", all_pairs)
        yield Hypothesis("wrong-logarithm", loss(lambda x, p, h: -np.log2((p * h).sum(-1))), "base 2")
        yield Hypothesis("wrong-logarithm", loss(lambda x, p, h: -np.log10((p * h).sum(-1))), "base 10")
        yield Hypothesis("log-sum-missing", loss(lambda x, p, h: x.max(-1) - (x * h).sum(-1)))
        yield Hypothesis(
            "maximum-not-added-back",
            loss(lambda x, p, h: np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1)) - (x * h).sum(-1)),
        )
        yield Hypothesis(
            "maximum-not-added-back",
            loss(
                lambda x, p, h: (
                    np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1)) - ((x + x.max(-1, keepdims=True)) * h).sum(-1)
                )
            ),
        )
        yield Hypothesis(
            "binary-cross-entropy", loss(lambda x, p, h: -(h * np.log(p) + (1 - h) * np.log(1 - p)).sum(-1))
        )
        yield Hypothesis(
            "binary-cross-entropy", loss(lambda x, p, h: -(h * np.log(p) + (1 - h) * np.log(1 - p)).mean(-1))
        )
        yield Hypothesis(
            "sigmoid-instead-of-softmax", loss(lambda x, p, h: -(h * np.log(1 / (1 + np.exp(-x)))).sum(-1))
        )
        yield Hypothesis("entropy-instead-of-cross-entropy", loss(lambda x, p, h: -(p * np.log(p)).sum(-1)))
        yield Hypothesis("squared-error", loss(lambda x, p, h: ((p - h) ** 2).sum(-1)))
        yield Hypothesis("squared-error", loss(lambda x, p, h: ((p - h) ** 2).mean(-1)))
        yield Hypothesis("all-classes-counted", loss(lambda x, p, h: -np.log(p).sum(-1)))
        yield Hypothesis("all-classes-counted", loss(lambda x, p, h: -np.log(p).mean(-1)))
        yield Hypothesis("other-classes-counted", loss(lambda x, p, h: -((1 - h) * np.log(p)).sum(-1)))
        yield Hypothesis("labels-one-off", loss(lambda x, p, h: -(np.roll(h, 1, -1) * np.log(p)).sum(-1)))
        yield Hypothesis("labels-one-off", loss(lambda x, p, h: -(np.roll(h, -1, -1) * np.log(p)).sum(-1)))
        yield Hypothesis("largest-instead-of-label", loss(lambda x, p, h: -np.log(p.max(-1))))
        yield Hypothesis("labels-smoothed", loss(lambda x, p, h: -((0.9 * h + 0.1 / h.shape[-1]) * np.log(p)).sum(-1)))
        yield Hypothesis("focal-loss", loss(lambda x, p, h: -((1 - (p * h).sum(-1)) ** 2) * np.log((p * h).sum(-1))))
        for axis in (0, 1, 2, None):
            yield Hypothesis(
                "softmax-over-wrong-axis", loss(lambda x, p, h, axis=axis: -np.log((stable(x, axis) * h).sum(-1)))
            )
        yield from self._back_mistakes()

    def _each(self, c: Case) -> Array:
        loss, _ = entropy.softmax_cross_entropy_forward(*c.arrays.values())
        return loss

    def _back_mistakes(self) -> Iterator[Hypothesis]:
        def back(f: Callable[[Array, Array, Array], Array], *, whole: bool = False) -> Callable[[Case], Outputs]:
            """Predict dlogits = f(p, one-hot, d), d the gradient by each loss; `whole`: d without the division of a mean."""

            def predict(c: Case) -> Outputs:
                x, t = c.arrays.values()
                hot = (np.arange(x.shape[-1]) == t[..., None]) * 1.0
                d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None]
                if c.seen.get("scalar") and not whole:
                    d = d / t.size
                return {"dlogits": f(stable(x), hot, d)}

            return predict

        yield Hypothesis("label-not-subtracted", back(lambda p, h, d: p * d))
        yield Hypothesis("probability-missing", back(lambda p, h, d: -h * d))
        yield Hypothesis("label-subtracted-after-scaling", back(lambda p, h, d: p * d - h))
        yield Hypothesis("label-subtracted-after-scaling", back(lambda p, h, d: p - h * d))
        yield Hypothesis("label-added", back(lambda p, h, d: (p + h) * d))
        yield Hypothesis("upstream-ignored", back(lambda p, h, d: (p - h) * np.ones_like(d)))
        yield Hypothesis("upstream-ignored", back(lambda p, h, d: (p - h) / h[..., 0].size))
        yield Hypothesis("upstream-ignored", back(lambda p, h, d: (p - h) / len(p)))
        yield Hypothesis(
            "mean-not-divided",
            lambda c: back(lambda p, h, d: (p - h) * d, whole=True)(c) if c.seen.get("scalar") else {},
        )
        yield Hypothesis(
            "mean-over-the-batch-only",
            lambda c: back(lambda p, h, d: (p - h) * d / len(p), whole=True)(c) if c.seen.get("scalar") else {},
        )
        yield Hypothesis("divided-by-the-batch", back(lambda p, h, d: (p - h) * d / len(p)))
        yield Hypothesis(
            "divided-by-the-batch", back(lambda p, h, d: (p - h) * d / h[..., 0].size), "by the number of positions"
        )
        yield Hypothesis("divided-by-the-classes", back(lambda p, h, d: (p - h) * d / p.shape[-1]))
        yield Hypothesis("only-the-label's-class", back(lambda p, h, d: (p - h) * h * d))
        yield Hypothesis("only-the-other-classes", back(lambda p, h, d: p * (1 - h) * d))
        yield Hypothesis("label-subtracted-from-all", back(lambda p, h, d: (p - 1) * d))
        yield Hypothesis("softmax-differentiated-twice", back(lambda p, h, d: p * (1 - p) * (p - h) * d))
        yield Hypothesis(
            "softmax-differentiated-twice",
            back(lambda p, h, d: p * ((p - h) * d - (p * (p - h) * d).sum(-1, keepdims=True))),
        )
        yield Hypothesis("probability-twice", back(lambda p, h, d: p * (p - h) * d))
        yield Hypothesis(
            "right-predictions-left-out",
            back(lambda p, h, d: (p - h) * d * (p.argmax(-1) != h.argmax(-1))[..., None]),
        )
        yield Hypothesis("slope-of-a-sigmoid", back(lambda p, h, d: p * (1 - p) * d))
        yield Hypothesis("slope-of-a-sigmoid", back(lambda p, h, d: (p - h) * p * (1 - p) * d))
        yield Hypothesis("class-0-ignored", back(lambda p, h, d: (p - h) * (1 - h[..., :1]) * d))
        yield Hypothesis("gradient-by-probabilities", back(lambda p, h, d: -h / p * d))
        yield Hypothesis("logarithm-of-p-in-the-gradient", back(lambda p, h, d: (np.log(p) - h) * d))
        yield Hypothesis("labels-one-off", back(lambda p, h, d: (p - np.roll(h, 1, -1)) * d))
        yield Hypothesis("labels-one-off", back(lambda p, h, d: (p - np.roll(h, -1, -1)) * d))
        yield Hypothesis(
            "largest-instead-of-label",
            back(lambda p, h, d: (p - (np.arange(p.shape[-1]) == p.argmax(-1)[..., None])) * d),
        )
        yield Hypothesis("squared-error", back(lambda p, h, d: 2 * (p - h) * d))
        yield Hypothesis("labels-smoothed", back(lambda p, h, d: (p - 0.9 * h - 0.1 / h.shape[-1]) * d))
        yield Hypothesis("upstream-summed", back(lambda p, h, d: (p - h) * d.sum()))
        yield Hypothesis("upstream-averaged", back(lambda p, h, d: (p - h) * d.mean()))
        yield Hypothesis("upstream-squared", back(lambda p, h, d: (p - h) * d**2))
        yield Hypothesis("binary-cross-entropy", back(lambda p, h, d: (p - h) / np.maximum(p * (1 - p), 1e-300) * d))
        yield Hypothesis("cut-off-at-zero", back(lambda p, h, d: np.maximum(p - h, 0) * d))

        def logits(c: Case) -> Outputs:
            x, t = c.arrays.values()
            hot = (np.arange(x.shape[-1]) == t[..., None]) * 1.0
            d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None] / (
                t.size if c.seen.get("scalar") else 1
            )
            return {"dlogits": (x - hot) * d}

        yield Hypothesis("softmax-missing", logits)

        def every_pair(c: Case) -> Outputs:
            """p[:, target] -= 1: all rows lose 1 at all labels, not each at its own."""
            x, t = c.arrays.values()
            p = stable(x)
            p[..., np.unique(t)] -= 1
            d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None] / (
                t.size if c.seen.get("scalar") else 1
            )
            return {"dlogits": p * d}

        yield Hypothesis("labels-subtracted-in-every-row", every_pair)
        for axis in (0, 1, 2, None):

            def other_axis(c: Case, axis: int | None = axis) -> Outputs:
                x, t = c.arrays.values()
                hot = (np.arange(x.shape[-1]) == t[..., None]) * 1.0
                d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None] / (
                    t.size if c.seen.get("scalar") else 1
                )
                return {"dlogits": (stable(x, axis) - hot) * d}

            yield Hypothesis("softmax-over-wrong-axis", other_axis)

        def no_maximum(c: Case) -> Outputs:
            x, t = c.arrays.values()
            hot = (np.arange(x.shape[-1]) == t[..., None]) * 1.0
            z = np.exp(x)
            d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None] / (
                t.size if c.seen.get("scalar") else 1
            )
            return {"dlogits": (z / z.sum(-1, keepdims=True) - hot) * d}

        yield Hypothesis("maximum-not-subtracted", no_maximum)

        def unnormalised(c: Case) -> Outputs:
            x, t = c.arrays.values()
            hot = (np.arange(x.shape[-1]) == t[..., None]) * 1.0
            z = np.exp(x - x.max(-1, keepdims=True))
            d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None] / (
                t.size if c.seen.get("scalar") else 1
            )
            return {"dlogits": (z - hot) * d}

        yield Hypothesis("not-normalised", unnormalised)


def _entropy(x: Array, hot: Array) -> Array:
    """Return the right loss of each position, stable for large logits."""
    z = x - x.max(axis=-1, keepdims=True)
    return np.log(np.exp(z).sum(axis=-1)) - (z * hot).sum(axis=-1)
