"""The report of a check."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tinyseg.diagnosis import Diagnosis
from tinyseg.exercises import exercise
from tinyseg.exercises.checking import check_functions, check_source
from tinyseg.exercises.languages import texts_of
from tinyseg.exercises.outcome import GroupResult, Outcome
from tinyseg.exercises.rendering import Kind, as_json, parts, plain, question_of, split
from tinyseg.exercises.showing import Shown, shown_of

from .learner import ENGLISH, HALF, RIGHT, WRONG

RELU = exercise("relu")


def text_of(outcome: Outcome, width: int = 80) -> str:
    return plain(parts(outcome, shown_of(outcome), texts_of(RELU), ENGLISH, width=width), width)


def test_a_right_answer() -> None:
    text = text_of(check_source(RELU, RIGHT))
    assert text == "relu   passed, 10 of 10 points\n  Right in all 11 configurations that were tried."


def test_a_wrong_answer_is_told_what_where_and_by_an_example() -> None:
    outcome = check_source(RELU, WRONG)
    text = text_of(outcome)
    headings = [
        "relu   not yet, 4 of 10 points",
        "What is wrong",
        "  dx is wrong in ",
        "  What passes is decided by the sign of dy.",
        "  Name of the mistake: mask-of-the-upstream",
        "To think about",
        "An example to follow by hand (* where your number is wrong)",
        "  x  ",
        "  dy  ",
        "right",
        "yours",
        "Points",
        "  [x] y ",
        "  [ ] dx ",
    ]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "Hint:" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert question_of(outcome) in text.replace("\n  ", " ")


def test_the_picture_comes_after_the_example() -> None:
    outcome = check_source(RELU, WRONG)
    found = [part.kind for part in parts(outcome, shown_of(outcome), texts_of(RELU), ENGLISH, picture="relu.png")]
    assert found.count(Kind.PICTURE) == 1
    assert Kind.LINES in found[: found.index(Kind.PICTURE)]
    assert Kind.LINES in found[found.index(Kind.PICTURE) :]  # the points


def test_what_is_not_written_yet_is_no_mistake() -> None:
    outcome = check_source(RELU, HALF)
    text = text_of(outcome)
    assert "  relu_backward is not written yet." in text
    assert "exception" not in text
    assert "[x] y " in text
    assert question_of(outcome) == ""


def test_a_file_that_cannot_be_loaded() -> None:
    outcome = check_source(RELU, "def relu_forward(x)\n    return x")
    assert (outcome.points, outcome.passed) == (0, False)
    assert "line 1" in text_of(outcome)
    assert "Points" not in text_of(outcome)  # nothing was run
    lacking = text_of(check_source(RELU, WRONG.replace("relu_backward", "backward")))
    assert "no function relu_backward" in lacking


def test_a_refused_answer_is_told_why_and_nothing_else() -> None:
    outcome = replace(check_source(RELU, WRONG), refused="It imports torch.", printed="hello\n")
    text = text_of(outcome)
    assert "does not count, 0 of 10 points" in text
    assert "It imports torch." in text
    assert "hello" in text
    assert "example" not in text


def test_long_names_of_groups_are_folded() -> None:
    outcome, texts = check_source(RELU, WRONG), texts_of(RELU)
    long = replace(texts, groups={**texts.groups, "zeros": "dx where x is exactly 0, " * 6})
    text = plain(parts(outcome, shown_of(outcome), long, ENGLISH, width=72), 72)
    lines = text[text.index("Points") :].splitlines()
    assert max(map(len, lines)) <= 72
    assert lines[-1].startswith("      ")
    assert sum("dx where" in line for line in lines) >= 1
    assert " ".join(line[6:46].strip() for line in lines[3:]).count("exactly") == 6


def test_points_that_are_held_back_are_said() -> None:
    """Every number is right, and backward changes dy."""

    def backward(dy: np.ndarray, positive: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        dx = np.where(positive, dy, 0).astype(dy.dtype)
        dy[...] = 0
        return dx

    outcome = check_functions(RELU, lambda x: (np.maximum(x, 0), x > 0), backward)
    assert outcome.points == 6
    lines = text_of(outcome).splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  [")] == ["[", "[x]", "[x]"]
    assert any("given when the rest is right" in line for line in lines)
    groups = as_json(outcome, Shown(), None)["groups"]
    assert sum(group["points"] for group in groups.values()) == outcome.points


def test_what_the_code_prints_is_cut() -> None:
    outcome = replace(check_source(RELU, WRONG), printed="\n".join(f"line {k}" for k in range(100)))
    text = text_of(outcome)
    assert "line 11\n  ..." in text
    assert "line 12" not in text


def test_notes_and_limits_are_told() -> None:
    outcome = replace(check_source(RELU, RIGHT), limits=("no limit of memory on this system",))
    assert "Note: no limit of memory on this system" in text_of(outcome)


@pytest.mark.parametrize(
    ("message", "seen", "question"),
    [
        ("A is wrong.\nHint: Why?", "A is wrong.", "Why?"),
        ("It takes too long. Hint: look: there.", "It takes too long.", "Look: there."),
        ("A.\nHint: Why?\nOn top of that, B.", "A.\nOn top of that, B.", "Why?"),
        ("A.", "A.", ""),
    ],
)
def test_message_and_hint(message: str, seen: str, question: str) -> None:
    assert split(message) == (seen, question)


def test_evidence_of_another_kind_is_told() -> None:
    evidence = {"the emulator found": ["a race", "a bank conflict"], "got": 3.14159, "worst at": "dx[0]"}
    diagnosis = Diagnosis("relu", False, "race", "", "It is a race.", evidence)
    text = text_of(Outcome(RELU, diagnosis, {"forward": GroupResult(4, 0, 1)}))
    assert "the emulator found: a race; a bank conflict" in text
    assert "3.14159" not in text


def test_where_an_exception_comes_is_told() -> None:
    diagnosis = Diagnosis("relu", False, "exception", "backward, only with images", "backward stops.\nHint: Why?")
    text = text_of(Outcome(RELU, diagnosis, {"forward": GroupResult(4, 0, 1)}))
    assert "Where: backward, only with images." in text


def test_json_is_strict() -> None:
    outcome = check_source(RELU, WRONG.replace("dy * (dy > 0)", "dy / (dy > 0)"))
    shown = shown_of(outcome)
    content = as_json(outcome, shown, "relu.png")
    text = json.dumps(content, allow_nan=False)
    assert json.loads(text)["passed"] is False
    assert content["example"]["result"] == "dx"
    assert "inf" in str(content["example"]["yours"])
