"""State, configuration, purity and mistakes of optimizers.

A parameter larger than the chunk that is updated at a time.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.backend import GPU_BACKENDS
from tinyseg_kernels.device import is_device_array, to_backend, to_host
from tinyseg_kernels.optimizer import numpy_cpu

import tinyseg
from tests.kernels.backends import choose
from tinyseg import optimizers
from tinyseg.optimizers import SGD, Adam, AdamW, Optimizer, schedules
from tinyseg.optimizers.optimizer import CHUNK

from .cases import CASES, OPTIMIZERS, SCHEDULES, Case, arrays, gradients, schedule


def placed(given: dict[str, np.ndarray]) -> dict[str, Any]:
    """Copy arrays to where the backend in use computes."""
    return {name: to_backend(array.copy()) for name, array in given.items()}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_saved_and_restored_it_goes_on_identically(case: Case, compiled_backend: str) -> None:
    whole, parameters = case.optimizer(), placed(arrays("float32", 1))
    first, copy = case.optimizer(), placed(arrays("float32", 1))
    for step, given in enumerate(map(placed, gradients("float32"))):
        whole.apply(parameters, given)
        if step == 8:
            second = optimizers.get(json.loads(json.dumps(optimizers.serialize(first))))
            state = {key: array.copy() for key, array in first.state().items()}
            second.set_state(state)
            for array in [*first.slot_arrays.values(), *state.values()]:  # what was handed over must be a copy
                array[...] = 99
            first = second
        first.apply(copy, given)
        for name in parameters:
            np.testing.assert_array_equal(to_host(copy[name]), to_host(parameters[name]))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_stay_as_they_are_and_parameters_change_in_place(case: Case, computing: str) -> None:
    optimizer, parameters = case.optimizer(), placed(arrays("float32", 1))
    kept = dict(parameters)
    for given, fresh in zip(map(placed, gradients("float32")), gradients("float32"), strict=True):
        optimizer.apply(parameters, given)
        for name, gradient in given.items():
            np.testing.assert_array_equal(to_host(gradient), fresh[name])
    assert all(parameters[name] is kept[name] and parameters[name].dtype == np.float32 for name in kept)
    assert {array.dtype.name for key, array in optimizer.state().items() if key != "iterations"} <= {"float32"}
    assert all(isinstance(array, np.ndarray) for array in optimizer.state().values())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_large_parameters_are_updated_as_small_ones(case: Case) -> None:
    """One array over three chunks, against the same numbers in arrays of their own."""
    rng = np.random.default_rng(5)
    size = 2 * CHUNK + 1234
    start = rng.standard_normal((size, 1))
    whole, parts = case.optimizer(), case.optimizer()
    together = {"p": start.copy()}
    apart = {f"p{k}": part.copy() for k, part in enumerate(np.array_split(start, 4))}
    clips_by_array = whole.clipnorm is not None
    for _ in range(3):
        gradient = rng.standard_normal((size, 1))
        if clips_by_array:  # a norm of each part would be another number
            gradient /= 1e3 * np.linalg.norm(gradient)
        whole.apply(together, {"p": gradient})
        parts.apply(apart, {f"p{k}": part for k, part in enumerate(np.array_split(gradient, 4))})
    np.testing.assert_allclose(together["p"], np.concatenate(list(apart.values())), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_has_the_bits_of_the_rung_in_numpy(case: Case, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formula that an optimizer writes, and the update of all parameters by the rung in NumPy."""
    by_rule, by_rung = (case.optimizer(), arrays(dtype, 1)), (case.optimizer(), arrays(dtype, 1))
    with choose("numpy"):
        for given in gradients(dtype):
            by_rule[0].apply(by_rule[1], given)
        monkeypatch.setattr(numpy_cpu, "FUSED", (dtype,))
        for given in gradients(dtype):
            by_rung[0].apply(by_rung[1], given)
    for name, parameter in by_rule[1].items():
        np.testing.assert_array_equal(by_rung[1][name], parameter)
    for key, slot in by_rule[0].slot_arrays.items():
        np.testing.assert_array_equal(by_rung[0].slot_arrays[key], slot)


def test_gradients_may_have_any_layout(rng: np.random.Generator, computing: str) -> None:
    gradient = to_backend(rng.standard_normal((5, 4, 3)))
    backwards, turned = to_backend(to_host(gradient)[::-1].copy()), to_backend(to_host(gradient).T.copy())
    results = []
    for given in (gradient, turned.T, backwards[::-1], np.broadcast_to(gradient, (5, 4, 3))):
        parameters, optimizer = {"p": to_backend(np.ones((5, 4, 3)))}, Adam(0.1, clipnorm=1.0)
        optimizer.apply(parameters, {"p": given})
        results.append(to_host(parameters["p"]))
    for other in results[1:]:
        np.testing.assert_array_equal(other, results[0])


def test_a_zero_gradient_changes_nothing_but_by_decay(computing: str) -> None:
    zero = placed({"p": np.zeros(3)})
    for optimizer in (SGD(0.1, momentum=0.9, clipnorm=1.0), Adam(0.1, global_clipnorm=1.0)):
        parameters = placed({"p": np.full(3, 2.0)})
        optimizer.apply(parameters, zero)
        np.testing.assert_array_equal(to_host(parameters["p"]), np.full(3, 2.0))
    parameters = placed({"p": np.full(3, 2.0)})
    AdamW(0.1, weight_decay=0.5).apply(parameters, zero)
    np.testing.assert_allclose(to_host(parameters["p"]), 2.0 * (1 - 0.1 * 0.5), rtol=1e-12)


def test_a_parameter_without_axes(computing: str) -> None:
    """Its gradient may be a number of NumPy, which is what NumPy makes of a sum."""
    parameter, gradient = to_backend(np.array(2.0)), to_backend(np.array([3.0, 1.0])).sum()
    SGD(0.5, clipnorm=2.0).apply({"p": parameter}, {"p": gradient})
    assert float(parameter) == 1.0


def test_clipping_limits_the_norm(computing: str) -> None:
    gradient = placed({"a": np.array([3.0, 4.0]), "b": np.array([12.0])})
    for arguments, expected in (
        ({"clipnorm": 1.0}, {"a": [0.6, 0.8], "b": [1.0]}),
        ({"global_clipnorm": 1.0}, {"a": [3 / 13, 4 / 13], "b": [12 / 13]}),
        ({"clipvalue": 3.5}, {"a": [3.0, 3.5], "b": [3.5]}),
        ({"clipnorm": 20.0}, {"a": [3.0, 4.0], "b": [12.0]}),
    ):
        parameters = placed({"a": np.zeros(2), "b": np.zeros(1)})
        SGD(1.0, **arguments).apply(parameters, gradient)
        for name, values in expected.items():
            np.testing.assert_allclose(-to_host(parameters[name]), values, rtol=1e-12)


def test_learning_rate_can_be_changed_between_steps() -> None:
    optimizer, parameters = SGD(0.5), {"p": np.zeros(1)}
    optimizer.apply(parameters, {"p": np.ones(1)})
    optimizer.learning_rate = 0.25
    optimizer.apply(parameters, {"p": np.ones(1)})
    assert parameters["p"][0] == -0.75
    optimizer.learning_rate = schedules.PiecewiseConstantDecay([2], [1.0, 8.0])
    assert optimizer.learning_rate == 1.0
    optimizer.apply(parameters, {"p": np.ones(1)})
    assert optimizer.learning_rate == 8.0


@pytest.mark.parametrize("case", OPTIMIZERS, ids=str)
def test_config_makes_the_same_optimizer(case: Case) -> None:
    for rate in (0.3, schedule(*SCHEDULES[7])):
        optimizer = case.optimizer()
        optimizer.learning_rate = rate
        copy = optimizers.get(json.loads(json.dumps(optimizers.serialize(optimizer))))
        assert type(copy) is type(optimizer)
        assert copy.get_config() == optimizer.get_config()
        assert copy.learning_rate == optimizer.learning_rate


@pytest.mark.parametrize(("name", "arguments"), SCHEDULES)
def test_config_makes_the_same_schedule(name: str, arguments: dict[str, Any]) -> None:
    made = schedule(name, arguments)
    copy = schedules.get(json.loads(json.dumps(schedules.serialize(made))))
    assert [copy(step) for step in range(40)] == [made(step) for step in range(40)]
    assert all(isinstance(made(step), float) for step in range(40))


@pytest.mark.parametrize("name", ["sgd", "SGD", "adam", "Adam", "adamw", "rmsprop", "RMSprop"])
def test_names(name: str) -> None:
    assert type(optimizers.get(name)).__name__.lower() == name.lower()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: optimizers.get("adm"), "did you mean 'adam'"),
        (lambda: optimizers.get("RMSProp2"), "did you mean 'RMSprop'"),
        (lambda: optimizers.get(0.1), "optimizer: expected a name or an object of tinyseg's, got 0.1"),
        (lambda: optimizers.get({"class_name": "Adam", "config": {"lr": 1}}), "optimizer 'Adam': .*'lr'"),
        (lambda: SGD("fast"), "learning_rate: expected a number or a schedule, got 'fast'"),
        (lambda: SGD(-0.1), "learning_rate: expected a number of at least 0, got -0.1"),
        (lambda: SGD(float("nan")), "learning_rate: .* got nan"),
        (lambda: SGD(momentum=1.1), "momentum: expected a number from 0 to 1, got 1.1"),
        (lambda: Adam(beta_1=1.0), "beta_1: .* not 1, got 1.0"),
        (lambda: Adam(beta_2=-0.1), "beta_2: .* got -0.1"),
        (lambda: Adam(clipnorm=0), "clipnorm: expected a number above 0, got 0"),
        (lambda: Adam(clipnorm=1.0, clipvalue=1.0), "only one of clipnorm"),
        (lambda: AdamW(weight_decay=-1), "weight_decay: expected a number of at least 0, got -1"),
        (lambda: schedules.get({"class_name": "CosinDecay"}), "did you mean 'CosineDecay'"),
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps: expected a number above 0, got 0"),
        (lambda: schedules.PiecewiseConstantDecay([3, 1], [1, 2, 3]), "rising boundaries"),
        (lambda: schedules.PiecewiseConstantDecay([3], [1, 2, 3]), "1 boundaries and 3 values"),
        (lambda: SGD().apply({"p": np.ones(3)}, {}), "no gradient for parameter 'p'"),
        (lambda: SGD().apply({"p": np.ones(3)}, {"p": np.ones(4)}), r"'p': expected shape \(3,\) .* got \(4,\)"),
        (lambda: SGD().apply({"p": np.ones(3)}, {"p": np.ones(3, "f4")}), "float64, got .* float32"),
        (lambda: SGD().apply({"p": np.ones((3, 2)).T}, {"p": np.ones((2, 3))}), "'p' must be contiguous"),
        (lambda: SGD().apply({"p": np.frombuffer(bytes(8))}, {"p": np.ones(1)}), "'p' must .* not be read-only"),
    ],
)  # fmt: skip
def test_bad_input(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput) as caught:
        make()
    assert re.search(expected, str(caught.value)), caught.value


def test_a_gradient_that_does_not_fit_changes_no_parameter() -> None:
    parameters = {"a": np.ones(3), "b": np.ones(2)}
    with pytest.raises(tinyseg.InvalidInput):
        SGD().apply(parameters, {"a": np.ones(3), "b": np.ones(5)})
    assert (parameters["a"] == 1).all()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_step_fetches_nothing_and_its_slots_stay_where_the_parameters_are(case: Case, computing: str) -> None:
    optimizer, parameters = case.optimizer(), placed(arrays("float32", 1))
    steps = [placed(given) for given in gradients("float32")[:3]]
    before = TRANSFERS.to_host
    for given in steps:
        optimizer.apply(parameters, given)
    assert TRANSFERS.to_host == before
    assert all(is_device_array(array) == (computing in GPU_BACKENDS) for array in optimizer.slot_arrays.values())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_training_goes_on_on_another_device(case: Case, compiled_backend: str) -> None:
    """Three steps on the CPU and three where the backend in use computes, against six on the CPU."""
    with choose("numpy"):
        whole, expected = case.optimizer(), arrays("float64", 1)
        first, parameters = case.optimizer(), arrays("float64", 1)
        for step, given in enumerate(gradients("float64")[:6]):
            whole.apply(expected, given)
            if step < 3:
                first.apply(parameters, given)
    second, there = case.optimizer(), placed(parameters)
    second.set_state(first.state())
    for given in gradients("float64")[3:6]:
        second.apply(there, placed(given))
    for name, array in expected.items():
        np.testing.assert_allclose(to_host(there[name]), array, rtol=1e-11, atol=1e-14)


class SignDescent(Optimizer):
    """An optimizer as a reader would write it, in NumPy."""

    slots = ("steps",)

    def update_chunk(self, p: Any, g: Any, slots: dict[str, Any], rate: float) -> None:
        """A step of one size, which shrinks where the sign has changed."""
        slots["steps"] *= p.dtype.type(0.5)
        slots["steps"] += np.sign(g)
        p -= slots["steps"] * p.dtype.type(rate)


class AdamTwice(Adam):
    """A change of one of ours: it sees each chunk, and calls what it changes."""

    def update_chunk(self, p: Any, g: Any, slots: dict[str, Any], rate: float) -> None:
        """Two steps instead of one."""
        super().update_chunk(p, g, slots, rate)
        super().update_chunk(p, g, slots, rate)


@pytest.mark.parametrize(
    "common", [{}, {"clipvalue": 0.3, "weight_decay": 0.1}, {"global_clipnorm": 0.5}, {"clipnorm": 0.5}]
)
def test_an_optimizer_written_in_numpy_works_everywhere(common: dict[str, Any], computing: str) -> None:
    given, start = arrays("float64", 3), arrays("float64", 1)
    norms = {name: np.linalg.norm(g) for name, g in given.items()}
    scale = {name: min(1, common.get("clipnorm", np.inf) / norm) for name, norm in norms.items()}
    if "global_clipnorm" in common:
        scale = dict.fromkeys(given, min(1, 0.5 / np.sqrt(sum(norm**2 for norm in norms.values()))))
    clip, decay = common.get("clipvalue", np.inf), 1 - 0.1 * common.get("weight_decay", 0)
    parameters = placed(start)
    SignDescent(0.1, **common).apply(parameters, placed(given))
    for name in start:
        expected = start[name] * decay - 0.1 * np.sign(given[name])
        np.testing.assert_allclose(to_host(parameters[name]), expected, rtol=1e-12)
    parameters, twice = placed(start), AdamTwice(0.1, **common)
    twice.apply(parameters, placed(given))
    for name in start:
        g = np.clip(given[name] * scale[name], -clip, clip)
        m, v, expected = 0 * g, 0 * g, start[name] * decay
        for _ in range(2):
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            expected = expected - 0.1 * np.sqrt(1 - 0.999) / (1 - 0.9) * m / (np.sqrt(v) + 1e-7)
        np.testing.assert_allclose(to_host(parameters[name]), expected, rtol=1e-10)
