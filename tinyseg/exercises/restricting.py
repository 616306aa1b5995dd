"""An operation on some of its configurations only."""

from __future__ import annotations

from collections.abc import Callable

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.operation import Operation


def restricted(kind: type[Operation], keep: Callable[[Case], bool], contract: str = "") -> Callable[[], Operation]:
    """Return what makes an operation that is run only where `keep` says so: no stride in the first exercise.

    Args:
        kind: The operation.
        keep: Which configurations stay.
        contract: What the functions are given and return, where that is less than the operation's own contract.
    """

    class Restricted(kind):  # type: ignore[valid-type, misc]
        def cases(self) -> list[Case]:
            return [case for case in super().cases() if keep(case)]

    Restricted.contract = contract or kind.contract
    return Restricted
