"""Numerical gradients of functions whose derivative is known, and of what cannot be differentiated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.check import largest_relative_error, numerical_gradient, sampled_indices

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sine": (np.sin, np.cos),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "exponential": (np.exp, np.exp),
    "quotient": (lambda x: 1 / (3 + x**2), lambda x: -2 * x / (3 + x**2) ** 2),
    "constant": (np.zeros_like, np.zeros_like),
}


@pytest.mark.parametrize("shape", [(), (1,), (3, 5), (2, 1, 4), (0, 3)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_known_derivatives(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    """With random weights for the entries, as with a random dy."""
    function, derivative = FUNCTIONS[name]
    x, dy = np.array(rng.normal(size=shape)), rng.normal(size=shape)
    before = x.copy()
    gradient = numerical_gradient(lambda: float((function(x) * dy).sum()), x)
    assert gradient.dtype == np.float64
    assert gradient.shape == shape
    np.testing.assert_allclose(gradient, derivative(before) * dy, rtol=1e-7, atol=1e-9)
    np.testing.assert_array_equal(x, before)


def test_entries_that_depend_on_each_other(rng: np.random.Generator) -> None:
    """L = x' A x has the gradient (A + A') x."""
    matrix, x = rng.normal(size=(6, 6)), rng.normal(size=6)
    gradient = numerical_gradient(lambda: float(x @ matrix @ x), x)
    np.testing.assert_allclose(gradient, (matrix + matrix.T) @ x, rtol=1e-7)


@pytest.mark.parametrize("size", [1e-8, 1e4, 1e8])
def test_the_step_grows_with_the_entry(size: float) -> None:
    """A fixed step of 6e-6 would be lost in the rounding of large entries."""
    x = np.array([1.7, -0.4]) * size
    gradient = numerical_gradient(lambda: float((x**2).sum()), x)
    np.testing.assert_allclose(gradient, 2 * x, rtol=1e-6, atol=1e-9)


def test_the_error_of_the_formula_is_of_second_order() -> None:
    """Central differences: ten times the step, a hundred times the error (x^3 has the error h^2 exactly)."""
    errors = []
    for step in (1e-3, 1e-2):
        x = np.array([0.5])
        errors.append(float(numerical_gradient(lambda x=x: float(x[0] ** 3), x, step=step)[0]) - 0.75)
    np.testing.assert_allclose(errors, [1e-6, 1e-4], rtol=1e-4)


def test_only_the_positions_asked_for(rng: np.random.Generator) -> None:
    x = rng.normal(size=(3, 4))
    calls = []

    def function() -> float:
        calls.append(x.copy())
        return float((x**2).sum())

    gradient = numerical_gradient(function, x, indices=[11, 2, 5])
    assert len(calls) == 6
    known = ~np.isnan(gradient)
    assert np.flatnonzero(known).tolist() == [2, 5, 11]
    np.testing.assert_allclose(gradient[known], 2 * x[known], rtol=1e-7)
    base = x.ravel()
    assert all((call.ravel() != base).sum() == 1 for call in calls)  # one entry at a time


def test_the_array_is_restored_when_the_function_fails(rng: np.random.Generator) -> None:
    x = rng.normal(size=4)
    before, calls = x.copy(), []

    def function() -> float:
        calls.append(1)
        if len(calls) == 4:
            raise KeyError("of the function's own")
        return float(x.sum())

    with pytest.raises(KeyError):
        numerical_gradient(function, x)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    "array",
    [np.ones(3, np.float32), np.ones(3, int), np.ones((4, 6))[:, ::2], np.ones((4, 3)).T],
    ids=["float32", "integers", "strided", "transposed"],
)
def test_arrays_that_cannot_be_changed_in_place_finely_enough(array: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="contiguous float64"):
        numerical_gradient(lambda: 0.0, array)


def test_sampled_positions() -> None:
    np.testing.assert_array_equal(sampled_indices(7, 7), np.arange(7))
    np.testing.assert_array_equal(sampled_indices(0, 5), [])
    sample = sampled_indices(1000, 40, seed=2)
    assert len(set(sample.tolist())) == 40
    assert sorted(sample.tolist()) == sample.tolist()
    assert 0 <= sample.min() <= sample.max() < 1000
    np.testing.assert_array_equal(sample, sampled_indices(1000, 40, seed=2))
    assert not np.array_equal(sample, sampled_indices(1000, 40, seed=3))
    reached = np.unique(np.concatenate([sampled_indices(30, 5, seed=seed) for seed in range(60)]))
    np.testing.assert_array_equal(reached, np.arange(30))


def test_the_error_is_relative_to_the_largest_entry() -> None:
    gradient = np.array([[4.0, 1.0], [0.0, 2.0]])
    assert largest_relative_error(gradient, gradient.copy()) == 0
    assert largest_relative_error(gradient, gradient + np.array([[0, 0.1], [0, 0]])) == pytest.approx(0.1 / 4)
    assert largest_relative_error(gradient, np.array([[-8.0, 1.0], [0.0, 2.0]])) == pytest.approx(12 / 8)
    assert largest_relative_error(np.zeros(3), np.zeros(3)) == 0
    assert largest_relative_error(gradient, np.array([[4.0, np.nan], [np.nan, 1.0]])) == pytest.approx(1 / 4)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_no_number_is_never_right(bad: float) -> None:
    assert not largest_relative_error(np.array([1.0, bad]), np.array([1.0, 2.0])) < 1.0


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(tinyseg.InvalidInput, match=r"\(2,\) and \(1, 2\)"):
        largest_relative_error(np.ones(2), np.ones((1, 2)))
    with pytest.raises(tinyseg.InvalidInput, match="known"):
        largest_relative_error(np.ones(2), np.full(2, np.nan))
