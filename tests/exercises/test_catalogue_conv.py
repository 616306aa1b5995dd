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


def test_avg_pool2d_example() -> None:
    task = exercise("avg_pool2d")
    e, functions = example_of(task), solution_of(task)
    options = {"pool_size": (2, 2), "strides": (2, 2), "padding": ((0, 1), (0, 1))}
    y, cache = functions["avg_pool2d_forward"](image(e["x"]), **options)
    np.testing.assert_array_equal(y, image(e["y"]))
    np.testing.assert_array_equal(functions["avg_pool2d_backward"](image(e["dy"]), cache), image(e["dx"]))


@pytest.mark.parametrize(
    ("name", "functions", "options"),
    [
        ("stride_and_dilation", "strided_conv2d", {"strides": (2, 1), "dilation_rate": (1, 2)}),
        ("conv2d_vectorized", "conv2d_vectorized", {}),
    ],
)
def test_examples_of_convolutions(name: str, functions: str, options: dict[str, Any]) -> None:
    task = exercise(name)
    e, answer = example_of(task), solution_of(task)
    y, cache = answer[f"{functions}_forward"](image(e["x"]), kernel(e["kernel"]), e["bias"], **options)
    np.testing.assert_array_equal(y, image(e["y"]))
    got = answer[f"{functions}_backward"](image(e["dy"]), cache)
    for gradient, right in zip(got, (image(e["dx"]), kernel(e["dkernel"]), e["dbias"]), strict=True):
        np.testing.assert_array_equal(gradient, right)


def test_conv2d_im2col_example() -> None:
    task = exercise("conv2d_im2col")
    e, answer = example_of(task), solution_of(task)
    x, weights = image(e["x"]), kernel(e["kernel"])
    columns, y = answer["conv2d_im2col_forward"](x, weights, e["bias"], strides=(1, 1))
    np.testing.assert_array_equal(columns, e["columns"])
    np.testing.assert_array_equal(y, image(e["y"]))
    got = answer["conv2d_im2col_backward"](image(e["dy"]), (columns, weights, x.shape, (1, 1)))
    right = (e["dcolumns"], image(e["dx"]), kernel(e["dkernel"]), e["dbias"])
    for gradient, expected in zip(got, right, strict=True):
        np.testing.assert_array_equal(gradient, expected)


def test_depthwise_conv2d_example() -> None:
    task = exercise("depthwise_conv2d")
    e, answer = example_of(task), solution_of(task)

    def row(name: str) -> Array:
        """Two rows of numbers -> (1, 1, W, 2)."""
        return np.stack([e[f"{name}0"], e[f"{name}1"]], axis=-1)[None, None]

    weights = row("kernel")[0][..., None]
    y, cache = answer["depthwise_conv2d_forward"](row("x"), weights, e["bias"], strides=(1, 1))
    np.testing.assert_array_equal(y, row("y"))
    dx, dkernel, dbias = answer["depthwise_conv2d_backward"](row("dy"), cache)
    np.testing.assert_array_equal(dx, row("dx"))
    np.testing.assert_array_equal(dkernel, row("dkernel")[0][..., None])
    np.testing.assert_array_equal(dbias, e["dbias"])


def test_conv2d_transpose_example() -> None:
    task = exercise("conv2d_transpose")
    e, answer = example_of(task), solution_of(task)
    x, weights = e["x"][None, None, :, None], e["kernel"][None, :, None, None]
    y, cache = answer["conv2d_transpose_forward"](x, weights, e["bias"], strides=(1, 2), padding="valid")
    np.testing.assert_array_equal(y[0, 0, :, 0], e["y"])
    dx, dkernel, dbias = answer["conv2d_transpose_backward"](e["dy"][None, None, :, None], cache)
    np.testing.assert_array_equal(dx[0, 0, :, 0], e["dx"])
    np.testing.assert_array_equal(dkernel[0, :, 0, 0], e["dkernel"])
    np.testing.assert_array_equal(dbias, e["dbias"])
    same, _ = answer["conv2d_transpose_forward"](x, weights, e["bias"], strides=(1, 2), padding="same")
    np.testing.assert_array_equal(same[0, 0, :, 0], e["ysame"])


def test_same_padding_example() -> None:
    task = exercise("same_padding")
    e, pad = example_of(task), solution_of(task)["same_padding"]
    for name, strides in (("padded", (1, 1)), ("padded2", (2, 2))):
        got = pad(image(e["x"]), kernel_size=(2, 3), strides=strides, dilation_rate=(1, 1))
        np.testing.assert_array_equal(got, image(e[name]))


def test_winograd_example() -> None:
    task = exercise("winograd")
    e, answer = example_of(task), solution_of(task)
    for name, matrix in (("G", "G"), ("BT", "BT"), ("AT", "AT")):
        np.testing.assert_array_equal(answer[name], e[matrix])
    u, v, m, y = answer["winograd_conv2d"](image(e["x"]), kernel(e["kernel"]), e["bias"])
    np.testing.assert_array_equal(u[:, :, 0, 0], e["u"])
    np.testing.assert_array_equal(v[0, 0, 0, :, :, 0], e["v"])
    np.testing.assert_array_equal(m[0, 0, 0, :, :, 0], e["m"])
    np.testing.assert_array_equal(y, image(e["y"]))


def test_an_ordinary_convolution_is_no_answer_to_winograd() -> None:
    task = exercise("winograd")
    answer = solution_of(task)["winograd_conv2d"]

    def plain(x: Array, k: Array, bias: Array) -> tuple[Array, ...]:
        u, v, m, y = answer(x, k, bias)
        return 0 * u, 0 * v, 0 * m, y

    outcome = check_functions(task, plain)
    assert not outcome.passed
    assert outcome.points == 0


def test_a_right_step_is_not_blamed_for_a_later_one() -> None:
    task = exercise("winograd")
    wrong = solution_of(task)["AT"].copy()
    wrong[1, 3] = 1
    space: dict[str, Any] = {}
    exec(task.solution.replace("[0, 1, -1, -1]", "[0, 1, -1, 1]"), space)
    np.testing.assert_array_equal(space["AT"], wrong)
    found = check_functions(task, space["winograd_conv2d"]).diagnosis
    assert found.cause == "output-transform-wrong"
    assert "row 1, column 3" in found.message
    assert not set(found.evidence.get("would look the same", ())) & {"kernel-transform-wrong", "image-transform-wrong"}


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
