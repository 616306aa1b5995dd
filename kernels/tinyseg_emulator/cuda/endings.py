"""What is said of a launch that was ended before its kernel: why, and where each thread stood."""

from __future__ import annotations

import signal

from ..checks.options import Options
from ..checks.records import Endless, Stand
from ..checks.report import finding_text
from .library import Library
from .native import INTERRUPTED, SECONDS, STALLED, STATES, STEPS, Failure, runtime


def endless(kernel: str, failure: Failure, library: Library, options: Options) -> Endless:
    """Return the finding for a launch that ended by one of native.py's endings.

    Args:
        kernel: Name of the kernel.
        failure: The launch's; it was the last that ran.
        library: The kernel's.
        options: The launch's.
    """
    what = {
        SECONDS: f"no end after {options.seconds:g} seconds of processor time",
        STEPS: f"no end after {options.steps} steps",
        INTERRUPTED: "interrupted",
        STALLED: "every thread that is left waits, and none does anything that another one waits for",
    }[failure.ending]
    stands: dict[tuple[str, str], Stand] = {}
    for k in range(runtime().tinyseg_stand_count()):
        found = runtime().tinyseg_stands()[k]
        place = f"{found.file.decode(errors='replace')}:{found.line}" if found.file else library.place(found.code) or ""
        stand = Stand(place, STATES[found.state], found.threads, found.block.triple(), found.thread.triple())
        known = stands.get((place, stand.waits_for))
        if known is not None:
            object.__setattr__(known, "threads", known.threads + stand.threads)
        else:
            stands[place, stand.waits_for] = stand
    return Endless(kernel, what, tuple(stands.values()), runtime().tinyseg_waiting_blocks())


def text_of_ending(finding: Endless) -> str:
    """Return the finding without the kernel's name, which an error's text has already."""
    return finding_text(finding).removeprefix(f"kernel {finding.kernel!r}: ")


def raise_interrupt(text: str) -> None:
    """Do what Ctrl-C does in Python; with its usual handler, raise `KeyboardInterrupt` with a text."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        raise KeyboardInterrupt(text)
    signal.raise_signal(signal.SIGINT)
