"""Exercises of layers, losses, optimizers and metrics: their worked examples, what earns points, what is told apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinyseg.exercises import Exercise, exercise
from tinyseg.exercises.checking import check_functions

NAMES = (
    "dense",
    "relu",
    "softmax",
    "softmax_cross_entropy",
    "mean_absolute_error",
    "sgd_momentum",
    "adam",
    "batch_norm",
    "dropout",
    "upsampling_bilinear",
    "dice_loss",
    "mean_iou",
)
NUMBERS = re.compile(r"([a-z]\w*)\s*=\s*(\[[][0-9., -]*\]|-?[0-9][0-9.e-]*)")
"""What is written as 'x = [[1, 2]]' or 'epsilon = 0.5' in a worked example."""

Function = Callable[..., Any]


def functions(of: Exercise, source: str) -> list[Function | None]:
    """Execute a file and return forward and backward."""
    names: dict[str, Any] = {}
    exec(compile(source, f"{of.name}.py", "exec"), names)
    return [names[name] if name else None for name in (of.forward, of.backward)]


def worked_examples(of: Exercise) -> list[dict[str, Any]]:
    """Return the numbers of a stub's worked examples by name; where a name comes again, another example begins."""
    text = of.stub.split('"""')[1].split("By hand", 1)[1]
    found: list[dict[str, Any]] = [{}]
    for name, value in NUMBERS.findall(text):
        if name in found[-1]:
            found.append({})
        found[-1][name] = np.array(ast.literal_eval(value), np.float64)
    return found


def options_of(of: Exercise, numbers: dict[str, Any]) -> dict[str, Any]:
    """Return the options among the numbers of an example; whole numbers as int."""

    def number(value: float) -> int | float:
        return int(value) if value == int(value) else float(value)

    known = of.operation().cases()[0].options
    options: dict[str, Any] = {
        key: number(value) if value.ndim == 0 else tuple(map(number, value))
        for key, value in numbers.items()
        if key in known
    }
    return options | ({"nesterov": False} if "nesterov" in known else {})


def results_of(of: Exercise, numbers: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Run the solution on the numbers of an example."""
    operation, (forward, backward) = of.operation(), functions(of, of.solution)
    assert forward is not None
    arrays = [numbers[array] for array in operation.arrays]
    if of.name == "dropout":  # the example has the draw, which no seed need give
        cache = numbers["kept"] / (1 - options["rate"])
        results = {"y": arrays[0] * cache}
    elif operation.has_cache:
        y, cache = forward(*arrays, **options)
        results = {"y": y}
    else:
        values = forward(*arrays, **options)
        many = values if isinstance(values, tuple) else (values,)
        return {f"new_{key}": value for key, value in zip(operation.results, many, strict=True)}
    assert backward is not None
    given = backward(numbers["dy"], cache)
    return results | dict(zip(operation.gradients, given if isinstance(given, tuple) else (given,), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_worked_examples_are_right(name: str) -> None:
    of = exercise(name)
    examples = worked_examples(of)
    options: dict[str, Any] = {}
    for numbers in examples:
        options |= options_of(of, numbers)
        results = results_of(of, numbers, options)
        shown = [key for key in results if key in numbers]
        assert shown if numbers is not examples[0] else shown == list(results)
        for key in shown:
            np.testing.assert_allclose(results[key], numbers[key], atol=5e-5, err_msg=key)


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_an_example_does_not_name_are_no_example(name: str) -> None:
    """A table of the example, zeros and what came in earn nothing."""
    of = exercise(name)
    operation = of.operation()
    example = list(worked_examples(of)[0].values())
    answers: list[Callable[..., Any]] = [
        lambda *arrays: example[-1],
        lambda *arrays: np.zeros_like(arrays[0]),
        lambda *arrays: arrays[0],
    ]
    for answer in answers:

        def forward(*arrays: Any, answer: Any = answer, **options: Any) -> Any:
            if operation.has_cache:
                return answer(*arrays), arrays
            return tuple(answer(array) for array in arrays[: len(operation.results)])

        def backward(dy: Any, cache: Any, answer: Any = answer) -> Any:
            return tuple(answer(array) for array in cache[: len(operation.gradients)])

        given = check_functions(of, forward, backward if of.backward else None)
        assert (given.points, given.passed) == (0, False), given.diagnosis


@pytest.mark.parametrize("name", NAMES)
def test_planted_bugs_are_found_and_the_worst_ones_named(name: str) -> None:
    """A seeded handful here; all of them are held to their names by the prover of the whole catalogue."""
    of = exercise(name)
    chosen = np.random.default_rng(len(of.mistakes)).choice(len(of.mistakes), 3, replace=False)
    for mistake in (of.mistakes[int(index)] for index in chosen):
        assert of.solution.count(mistake.before) == 1, mistake.name
        given = check_functions(of, *functions(of, of.solution.replace(mistake.before, mistake.after)), seed=1)
        assert not given.passed, mistake.name
        assert given.points < of.points, mistake.name
        assert given.diagnosis.cause in mistake.causes, f"{mistake.name}: {given.diagnosis}"


def test_who_returns_the_input_is_told_so() -> None:
    found = check_functions(exercise("relu"), lambda x: (x, x), lambda dy, cache: dy).diagnosis
    assert found.cause == "identity"


def test_a_mean_iou_of_float32_is_right() -> None:
    right = functions(exercise("mean_iou"), exercise("mean_iou").solution)[0]
    assert right is not None
    for kind, passes in ((np.float32, True), (np.float16, False)):
        found = check_functions(exercise("mean_iou"), lambda *a, k=kind, **options: k(right(*a, **options)))
        assert found.passed is passes


def test_two_images_in_a_list_are_one_result() -> None:
    right = functions(exercise("conv2d_forward"), exercise("conv2d_forward").solution)[0]
    assert right is not None
    assert check_functions(exercise("conv2d_forward"), lambda *a: np.asarray(right(*a)).tolist()).passed


def test_grad_cam_without_relu_is_named_where_all_speaks_against_the_class_too() -> None:
    of = exercise("grad_cam")

    def heat(a: Any, g: Any, *, size: Any) -> Any:
        s = (a * g.mean(axis=(1, 2), keepdims=True)).sum(-1)
        s = s / s.max(axis=(1, 2), keepdims=True)
        return s[:, np.arange(size[0]) * s.shape[1] // size[0]][:, :, np.arange(size[1]) * s.shape[2] // size[1]]

    found = check_functions(of, heat).diagnosis
    assert found.cause == "relu-missing"
    assert "something more" not in found.message
