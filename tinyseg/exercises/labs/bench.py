"""How fast is an answer, and where on the ladder from loops to compiled kernels does it stand?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tinyseg_kernels.errors import InvalidInput

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.observing import Learner
from tinyseg.diagnosis.operation import Operation

from ..exercise import Exercise
from .workloads import RUNGS, WORKLOADS, Parts, Step, Workload

SIZES = (64, 48, 32, 24, 16, 12, 8)
"""Heights of the images, largest first: slow code gets a smaller one."""

ENOUGH = 0.5
"""Seconds of one step beyond which a smaller size is tried."""

LONG = 1.0
"""Seconds of one step beyond which it is timed once."""

YOURS, TORCH = "yours", "PyTorch"
COMPILED = (RUNGS["numba_cpu"], TORCH)
"""Whose first call says nothing about the others."""


@dataclass(frozen=True)
class Timing:
    """The median time of a forward and a backward pass, in seconds."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Bench:
    """The times of an answer and of others on the same numbers, fastest last.

    Attributes:
        exercise: The exercise's name.
        label: What is computed: shapes and options.
        timings: The slowest first; one of them is called 'yours'.
        parts: What is timed: 'forward and backward', or one of the two.
    """

    exercise: str
    label: str
    timings: tuple[Timing, ...]
    parts: str

    @property
    def yours(self) -> float:
        """Seconds of the answer."""
        return next(timing.seconds for timing in self.timings if timing.name == YOURS)

    @property
    def place(self) -> str:
        """Where the answer stands on the ladder, in words."""
        names = [timing.name for timing in self.timings if timing.name in RUNGS.values() or timing.name == YOURS]
        at = names.index(YOURS)
        slower, faster = names[:at], names[at + 1 :]
        if not faster:
            return "faster than every rung of the ladder"
        if not slower:
            return f"slower than {faster[0]}"
        return f"between {slower[-1]} and {faster[0]}"


def bench(
    exercise: Exercise,
    forward: Callable[..., object] | None,
    backward: Callable[..., object] | None,
    *,
    repeats: int = 5,
    progress: Callable[[int, int], None] | None = None,
) -> Bench:
    """Time an answer beside the library's rungs and PyTorch, where it is installed, all in turn.

    Args:
        exercise: Whose operation is timed.
        forward: The answer's function, or None.
        backward: The answer's function, or None; with it alone, forward is the library's and is not timed.
        repeats: Rounds; the median counts.
        progress: Called with (done, total).

    Raises:
        InvalidInput: The exercise has no larger inputs to be timed on, or the answer fails on them.
    """
    operation = exercise.operation()
    workload = WORKLOADS.get(operation.name)
    if workload is None:
        known = ", ".join(sorted(WORKLOADS))
        raise InvalidInput(f"bench: {exercise.name} is not timed; expected an exercise on one of {known}")
    parts: Parts = "forward and backward" if forward and backward else "forward" if forward else "backward"
    case, yours = _fitting(operation, workload, forward, backward)
    steps = {YOURS: yours, **_others(workload, case, parts)}
    # The first call of each compiles, loads and fills caches; of one that takes long it is all there is.
    times = {name: [step()] for name, step in steps.items()}
    slow = {name for name, (first,) in times.items() if first > LONG and name not in COMPILED}
    for done in range(repeats):
        for name, step in steps.items():
            if name not in slow:
                times[name] = [*(times[name] if done else []), step()]
        if progress is not None:
            progress(done + 1, repeats)
    timings = [Timing(name, median(found)) for name, found in times.items()]
    return Bench(exercise.name, case.label, tuple(sorted(timings, key=lambda t: -t.seconds)), parts)


def _fitting(
    operation: Operation,
    workload: Workload,
    forward: Callable[..., object] | None,
    backward: Callable[..., object] | None,
) -> tuple[Case, Callable[[], float]]:
    """Return the largest case that does not take long, and a step of the answer. Small ones are tried first."""
    chosen: tuple[Case, Callable[[], float]] | None = None
    for size in reversed(SIZES):
        case = workload.case(size)
        yours = _answers_step(operation, case, forward, backward)
        seconds = yours()
        if chosen is not None and seconds > ENOUGH:
            break
        chosen = (case, yours)
        if seconds > ENOUGH / 4:  # the next size takes about twice to four times as long
            break
    assert chosen is not None
    return chosen


def _answers_step(
    operation: Operation,
    case: Case,
    forward: Callable[..., object] | None,
    backward: Callable[..., object] | None,
) -> Callable[[], float]:
    """Return a step of the answer that tells its time: that of the functions alone, wherever they run."""
    learner = Learner(operation, forward, backward, limit=60.0, seed=0)
    right = operation.right(operation.adapt(case, None))
    dy = next(iter(right.values()))

    def step() -> float:
        seconds = 0.0
        cache: object = None
        if forward is not None:
            done, _ = learner.run_forward(case)
            if done.raised or done.timed_out:
                raise InvalidInput(f"bench: forward fails with {case.label}: {done.raised or 'it takes too long'}")
            seconds += done.seconds
            cache = done.result[1] if operation.has_cache else None
        elif backward is not None:
            cache = learner.cache_of(case)
        if backward is not None:
            done = learner.run_backward(dy.copy(), cache, {})
            if done.raised or done.timed_out:
                raise InvalidInput(f"bench: backward fails with {case.label}: {done.raised or 'it takes too long'}")
            seconds += done.seconds
        return seconds

    return step


def _others(workload: Workload, case: Case, parts: Parts) -> dict[str, Callable[[], float]]:
    """Return the timed steps of the library's rungs and of PyTorch."""
    steps = {words: workload.rung_step(rung, case, parts) for rung, words in RUNGS.items()}
    steps[TORCH] = workload.torch_step(case, parts)
    return {name: _timed(step) for name, step in steps.items() if step is not None}


def _timed(step: Step) -> Callable[[], float]:
    def timed() -> float:
        began = time.perf_counter()
        step()
        return time.perf_counter() - began

    return timed


def table(found: Bench) -> Sequence[tuple[str, str, str]]:
    """Return rows (who, milliseconds, times as fast as yours)."""
    return [
        (timing.name, f"{1e3 * timing.seconds:.3g} ms", f"{found.yours / timing.seconds:.3g}x")
        for timing in found.timings
    ]
