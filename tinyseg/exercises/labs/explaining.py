"""Questions about somebody's own code, with numbers from a run of it: for defending one's work.

The questions follow from a name: everybody gets others, and an instructor who knows the name gets the same ones again.
The right answers are what the code itself gives, whether it is right or not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case, drawn_with, upstream_for
from tinyseg.diagnosis.observing import Learner, gradients_of
from tinyseg.diagnosis.operation import Operation

from ..exercise import Exercise

Index = tuple[int, ...]

COUNT = 4
"""How many questions are asked."""

LARGEST = 64
"""Numbers of the largest array in a question."""

SMALL_STEP = 1e-3
"""By what a number is changed to see what depends on it."""


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        text: With all the numbers that it needs.
        answer: A number, or the indices that are asked for.
    """

    text: str
    answer: float | frozenset[Index]

    def is_right(self, answer: str) -> bool:
        """Check an answer as it is typed.

        Raises:
            InvalidInput: It is no number ('-2.5', '7/3'), or no list of indices ('0,1; 2,0', or 'none').
        """
        if isinstance(self.answer, frozenset):
            return parse_indices(answer) == self.answer
        return abs(parse_number(answer) - self.answer) <= 5e-3 * max(1.0, abs(self.answer))

    @property
    def kind(self) -> str:
        """What is to be typed."""
        return "a number" if isinstance(self.answer, float) else "indices such as 0,1; 2,0, or none"


def questions(
    exercise: Exercise,
    forward: Callable[..., object] | None,
    backward: Callable[..., object] | None,
    who: str,
    count: int = COUNT,
) -> list[Question]:
    """Ask about an answer to an exercise.

    Args:
        exercise: Whose operation is asked about.
        forward: The answer's function, or None.
        backward: The answer's function, or None.
        who: A name; with it come the numbers and the choice of questions.
        count: How many.

    Raises:
        InvalidInput: An empty name, or the code fails on all small configurations.
    """
    if not who.strip():
        raise InvalidInput("explain: expected a name, from which the questions follow, got an empty one")
    seed = int.from_bytes(
        hashlib.sha256(f"{exercise.name} {' '.join(who.split()).lower()}".encode()).digest()[:4], "big"
    )
    rng = np.random.default_rng(seed)
    with drawn_with(seed):
        operation = exercise.operation()
        runs = list(_runs(operation, forward, backward, seed))
    if not runs:
        raise InvalidInput(f"explain: {exercise.name}: your code fails on every small configuration; check it first")
    asked: list[Question] = []
    for number in range(20 * count):
        run = runs[int(rng.integers(len(runs)))]
        question = run.ask(rng, ("value", "depends", "change")[number % 3])
        if question is not None and all(question.text != other.text for other in asked):
            asked.append(question)
        if len(asked) == count:
            break
    return asked


class _Run:
    """One configuration on which an answer works, and how it is run again with one number changed."""

    def __init__(self, operation: Operation, learner: Learner, case: Case, backward: bool) -> None:
        self.operation, self.learner, self.case, self.backward = operation, learner, case, backward
        self.results = self.compute(case)

    def compute(self, case: Case) -> dict[str, Array]:
        """Return the results by name; raises InvalidInput when the code fails."""
        if not self.backward:
            done, _ = self.learner.run_forward(case)
            names = self.operation.results
            result = done.result
            if done.raised is None and not done.timed_out and self.operation.has_cache:
                result = result[0]
        else:
            cache = self.learner.cache_of(case)
            done = self.learner.run_backward(np.array(case.dy), cache, {})
            names, result = self.operation.gradients, done.result
        if done.raised is not None or done.timed_out:
            raise InvalidInput("the code fails")
        values = gradients_of(result, names)
        values = values if isinstance(values, (tuple, list)) else (values,)
        return {name: np.asarray(value, np.float64) for name, value in zip(names, values, strict=True)}

    @property
    def inputs(self) -> dict[str, Array]:
        """Arrays that a result may depend on, by name."""
        floats = {name: array for name, array in self.case.arrays.items() if array.dtype.kind == "f"}
        return {**floats, **({"dy": np.asarray(self.case.dy)} if self.backward else {})}

    def changed(self, name: str, index: Index, by: float) -> dict[str, Array]:
        """Compute again with one number changed."""
        array = np.array(self.inputs[name], np.float64)
        array[index] += by
        case = self.case.with_dy(array) if name == "dy" else self.case.with_arrays(**{name: array})
        return self.compute(case)

    def ask(self, rng: np.random.Generator, kind: str) -> Question | None:
        """Make a question; None where this one would be trivial."""
        output = str(rng.choice(list(self.results)))
        right = self.results[output]
        index = tuple(int(rng.integers(size)) for size in right.shape)
        here = f"{output}[{', '.join(map(str, index))}]" if index else output
        given = self.given()
        if kind == "value":
            value = float(right[index])
            return None if value == 0 else Question(f"{given}\nWhat is {here} of your code?", value)
        if not self.inputs:
            return None
        name = str(rng.choice(list(self.inputs)))
        if kind == "depends":
            found = frozenset(self.sources(output, index, name))
            text = f"{given}\nOn which entries of {name} does {here} depend: which of them change it when they change?"
            return Question(text, found) if 0 < len(found) <= 9 else None
        source = tuple(int(rng.integers(size)) for size in self.inputs[name].shape)
        try:
            change = float(self.changed(name, source, 1.0)[output][index] - right[index])
        except (InvalidInput, IndexError):
            return None
        there = f"{name}[{', '.join(map(str, source))}]"
        return (
            None if change == 0 else Question(f"{given}\n{there} grows by 1. By how much does {here} change?", change)
        )

    def sources(self, output: str, index: Index, name: str) -> Iterator[Index]:
        """Yield the entries of an input that change a number of a result."""
        for source in np.ndindex(self.inputs[name].shape):
            for by in (SMALL_STEP, -SMALL_STEP):
                try:
                    now = self.changed(name, source, by)[output]
                except InvalidInput:
                    continue
                if now.shape == self.results[output].shape and now[index] != self.results[output][index]:
                    yield tuple(int(i) for i in source)
                    break

    def given(self) -> str:
        """The configuration as text."""
        options = ", ".join(f"{name}={value!r}" for name, value in self.case.options.items())
        arrays = {**self.case.arrays, **({"dy": np.asarray(self.case.dy)} if self.backward else {})}
        lines = [
            # Axes of one entry are left out, which the shape shows: the numbers can be read.
            f"{name} {array.shape} = {np.array2string(np.squeeze(array), precision=3, separator=', ')}"
            for name, array in arrays.items()
        ]
        return "\n".join([*([options] if options else []), *lines])


def _runs(
    operation: Operation,
    forward: Callable[..., object] | None,
    backward: Callable[..., object] | None,
    seed: int,
) -> Iterator[_Run]:
    """Yield the small configurations on which the code works: those to be checked by hand, or else the smallest."""
    small = [case for case in operation.cases() if all(np.size(a) <= LARGEST for a in case.arrays.values())]
    telling = [case for case in small if max((np.size(a) for a in case.arrays.values()), default=0) >= 4]
    chosen: Sequence[Case] = [case for case in telling if case.by_hand] or telling or small
    learner = Learner(operation, forward, backward, 10.0, seed)
    for case in chosen[:12]:
        if learner.lacking(case) if forward is not None else False:
            continue
        for back in (False, True):
            if (backward if back else forward) is None:
                continue
            try:
                yield _Run(operation, learner, _with_dy(operation, case, seed) if back else case, back)
            except (InvalidInput, TypeError, ValueError, IndexError):
                continue


def _with_dy(operation: Operation, case: Case, seed: int) -> Case:
    whole = operation.adapt(case, None)
    y: Any = operation.right(whole)["y"]
    return whole.with_dy(upstream_for(y, whole, seed))


def parse_number(text: str) -> float:
    """Read '-2.5' or '7/3'."""
    try:
        return float(Fraction(text.strip().replace(" ", ""))) if "/" in text else float(text)
    except (ValueError, ZeroDivisionError):
        raise InvalidInput(f"expected a number such as -2.5 or 7/3, got {text!r}") from None


def parse_indices(text: str) -> frozenset[Index]:
    """Read '0,1; 2,0' or '[0, 1] [2, 0]'; 'none' for none."""
    if text.strip().lower() in ("none", ""):
        return frozenset()
    parts = re.findall(r"\d+(?:\s*,\s*\d+)*", text)
    if not parts or re.search(r"[^\d\s,;\[\]()]", text):
        raise InvalidInput(f"expected indices such as 0,1; 2,0, or none, got {text!r}")
    return frozenset(tuple(int(number) for number in part.split(",")) for part in parts)
