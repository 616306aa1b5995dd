"""softmax_cross_entropy: what is asked, and how it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.softmax_cross_entropy import naive, numpy_cpu
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis, Operation
from ..probes import Reduction, one_less
from ..traits import LABELS_OF_8_BITS, LARGE, Trait
from .softmax import AS_MANY_SAMPLES, logits_cases, shifted_exponentials, stable
from .softmax_loops import loss_loops


class SoftmaxCrossEntropy(Operation):
    """Loss of logits against class ids."""

    name = "softmax_cross_entropy"
    arrays = ("logits", "target")
    gradients = ("dlogits",)
    contract = (
        "forward(logits, target) -> (loss, cache): logits (..., K), class ids target (...); one loss per position, "
        "shape (...), or their mean as one number; right for large logits too; backward(dloss, cache) -> dlogits, "
        "with dloss of the loss's shape"
    )

    def cases(self) -> list[Case]:
        """As softmax, with labels."""
        cases = []
        for case, rng in logits_cases(7):
            x = case.arrays["x"]
            target = rng.integers(0, x.shape[-1], x.shape[:-1])
            if LARGE in case.traits:
                target.flat[0] = 0  # the unlikely class where one is
            if LABELS_OF_8_BITS in case.traits:
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
        loss, cache = numpy_cpu.softmax_cross_entropy_forward(logits, target)
        scalar = case.seen.get("scalar", False)
        y = np.asarray(loss.mean()) if scalar else loss
        if case.dy is None:
            return {"y": y}
        dloss = np.broadcast_to(np.asarray(case.dy / loss.size, loss.dtype), loss.shape) if scalar else case.dy
        return {"y": y, "dlogits": numpy_cpu.softmax_cross_entropy_backward(np.array(dloss), cache)}

    def library_caches(self, case: Case) -> list[object]:
        """The caches of both rungs."""
        return [rung.softmax_cross_entropy_forward(*case.arrays.values())[1] for rung in (numpy_cpu, naive)]

    def reductions(self) -> Mapping[Trait, Reduction]:
        """One sample less than classes."""
        return {AS_MANY_SAMPLES: one_less}

    def symbols(self, case: Case) -> Mapping[str, float]:
        """Samples and classes."""
        x = case.arrays["logits"]
        sizes = {"P": float(x[..., 0].size), "K": float(x.shape[-1]), "N": float(len(x))}
        return {**sizes, "H*W": float(x.shape[1] * x.shape[2])} if x.ndim == 4 else sizes

    def input_changes(self) -> Mapping[str, tuple[str, ...]]:
        """dy only."""
        return {"dy": ("P",)}

    def mistakes(self) -> Iterator[Hypothesis]:
        """What the loss is of, what it is divided by, and terms that are missing."""
        yield from self._overflow_mistakes()
        yield from self._mean_mistakes()
        yield from self._logarithm_mistakes()
        yield from self._other_loss_mistakes()
        yield from self._gradient_mistakes()
        yield from self._softmax_in_gradient_mistakes()
        yield from self._label_mistakes()
        yield from loss_loops(self, loss, back)

    def _overflow_mistakes(self) -> Iterator[Hypothesis]:
        """The maximum, and probabilities of 0."""
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

    def _mean_mistakes(self) -> Iterator[Hypothesis]:
        """What is summed, and divided by."""

        def total(how: Callable[[Array], Any]) -> Callable[[Case], Outputs]:
            return lambda c: {"y": np.asarray(how(self._each(c)))}

        yield Hypothesis("mean-instead-of-each", total(np.mean))
        yield Hypothesis("sum-instead-of-mean", total(np.sum))
        yield Hypothesis(
            "mean-over-the-batch-only", lambda c: {"y": np.asarray(self._each(c).sum() / len(self._each(c)))}
        )
        yield Hypothesis(
            "mean-over-classes-too", lambda c: {"y": np.asarray(self.right(c)["y"] / c.arrays["logits"].shape[-1])}
        )

    def _logarithm_mistakes(self) -> Iterator[Hypothesis]:
        """Logarithm and softmax missing, taken twice, or of another base."""
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

    def _other_loss_mistakes(self) -> Iterator[Hypothesis]:
        """Other losses, and other labels."""
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

    def _each(self, c: Case) -> Array:
        loss, _ = numpy_cpu.softmax_cross_entropy_forward(*c.arrays.values())
        return loss

    def _gradient_mistakes(self) -> Iterator[Hypothesis]:
        """Terms of dlogits = (p - one-hot) * dloss."""
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
        yield Hypothesis(
            "upstream-summed", lambda c: {} if c.seen.get("scalar") else back(lambda p, h, d: (p - h) * d.sum())(c)
        )
        yield Hypothesis("upstream-averaged", back(lambda p, h, d: (p - h) * d.mean()))
        yield Hypothesis("upstream-squared", back(lambda p, h, d: (p - h) * d**2))
        yield Hypothesis("binary-cross-entropy", back(lambda p, h, d: (p - h) / np.maximum(p * (1 - p), 1e-300) * d))
        yield Hypothesis("cut-off-at-zero", back(lambda p, h, d: np.maximum(p - h, 0) * d))

    def _softmax_in_gradient_mistakes(self) -> Iterator[Hypothesis]:
        """Another array in the place of the probabilities."""

        def instead(p: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            """Predict (p(logits) - one-hot) * dloss."""

            def predict(c: Case) -> Outputs:
                x, _ = c.arrays.values()
                return {"dlogits": (p(x) - _one_hot(c)) * _by_each_loss(c)}

            return predict

        def every_pair(c: Case) -> Outputs:
            """p[:, target] -= 1: all rows lose 1 at all labels, not each at its own."""
            x, t = c.arrays.values()
            p = stable(x)
            p[..., np.unique(t)] -= 1
            return {"dlogits": p * _by_each_loss(c)}

        def no_maximum(x: Array) -> Array:
            z = np.exp(x)
            return z / z.sum(-1, keepdims=True)

        yield Hypothesis("softmax-missing", instead(lambda x: x))
        yield Hypothesis("labels-subtracted-in-every-row", every_pair)
        for axis in (0, 1, 2, None):
            yield Hypothesis("softmax-over-wrong-axis", instead(lambda x, axis=axis: stable(x, axis)))
        yield Hypothesis("maximum-not-subtracted", instead(no_maximum))
        yield Hypothesis("not-normalised", instead(shifted_exponentials))

    def _label_mistakes(self) -> Iterator[Hypothesis]:
        """Labels that are marked elsewhere or not at all, and terms of the loss that are incomplete."""

        def marked(mark: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
            """Predict all from other one-hot labels."""

            def predict(c: Case) -> Outputs:
                x, hot = c.arrays["logits"], mark(_one_hot(c))
                z = x - x.max(axis=-1, keepdims=True)
                each = np.log(np.exp(z).sum(axis=-1)) - (z * hot).sum(axis=-1)
                y = np.asarray(each.mean()) if c.seen.get("scalar") else each
                return {"y": y} if c.dy is None else {"y": y, "dlogits": (stable(x) - hot) * _by_each_loss(c)}

            return predict

        def without_first(hot: Array) -> Array:
            return np.concatenate([np.zeros_like(hot[..., :1]), hot[..., 1:]], axis=-1)

        def one_lower(hot: Array) -> Array:
            return np.concatenate([hot[..., 1:], np.zeros_like(hot[..., :1])], axis=-1)

        yield Hypothesis("labels-from-one", marked(one_lower))
        yield Hypothesis("class-0-ignored", marked(without_first))
        yield Hypothesis(
            "all-logits-subtracted",
            loss(lambda x, p, h: _entropy(x, h * 0) - (x - x.max(axis=-1, keepdims=True)).sum(axis=-1)),
        )
        yield Hypothesis(
            "logarithm-of-the-sum-missing",
            loss(lambda x, p, h: np.exp(_entropy(x, h * 0)) - (_entropy(x, h * 0) - _entropy(x, h))),
        )

        def from_minimum(c: Case) -> Outputs:
            x = c.arrays["logits"]
            z = x - x.min(axis=-1, keepdims=True)
            log_sum = np.log(np.exp(z).sum(axis=-1))
            y = np.asarray(log_sum - (z * _one_hot(c)).sum(axis=-1))
            if c.seen.get("scalar"):
                y = np.asarray(y.mean())
            if c.dy is None:
                return {"y": y}
            return {"y": y, "dlogits": (np.exp(z - log_sum[..., None]) - _one_hot(c)) * _by_each_loss(c)}

        yield Hypothesis("minimum-instead-of-maximum", from_minimum)


def loss(f: Callable[[Array, Array, Array], Array]) -> Callable[[Case], Outputs]:
    """Predict each loss as f of logits, probabilities and one-hot labels, and their mean where that is returned."""

    def predict(c: Case) -> Outputs:
        x, _ = c.arrays.values()
        each = f(x, stable(x), _one_hot(c))
        return {"y": np.asarray(each.mean()) if c.seen.get("scalar") else each}

    return predict


def back(f: Callable[[Array, Array, Array], Array], *, whole: bool = False) -> Callable[[Case], Outputs]:
    """Predict dlogits as f(p, one-hot, d), d the gradient by each loss; `whole`: d without the division of a mean."""

    def predict(c: Case) -> Outputs:
        x, _ = c.arrays.values()
        return {"dlogits": f(stable(x), _one_hot(c), _by_each_loss(c, whole=whole))}

    return predict


def _one_hot(c: Case) -> Array:
    x, t = c.arrays.values()
    return (np.arange(x.shape[-1]) == t[..., None]) * 1.0


def _by_each_loss(c: Case, *, whole: bool = False) -> Array:
    """Return the gradient by the loss of each position (..., 1); `whole`: not divided where the loss is a mean."""
    t = c.arrays["target"]
    d = np.broadcast_to(np.asarray(c.dy, np.float64), t.shape)[..., None]
    return d / t.size if c.seen.get("scalar") and not whole else d


def _entropy(x: Array, hot: Array) -> Array:
    """Return the right loss of each position, stable for large logits."""
    z = x - x.max(axis=-1, keepdims=True)
    return np.log(np.exp(z).sum(axis=-1)) - (z * hot).sum(axis=-1)
