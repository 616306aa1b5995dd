"""What the emulator checks during a launch, chosen for a `with` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .findings import Findings
from .focus import Focus
from .trace import Trace


@dataclass(frozen=True)
class Options:
    """Choices for emulated launches.

    Args:
        thread_order: The order in which a block's threads run between barriers: 'up', 'down' or 'rotated:<seed>'. A
            right kernel gives the same result in each.
        races: Record races between threads, reads of shared memory that nothing was written to, and accesses out of
            bounds.
        sanitize: Of CUDA C++, check indices of declared arrays (shared and local) and the alignment of vectors; cheap,
            and a part of `races`.
        full_barriers: A barrier of the block that some of its threads have ended without is an error, as CUDA's guide
            has it. (A GPU of compute capability 7.0 or newer waits for the others only, which is the default here.)
        memory_report: Count, for each source line, bank conflicts and uncoalesced accesses.
        roofline: With `memory_report`, also count operations, and the bytes that must move at least once.
        seconds: How much processor time a launch may take. A kernel that takes more is ended, with a finding that tells
            where its threads stood.
        steps: How many accesses (of a checked launch; else atomic operations) all threads of a launch may make.
        raise_on_finding: Raise `KernelError` at the first finding; else findings are collected and the kernel goes on
            where it can.
        trace: Where to write down what blocks of checked launches do, access by access (`trace.py`).
        focus: The one thread that prints, and that stops at a `breakpoint()`; None for all.
        output: Whether what kernels print is shown.
    """

    thread_order: str = "up"
    races: bool = False
    sanitize: bool = False
    full_barriers: bool = False
    memory_report: bool = False
    roofline: bool = False
    seconds: float = 60.0
    steps: int = 4_000_000_000
    raise_on_finding: bool = False
    trace: Trace | None = None
    focus: Focus | None = None
    output: bool = True

    def __post_init__(self) -> None:
        kind, _, seed = self.thread_order.partition(":")
        if self.thread_order not in ("up", "down") and not (kind == "rotated" and seed.isdigit()):
            raise InvalidInput(f"thread_order: expected 'up', 'down' or 'rotated:<seed>', got {self.thread_order!r}")
        if not self.seconds > 0 or self.steps < 1:
            raise InvalidInput(
                f"seconds and steps: expected limits above 0, got seconds={self.seconds}, steps={self.steps}"
            )


_options: ContextVar[Options] = ContextVar("tinyseg_emulator_options", default=Options())  # noqa: B039 (it is frozen)
_findings: ContextVar[Findings | None] = ContextVar("tinyseg_emulator_findings", default=None)


def current_options() -> Options:
    """Return the options of the innermost `emulation(...)`."""
    return _options.get()


def current_findings() -> Findings | None:
    """Return where the innermost `emulation(...)` collects findings, None outside of one."""
    return _findings.get()


@contextmanager
def emulation(**options: Any) -> Iterator[Findings]:
    """Use these options (fields of `Options`) for every emulated launch within the block.

    What they find is in the object that it gives, and afterwards in that
    of an `emulation(...)` around it as well.

    Raises:
        InvalidInput: An unknown option or value.
    """
    known = [field.name for field in fields(Options)]
    for name in options:
        if name not in known:
            raise unknown_name("option", name, known)
    findings = Findings()
    option_token, findings_token = _options.set(replace(_options.get(), **options)), _findings.set(findings)
    try:
        yield findings
    finally:
        _options.reset(option_token)
        _findings.reset(findings_token)
        around = _findings.get()
        if around is not None:
            around.include(findings)
