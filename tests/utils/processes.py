"""Python in a process of its own, which finds the same packages as this one."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program and wait for it; its exit status is for the caller to look at."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
