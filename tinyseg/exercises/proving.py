"""Prove by machine that an exercise judges rightly: right answers pass, and what is no answer gets nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.operation import Operation

from .checking import check_functions, check_source
from .exercise import Exercise
from .mutating import mutants
from .outcome import Outcome
from .registry import exercise as exercise_of
from .registry import names

SEEDS = (0, 1, 2)
LIMIT = 2.0
"""Seconds of a call: mutants of loops may never end."""

Function = Callable[..., Any]


@dataclass
class Proof:
    """What was tried on one exercise.

    Attributes:
        exercise: Its name.
        faults: What is not as it must be, in words; empty when all is proven.
        planted: How many planted bugs were tried, `found` were found wrong, `named` got one of their causes.
        mutated: How many random mutants were tried, and `refused` were found wrong.
        unnamed: Planted bugs with another name, and passing mutants, in words.
        seconds: The time of one check of the solution, in a process of its own.
    """

    exercise: str
    faults: list[str] = field(default_factory=list)
    planted: int = 0
    found: int = 0
    named: int = 0
    mutated: int = 0
    refused: int = 0
    unnamed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing is amiss: no fault, all planted bugs found, 95 % of them named, 95 % of mutants refused."""
        return (
            not self.faults
            and self.found == self.planted
            and self.named >= 0.95 * self.planted
            and self.refused >= 0.95 * self.mutated
        )


def prove(name: str, *, planted: int | None = None, mutated: int = 20, seed: int = 0, sandboxed: bool = True) -> Proof:
    """Prove one exercise.

    Args:
        name: Of the exercise.
        planted: How many of its planted bugs are tried; None for all.
        mutated: How many random mutants of its solution are tried.
        seed: Of the choice of both.
        sandboxed: Whether the solution and what is no answer run as a learner's file does, in a process of their own.
    """
    exercise, proof = exercise_of(name), Proof(name)
    _prove_solution(exercise, proof, sandboxed)
    _prove_nothing_scores(exercise, proof, sandboxed)
    _prove_texts(exercise, proof)
    _prove_planted(exercise, proof, planted, seed)
    _prove_mutants(exercise, proof, mutated, seed)
    return proof


def run_text(exercise: Exercise, source: str, seed: int = 0) -> Outcome:
    """Check a text within this process: for texts that tinyseg itself made. Kernels have a process of their own."""
    if exercise.kind != "functions":
        return check_source(exercise, source, seed=seed)
    space: dict[str, Any] = {"__name__": exercise.name}
    try:
        exec(compile(source, f"{exercise.name}.py", "exec"), space)
    except Exception as error:
        return _stopped(exercise, error)
    missing = [function for function in exercise.functions if not callable(space.get(function))]
    if missing:
        return _stopped(exercise, NameError(f"no function {missing[0]}"))
    forward, backward = (space[function] if function else None for function in (exercise.forward, exercise.backward))
    return check_functions(exercise, forward, backward, seed=seed, time_limit=LIMIT)


def _stopped(exercise: Exercise, error: Exception) -> Outcome:
    from tinyseg.diagnosis import Diagnosis

    return Outcome(
        exercise, Diagnosis(exercise.name, False, "exception", "the file", f"{type(error).__name__}: {error}")
    )


def _prove_solution(exercise: Exercise, proof: Proof, sandboxed: bool) -> None:
    for seed in SEEDS:
        began = time.perf_counter()
        outcome = (
            check_source(exercise, exercise.solution, seed=seed)
            if sandboxed and seed == SEEDS[0]
            else run_text(exercise, exercise.solution, seed)
        )
        if seed == SEEDS[0]:
            proof.seconds = time.perf_counter() - began
        if not outcome.passed or outcome.points != exercise.points:
            proof.faults.append(f"the solution fails with seed {seed}: {outcome.refused or outcome.diagnosis}")


def _prove_nothing_scores(exercise: Exercise, proof: Proof, sandboxed: bool) -> None:
    """What is no answer gets no point."""
    check = check_source if sandboxed else run_text
    for what, source in _no_answers(exercise):
        outcome = check(exercise, source)
        if outcome.passed or outcome.points:
            proof.faults.append(f"{what}: {outcome.points} points")
    for what, forward, backward in _empty_functions(exercise):
        outcome = check_functions(exercise, forward, backward, time_limit=LIMIT)
        if outcome.passed or outcome.points:
            proof.faults.append(f"{what}: {outcome.points} points")


def _no_answers(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield texts that are no answers."""
    yield "the stub", exercise.stub
    yield "an empty file", ""
    if exercise.kind == "functions":
        parts = "".join(f"def {name}(*arguments, **options):\n    pass\n\n\n" for name in exercise.functions)
        yield "functions without a body", parts
    others = [name for name in names() if name != exercise.name and exercise_of(name).kind == exercise.kind]
    if others:
        other = exercise_of(others[sum(map(ord, exercise.name)) % len(others)])
        yield f"the answer to {other.name}", other.solution


def _empty_functions(exercise: Exercise) -> Iterator[tuple[str, Function | None, Function | None]]:
    """Yield functions that need no understanding: their results have the right shapes, and that is all."""
    if exercise.kind != "functions":
        return
    operation = exercise.operation()
    table = _Table(operation)
    for what, change in (("zeros", np.zeros_like), ("ones", np.ones_like), ("the example as a table", table.look_up)):
        forward, backward = _changed(operation, change)
        yield what, forward if exercise.forward else None, backward if exercise.backward else None

    def same(*arguments: Any, **options: Any) -> Any:
        return (arguments[0], arguments) if operation.has_cache else arguments[0]

    def same_gradient(dy: Any, cache: Any) -> Any:
        return dy if len(operation.gradients) == 1 else (dy,) * len(operation.gradients)

    yield "the input", same if exercise.forward else None, same_gradient if exercise.backward else None


class _Table:
    """The results of the first configuration that can be checked by hand, and zeros for all others."""

    def __init__(self, operation: Operation) -> None:
        cases = operation.cases()
        case = next((case for case in cases if case.by_hand), cases[0])
        self.known = [np.asarray(value) for value in operation.right(case).values()]

    def look_up(self, right: Any) -> Any:
        found = any(np.array_equal(right, known) for known in self.known)
        return right if found else np.zeros_like(right)


def _changed(operation: Operation, change: Callable[[Any], Any]) -> tuple[Function, Function]:
    """Return functions that know the right results and change each of them."""

    def results(case: Case, wanted: tuple[str, ...]) -> Any:
        right = operation.right(case)
        return tuple(change(np.asarray(right[name])) for name in wanted)

    def case_of(arguments: tuple[Any, ...], options: dict[str, Any]) -> Case:
        return operation.adapt(Case(dict(zip(operation.arrays, arguments, strict=False)), options), None)

    def forward(*arguments: Any, **options: Any) -> Any:
        values = results(case_of(arguments, options), operation.results)
        if operation.has_cache:
            return values[0], (arguments, options)
        return values if len(values) > 1 else values[0]

    def backward(dy: Any, cache: Any) -> Any:
        if not (isinstance(cache, tuple) and len(cache) == 2 and isinstance(cache[1], dict)):
            gradients = tuple(np.zeros_like(dy) for _ in operation.gradients)  # the cache is the checker's own
        else:
            gradients = results(case_of(*cache).with_dy(dy), operation.gradients)
        return gradients if len(gradients) > 1 else gradients[0]

    return forward, backward


def _prove_texts(exercise: Exercise, proof: Proof) -> None:
    """The solution does not stand in what a learner gets: a formula or a line may, the larger part may not."""
    from .languages import texts_of

    texts = texts_of(exercise)
    given = " ".join("\n".join((exercise.stub, texts.summary, *texts.hints)).split())
    code = exercise.solution.split('"""', 2)[-1]
    lines = [" ".join(line.split("#")[0].split()) for line in code.splitlines()]
    own = [line for line in lines if len(line) > 24 and not line.startswith(("def ", "import ", "from ", "__global__"))]
    known = [line for line in own if line in given]
    if len(known) > max(1, len(own) // 2) and not exercise.repaired:
        proof.faults.append(f"a learner is given {len(known)} of {len(own)} lines of the solution: {known[0]} ...")
    missing = [group.name for group in exercise.groups if group.name not in texts.groups]
    if missing:
        proof.faults.append(f"groups without words: {', '.join(missing)}")
    if exercise.points != 10:
        proof.faults.append(f"the groups have {exercise.points} points, not 10")


def _prove_planted(exercise: Exercise, proof: Proof, count: int | None, seed: int) -> None:
    for mistake in _sample(exercise.mistakes, count, seed):
        if exercise.solution.count(mistake.before) != 1:
            proof.faults.append(f"{mistake.name}: the solution does not hold its text exactly once")
            continue
        outcome = run_text(exercise, exercise.solution.replace(mistake.before, mistake.after))
        cause = outcome.diagnosis.cause
        proof.planted += 1
        proof.found += not outcome.passed
        proof.named += cause in mistake.causes
        if cause not in mistake.causes:
            proof.unnamed.append(f"{mistake.name}: {'passes' if outcome.passed else cause}")


def _prove_mutants(exercise: Exercise, proof: Proof, count: int, seed: int) -> None:
    for mutant in mutants(exercise.solution, count, seed):
        passed = any(run_text(exercise, mutant.source, number).passed for number in SEEDS[:1])
        proof.mutated += 1
        proof.refused += not passed
        if passed:
            proof.unnamed.append(f"mutant passes: {mutant.change}")


def _sample(mistakes: Sequence[Any], count: int | None, seed: int) -> Sequence[Any]:
    import random

    if count is None or count >= len(mistakes):
        return mistakes
    return random.Random(seed).sample(list(mistakes), count)
