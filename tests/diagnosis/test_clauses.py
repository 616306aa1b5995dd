"""What a message says besides the cause is true: of what was seen, and of numbers that were never seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tests.diagnosis.handwritten import OPERATIONS, bugs, later_bugs
from tests.diagnosis.made_from_mistakes import functions_with
from tests.diagnosis.sampling import some
from tinyseg.diagnosis import diagnose
from tinyseg.diagnosis.case import drawn_with
from tinyseg.diagnosis.causes import text_of
from tinyseg.diagnosis.clauses import only_with, wrong_in
from tinyseg.diagnosis.diagnose import examine
from tinyseg.diagnosis.observing import Learner
from tinyseg.diagnosis.probes import REDUCTIONS, without

PER_OPERATION = 2
"""How many bugs of each operation are looked at again with other numbers; all with TINYSEG_FULL=1."""
OTHER_NUMBERS = 23


@pytest.mark.parametrize("op", OPERATIONS)
def test_clauses_hold_for_numbers_that_were_never_seen(op: str) -> None:
    for bug in some(op + "clauses", [*bugs(op), *later_bugs(op)], PER_OPERATION):
        operation = OPERATIONS[op]()
        found = examine(operation, bug.forward, bug.backward, time_limit=3.0)
        if not found.clauses:
            continue
        learner = Learner(operation, bug.forward, bug.backward, 3.0, 0)
        with drawn_with(OTHER_NUMBERS):
            cases = [c for c in operation.cases() if not c.lenient and not learner.lacking(c)]
        seen = [learner.observe(case, 100 + number) for number, case in enumerate(cases)]
        for clause in found.clauses:
            assert clause.holds(seen), f"{bug.name} ({bug.truth}): {clause.words!r}\n{found.diagnosis}"


@pytest.mark.parametrize("op", OPERATIONS)
def test_two_mistakes_at_once_have_their_texts(op: str) -> None:
    for mistake, (second, _) in OPERATIONS[op]().pairs():
        assert text_of(mistake.cause, op), mistake.cause
        assert text_of(second, op), second


def conv2d_of(change: Callable[[Array], Array]) -> Callable[..., Any]:
    from tinyseg_kernels.conv2d import numpy_cpu

    def forward(x: Array, kernel: Array, bias: Array, **options: Any) -> Any:
        return numpy_cpu.conv2d_forward(change(x), kernel, bias, **options)

    return forward


def test_what_only_happens_to_be_so_is_not_said() -> None:
    # Configurations of one channel hold whole numbers, and so are right: several channels have nothing to do with it.
    found = diagnose("conv2d", conv2d_of(lambda x: np.trunc(x).astype(x.dtype)))
    assert not found.passed
    assert "several" not in found.where


def test_what_matters_is_said() -> None:
    def first_channel_twice(x: Array) -> Array:
        return np.concatenate([x[..., :1], x[..., :1], x[..., 2:]], axis=-1) if x.shape[-1] > 1 else x

    found = diagnose("conv2d", conv2d_of(first_channel_twice))
    assert "only with several channels" in found.where


def test_a_square_batch_is_no_condition() -> None:
    def softmax(x: Array) -> Any:
        z = np.exp(x - x[..., :1])
        return z / z.sum(axis=-1, keepdims=True), None

    found = diagnose("softmax", softmax)
    assert "large numbers" in found.where
    assert "as many" not in found.where


@pytest.mark.parametrize("op", ["conv2d", "depthwise_conv2d", "max_pool2d", "dense", "softmax", "batch_norm", "relu"])
def test_configurations_without_a_trait_can_be_asked(op: str) -> None:
    operation = OPERATIONS[op]()
    known = {**REDUCTIONS, **operation.reductions()}
    reduced = 0
    for case in operation.cases():
        for trait in case.traits & set(known):
            bare = without(operation, case, trait)
            if bare is not None:
                reduced += 1
                assert trait not in bare.traits
                learner = Learner(operation, *functions_with(operation, None), 10.0, 0)
                assert learner.observe(bare).is_right, (case.label, trait.words)
    assert reduced > 3


def test_a_clause_is_false_where_something_fails_without_it() -> None:
    operation = OPERATIONS["dense"]()
    learner = Learner(operation, lambda x, kernel, bias: (x @ kernel, None), None, 10.0, 0)
    seen = [learner.observe(case, number) for number, case in enumerate(operation.cases())]
    trait = next(t for o in seen for t in o.case.traits if t.words == "several samples")
    assert not only_with(trait, wrong_in("y")).holds(seen)
    assert only_with(trait, wrong_in("y")).holds([o for o in seen if trait in o.case.traits])
