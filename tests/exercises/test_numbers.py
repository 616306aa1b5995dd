"""Arrays as they are shown to a learner."""

from __future__ import annotations

import numpy as np

from tinyseg.exercises.numbers import blocks, example_lines, map_lines
from tinyseg.exercises.showing import Example, Result, WrongMap

from .learner import ENGLISH

IMAGE = ("N", "H", "W", "C")


def result(right: object, got: object, axes: tuple[str, ...] = ()) -> Result:
    a, b = np.asarray(right, float), np.asarray(got, float)
    wrong = ~np.isclose(a, b) if a.shape == b.shape else None
    return Result("dx", a, b, wrong, axes or ("",) * a.ndim)


def test_planes_of_an_image_and_of_a_kernel() -> None:
    found = blocks("x", np.arange(12.0).reshape(2, 3, 1, 2), IMAGE)
    assert [block.name for block in found] == ["x[0, :, :, 0]", "x[0, :, :, 1]", "x[1, :, :, 0]", "x[1, :, :, 1]"]
    assert found[1].rows == [" 1", " 3", " 5"]
    found = blocks("kernel", np.arange(8.0).reshape(2, 2, 1, 2), ("KH", "KW", "C", "F"))
    assert [(block.name, block.rows) for block in found][1] == ("kernel[:, :, 0, 1]", ["1  3", "5  7"])
    assert blocks("p", np.zeros((2, 1, 2)), ("", "", ""))[1].name == "p[1, :, :]"


def test_numbers_are_as_short_as_they_can_be() -> None:
    values = np.array([3.0, -2.5, 1 / 3, np.nan, -np.inf])
    assert blocks("v", values, ("",))[0].rows == ["     3    -2.5  0.3333     nan    -inf"]
    assert blocks("v", np.array([True, False]), ("",))[0].rows == ["1  0"]
    assert blocks("v", np.array(2.0), ())[0].rows == ["2"]


def test_right_beside_yours_with_stars_where_it_is_wrong() -> None:
    inputs = {"x": np.array([[1.0, -2.0]]), "dy": np.array([[5.0, 7.0]])}
    example = Example(inputs, {"strides": (2, 2)}, {}, result([[5, 0]], [[5, 7]]))
    assert example_lines(example, ENGLISH, 78) == [
        "options   strides = (2, 2)",
        "x          1  -2",
        "dy        5  7",
        "",
        "          right      yours",
        "dx        5  0        5  *7",
    ]


def test_yours_stands_below_where_there_is_no_room() -> None:
    example = Example({}, {}, {}, result([[1, 2, 3]], [[1, 2, 4]]))
    assert [line.strip() for line in example_lines(example, ENGLISH, 12)] == [
        "", "right", "dx   1  2  3", "yours", "dx    1   2  *4",
    ]  # fmt: skip


def test_long_options_are_folded() -> None:
    lines = example_lines(Example({}, {"nodes": tuple(range(60))}, {}, None), ENGLISH, 70)
    assert max(map(len, lines)) <= 70
    assert len(lines) > 2


def test_other_shapes_are_said() -> None:
    lines = example_lines(Example({}, {}, {}, result([1, 2], 3)), ENGLISH, 78)
    assert [line.strip() for line in lines] == [
        "", "right, shape (2,)", "dx   1  2", "yours, shape ()", "dx   3",
    ]  # fmt: skip


def test_enough_digits_to_see_the_difference() -> None:
    lines = example_lines(Example({}, {}, {}, result([0.123456], [0.123459])), ENGLISH, 78)
    assert lines[-1].split() == ["dx", "0.123456", "*0.123459"]


def test_large_arrays_are_not_printed() -> None:
    example = Example({"x": np.zeros((20, 20))}, {}, {}, result(np.zeros((9, 9)), np.ones((9, 9))))
    text = "\n".join(example_lines(example, ENGLISH, 78))
    assert text.count("too large to print") == 3


def test_the_map() -> None:
    some, every = np.array([[1, 1], [0, 0]], bool), np.array([[1, 0], [0, 0]], bool)
    assert map_lines(WrongMap("dx", "", some, every, ("H", "W"), ("N",))) == ["# +", ". ."]
