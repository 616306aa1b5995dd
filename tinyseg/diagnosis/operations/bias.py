"""What is added at the end of a layer, and its gradient: how they go wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from ..case import Case, Outputs
from ..operation import Hypothesis, Operation


def bias_mistakes(operation: Operation) -> Iterator[Hypothesis]:
    """Yield what is added at the end of a convolution: never, repeatedly, another one; and wrong sums of dy."""

    def y_with(weight: Callable[[Case], float]) -> Callable[[Case], Outputs]:
        return lambda case: {"y": operation.right(case)["y"] + (weight(case) - 1) * case.arrays["bias"]}

    yield Hypothesis("bias-missing", y_with(lambda case: 0.0))
    yield Hypothesis("bias-subtracted", y_with(lambda case: -1.0))
    yield Hypothesis(
        "bias-added-repeatedly",
        y_with(lambda case: float(np.prod(case.arrays["kernel"].shape[:2]))),
        "once per tap",
    )
    yield Hypothesis(
        "bias-added-repeatedly",
        y_with(lambda case: float(np.prod(case.arrays["kernel"].shape[:3]))),
        "once per product",
    )
    for axes, words in ((3, "once per product and once more"), (2, "once per tap and once more")):
        yield Hypothesis(
            "bias-added-repeatedly",
            y_with(lambda case, axes=axes: 1.0 + float(np.prod(case.arrays["kernel"].shape[:axes]))),
            words,
        )
    yield Hypothesis(
        "bias-added-repeatedly", y_with(lambda case: float(case.arrays["kernel"].shape[2])), "once per channel"
    )
    yield Hypothesis("bias-added-repeatedly", y_with(lambda case: 2.0), "twice")
    yield Hypothesis(
        "bias-multiplied", lambda case: {"y": (operation.right(case)["y"] - case.arrays["bias"]) * case.arrays["bias"]}
    )
    yield Hypothesis(
        "bias-one-for-all",
        lambda case: {"y": operation.right(case)["y"] - case.arrays["bias"] + case.arrays["bias"][0]},
    )
    yield Hypothesis(
        "bias-one-for-all",
        lambda case: {"y": operation.right(case)["y"] - case.arrays["bias"] + case.arrays["bias"].sum()},
    )
    yield from bias_gradient_mistakes()
    for axis in range(4):

        def running(case: Case, axis: int = axis) -> Outputs:
            bias = case.arrays["bias"]
            return {"y": np.cumsum(operation.right(case)["y"] - bias, axis) + bias}

        yield Hypothesis("accumulated", running, f"along axis {axis}")


def bias_gradient_mistakes(rank: int = 4) -> Iterator[Hypothesis]:
    """Yield dbias summed over all but the right axes."""
    right = tuple(range(rank - 1))
    for size in range(rank + 1):
        for axes in itertools.combinations(range(rank), size):
            if axes == right:
                continue

            def predict(case: Case, axes: tuple[int, ...] = axes) -> Outputs:
                total = case.dy.sum(axis=axes) if axes else case.dy
                return {"dbias": total}

            def spread(case: Case, axes: tuple[int, ...] = axes) -> Outputs:
                return {"dbias": np.broadcast_to(case.dy.sum(axis=axes), case.dy.shape[-1:])}

            cause = "bias-not-summed" if not axes else "bias-summed-over-wrong-axes"
            yield Hypothesis(cause, predict, f"over axes {axes}")
            yield Hypothesis(
                cause, lambda case, axes=axes: {"dbias": case.dy.sum(axis=axes, keepdims=True)}, f"over axes {axes}"
            )
            if size == rank:
                yield Hypothesis(cause, spread, "over all axes")

    def taken(case: Case, axes: tuple[int, ...], index: int) -> Outputs:
        part = case.dy
        for axis in sorted(axes, reverse=True):
            part = part.take(index, axis)
        return {"dbias": part.sum(axis=tuple(range(part.ndim - 1)))}

    for size in range(1, rank):
        for axes in itertools.combinations(right, size):
            for index in (0, -1):
                yield Hypothesis(
                    "bias-gradient-of-one-part",
                    lambda case, axes=axes, index=index: taken(case, axes, index),
                    f"{'first' if index == 0 else 'last'} along axes {axes}",
                )
    yield Hypothesis(
        "bias-summed-over-wrong-axes",
        lambda case: {"dbias": case.dy.reshape(-1, case.dy.shape[-1]).sum(axis=1)},
        "over its filters, one number for each output",
    )
    yield Hypothesis("bias-axes-kept", lambda case: {"dbias": case.dy.sum(axis=right, keepdims=True)})


def wrong_bias_sources() -> Iterator[Hypothesis]:
    """Yield dbias made of something else than dy."""
    yield Hypothesis(
        "wrong-array-used",
        lambda case: {"dbias": case.arrays["x"].sum(axis=tuple(range(case.arrays["x"].ndim - 1)))},
        "x instead of dy",
    )
    yield Hypothesis("wrong-array-used", lambda case: {"dbias": case.arrays["bias"] * 1.0}, "the bias instead of dy")
    yield Hypothesis(
        "wrong-array-used",
        lambda case: {"dbias": case.arrays["bias"] * case.dy.sum(axis=tuple(range(case.dy.ndim - 1)))},
        "the bias times dy",
    )

    def total(case: Case) -> Outputs:
        return {"dbias": np.full(case.dy.shape[-1], case.arrays["x"].sum())}

    yield Hypothesis("wrong-array-used", total, "x instead of dy")
