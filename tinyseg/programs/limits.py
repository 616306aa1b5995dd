"""How much a program under check may use."""

from __future__ import annotations

from dataclasses import dataclass

from tinyseg_kernels.errors import InvalidInput

MIB = 1 << 20


@dataclass(frozen=True)
class ProgramLimits:
    """What one run may use.

    Args:
        seconds: From the start of main() to its end.
        memory: Bytes of the host's memory, and as many of the device's.
        output: Bytes that it may print.
        file_size: Bytes of the largest file that it may write.
    """

    seconds: float = 120.0
    memory: int = 4096 * MIB
    output: int = 16 * MIB
    file_size: int = 64 * MIB

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        for name, value in vars(self).items():
            if not 0 < value < 1 << 62:
                raise InvalidInput(f"ProgramLimits: {name}: expected a positive, finite number, got {value!r}")
