"""How a process ended, in words."""

from __future__ import annotations

import re
import signal

from tinyseg.diagnosis.calling import Raised

from .process import Late, TooLarge

KIND = "ProcessEnded"
REPORT = "(most recent call first):"
SIGNALS = {
    "SIGSEGV": "a memory fault: something read or wrote where no array is, or a recursion was too deep",
    "SIGBUS": "a memory fault",
    "SIGABRT": "Python gave up",
    "SIGFPE": "an integer was divided by zero in compiled code",
    "SIGILL": "an instruction that this processor does not have",
    "SIGKILL": "it was killed, most likely because the machine ran out of memory",
    "SIGXCPU": "it used more time of the processor than the whole check may take",
}
WINDOWS_CODES = {0xC0000005: "SIGSEGV", 0xC00000FD: "SIGSEGV", 0xC0000409: "SIGABRT", 0xC0000094: "SIGFPE"}


def exception_for(error: Exception, code: int | None, printed: str, file: str, source: str) -> Raised:
    """Return the exception that stands for the end of a process.

    Args:
        error: How the checker learned of it.
        code: With which it ended, as `subprocess` gives it.
        printed: The end of what it printed: after a memory fault the lines that were executed.
        file: Name of the learner's file.
        source: Its text.
    """
    if isinstance(error, Late):
        return Raised(KIND, "it did not come back in time", "")
    if isinstance(error, TooLarge):
        return Raised("MemoryError", "it took more memory than it may", "")
    return Raised(KIND, how_it_ended(code), line_of(printed, file, source))


def how_it_ended(code: int | None) -> str:
    """Return the words for an exit code."""
    name = WINDOWS_CODES.get((code or 0) & 0xFFFFFFFF, "")
    if code is not None and code < 0:
        name = name or next((s.name for s in signal.Signals if s.value == -code), f"signal {-code}")
    if name:
        return f"the whole process is gone ({SIGNALS.get(name, name)})"
    return f"the whole process is gone (exit code {code})"


def without_report(printed: str) -> str:
    """Return what was printed without Python's report of a memory fault: it is of the checker's doing."""
    return printed.partition("Fatal Python error: ")[0] if REPORT in printed else printed


def line_of(printed: str, file: str, source: str) -> str:
    """Return the line of the learner's file that was being executed, if the report of a fault names it."""
    report = printed.rpartition(REPORT)
    found = re.search(rf'File "{re.escape(file)}", line (\d+)', report[2]) if report[1] else None
    lines = source.splitlines()
    return lines[int(found[1]) - 1].strip() if found and 0 < int(found[1]) <= len(lines) else ""
