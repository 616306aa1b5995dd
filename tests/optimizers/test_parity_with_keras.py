"""Twenty steps of every optimizer, and every schedule, against Keras's."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import keras
import numpy as np
import pytest
from tinyseg_kernels.device import to_backend, to_host

from tests.support.errors import ErrorLog
from tests.utils.comparing import LIMITS, assert_agrees
from tests.utils.keras_precision import keras_floatx
from tinyseg.optimizers import Adam, Optimizer, schedules

from .cases import CASES, SCHEDULES, STEPS, arrays, gradients, schedule


def by_keras(make: Callable[[], Any], dtype: str) -> list[dict[str, np.ndarray]]:
    """Return the parameters after each step of Keras's optimizer."""
    with keras_floatx(dtype):
        optimizer = make()
        variables = {name: keras.Variable(array, dtype=dtype) for name, array in arrays(dtype, 1).items()}
        found = []
        for given in gradients(dtype):
            optimizer.apply(
                [keras.ops.convert_to_tensor(g, dtype=dtype) for g in given.values()], [*variables.values()]
            )
            found.append({name: np.asarray(variable) for name, variable in variables.items()})
        assert int(optimizer.iterations) == STEPS
    return found


@cache
def known(number: int, dtype: str) -> list[dict[str, np.ndarray]]:
    """Return what Keras comes to in a case, by its number: computed once, for all backends."""
    case = CASES[number]
    return by_keras(lambda: getattr(keras.optimizers, case.name)(**case.arguments), dtype)


def compare(log: ErrorLog, ours: Optimizer, expected: list[dict[str, np.ndarray]], dtype: str) -> None:
    """Take the same steps, and compare the parameters after each one."""
    start = arrays(dtype, 1)
    parameters = {name: to_backend(array.copy()) for name, array in start.items()}
    for step, (given, wanted) in enumerate(zip(gradients(dtype), expected, strict=True)):
        ours.apply(parameters, {name: to_backend(gradient) for name, gradient in given.items()})
        for name, parameter in parameters.items():
            assert_agrees(
                log, f"Keras {dtype}", to_host(parameter), wanted[name], LIMITS[dtype], f"{name}, step {step}"
            )
    assert ours.iterations == STEPS
    for name, array in start.items():
        assert (to_host(parameters[name]) != array).mean() > 0.99


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: str(CASES[number]))
def test_steps(number: int, dtype: str, computing: str, record_error: ErrorLog) -> None:
    compare(record_error, CASES[number].optimizer(), known(number, dtype), dtype)


@pytest.mark.parametrize(("name", "arguments"), SCHEDULES)
def test_schedules(name: str, arguments: dict[str, float], record_error: ErrorLog) -> None:
    with keras_floatx("float64"):
        theirs = getattr(keras.optimizers.schedules, name)(**arguments)
        if name != "CosineDecayRestarts":  # jitted, its logarithm rounds to the other side of a restart
            theirs = jax.jit(theirs)
        expected = [float(theirs(step)) for step in range(40)]
    # Keras keeps the schedules' own numbers in float32.
    actual = [schedule(name, arguments)(step) for step in range(40)]
    assert_agrees(record_error, "Keras float32", actual, expected, 1e-6, name)


@pytest.mark.parametrize(("name", "arguments"), [SCHEDULES[1], SCHEDULES[-1]])
def test_an_optimizer_follows_its_schedule(name: str, arguments: dict[str, float], record_error: ErrorLog) -> None:
    rates = getattr(keras.optimizers.schedules, name)
    expected = by_keras(lambda: keras.optimizers.Adam(rates(**arguments), weight_decay=0.1), "float32")
    compare(record_error, Adam(schedule(name, arguments), weight_decay=0.1), expected, "float32")


def test_every_schedule_and_optimizer_is_compared() -> None:
    bases = {"LearningRateSchedule", "get", "serialize"}
    assert {name for name, _ in SCHEDULES} == set(schedules.__all__) - bases
    assert {case.name for case in CASES} == {"SGD", "RMSprop", "Adam", "AdamW"}
