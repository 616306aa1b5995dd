"""One way to compare with a reference: note the error for the summary, then hold it to a limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tests.support.errors import ErrorLog, relative_error
from tinyseg.check import numerical_gradient, sampled_indices

LIMITS = {"float64": 1e-10, "float32": 1e-5}
"""How far a result in either dtype may be from a reference in the same dtype."""


def assert_agrees(log: ErrorLog, kind: str, actual: Any, expected: Any, limit: float, what: str = "") -> None:
    """Compare an array with its reference."""
    error = relative_error(actual, expected)
    log(kind, error)
    assert error <= limit, f"{what}: relative error {error:.2e} is above {limit:.0e}"


def assert_differentiates(
    log: ErrorLog,
    function: Callable[[], float],
    arrays: Mapping[str, np.ndarray],
    gradients: Mapping[str, np.ndarray],
    limit: float = 1e-6,
    most: int = 60,
) -> None:
    """Compare gradients with central differences of `function`, at a sample of the positions of large arrays.

    The error is relative to the array's largest entry, but no less than a thousandth of the largest of all arrays: some
    gradients are exactly 0 (a bias before a softmax along another axis) and their differences are rounding alone.
    """
    assert set(gradients) == set(arrays)
    floor = 1e-3 * max(float(np.abs(gradient).max()) for gradient in gradients.values())
    for name, array in arrays.items():
        numerical = numerical_gradient(function, array, sampled_indices(array.size, most, seed=7))
        known = ~np.isnan(numerical)
        difference = float(np.abs(gradients[name] - numerical)[known].max())
        error = difference / max(float(np.abs(numerical[known]).max()), floor)
        log("finite differences", error)
        assert error <= limit, f"{name}: relative error {error:.2e} is above {limit:.0e}"
