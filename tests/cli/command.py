"""The command, in this process (fast) or in one of its own (to be killed or to run out of disk)."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from dataclasses import dataclass
from typing import Any
from unittest import mock

from tests.utils.processes import run_python
from tinyseg.cli import main

COMPILING = "tinyseg: compiling kernels for this processor"
"""What the first process after installation, or after a change of the kernels, says on stderr whichever command it
runs."""


@dataclass(frozen=True)
class Outcome:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


def tinyseg(*arguments: Any) -> Outcome:
    """Run the command in this process; an exception that it does not turn into a message comes through."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = ["tinyseg", *map(str, arguments)]
    with mock.patch.object(sys, "argv", argv), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
    words = [line for line in err.getvalue().splitlines(keepends=True) if not line.startswith(COMPILING)]
    return Outcome(code, out.getvalue(), "".join(words))


def succeeds(*arguments: Any) -> str:
    """Run a command that must go well, without a word on stderr; returns its output."""
    outcome = tinyseg(*arguments)
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    return outcome.out


def is_refused(*arguments: Any, code: int = 2, lines: int = 1) -> str:
    """Run a command that must fail with one message; returns it."""
    outcome = tinyseg(*arguments)
    assert outcome.code == code, outcome.out + outcome.err
    assert outcome.err.startswith("error: ")
    assert "Traceback" not in outcome.err
    if lines == 1:
        assert len(outcome.err.splitlines()) == 1, outcome.err
    return outcome.err.removeprefix("error: ").strip()


def in_own_process(preamble: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run some lines of Python and then the command."""
    program = f"{preamble}\nimport sys\nsys.argv[0] = 'tinyseg'\nfrom tinyseg.cli import main\nmain()\n"
    return run_python(program, *map(str, arguments))


def killed_in_step(step: int, signal_name: str = "SIGKILL") -> str:
    """Return a preamble with which the process sends itself a signal in its n-th training step.

    A shell lets the commands that it starts in the background ignore SIGINT, and their children with them; so Python's
    handler is put back.
    """
    return f"""
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from tinyseg.models import Model

ordinary, steps = Model.train_step, 0

def train_step(self, *batch):
    global steps
    steps += 1
    if steps == {step}:
        os.kill(os.getpid(), signal.{signal_name})
    return ordinary(self, *batch)

Model.train_step = train_step
"""


def disk_of(size: int) -> str:
    """Return a preamble after which no file can grow beyond a number of bytes, as on a full disk."""
    return f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""
