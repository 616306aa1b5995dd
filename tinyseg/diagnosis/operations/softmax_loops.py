"""softmax and its loss: loops over classes and positions that go wrong, shifts that do not help, other labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis

if TYPE_CHECKING:
    from .cross_entropy import SoftmaxCrossEntropy

SHIFTS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("the mean", lambda x: x.mean(axis=-1, keepdims=True)),
    ("the median", lambda x: np.median(x, axis=-1, keepdims=True)),
    ("the first number", lambda x: x[..., :1]),
    ("the last number", lambda x: x[..., -1:]),
    ("the middle between the smallest and the largest", lambda x: _middle(x)),
)
"""What is subtracted in the place of the maximum: right as long as nothing overflows."""


def _middle(x: Array) -> Array:
    return np.asarray((x.max(axis=-1, keepdims=True) + x.min(axis=-1, keepdims=True)) / 2)


def _shifted(x: Array) -> Array:
    return np.asarray(np.exp(x - x.max(axis=-1, keepdims=True)))


def softmax_loops() -> Iterator[Hypothesis]:
    """Yield what loops and other shifts make of a softmax."""

    def of(f: Callable[[Array], Array]) -> Callable[[Case], Outputs]:
        return lambda c: {"y": f(np.asarray(c.arrays["x"], np.float64))}

    for words, shift in SHIFTS:

        def shifted(x: Array, shift: Callable[[Array], Array] = shift) -> Array:
            z = np.exp(x - shift(x))
            return np.asarray(z / z.sum(axis=-1, keepdims=True))

        yield Hypothesis("maximum-replaced", of(shifted), words)
    for end, left in (("last", slice(None, -1)), ("first", slice(1, None))):

        def one_less(x: Array, left: slice = left) -> Array:
            """A class that is left out of the sum, and stays 0."""
            z, y = _shifted(x), np.zeros(x.shape)
            y[..., left] = z[..., left] / z[..., left].sum(axis=-1, keepdims=True)
            return y

        def not_divided(x: Array, left: slice = left) -> Array:
            z = _shifted(x)
            y = np.array(z)
            y[..., left] = z[..., left] / z.sum(axis=-1, keepdims=True)
            return y

        yield Hypothesis(f"{end}-class-missing", of(one_less), "in y too")
        yield Hypothesis("class-not-divided", of(not_divided), f"the {end}")

    def running(x: Array) -> Array:
        rows = _shifted(x).reshape(-1, x.shape[-1])
        return np.asarray((rows / np.cumsum(rows.sum(axis=-1))[:, None]).reshape(x.shape))

    yield Hypothesis("sum-not-reset", of(running))
    for divisor, words in ((2.0, "2"), (10.0, "10"), (0.5, "1/2"), (0.1, "1/10")):
        yield Hypothesis(
            "temperature", of(lambda x, d=divisor: _shifted(x / d) / _shifted(x / d).sum(-1, keepdims=True)), words
        )


def two_exponent_mistakes() -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
    """Yield the wrong sign together with a temperature."""
    for divisor, words in (
        (lambda k: 2.0, "2"),
        (lambda k: float(k), "K"),
        (lambda k: float(np.sqrt(k)), "sqrt(K)"),
        (lambda k: 10.0, "10"),
        (lambda k: 0.5, "1/2"),
    ):

        def predict(c: Case, divisor: Callable[[int], float] = divisor) -> Outputs:
            x = np.asarray(c.arrays["x"], np.float64)
            z = _shifted(-x / divisor(x.shape[-1]))
            return {"y": z / z.sum(axis=-1, keepdims=True)}

        yield Hypothesis("sign-of-the-exponent", predict), ("temperature", words)


def loss_loops(
    operation: SoftmaxCrossEntropy,
    loss: Callable[[Callable[[Array, Array, Array], Array]], Callable[[Case], Outputs]],
    back: Callable[[Callable[[Array, Array, Array], Array]], Callable[[Case], Outputs]],
) -> Iterator[Hypothesis]:
    """Yield what loops, shifts and labels make of a loss and of its gradient.

    `loss` predicts each loss as f(logits, probabilities, one-hot labels), `back` dlogits as f(p, one-hot, dloss).
    """

    def log_sum(x: Array, part: slice = slice(None), log: Callable[[Array], Array] = np.log) -> Array:
        top = x.max(axis=-1)
        return np.asarray(log(_shifted(x)[..., part].sum(axis=-1)) + top)

    for words, shift in SHIFTS:

        def shifted(x: Array, p: Array, h: Array, shift: Callable[[Array], Array] = shift) -> Array:
            z = x - shift(x)
            return np.asarray(np.log(np.exp(z).sum(axis=-1)) - (z * h).sum(axis=-1))

        yield Hypothesis("maximum-replaced", loss(shifted), words)
    for end, part in (("last", slice(None, -1)), ("first", slice(1, None))):
        yield Hypothesis(
            f"{end}-class-missing",
            loss(lambda x, p, h, part=part: log_sum(x, part) - (x * h).sum(-1)),
            "in the sum of exponentials",
        )
    for log, words in ((np.log2, "base 2"), (np.log10, "base 10")):
        yield Hypothesis(
            "wrong-logarithm",
            loss(lambda x, p, h, log=log: log_sum(x, log=log) - (x * h).sum(-1)),
            f"{words}, in the logarithm of the sum",
        )

    def with_first_label(c: Case) -> Outputs:
        target = c.arrays["target"]
        return operation.right(c.with_arrays(target=np.broadcast_to(target.flat[0], target.shape).copy()))

    yield Hypothesis("first-label-for-all", with_first_label)
    ids = np.arange
    yield Hypothesis(
        "class-id-subtracted", back(lambda p, h, d: (p - (h * ids(h.shape[-1])).sum(-1, keepdims=True)) * d)
    )
    yield Hypothesis("one-hot-reversed", back(lambda p, h, d: (p - h[..., ::-1]) * d))
    yield Hypothesis("label-subtracted-twice", back(lambda p, h, d: (p - 2 * h) * d))
    yield Hypothesis("label-subtracted-twice", back(lambda p, h, d: (p - 0.5 * h) * d), "half of it")
    yield Hypothesis("label-times-logarithm", back(lambda p, h, d: (p - h * np.log(p)) * d))
    yield Hypothesis("label-times-logarithm", back(lambda p, h, d: (p - h * p) * d), "its probability")
    yield Hypothesis("probability-squared", back(lambda p, h, d: (p**2 - h) * d))
    yield Hypothesis("probability-squared", back(lambda p, h, d: (np.sqrt(p) - h) * d), "its root")
