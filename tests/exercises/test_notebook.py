"""`check` in a notebook."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.exercises import check, exercise, notebook
from tinyseg.exercises.exercise import Exercise


def forward(x: Any) -> Any:
    return np.maximum(x, 0), x


def backward(dy: Any, x: Any) -> Any:
    return dy * (x > 0)


def wrong(dy: Any, x: Any) -> Any:
    return dy * (x != 0)


def test_functions_by_position_and_by_name() -> None:
    for checked in (
        check("relu", forward, backward),
        check("relu", forward, backward=backward),
        check("relu", relu_backward=backward, relu_forward=forward),
    ):
        assert checked.passed
        assert checked.points == 10
        assert "passed" in str(checked)


def test_text_and_html_say_the_same() -> None:
    checked = check("relu", forward, wrong)
    assert not checked.passed
    assert "mask-of-nonzero" in str(checked)
    assert repr(checked) == str(checked)
    page = checked._repr_html_()
    assert "mask-of-nonzero" in page
    assert page.count("<img ") == 1
    assert page.count('<b style="color: #c00000">*') == 3
    found = re.search(r"data:image/png;base64,([^\"]+)", page)
    assert found is not None
    assert base64.b64decode(found[1])[:4] == b"\x89PNG"
    assert "<img" not in check("relu", forward, backward)._repr_html_()


def test_html_is_escaped() -> None:
    def failing(dy: Any, x: Any) -> Any:
        raise ValueError("<script>alert(1)</script>")

    page = check("relu", forward, failing)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_what_is_not_written_yet_may_be_left_out() -> None:
    assert "relu_backward is not written yet" in str(check("relu", forward))
    assert check("relu", forward).points == 4


@pytest.mark.parametrize(
    ("functions", "named", "words"),
    [
        ((), {}, "got no function"),
        ((forward, backward, wrong), {}, "got 3 functions"),
        ((forward,), {"backwards": backward}, "named 'backwards'"),
        ((forward,), {"forward": forward}, "given twice"),
        ((forward, 3), {}, "for relu_backward came int"),
    ],
)
def test_other_functions_are_refused(functions: Any, named: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as error:
        check("relu", *functions, **named)
    assert "check('relu', relu_forward, relu_backward)" in str(error.value)


def test_names_and_languages_that_there_are_not() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'relu'"):
        check("rleu", forward)
    with pytest.raises(InvalidInput, match="zh-CN"):
        check("relu", forward, language="fr")


def test_a_backward_alone_may_bring_its_forward() -> None:
    relu = exercise("relu")
    alone = Exercise("relu", 5, 1, relu.operation, relu.folder, backward="relu_backward")
    assert notebook._functions(alone, (backward,), {}) == (None, backward)
    assert notebook._functions(alone, (forward, backward), {}) == (forward, backward)
    first = Exercise("relu", 5, 1, relu.operation, relu.folder, forward="relu_forward")
    assert notebook._functions(first, (forward,), {}) == (forward, None)
    with pytest.raises(InvalidInput, match="got 2 functions"):
        notebook._functions(first, (forward, backward), {})
    with pytest.raises(InvalidInput, match="named 'backward'"):
        notebook._functions(first, (forward,), {"backward": backward})
