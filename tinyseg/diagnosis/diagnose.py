r"""What is wrong with this implementation? From evidence to a cause.

The functions are run on a few dozen configurations, the smallest first, and everything that comes back is compared with the right results. If something is
wrong, each known mistake is made on purpose (kernel not turned, stride ignored, overlaps overwritten, ...), together with generic ones (a factor and which
one, a sign, a transposition, the last image left out, ...): the mistake that gives exactly the wrong numbers that were seen, in every configuration, is the
cause. Where none does, it is said honestly when and where the fault appears.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .calling import check_callable
from .explaining import Explainer
from .observing import Learner, Observation
from .operations.all import OPERATIONS
from .reporting import passed_diagnosis, refusal_note, time_out_diagnosis, trouble_diagnosis
from .result import Diagnosis
from .side_effects import side_effect_diagnosis
from .verdict import wrong_diagnosis


def contract(op: str) -> str:
    """Return what `diagnose` expects of the functions of an operation.

    Raises:
        InvalidInput: An unknown operation.
    """
    if op not in OPERATIONS:
        raise unknown_name("operation", op, OPERATIONS)
    return OPERATIONS[op].contract


def diagnose(
    op: str,
    forward: Callable[..., Any] | None = None,
    backward: Callable[..., Any] | None = None,
    *,
    time_limit: float = 10.0,
    seed: int = 0,
) -> Diagnosis:
    """Say what is wrong with an implementation of an operation.

    Args:
        op: 'conv2d', 'max_pool2d', 'batch_norm', ...; `OPERATIONS` lists them and `contract(op)` says what the functions are given and return.
        forward: `forward(x, ..., **options) -> (y, cache)`, or None when only a backward is to be looked at: it then gets the cache of this library's forward.
        backward: `backward(dy, cache) -> gradients`, or None.
        time_limit: Seconds that one call may take. Each runs in a thread; one that takes longer is stopped and diagnosed.
        seed: Of the upstream gradients.

    Returns:
        A `Diagnosis`: print it. Exceptions, wrong shapes, changed inputs and time-outs are findings too, and are not raised.

    Raises:
        InvalidInput: An unknown operation, or nothing to look at.

    Example:
        >>> def relu(x):
        ...     return np.maximum(x, 0), x
        >>> diagnose("relu", relu, lambda dy, x: dy).cause
        'mask-missing'
    """
    if op not in OPERATIONS:
        raise unknown_name("operation", op, OPERATIONS)
    operation = OPERATIONS[op]()
    check_callable("forward", forward)
    check_callable("backward", backward)
    if forward is None and backward is None:
        raise InvalidInput(f"diagnose: expected a forward or a backward of {op}, got neither; {operation.contract}")
    if backward is not None and not operation.gradients:
        raise InvalidInput(f"diagnose: {op} has no backward; {operation.contract}")
    learner = Learner(operation, forward, backward, time_limit, seed)
    observations, lacking = _observe(learner)
    notes = [refusal_note(observations)] if any(_refused(o) for o in observations) else []
    notes += [f"checked without {name!r}, which forward does not take" for name in lacking]
    # What a function may refuse and did is not a finding; what it accepted counts.
    judged = [o for o in observations if not _refused(o)]
    if not judged:
        raise InvalidInput(f"diagnose: forward of {op} takes none of the configurations; expected {operation.contract}")
    late = next((o for o in judged if o.timed_out), None)
    if late is not None:
        return time_out_diagnosis(operation, late, judged, time_limit)
    trouble = operation.trouble(learner, judged)
    if trouble is not None:
        return trouble_diagnosis(operation, trouble, tuple(notes))
    if all(o.is_right for o in judged):
        finding = side_effect_diagnosis(learner, judged, tuple(notes))
        return finding or passed_diagnosis(operation, learner, judged, tuple(notes))
    return wrong_diagnosis(operation, learner, Explainer(operation), judged, tuple(notes))


def _observe(learner: Learner) -> tuple[list[Observation], list[str]]:
    """Run all cases that forward can be given; stop at the first that takes too long."""
    observations: list[Observation] = []
    lacking: dict[str, None] = {}
    for case in learner.operation.cases():
        missing = learner.lacking(case)
        if missing:
            lacking |= dict.fromkeys(missing)
            continue
        observations.append(learner.observe(case))
        if observations[-1].timed_out:
            break
    return observations, list(lacking)


def _refused(seen: Observation) -> bool:
    """Whether a function would not work in a case where it need not. A forward that does work there has taken it on."""
    if not seen.case.lenient:
        return False
    return bool(seen.timed_out) or (seen.raised is not None and (seen.raised[0] == "forward" or not seen.findings))
