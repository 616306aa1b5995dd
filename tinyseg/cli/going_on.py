"""What to type to go on with an interrupted run."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import errors


@contextmanager
def named_when_interrupted(out: Path, *arguments: object) -> Iterator[None]:
    """When Ctrl-C interrupts the block, say what is kept, and print the command that goes on.

    It can be pasted as it is.
    """
    from tinyseg.runs import RunFolder

    try:
        yield
    except KeyboardInterrupt:
        folder = RunFolder(out)
        if folder.exists and not folder.finished:
            done = len(folder.read_history()["epoch"]) if folder.history.exists() else 0
            kept = f"{done} epoch{'s' * (done != 1)} kept" if done else "in the first epoch, nothing is learnt yet"
            errors.print(f"\nstopped: {kept}. Go on with:", markup=False, soft_wrap=True, highlight=False)
            errors.print(f"  {pasted([*arguments, '--resume'])}", markup=False, soft_wrap=True, highlight=False)
        elif not folder.exists:
            errors.print("\ninterrupted before the run began: nothing was written")
        raise


def pasted(arguments: Sequence[object], windows: bool = os.name == "nt") -> str:
    """Return a command line for this machine's shell.

    `tinyseg` as it was called, and the arguments, quoted where they need it.
    """
    parts = [*called(), *(_safe(argument) for argument in arguments)]
    return subprocess.list2cmdline(parts) if windows else shlex.join(parts)


def called() -> list[str]:
    """Return how the command was called: by its name if the shell finds it, else by its path, or as a module."""
    script = sys.argv[0]
    if os.path.basename(script) == "__main__.py":
        return [sys.executable, "-m", "tinyseg"]
    found = shutil.which("tinyseg")
    by_name = os.path.dirname(script) == "" or (
        found is not None and os.path.realpath(found) == os.path.realpath(script)
    )
    return ["tinyseg"] if by_name else [script]


def _safe(argument: object) -> str:
    """Return an argument as text; a path that begins with a hyphen is not taken for an option."""
    text = str(argument)
    return os.path.join(os.curdir, text) if isinstance(argument, Path) and text.startswith("-") else text
