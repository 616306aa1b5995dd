"""Loops that are one short, or begin one late, as hypotheses of any operation that people write in loops.

The generic mistakes leave an entry out where there are several; a loop over a single entry that is one short does
nothing at all, which tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from tinyseg_kernels.types import Array

from ..axes import AXES, End
from ..case import Case, Outputs
from ..operation import Hypothesis, Operation


def loops_one_short(operation: Operation) -> Iterator[Hypothesis]:
    """Yield each result without its last (or first) entry along an axis, and each sum without its last term."""
    named = operation.input_changes()
    for output in (*operation.results, *operation.gradients):
        axes = named.get("dy" if output == "y" else output.removeprefix("d"), ())
        for axis, end in ((axis, end) for axis in range(len(axes)) for end in (End.LAST, End.FIRST)):
            cause = f"{end.value}-{AXES[axes[axis]]}-missing"
            yield Hypothesis(cause, _never_written(operation, output, axis, end), "its result is never written")
            if output == "y" and "bias" in operation.arrays:
                yield Hypothesis(cause, _only_bias(operation, axis, end), "it holds the bias alone")
    for name, axes in named.items():
        for axis, end in ((axis, end) for axis in range(len(axes)) for end in (End.LAST, End.FIRST)):
            cause = f"{end.value}-{AXES[axes[axis]]}-missing"
            yield Hypothesis(cause, _never_read(operation, name, axis, end), f"{name} is not read there")


def without(array: Array, axis: int, end: End) -> Array:
    """Return a copy with zeros in the first or last entry along an axis."""
    kept = np.array(array)
    kept[(slice(None),) * axis + (end.index,)] = 0
    return kept


def _never_written(operation: Operation, output: str, axis: int, end: End) -> Callable[[Case], Outputs]:
    return lambda case: {output: without(operation.right(case)[output], axis, end)}


def _only_bias(operation: Operation, axis: int, end: End) -> Callable[[Case], Outputs]:
    def predict(case: Case) -> Outputs:
        bias = case.arrays["bias"]
        return {"y": without(operation.right(case)["y"] - bias, axis, end) + bias}

    return predict


def _never_read(operation: Operation, name: str, axis: int, end: End) -> Callable[[Case], Outputs]:
    def predict(case: Case) -> Outputs:
        if name == "dy":
            return operation.right(case.with_dy(without(case.dy, axis, end)))
        return operation.right(case.with_arrays(**{name: without(case.arrays[name], axis, end)}))

    return predict
