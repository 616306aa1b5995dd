r"""What is wrong with this implementation? From evidence to a cause.

The functions are run on a few dozen configurations, the smallest first, and everything that comes back is compared with
the right results. If something is wrong, each known mistake is made on purpose (kernel not turned, stride ignored,
overlaps overwritten, ...), together with generic ones (a factor and which one, a sign, a transposition, the last image
left out, ...): the mistake that gives exactly the wrong numbers that were seen, in every configuration, is the cause.
Where none does, it is said honestly when and where the fault appears.

What is found is a record (`verdicts.py`); `reporting.py` puts it into words at the very end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .calling import check_callable
from .clauses import Clause, gives
from .history import kept_by_shape, with_other_numbers
from .observing import Function, Learner, Observation
from .operation import Operation
from .operations.all import OPERATIONS
from .reporting import diagnosis_of, lacking_note, refusal_note
from .result import Diagnosis
from .side_effects import side_effect
from .verdict import passed, took_too_long, wrong
from .verdicts import Explained, Unexplained, Verdict


def contract(op: str) -> str:
    """Return what `diagnose` expects of the functions of an operation.

    Raises:
        InvalidInput: An unknown operation.

    Example:
        >>> from tinyseg.diagnosis import contract
        >>> contract("relu").split(":")[0]
        'forward(x) -> (y, cache)'
    """
    if op not in OPERATIONS:
        raise unknown_name("operation", op, OPERATIONS)
    return OPERATIONS[op].contract


def diagnose(
    op: str,
    forward: Callable[..., object] | None = None,
    backward: Callable[..., object] | None = None,
    *,
    time_limit: float = 10.0,
    seed: int = 0,
) -> Diagnosis:
    """Say what is wrong with an implementation of an operation.

    Args:
        op: 'conv2d', 'max_pool2d', 'batch_norm', ...; `OPERATIONS` lists them, and `contract(op)` says what the
            functions are given and return.
        forward: `forward(x, ..., **options) -> (y, cache)`, or None when only a backward is to be looked at: it then
            gets the cache of this library's forward.
        backward: `backward(dy, cache) -> gradients`, or None.
        time_limit: Seconds that one call may take. Each runs in a thread; one that takes longer is stopped, which is
            what the diagnosis then says.
        seed: Of the upstream gradients.

    Returns:
        A `Diagnosis`: print it. Exceptions, wrong shapes, changed inputs and time-outs are findings too, and are not
        raised.

    Raises:
        InvalidInput: An unknown operation, or nothing to look at.

    Example:
        >>> import numpy as np
        >>> from tinyseg.diagnosis import diagnose
        >>> def relu(x):
        ...     return np.maximum(x, 0), x
        >>> diagnose("relu", relu, lambda dy, x: dy).cause
        'mask-missing'
    """
    if op not in OPERATIONS:
        raise unknown_name("operation", op, OPERATIONS)
    return examine(OPERATIONS[op](), forward, backward, time_limit=time_limit, seed=seed).diagnosis


class Examination(NamedTuple):
    """A diagnosis, and what it rests on.

    `observations` is what was seen in each configuration that was judged, `clauses` what the message says of them.
    """

    diagnosis: Diagnosis
    observations: tuple[Observation, ...]
    clauses: tuple[Clause, ...] = ()


def examine(
    operation: Operation,
    forward: Callable[..., object] | None = None,
    backward: Callable[..., object] | None = None,
    *,
    time_limit: float = 10.0,
    seed: int = 0,
) -> Examination:
    """Do what `diagnose` does for any `Operation`, and keep what was seen.

    Raises:
        InvalidInput: Nothing to look at, or a backward of an operation that has none.
    """
    op = operation.name
    check_callable("forward", forward)
    check_callable("backward", backward)
    if forward is None and backward is None:
        raise InvalidInput(f"diagnose: expected a forward or a backward of {op}, got neither; {operation.contract}")
    if backward is not None and not operation.gradients:
        raise InvalidInput(f"diagnose: {op} has no backward; {operation.contract}")
    learner = Learner(operation, forward, backward, time_limit, seed)
    observations, lacking = _observe(learner)
    # What a function may refuse and did is not a finding; what it accepted counts.
    refused, judged = [o for o in observations if _refused(o)], [o for o in observations if not _refused(o)]
    if not judged:
        raise InvalidInput(f"diagnose: forward of {op} takes none of the configurations; expected {operation.contract}")
    notes = [*map(refusal_note, refused[:1]), *map(lacking_note, lacking)]
    verdict, judged = _verdict(operation, learner, judged)
    return Examination(diagnosis_of(operation, verdict, tuple(notes)), tuple(judged), clauses_of(verdict))


def clauses_of(verdict: Verdict) -> tuple[Clause, ...]:
    """Return what is said about an output: where and when it is wrong, and which mistake gives its numbers."""
    if isinstance(verdict, Explained):
        told = (verdict.explanation, *verdict.alternatives)
        return (*verdict.seen.clauses, *(gives(verdict.seen.output, explanation) for explanation in told))
    return verdict.seen.clauses if isinstance(verdict, Unexplained) else ()


def _verdict(operation: Operation, learner: Learner, judged: list[Observation]) -> tuple[Verdict, list[Observation]]:
    """Decide what is to be said: of several faults that which keeps the others from being seen comes first.

    Where nothing was wrong, other numbers are tried; they are added to what was seen.
    """
    early = took_too_long(learner, judged) or operation.trouble(learner, judged)
    if early is not None:
        return early, judged
    if all(o.is_right for o in judged):
        effect = side_effect(learner, judged)
        if effect is not None:
            return effect, judged
        wrong_later = [o for o in with_other_numbers(learner, judged) if not o.is_right]
        if not wrong_later:
            return kept_by_shape(learner, judged) or passed(learner, judged), judged
        judged = [*judged, *wrong_later]
    return wrong(operation, learner, judged), judged


def _observe(learner: Learner) -> tuple[list[Observation], list[str]]:
    """Run all cases that forward can be given; stop at the first that takes too long."""
    observations: list[Observation] = []
    lacking: dict[str, None] = {}
    for number, case in enumerate(learner.operation.cases()):
        missing = learner.lacking(case)
        if missing:
            lacking |= dict.fromkeys(missing)
            continue
        observations.append(learner.observe(case, number))
        if observations[-1].timed_out:
            break
    return observations, list(lacking)


def _refused(seen: Observation) -> bool:
    """Whether a function would not work in a case where it need not. A forward that does work there has taken it on."""
    if not seen.case.lenient:
        return False
    by_forward = seen.raised is not None and (seen.raised.function is Function.FORWARD or not seen.findings)
    return by_forward or seen.timed_out is not None
