"""Are the numbers right, but of fewer digits than those that came in?

This is asked before any cause is looked for: a number that is rounded is near to many things.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .case import Case
from .comparison import FLOOR, Finding, Kind, relative_error
from .observing import Observation
from .operation import Operation

SLACK = 30
"""How much more than the library's own rounding errors in float32 those of another right calculation may be."""
UNTOUCHED = 1e-12
"""Relative error below which nothing was rounded."""


class Loss(NamedTuple):
    """An output whose numbers are right to some digits.

    `dtype` is the type through which they went, '' where only the size of the errors is known; `exact` says that every
    number is the right one, rounded to this type; `case` is the first where it shows.
    """

    output: str
    dtype: str
    error: float
    exact: bool
    case: Case

    @property
    def words(self) -> str:
        """'rounded to float32, which has 7 digits'; '6 digits are right, as with float32'."""
        digits = {"float32": 7, "float16": 3}.get(self.dtype) if self.exact else None
        if self.exact and digits:
            return f"rounded to {self.dtype}, which has {digits} digits"
        kept = max(int(np.floor(-np.log10(max(self.error, 1e-15)))), 0)
        return f"{kept} are right" + (f", as with {self.dtype}" if self.dtype else "")


def losses(operation: Operation, judged: Sequence[Observation], names: Sequence[str]) -> dict[str, Loss]:
    """Return the wrong outputs that are right but for their digits."""
    found = {name: _loss(operation, judged, name) for name in names}
    return {name: loss for name, loss in found.items() if loss is not None}


def forgiven(judged: Sequence[Observation]) -> list[Observation]:
    """Return the observations with rounded results as right ones, for who looks for another mistake behind them."""
    return [o.with_findings({n: _forgiven(f) for n, f in o.findings.items()}) for o in judged]


def _forgiven(found: Finding) -> Finding:
    return found._replace(kind=Kind.RIGHT) if found.kind is Kind.PRECISION else found


def _loss(operation: Operation, judged: Sequence[Observation], name: str) -> Loss | None:
    seen = [(o, o.findings[name]) for o in judged if name in o.findings]
    failing = [(o, f) for o, f in seen if not f.is_right]
    numbers = (Kind.PRECISION, Kind.VALUE, Kind.NOT_FINITE)
    if not failing or any(f.kind not in numbers for _, f in failing):
        return None
    types = {f.narrow for _, f in failing if f.narrow}
    dtype = next(iter(types)) if len(types) == 1 else "" if types else "float32"
    if not all(
        f.kind is Kind.PRECISION or (types and _is_rounded(f, dtype)) or _is_rounding(operation, o.case, name, f)
        for o, f in failing
    ):
        return None
    rounded = [(o, f) for o, f in failing if f.error > UNTOUCHED]
    exact = bool(types and dtype) and all(_is_rounded(f, dtype) for _, f in failing)
    if not exact and not any(f.narrow for _, f in failing) and _mostly_untouched(seen):
        return None
    first = (rounded or failing)[0][0].case
    errors = [f.error for _, f in failing if np.isfinite(f.error)]
    return Loss(name, dtype, max(errors, default=0.0), exact, first)


def _is_rounded(found: Finding, dtype: str) -> bool:
    """Whether what came is the right result, rounded to a type."""
    got = np.asarray(found.got)
    with np.errstate(over="ignore"):  # what is too large for a type is infinite in it
        return bool(dtype) and bool((got == np.asarray(found.right).astype(dtype).astype(got.dtype)).all())


def _mostly_untouched(seen: Sequence[tuple[Observation, Finding]]) -> bool:
    """Whether many results have all digits although nothing but rounding is supposed: then it is not rounding."""
    plain = [f for o, f in seen if not o.case.by_hand and o.case.dtype == np.float64]
    return bool(plain) and 10 * sum(f.error < UNTOUCHED for f in plain) > 3 * len(plain)


def _is_rounding(operation: Operation, case: Case, name: str, found: Finding) -> bool:
    """Whether an error is as large as that of the right calculation in float32 may be."""
    if np.asarray(found.right).dtype != np.float64 or found.kind is Kind.NOT_FINITE:
        return False
    floats = {n: a.astype(np.float32) for n, a in case.arrays.items() if a.dtype == np.float64}
    single = case.with_arrays(**floats)
    if case.dy is not None:
        single = single.with_dy(np.asarray(case.dy, np.float32))
    try:
        with np.errstate(all="ignore"):
            # Both by the library: where several forms are right, what was seen may be held against another one.
            rounded, exact = (np.asarray(operation.right(c)[name], np.float64) for c in (single, case))
    except (ValueError, TypeError, KeyError):
        return False
    usual = relative_error(rounded, exact) if rounded.shape == exact.shape else 0.0
    return bool(found.error <= SLACK * usual + FLOOR)
