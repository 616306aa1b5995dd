"""Answers are timed, trained in a network, and asked about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.dense import numpy_cpu as dense
from tinyseg_kernels.errors import InvalidInput

from tinyseg.diagnosis import OPERATIONS
from tinyseg.exercises import exercise, names
from tinyseg.exercises.labs import using
from tinyseg.exercises.labs.bench import YOURS, Bench, Timing, bench
from tinyseg.exercises.labs.explaining import Question, parse_indices, parse_number, questions
from tinyseg.exercises.labs.learned import Answer
from tinyseg.exercises.labs.opening import opened
from tinyseg.exercises.labs.using import PARTS, use
from tinyseg.exercises.labs.workloads import RUNGS, WORKLOADS
from tinyseg.exercises.mutating import mutants
from tinyseg.exercises.proving import run_text


def relu(x: Any) -> tuple[Any, Any]:
    return np.maximum(x, 0), x > 0


def relu_backward(dy: Any, positive: Any) -> Any:
    return np.where(positive, dy, 0)


# Timing --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("op", WORKLOADS)
def test_all_rungs_compute_the_same_workload(op: str) -> None:
    """NumPy's rung and the specification, on the numbers that an answer is timed with, against the diagnosis's own."""
    case = WORKLOADS[op].case(6)
    expected = OPERATIONS[op]().right(OPERATIONS[op]().adapt(case, None))["y"]
    for rung in ("naive", "numpy_cpu"):
        step = WORKLOADS[op].rung_step(rung, case, "forward")
        assert step is not None
        y = step()[0]  # type: ignore[index]
        if op != "dropout":  # whose mask is the function's own choice
            np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)
        assert WORKLOADS[op].rung_step(rung, case, "backward")() is not None  # type: ignore[misc]


def test_an_answer_has_its_place_on_the_ladder() -> None:
    def found(*seconds: float) -> str:
        timings = [Timing(name, s) for name, s in zip((YOURS, *RUNGS.values(), "PyTorch"), seconds, strict=True)]
        return Bench("relu", "", tuple(sorted(timings, key=lambda t: -t.seconds)), "forward").place

    assert found(5, 4, 2, 1, 3) == "slower than loops in Python"
    assert found(3, 4, 2, 1, 3.5) == "between loops in Python and NumPy"
    assert found(0.5, 4, 2, 1, 3) == "faster than every rung of the ladder"


def test_forward_and_backward_are_timed_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyseg.exercises.labs.bench.SIZES", (8,))
    whole = bench(exercise("relu"), relu, relu_backward, repeats=2)
    assert whole.parts == "forward and backward"
    assert {timing.name for timing in whole.timings} >= {YOURS, *RUNGS.values()}
    assert all(timing.seconds > 0 for timing in whole.timings)
    assert bench(exercise("relu"), relu, None, repeats=1).parts == "forward"
    with pytest.raises(InvalidInput, match="ValueError: no"):
        bench(exercise("relu"), lambda x: (_ for _ in ()).throw(ValueError("no")), None)
    without = next(name for name in names() if exercise(name).operation().name not in WORKLOADS)
    with pytest.raises(InvalidInput, match="not timed"):
        bench(exercise(without), relu, None)


@pytest.fixture(autouse=True)
def _without_compiling() -> Iterator[None]:
    """The network's own arithmetic needs no compiled kernels here."""
    with backend("numpy"):
        yield


# In a network --------------------------------------------------------------------------------------------------------


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """One plan of a few steps."""
    monkeypatch.setattr(using, "PLANS", ((16, 2, 4),))


@pytest.mark.parametrize("op", PARTS)
def test_each_operation_has_its_place_in_a_network_that_learns(op: str) -> None:
    model, losses = using._trained(Answer(OPERATIONS[op](), None, None), 16, 2, 16, 0, None)
    assert len(losses) == 16
    assert np.mean(losses[-4:]) < np.mean(losses[:4])
    assert model.predict(np.zeros((1, 16, 16, 1), np.float32), verbose=0).shape == (1, 16, 16, 2)


@pytest.mark.usefixtures("short")
def test_a_right_answer_gives_the_librarys_training_and_a_wrong_one_another() -> None:
    right = use(exercise("relu"), relu, relu_backward, seconds=60)
    assert right.losses == right.reference
    assert (right.size, right.batch, right.steps) == (16, 2, 4)
    assert right.predictions.shape == right.truths.shape == (8, 16, 16)
    wrong = use(exercise("relu"), relu, lambda dy, positive: dy, seconds=60)
    assert wrong.losses != wrong.reference
    assert wrong.reference == right.reference
    assert len(right.figure().axes) == 16


@pytest.mark.usefixtures("short")
def test_answers_that_fail_in_the_network_say_so() -> None:
    with pytest.raises(InvalidInput, match=r"your backward fails in the network.*KeyError"):
        use(exercise("relu"), relu, lambda dy, cache: {}["dx"])
    without = next(name for name in names() if exercise(name).operation().name not in PARTS)
    with pytest.raises(InvalidInput, match="no place"):
        use(exercise(without), relu, None)


def test_a_slow_answer_gets_smaller_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is what the training's clock says: it passes with the pixels that the answer is given."""
    now, a_pixel = [0.0], [0.0]
    monkeypatch.setattr(using.time, "perf_counter", lambda: now[0])

    def trained(answer: Answer, size: int, batch: int, steps: int, seed: int, progress: Any) -> None:
        now[0] += steps * (0.01 + a_pixel[0] * size**2 * batch)

    monkeypatch.setattr(using, "_trained", trained)
    answer = Answer(OPERATIONS["relu"](), relu, relu_backward)
    for seconds, plan in ((0.0, (64, 8, 120)), (1e-4, (32, 4, 120)), (1e-3, (16, 2, 80)), (1e-2, None)):
        a_pixel[0] = seconds
        assert using._plan(answer, 60.0, 0) == plan


# A process of its own ------------------------------------------------------------------------------------------------


def test_an_answer_is_opened_in_a_process_of_its_own() -> None:
    with opened(exercise("relu"), exercise("relu").solution) as (forward, backward):
        assert forward is not None
        assert backward is not None
        found = use_in_process(forward, backward)
        assert found.parts == "forward and backward"
        assert found.yours > 0
    for source, match in (
        ("def relu_forward(x:", "no Python"),
        ("import torch", "torch"),
        ("def relu_forward(x): return x, x", "relu_backward"),
        ("1 / 0", "ZeroDivisionError"),
    ):
        with pytest.raises(InvalidInput, match=match), opened(exercise("relu"), source):
            pass


def use_in_process(forward: Any, backward: Any) -> Bench:
    return bench(exercise("relu"), forward, backward, repeats=1)


# Questions -----------------------------------------------------------------------------------------------------------


def test_questions_follow_from_the_name_and_the_code() -> None:
    of = exercise("dense")

    def asked(who: str, forward: Any = dense.dense_forward) -> list[Question]:
        return questions(of, forward, dense.dense_backward, who)

    assert asked("Ann Lee") == asked("  ann   LEE ")
    assert [q.text for q in asked("Ann")] != [q.text for q in asked("Bob")]
    assert len(asked("Ann")) == 4
    assert len({question.text for question in asked("Ann")}) == 4

    def doubled(x: Any, kernel: Any, bias: Any) -> tuple[Any, Any]:
        y, cache = dense.dense_forward(x, kernel, bias)
        return 2 * y, cache

    values = [(a.answer, b.answer) for who in "abcdef" for a, b in zip(asked(who), asked(who, doubled), strict=True)
              if "is y" in a.text]  # fmt: skip
    assert values
    assert all(b == 2 * a for a, b in values)  # the code's own numbers, right or wrong
    with pytest.raises(InvalidInput, match="empty"):
        asked("  ")
    with pytest.raises(InvalidInput, match="fails"):
        questions(of, lambda *a: 1 / 0, None, "Ann")


def test_what_depends_on_what_is_what_the_formula_says() -> None:
    """y[n, f] of dense depends on row n of x and column f of the kernel."""
    found = [q for who in map(str, range(40)) for q in questions(exercise("dense"), dense.dense_forward, None, who)]
    checked = 0
    for question in found:
        if isinstance(question.answer, frozenset) and "entries of x does y" in question.text:
            row = int(question.text.rsplit("does y[", 1)[1].split(",")[0])
            assert {index[0] for index in question.answer} == {row}
            checked += 1
    assert checked


def test_answers_as_they_are_typed() -> None:
    number, places = Question("", 2.5), Question("", frozenset({(0, 1), (2, 0)}))
    assert number.is_right(" 5/2 ")
    assert number.is_right("2.501")
    assert not number.is_right("-2.5")
    assert places.is_right("2,0; 0, 1")
    assert places.is_right("[0, 1] [2, 0]")
    assert not places.is_right("0,1")
    assert parse_indices("none") == frozenset()
    for parse, text in ((parse_number, "two"), (parse_number, "1/0"), (parse_indices, "a,b"), (parse_indices, "1.5")):
        with pytest.raises(InvalidInput, match="expected"):
            parse(text)


# Mutants -------------------------------------------------------------------------------------------------------------


def test_mutants_are_programs_that_differ() -> None:
    solution = exercise("softmax").solution
    found = mutants(solution, 30, seed=1)
    texts = {mutant.source for mutant in found}
    assert len(texts) == len(found) >= 10
    assert ast.unparse(ast.parse(solution)) not in {ast.unparse(ast.parse(text)) for text in texts}
    assert mutants(solution, 30, seed=1) == found
    assert mutants(solution, 5, seed=2) != mutants(solution, 5, seed=1)
    assert all(mutant.change for mutant in found)


def test_mutants_of_kernels_change_the_kernel_alone() -> None:
    source = (
        'import math\nSOURCE = r"""\n__global__ void f(const float *x) {\n  int i = 3 + threadIdx.x; // a + b\n}\n"""\n'
    )
    changes = {mutant.change.split(": ")[1] for mutant in mutants(source, 20)}
    assert changes == {"+ becomes -", "3 becomes 4", "3 becomes 2", ".x becomes .y"}
    assert all(mutant.source.startswith("import math\n") for mutant in mutants(source, 20))


def test_a_text_is_run_as_an_answer() -> None:
    assert run_text(exercise("relu"), exercise("relu").solution).passed
    assert not run_text(exercise("relu"), "1 / 0").passed
    assert not run_text(exercise("relu"), "").passed
