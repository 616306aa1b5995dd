"""Twenty steps of every optimizer, and every schedule, against Keras's."""

from __future__ import annotations

import jax
import keras
import numpy as np
import pytest
from tinyseg_kernels.device import to_backend, to_host

from tests.support.errors import ErrorLog
from tests.utils.comparing import LIMITS, assert_agrees
from tests.utils.keras_precision import keras_floatx
from tinyseg.optimizers import Adam, Optimizer, schedules

from .cases import CASES, SCHEDULES, STEPS, Case, arrays, gradients, schedule


def compare(log: ErrorLog, ours: Optimizer, theirs: keras.optimizers.Optimizer, dtype: str) -> None:
    """Run both with the same gradients, and compare the parameters after each step."""
    parameters = {name: to_backend(array) for name, array in arrays(dtype, 1).items()}
    start = {name: to_host(array).copy() for name, array in parameters.items()}
    variables = [keras.Variable(array, dtype=dtype) for array in start.values()]
    for step, given in enumerate(gradients(dtype)):
        theirs.apply([keras.ops.convert_to_tensor(g, dtype=dtype) for g in given.values()], variables)
        ours.apply(parameters, {name: to_backend(gradient) for name, gradient in given.items()})
        for (name, parameter), variable in zip(parameters.items(), variables, strict=True):
            assert_agrees(
                log, f"Keras {dtype}", to_host(parameter), np.asarray(variable), LIMITS[dtype], f"{name}, step {step}"
            )
    assert ours.iterations == int(theirs.iterations) == STEPS
    for name, array in start.items():
        assert (to_host(parameters[name]) != array).mean() > 0.99


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_steps(case: Case, dtype: str, computing: str, record_error: ErrorLog) -> None:
    with keras_floatx(dtype):
        compare(record_error, case.optimizer(), getattr(keras.optimizers, case.name)(**case.arguments), dtype)


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
    with keras_floatx("float32"):
        theirs = keras.optimizers.Adam(getattr(keras.optimizers.schedules, name)(**arguments), weight_decay=0.1)
        compare(record_error, Adam(schedule(name, arguments), weight_decay=0.1), theirs, "float32")


def test_every_schedule_and_optimizer_is_compared() -> None:
    bases = {"LearningRateSchedule", "get", "serialize"}
    assert {name for name, _ in SCHEDULES} == set(schedules.__all__) - bases
    assert {case.name for case in CASES} == {"SGD", "RMSprop", "Adam", "AdamW"}
