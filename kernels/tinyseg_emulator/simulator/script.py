"""Runs a script that launches Numba kernels as it stands, every launch under all checks, in a process of its own.

What the script prints is printed; what was found comes back as findings. The process has limits: of time, of memory, of
what it prints and writes. When it exceeds one, or crashes, that is a finding too.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tinyseg_kernels.errors import InvalidInput

from ..checks.findings import Findings
from ..checks.launch_example import launch_example
from ..checks.looking import settings_of
from ..checks.options import current_options
from ..checks.records import Failure

LOOKING = "TINYSEG_LOOKING"
"""Environment variable by which the script's process learns what is looked at."""

END_AFTER_INTERRUPT = 3.0
"""Seconds that a script has, after Ctrl-C, to say where its kernel was."""

GRACE = 30.0
"""Seconds that a script has beyond its time to start, and to end itself and report."""


@dataclass(frozen=True)
class Limits:
    """What a script may use.

    Args:
        seconds: Time of the script.
        kernel_seconds: Processor time of each launch.
        memory: Bytes of address space.
        output: Bytes that it may print.
        file: Bytes of a file that it may write.
    """

    seconds: float = 300.0
    kernel_seconds: float = 120.0
    memory: int = 16 * 2**30
    output: int = 10_000_000
    file: int = 2 * 2**30


def check_script(
    path: str | Path,
    arguments: Sequence[str] = (),
    *,
    thread_order: str = "up",
    limits: Limits | None = None,
    output: IO[bytes] | None = None,
) -> Findings:
    """Run a script and check each kernel that it launches.

    Args:
        path: The script.
        arguments: What it finds in `sys.argv` after its name.
        thread_order: The order of threads, as in `Options`.
        limits: What it may use.
        output: Where its output goes; standard output when not given.

    Raises:
        InvalidInput: It launches no kernel.
    """
    path, limits = Path(path), limits or Limits()
    target = output if output is not None else getattr(sys.stdout, "buffer", None) or _Text()
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="tinyseg-script-") as folder:
        report = Path(folder) / "report"
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "MPLBACKEND": os.environ.get("MPLBACKEND", "Agg")}
        environment.pop("NUMBA_ENABLE_CUDASIM", None)
        environment[LOOKING] = json.dumps(settings_of(current_options()))
        root = str(Path(__file__).parents[2])
        environment["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [environment.get("PYTHONPATH")])])
        command = [sys.executable, "-m", f"{__package__}.script_child", str(report), thread_order]
        command += [
            str(limits.seconds),
            str(limits.kernel_seconds),
            str(limits.memory),
            str(limits.file),
            str(path),
            *arguments,
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            too_much = _follow(process, target, limits)
        return _findings(path, report, process.returncode, too_much, limits)


class _Text:
    """Writes bytes to a `sys.stdout` that has text only, such as a notebook's."""

    def write(self, data: bytes) -> None:
        """Write them."""
        sys.stdout.write(data.decode("utf-8", "replace"))

    def flush(self) -> None:
        """Show what was written."""
        sys.stdout.flush()


def _follow(process: subprocess.Popen[bytes], target: IO[bytes] | _Text, limits: Limits) -> str:
    """Pass on what a process prints until it ends; return which limit ended it, '' for none."""
    told = {"bytes": 0}

    def copy() -> None:
        assert process.stdout is not None
        while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
            room = limits.output - told["bytes"]
            told["bytes"] += len(chunk)
            target.write(chunk[: max(room, 0)])
            target.flush()
            if told["bytes"] > limits.output:
                process.kill()
                return

    reader = threading.Thread(target=copy, daemon=True)
    reader.start()
    ends = time.monotonic() + limits.seconds + GRACE
    timed_out = False
    try:
        while process.poll() is None:
            try:
                process.wait(timeout=max(ends - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                timed_out = True
                process.kill()
    except KeyboardInterrupt:  # the process may have got it as well; it reports where its kernel was
        with suppress(OSError):
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=END_AFTER_INTERRUPT)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.wait()
            return "was interrupted, and did not stop by itself"
    reader.join(timeout=2.0)
    if told["bytes"] > limits.output:
        return f"printed more than {limits.output} bytes and was ended"
    return f"ran for more than {limits.seconds:g} s and was ended" if timed_out else ""


def _findings(path: Path, report: Path, code: int, too_much: str, limits: Limits) -> Findings:
    findings = Findings()
    launches = 0
    told: list[Any] = []
    if report.exists():
        with report.open("rb") as file:
            told, traffic, launches, traced, works = pickle.load(file)
        trace = current_options().trace
        for launch in traced:
            if trace is not None and trace.wants("up"):
                trace.add(launch, [block.index for block in launch.blocks])
        for finding in told:
            findings.add(finding)
        for line in traffic:
            findings.add_traffic(line)
        for work in works:
            findings.add_work(work)
    elif not too_much:
        what = (
            f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code} before its checks were done"
        )
        too_much = f"{what} (it may use {limits.memory} bytes of memory)"
    if too_much:
        findings.add(Failure(path.name, f"the script {too_much}"))
    if not launches and not told and not too_much:
        example = launch_example(path.read_text(encoding="utf-8"), str(path))
        raise InvalidInput(
            f"{path}: the script launched no kernel, and found no comment that says how to launch one; expected a "
            f"launch, or a line such as: {example}"
        )
    return findings
