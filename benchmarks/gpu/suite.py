"""Runs the tests of the kernels in a process of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TESTS = ("tests/kernels", "tests/losses", "tests/optimizers", "tests/metrics", "tests/models")


@dataclass(frozen=True)
class Outcome:
    """What the tests said."""

    command: str
    seconds: float
    counts: dict[str, int]
    """'passed', 'failed', 'skipped', 'error'."""
    failed: tuple[str, ...]
    finished: bool

    def as_json(self) -> dict[str, Any]:
        """Return all of it."""
        return asdict(self)


def run(seconds: float, tests: Sequence[str] = TESTS, processes: int = 4) -> Outcome:
    """Run the tests for at most this many seconds, in several processes where pytest-xdist is installed."""
    parallel = ["-n", str(processes)] if processes > 1 else []
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", *parallel, *tests]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
        finished = True
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its workers too
        output, _ = process.communicate()
        finished = False
    return read(output, " ".join(["python", *command[1:]]), time.monotonic() - started, finished)


def read(output: str, command: str, seconds: float, finished: bool) -> Outcome:
    """Read pytest's last lines."""
    counts: dict[str, int] = {}
    summary = re.findall(r"(?m)^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s", output)
    for number, word in re.findall(r"(\d+) (\w+)", summary[-1]) if summary else []:
        counts[word] = int(number)
    failed = tuple(re.findall(r"(?m)^(?:FAILED|ERROR) (\S+)", output))
    if not summary and finished:
        failed = (*failed, "pytest did not finish: " + " | ".join(output.strip().splitlines()[-3:]))
    return Outcome(command, seconds, counts, failed, finished)
