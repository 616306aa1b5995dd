"""Kernels of which only some taps are used, as hypotheses of all convolutions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis


class Computes(Protocol):
    """An operation that can compute its results with another kernel in y and in dx."""

    def compute(
        self, case: Case, *, y_kernel: Callable[[Array], Array], dx_kernel: Callable[[Array], Array]
    ) -> dict[str, Array]:
        """Compute everything."""
        ...

    def right(self, case: Case) -> Outputs:
        """Return what is right."""
        ...


def tap_mistakes(operation: Computes) -> Iterator[Hypothesis]:
    """Yield the first or the last tap alone, the diagonal, a square of a kernel that is not square, one heap."""

    def kept(cause: str, mask_of: Callable[[int, int], Array]) -> Hypothesis:
        def predict(case: Case) -> Outputs:
            kernel = case.arrays["kernel"]
            mask = mask_of(*kernel.shape[:2])[:, :, None, None]
            result = operation.compute(case, y_kernel=lambda k: k * mask, dx_kernel=lambda k: k * mask)
            return {name: value * mask if name == "dkernel" else value for name, value in result.items()}

        return Hypothesis(cause, predict)

    yield kept("only-last-tap", lambda rows, columns: _one(rows, columns, -1))
    yield kept("only-first-tap", lambda rows, columns: _one(rows, columns, 0))
    yield kept("only-the-diagonal-of-the-kernel", lambda rows, columns: np.eye(rows, columns))
    yield kept("window-square-assumed", lambda rows, columns: np.tile(np.arange(columns) < rows, (rows, 1)))
    yield kept("window-square-assumed", lambda rows, columns: np.tile(np.arange(rows) < columns, (columns, 1)).T)
    for index, end in ((0, "first"), (-1, "last")):

        def heaped(case: Case, index: int = index) -> Outputs:
            right = operation.right(case)["dkernel"]
            heap = np.zeros_like(right)
            heap[index, index] = right.sum(axis=(0, 1))
            return {"dkernel": heap}

        yield Hypothesis(f"all-in-the-{end}-tap", heaped)


def _one(rows: int, columns: int, index: int) -> Array:
    chosen = np.zeros((rows, columns))
    chosen[index, index] = 1
    return chosen
