"""Does a result depend on what was computed before? Calls that no pure function can answer wrongly.

What is kept from the latest call shows when a call is repeated (`side_effects.py`). What is kept from the first one
(a mask, probabilities, a kernel: often in a dictionary, by shape) shows here: the same shapes get other numbers, or the
same shapes are called in another order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from tinyseg_kernels.types import Array

from .case import Case, drawn_with, drawn_with_seed
from .comparison import Kind, agrees, looseness
from .observing import Function, Learner, Observation
from .probes import is_known
from .verdicts import Unstable

KEPT = "state-kept-between-calls"
DRAWS = 4
"""How many other numbers a configuration gets that was right at first and wrong afterwards."""
PAIRS = 12
"""How many pairs of configurations are called in the other order."""


def redrawn(learner: Learner, seen: Observation, draw: int) -> Case | None:
    """Return the configuration with other numbers; None when it has no others."""
    with drawn_with(drawn_with_seed() + 7919 * draw):
        cases = learner.operation.cases()
    case = cases[seen.number] if 0 <= seen.number < len(cases) else None
    same = case is None or all(np.array_equal(a, seen.case.arrays[n]) for n, a in case.arrays.items())
    return None if same else case


def with_other_numbers(
    learner: Learner, judged: Sequence[Observation], seconds: float = 2.0, *, wrong_too: bool = False
) -> list[Observation]:
    """Ask once more with other numbers, as long as there is time: the smallest first."""
    clock, seen = Clock(seconds), []
    asked = [o for o in judged if _sound(o) or (wrong_too and o.findings and o.raised is None)]
    for old in sorted(asked, key=lambda o: sum(a.size for a in o.case.arrays.values())):
        case = None if clock.is_over else redrawn(learner, old, 1)
        if case is not None:
            seen.append(learner.observe(case, old.number))
    return seen


def drawn_again(learner: Learner, few: Sequence[Observation]) -> list[Observation]:
    """Ask the same configurations several times with other numbers: where a few are wrong may be chance."""
    seen = []
    for old in few:
        for draw in range(2, DRAWS + 1):
            case = redrawn(learner, old, draw)
            if case is not None:
                seen.append(learner.observe(case, old.number))
    return seen


def kept_from_the_first(learner: Learner, judged: Sequence[Observation], seconds: float = 3.0) -> Unstable | None:
    """Return the function whose results depend on the first call of some kind, where that can be shown."""
    clock = Clock(seconds)
    return (
        _by_other_numbers(learner, judged, clock)
        or _by_another_order(learner, judged, clock)
        or _by_new_sizes(learner, judged, clock)
    )


def vanishing(learner: Learner, judged: Sequence[Observation]) -> list[Observation]:
    """Return what is right in a size that was not there before where it was wrong: it may be something that was kept.

    Empty when something stays wrong.
    """
    wrong = [o for o in judged if _is_wrong(o) and o.raised is None and not o.case.lenient]
    if len(wrong) < 2 or len(wrong) == len(judged):
        return []
    right = []
    for seen in wrong[:: len(wrong) - 1]:
        larger = enlarged(seen.case, 9)
        if not is_known(learner.operation, larger):
            return []
        right.append(learner.observe(larger))
        if not right[-1].is_right:
            return []
    return right


class Clock:
    """How much time is left for asking more."""

    def __init__(self, seconds: float) -> None:
        """Start it."""
        self.end = time.perf_counter() + seconds

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return time.perf_counter() > self.end


def _is_wrong(seen: Observation) -> bool:
    """Whether something is far off: what is nearly right may be right or wrong by chance."""
    return any(
        f.kind is Kind.SHAPE or (f.kind is not Kind.PRECISION and f.error > 1e-4) for f in seen.findings.values()
    )


def _sound(seen: Observation) -> bool:
    return seen.is_right and not seen.case.lenient and bool(seen.findings)


def _by_other_numbers(learner: Learner, judged: Sequence[Observation], clock: Clock) -> Unstable | None:
    """Right at first, and wrong with any other numbers of the same kind afterwards."""
    suspected: list[tuple[Function, Observation]] = []
    still = moved = 0
    for seen in filter(_sound, judged):
        case = redrawn(learner, seen, 1)
        if case is None or clock.is_over:
            continue
        again = learner.observe(case, seen.number)
        moved += any(not agrees(seen.findings[n].got, f.got, 1e-12) for n, f in again.findings.items())
        if not _is_wrong(again):
            continue
        still += 1
        for name, found in again.findings.items():
            before = seen.findings[name]
            if not found.is_right and _unmoved(before.got, found.got, before.right, found.right):
                return Unstable(KEPT, _function(learner, name), seen.case)
        more = (redrawn(learner, seen, draw) for draw in range(2, DRAWS + 1))
        if all(case is not None and _is_wrong(learner.observe(case, seen.number)) for case in more):
            wrong = next((name for name, found in again.findings.items() if not found.is_right), "")
            suspected.append((_function(learner, wrong), seen))
    if still > 1 and not moved:  # single numbers, each the same as before
        one = next(o for o in judged if _sound(o))
        return Unstable(KEPT, _function(learner, next(iter(one.findings))), one.case)
    # One configuration may have numbers of which a mistake says nothing; two or more, and most of them, do not.
    tried = sum(map(_sound, judged))
    if len(suspected) > 1 and 2 * len(suspected) > tried:
        return Unstable(KEPT, suspected[0][0], suspected[0][1].case)
    return None


def _unmoved(got: object, again: object, right: object, right_again: object) -> bool:
    """Whether the right result changed everywhere, and that which came did not."""
    if not agrees(got, again, 1e-12) or np.asarray(got).size < 2:
        return False
    return not agrees(right, right_again, looseness(right))


def _by_another_order(learner: Learner, judged: Sequence[Observation], clock: Clock) -> Unstable | None:
    """Of two configurations whose first arrays have one shape the first is right, whichever comes first."""
    for number, (earlier, later) in enumerate(_companions(judged)):
        if number >= PAIRS or clock.is_over:
            break
        first, second = (enlarged(seen.case, 11 + number) for seen in (later, earlier))
        if not (is_known(learner.operation, first) and is_known(learner.operation, second)):
            continue
        if learner.observe(first).is_right:
            again = learner.observe(second)
            if _is_wrong(again):
                wrong = next((name for name, found in again.findings.items() if not found.is_right), "")
                return Unstable(KEPT, _function(learner, wrong), later.case)
    return None


def _companions(judged: Sequence[Observation]) -> Iterator[tuple[Observation, Observation]]:
    for index, later in enumerate(judged):
        if later.is_right or later.case.lenient:
            continue
        for earlier in judged[:index]:
            if _sound(earlier) and _first_shape(earlier.case) == _first_shape(later.case):
                yield earlier, later


def _by_new_sizes(learner: Learner, judged: Sequence[Observation], clock: Clock) -> Unstable | None:
    """Wrong with any numbers, and right wherever the same is asked in a size that was not there before."""
    wrong = [o for o in judged if _is_wrong(o) and o.raised is None and o.number >= 0 and not o.case.lenient]
    if len(wrong) < 3:
        return None
    for number, seen in enumerate(wrong[:6]):
        again = redrawn(learner, seen, 1)
        larger = [enlarged(seen.case, 8 + 2 * number + k) for k in range(2)]
        if again is None or clock.is_over or not all(is_known(learner.operation, c) for c in larger):
            return None
        if not _is_wrong(learner.observe(again, seen.number)) or not all(learner.observe(c).is_right for c in larger):
            return None
    return Unstable(KEPT, _function(learner, next(iter(wrong[0].findings))), wrong[0].case)


def _first_shape(case: Case) -> tuple[int, ...]:
    return next(iter(case.arrays.values())).shape


def kept_by_shape(learner: Learner, judged: Sequence[Observation], seconds: float = 1.0) -> Unstable | None:
    """Return the function that keeps something by the shape of its first array, whatever its options are.

    The configurations have shapes of their own, so that nothing else shows it: some get one shape in common.
    """
    clock = Clock(seconds)
    groups: dict[tuple[int, ...], dict[str, Observation]] = {}
    for seen in filter(_sound, judged):
        first = next(iter(seen.case.arrays.values()))
        key = tuple(n for axis, n in enumerate(first.shape) if axis not in _free_axes(first))
        groups.setdefault(key, {}).setdefault(f"{seen.case.options}{_other_shapes(seen.case)}", seen)
    for number, group in enumerate(sorted(groups.values(), key=len, reverse=True)[:3]):
        if clock.is_over:
            break
        sizes = (11 + 4 * number, 13 + 4 * number)
        members = [o for o in group.values() if o.case.dtype == np.float64][:3]
        cases = [sized(o.case, sizes) for o in members]
        if len(cases) < 2 or not all(is_known(learner.operation, c) for c in cases):
            continue
        asked = [learner.observe(case) for case in cases]
        for member, again in list(zip(members, asked, strict=True))[1:]:
            alone = sized(member.case, (sizes[0] + 30, sizes[1] + 30))
            if asked[0].is_right and _is_wrong(again) and learner.observe(alone).is_right:
                wrong = next(name for name, found in again.findings.items() if not found.is_right)
                return Unstable(KEPT, _function(learner, wrong), member.case)
    return None


def _free_axes(first: Array) -> tuple[int, ...]:
    """Return the axes that may have any size: rows and columns of images, samples of anything else."""
    return (1, 2) if first.ndim == 4 else (0,)


def _other_shapes(case: Case) -> list[tuple[int, ...]]:
    return [array.shape for array in case.arrays.values()][1:]


def enlarged(case: Case, by: int) -> Case:
    """Return a configuration of a size that was not seen before: more rows and columns, or more samples."""
    first = next(iter(case.arrays.values()))
    return sized(case, tuple(first.shape[axis] + by for axis in _free_axes(first)))


def sized(case: Case, sizes: Sequence[int]) -> Case:
    """Return a configuration with as many rows and columns, or samples."""
    first = next(iter(case.arrays.values()))
    axes = dict(zip(_free_axes(first), sizes, strict=False))
    rng = np.random.default_rng(sizes[0])
    shared = first.shape[:-1] if first.ndim > 1 else first.shape
    larger = {
        name: _drawn_from(array, axes, rng)
        for name, array in case.arrays.items()
        if array is first or (array.shape[: len(shared)] == shared and array.ndim >= len(shared))
    }
    return case.with_arrays(**larger).with_dy(None)


def _drawn_from(array: Array, axes: Mapping[int, int], rng: np.random.Generator) -> Array:
    shape = tuple(axes.get(axis, n) for axis, n in enumerate(array.shape))
    drawn = rng.choice(array.ravel(), shape)
    if array.dtype.kind != "f" or (array == np.rint(array)).all():
        return drawn.astype(array.dtype)
    # Numbers that differ a little: equal ones would be another matter.
    return (drawn + 1e-3 * array.std() * rng.random(shape)).astype(array.dtype)


def _function(learner: Learner, output: str) -> Function:
    return Function.BACKWARD if output in learner.operation.gradients else Function.FORWARD
