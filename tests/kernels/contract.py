"""What every operation owes: agreement with JAX, with finite differences and between its rungs; purity; dtypes.

Empty batches; clear errors.

A test class that inherits `OperationContract` and lists its cases gets all of these tests, on every rung; those of a
GPU are emulated where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import signature
from typing import Any, ClassVar

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.device import is_device_array, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.backends import BACKENDS, choose, slow
from tests.kernels.case import Case, placed
from tests.support.errors import ErrorLog, relative_error
from tinyseg.check.finite_differences import largest_relative_error, numerical_gradient, sampled_indices

AGREEMENT = {"float64": 1e-10, "float32": 1e-5}


class OperationContract:
    """Tests for an operation; a subclass gives the cases."""

    cases: ClassVar[Sequence[Case]]

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_forward_and_gradients_agree_with_jax(
        self, case: Case, rung: str, dtype: str, record_error: ErrorLog
    ) -> None:
        y, gradients = case.run(dtype)
        expected_y, expected_gradients = case.expected(dtype)
        for name, actual, expected in _pairs(case, y, gradients, expected_y, expected_gradients):
            error = relative_error(actual, expected)
            record_error(f"JAX {dtype}", error)
            if not error < AGREEMENT[dtype]:
                pytest.fail(f"{name}: relative error {error:.1e} against JAX")

    def test_gradients_agree_with_finite_differences(self, case: Case, rung: str, record_error: ErrorLog) -> None:
        inputs, constants = case.inputs("float64")
        inputs = [None if a is None else np.ascontiguousarray(a) for a in inputs]
        there = [placed(a) for a in constants]

        def forward() -> tuple[Any, Any]:
            return case.forward(*(None if a is None else placed(a) for a in inputs), *there, **case.options)

        y, cache = forward()
        dy = case.upstream(y.shape, "float64")
        gradients = [to_host(gradient) for gradient in case.gradients(placed(dy), cache)]

        def loss() -> float:
            return float((to_host(forward()[0]) * dy).sum())

        limit = 4 if case.large else 10 if slow(rung) else 40  # JAX is asked about all; this owes nothing to JAX
        for name, array, gradient in zip(case.shapes, inputs, gradients, strict=True):
            if array is None:
                continue
            numerical = numerical_gradient(loss, array, sampled_indices(array.size, limit))
            assert gradient is not None
            error = largest_relative_error(gradient, numerical)
            record_error("finite differences", error)
            if not error < 1e-6:
                pytest.fail(f"d{name}: relative error {error:.1e} against finite differences")

    def test_rungs_agree_in_float64(self, case: Case, record_error: ErrorLog) -> None:
        if case.large:
            return
        with backend("naive"):
            specified = case.run("float64")
        for name in BACKENDS[1:]:
            with choose(name):
                computed = case.run("float64")
            for part, actual, expected in _pairs(case, *computed, *specified):
                error = relative_error(actual, expected)
                record_error("rungs float64", error)
                if not error < 1e-12:
                    pytest.fail(f"{part}: relative error {error:.1e} of {name} against naive")

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_nothing_given_is_changed_and_the_dtype_is_kept(self, case: Case, rung: str, dtype: str) -> None:
        inputs, constants = case.placed_inputs(dtype)
        given: list[Any] = [*inputs, *constants]
        inputs_before = _snapshot(given)
        y, cache = case.forward(*given, **case.options)
        y = y if is_device_array(y) else np.asarray(y)  # NumPy turns an array without axes into a number
        y_before, cache_before = to_host(y.copy()), _snapshot(cache)
        dy = placed(case.upstream(y.shape, dtype))
        dy_before = to_host(dy.copy())
        first = case.gradients(dy, cache)
        first_before = [None if g is None else to_host(g.copy()) for g in first]
        second = case.gradients(dy, cache)

        _same(given, inputs_before, "an input")
        _same(cache, cache_before, "the cache")
        _same(y, [y_before], "y")
        _same(dy, [dy_before], "dy")
        _same(first, [g for g in first_before if g is not None], "a gradient, by a second backward")
        _same(second, [g for g in first_before if g is not None], "a second backward's result")
        assert [a.dtype for a in (y, *first) if a is not None] == [dtype] * (1 + sum(g is not None for g in first))

    def test_a_second_forward_gives_the_same(self, case: Case, rung: str) -> None:
        first, second = case.run("float32"), case.run("float32")
        for name, a, b in _pairs(case, *first, *second):
            assert np.array_equal(a, b), name

    def test_dx_is_left_out_on_request(self, case: Case, rung: str) -> None:
        if "need_dx" not in signature(case.backward).parameters:
            return
        inputs, constants = case.placed_inputs("float32")
        y, cache = case.forward(*inputs, *constants, **case.options)
        dy = placed(case.upstream(y.shape, "float32"))
        _, *gradients = case.backward(dy, cache)
        dx, *rest = case.backward(dy, cache, need_dx=False)
        assert dx is None
        for a, b in zip(rest, gradients, strict=True):
            np.testing.assert_array_equal(to_host(a), to_host(b))

    def test_an_empty_batch_gives_empty_results_and_zero_gradients(self, case: Case, rung: str) -> None:
        if not case.batch_names:
            return
        whole, _ = case.run("float32")
        inputs, constants = case.placed_inputs("float32", batch=0)
        y, cache = case.forward(*inputs, *constants, **case.options)
        assert y.shape == (0, *whole.shape[1:])
        assert y.dtype == np.float32
        for array, gradient in zip(inputs, case.gradients(np.empty_like(y), cache), strict=True):
            gradient = to_host(gradient)
            assert (gradient is None) == (array is None)
            if array is not None:
                assert gradient is not None
                assert gradient.shape == array.shape
                assert gradient.dtype == np.float32
                assert not gradient.any()  # a sum over no image

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda a: a.astype(np.int32), "expected .* of dtype float32 or float64, got int32"),
            (lambda a: a.astype(np.float16), "expected .* of dtype float32 or float64, got float16"),
            (lambda a: a.astype(np.complex64), "expected .* of dtype float32 or float64, got complex64"),
            (lambda a: a.tolist(), "expected .* to be an array, got list"),
        ],
        ids=["int32", "float16", "complex64", "list"],
    )
    def test_an_input_that_is_no_float_array_is_refused(self, rung: str, change: Any, message: str) -> None:
        for case in {case.forward: case for case in self.cases}.values():
            inputs, constants = case.placed_inputs("float32")
            for k, array in enumerate(inputs):
                if array is not None:
                    changed = [*inputs[:k], change(array), *inputs[k + 1 :]]
                    with pytest.raises(InvalidInput, match=message):
                        case.forward(*changed, *constants, **case.options)

    def test_inputs_of_two_dtypes_are_refused(self, rung: str) -> None:
        for case in {case.forward: case for case in self.cases}.values():
            inputs, constants = case.placed_inputs("float32")
            for k, array in enumerate(inputs[1:], start=1):
                if array is not None:
                    changed = [*inputs[:k], array.astype(np.float64), *inputs[k + 1 :]]
                    with pytest.raises(InvalidInput, match=r"same dtype as .* \(float32\), got float64"):
                        case.forward(*changed, *constants, **case.options)


def _pairs(
    case: Case, y: Array, gradients: list[Array | None], expected_y: Array, expected_gradients: list[Array | None]
) -> Iterator[tuple[str, Array, Array]]:
    """Yield (name, actual, expected) of y and each gradient; a gradient that is missing on one side fails."""
    yield "y", y, expected_y
    for name, actual, expected in zip(case.shapes, gradients, expected_gradients, strict=True):
        if (actual is None) != (expected is None):
            pytest.fail(f"d{name}: expected {type(expected).__name__}, got {type(actual).__name__}")
        if actual is not None and expected is not None:
            yield f"d{name}", actual, expected


def _arrays(value: Any) -> Iterator[Array]:
    """Yield all arrays in nested tuples and lists, those of a device as copies on the host."""
    if isinstance(value, np.ndarray) or is_device_array(value):
        yield to_host(value)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _arrays(part)


def _snapshot(value: Any) -> list[Array]:
    return [array.copy() for array in _arrays(value)]


def _same(value: Any, before: list[Array], what: str) -> None:
    """Fail when an array is not what it was, bit by bit."""
    for array, kept in zip(_arrays(value), before, strict=True):
        if array.dtype != kept.dtype or array.shape != kept.shape or array.tobytes() != kept.tobytes():
            pytest.fail(f"{what} was changed")
