"""What a diagnosis says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class DiagnosisError(AssertionError):
    """An implementation is wrong; the text is the diagnosis.

    Example:
        >>> import numpy as np
        >>> from tinyseg.diagnosis import DiagnosisError, diagnose
        >>> found = diagnose("relu", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy)
        >>> try:
        ...     found.raise_on_failure()
        ... except DiagnosisError as error:
        ...     print(str(error).partition(":")[0])
        ...
        relu
    """


@dataclass(frozen=True)
class Diagnosis:
    """The finding about somebody's functions.

    Attributes:
        operation: 'conv2d', ...
        passed: Whether everything was right in every configuration.
        cause: Stable identifier of the mistake ('kernel-not-flipped'); 'none' when passed, 'unknown' when only the
            place is known.
        where: Which output and which part of it ('dx: pixels in several windows').
        message: What was seen, what it suggests, and a hint; not the solution.
        evidence: Numbers: the smallest configuration that fails, how many fail and what they have in common, the
            largest error with the values there, the other outputs that are wrong, and `example`, a small case that can
            be checked by hand.
        notes: What could not be checked, or was left out.

    Example:
        >>> import numpy as np
        >>> from tinyseg.diagnosis import diagnose
        >>> found = diagnose("relu", lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (x >= 0))
        >>> found.passed, found.cause
        (False, 'gradient-at-zero')
    """

    operation: str
    passed: bool
    cause: str = "none"
    where: str = ""
    message: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the diagnosis as text to read."""
        lines = [f"{self.operation}: {'right' if self.passed else self.cause}"]
        if self.where:
            lines[0] += f"   [{self.where}]"
        if self.message:
            lines += ["", self.message]
        numbers = {k: v for k, v in self.evidence.items() if k != "example"}
        if numbers:
            alike = "got" in numbers and _short(numbers["got"]) == _short(numbers.get("expected"))
            digits = 12 if alike else 6  # two numbers that look the same show nothing
            lines += ["", "Evidence", *(f"  {name}: {_short(value, digits)}" for name, value in numbers.items())]
        if self.evidence.get("example"):
            lines += [
                "",
                "An example to check by hand",
                *("  " + line for line in self.evidence["example"].split("\n")),
            ]
        lines += [f"Note: {note}" for note in self.notes]
        return "\n".join(lines)

    def as_json(self) -> str:
        """Return the diagnosis as JSON."""
        content = {
            "operation": self.operation,
            "passed": self.passed,
            "cause": self.cause,
            "where": self.where,
            "message": self.message,
            "evidence": dict(self.evidence),
            "notes": list(self.notes),
        }
        return json.dumps(content, indent=1, default=_plain)

    def raise_on_failure(self) -> Diagnosis:
        """Raise DiagnosisError when something is wrong; return the diagnosis otherwise."""
        if not self.passed:
            raise DiagnosisError(str(self))
        return self


def _short(value: object, digits: int = 6) -> str:
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, (list, tuple)):
        return "; ".join(_short(v, digits) for v in value)
    return str(value)


def _plain(value: object) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)
