"""How much a learner's code may use."""

from __future__ import annotations

from dataclasses import dataclass

from tinyseg_kernels.errors import InvalidInput

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one check may use.

    Attributes:
        call: Seconds for running the file, and for each call of a function.
        check: Seconds for the whole check.
        start: Seconds until the process is there and has loaded NumPy.
        memory: Bytes beyond what Python and NumPy take.
        result: Bytes of arrays that one call may return; right results have far less.
        printed: Characters of what is printed that are kept.
        source: Bytes of the file.
    """

    call: float = 10.0
    check: float = 120.0
    start: float = 60.0
    memory: int = 2048 * MIB
    result: int = 16 * MIB
    printed: int = 20_000
    source: int = MIB

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        for name, value in vars(self).items():
            if not 0 < value < 1 << 62:
                raise InvalidInput(f"Limits: {name}: expected a positive, finite number, got {value!r}")
