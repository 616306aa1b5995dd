"""The exercises on convolution and pooling: the examples on paper in their stubs are right."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinyseg.exercises import Exercise, exercise
from tinyseg.exercises.checking import check_functions

Array = np.ndarray[Any, np.dtype[Any]]


def example_of(task: Exercise) -> dict[str, Array]:
    """Return the arrays that a stub's docstring writes down as `name = [[1, 2], ...]`."""
    text = ast.get_docstring(ast.parse(task.stub)) or ""
    found = re.finditer(r"^    (\w+) = (\[[^=]*\])$", text, re.MULTILINE)
    return {name: np.array(ast.literal_eval(value), float) for name, value in (match.groups() for match in found)}


def solution_of(task: Exercise) -> dict[str, Callable[..., Any]]:
    names: dict[str, Any] = {}
    exec(compile(task.solution, task.name, "exec"), names)
    return names


def image(array: Array) -> Array:
    """(H, W) -> (1, H, W, 1)."""
    return array[None, :, :, None]


def kernel(array: Array) -> Array:
    """(KH, KW) -> (KH, KW, 1, 1)."""
    return array[:, :, None, None]


def test_conv2d_forward_example() -> None:
    task = exercise("conv2d_forward")
    e = example_of(task)
    y = solution_of(task)["conv2d_forward"](image(e["x"]), kernel(e["kernel"]), e["bias"])
    np.testing.assert_array_equal(y, image(e["y"]))


def test_conv2d_backward_example() -> None:
    task = exercise("conv2d_backward")
    e = example_of(task)
    got = solution_of(task)["conv2d_backward"](image(e["dy"]), (image(e["x"]), kernel(e["kernel"])))
    for gradient, right in zip(got, (image(e["dx"]), kernel(e["dkernel"]), e["dbias"]), strict=True):
        np.testing.assert_array_equal(gradient, right)


@pytest.mark.parametrize(("number", "pool_size", "strides"), [("", (2, 2), (1, 1)), ("2", (1, 2), (2, 1))])
def test_max_pool2d_example(number: str, pool_size: tuple[int, int], strides: tuple[int, int]) -> None:
    task = exercise("max_pool2d")
    e, functions = example_of(task), solution_of(task)
    y, cache = functions["max_pool2d_forward"](image(e["x"]), pool_size=pool_size, strides=strides)
    np.testing.assert_array_equal(y, image(e[f"y{number}"]))
    dx = functions["max_pool2d_backward"](image(e[f"dy{number}"]), cache)
    np.testing.assert_array_equal(dx, image(e[f"dx{number}"]))


def test_a_notebook_may_hand_in_its_own_forward_with_conv2d_backward() -> None:
    task = exercise("conv2d_backward")
    backward = solution_of(task)["conv2d_backward"]
    forward = solution_of(exercise("conv2d_forward"))["conv2d_forward"]

    def with_cache(x: Array, k: Array, bias: Array) -> tuple[Array, object]:
        return forward(x, k, bias), (x, k)

    assert check_functions(task, with_cache, backward).passed
    # Its own cache is used, and its own mistakes count.
    assert check_functions(
        task, lambda x, k, b: (forward(x, k, b), {"k": k, "x": x}), lambda dy, c: backward(dy, (c["x"], c["k"]))
    ).passed
    found = check_functions(task, lambda x, k, b: (forward(x, k, b) - b, (x, k)), backward)
    assert found.diagnosis.cause == "bias-missing"
