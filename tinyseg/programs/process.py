"""The process of a program under check: started, watched, its output passed on as it comes, ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from tinyseg.exercises.sandbox.memory import MemoryWatch
from tinyseg.exercises.sandbox.process import end_tree

from .limits import ProgramLimits

WORKER = Path(__file__).with_name("worker.py")
TICK, GRACE, START = 0.05, 0.8, 60.0
"""Seconds between two looks at a process, from the request to stop until it is killed, and until main() begins."""

Sink = Callable[[bytes], None]


class ProgramProcess:
    """One run of a program.

    Args:
        settings: What worker.py is told.
        folder: Where it runs.
        limits: What it may use.
        stdout: Takes its output as it comes.
        stderr: Takes what it writes to stderr.
        records: Takes each line of what was found.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        folder: Path,
        limits: ProgramLimits,
        stdout: Sink,
        stderr: Sink,
        records: Sink,
    ) -> None:
        self.limits, self.printed, self.why = limits, 0, ""
        self._started: float | None = None
        self._lock = threading.Lock()
        told, tell = os.pipe()
        given, give = os.pipe()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(os.path.abspath(p) for p in sys.path if p)}
        terminal = sys.stdin is not None and _is_terminal(sys.stdin)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-X", "utf8", str(WORKER), str(given)],
                stdin=subprocess.PIPE if terminal else None if _has_descriptor(sys.stdin) else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment,
                pass_fds=(tell, given),
                start_new_session=True,
            )
        finally:
            os.close(tell)
            os.close(given)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        pipe = os.fdopen(told, "rb")
        pumps: Sequence[tuple[Callable[..., None], tuple[Any, ...]]] = (
            (self._send, (give, {**settings, "records": tell})),
            (self._pass_on, (self._process.stdout, stdout)),
            (self._pass_on, (self._process.stderr, stderr)),
            (self._read, (pipe, records)),
        )
        self._threads = [threading.Thread(target=work, args=arguments, daemon=True) for work, arguments in pumps]
        for thread in self._threads:
            thread.start()
        if terminal:
            threading.Thread(target=self._type, daemon=True).start()

    def wait(self) -> int:
        """Wait for the end and return the exit code; a signal's number with a minus sign.

        `why` is '' when the program came to an end by itself, else what ended it: 'interrupted', 'time', 'memory' or
        'output'.
        """
        watch = MemoryWatch(self._process.pid, 2 * self.limits.memory)
        begun = time.monotonic()
        try:
            while self._process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(TICK)
                if self.printed > self.limits.output:
                    self._stop("output", signal.SIGKILL)
                elif watch.exceeded():
                    self._stop("memory", signal.SIGKILL)
                elif self._is_late(begun):
                    self._stop("time", signal.SIGTERM)
        except KeyboardInterrupt:
            self._stop("interrupted", signal.SIGUSR1)
        finally:
            end_tree(self._process)
            for thread in self._threads:
                thread.join(2.0)
            if self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()
        code = self._process.returncode
        return code if code is not None else -signal.SIGKILL

    def _is_late(self, begun: float) -> bool:
        if self._started is None:
            return time.monotonic() > begun + START + self.limits.seconds
        return time.monotonic() > self._started + self.limits.seconds

    def _stop(self, why: str, number: int) -> None:
        """Ask the process to say where it stands and to end; kill it when it does not."""
        if self.why or self._process.poll() is not None:
            return
        self.why = why
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(self._process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        end_tree(self._process)

    @staticmethod
    def _send(descriptor: int, settings: dict[str, Any]) -> None:
        with contextlib.suppress(OSError), os.fdopen(descriptor, "wb") as pipe:
            pipe.write(json.dumps(settings).encode())

    def _pass_on(self, pipe: IO[bytes], sink: Sink) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            while part := os.read(pipe.fileno(), 1 << 16):
                with self._lock:
                    room = self.limits.output - self.printed
                    self.printed += len(part)
                    if room > 0:
                        sink(part[:room])

    def _read(self, pipe: IO[bytes], sink: Sink) -> None:
        with contextlib.suppress(OSError, ValueError), pipe:
            for line in pipe:
                if self._started is None:
                    self._started = time.monotonic()  # the first line says that main() begins
                sink(line)

    def _type(self) -> None:
        """Pass on what is typed: the program is in a session of its own and cannot read from the terminal."""
        pipe = self._process.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError), pipe:
            for line in sys.stdin:
                pipe.write(line.encode())
                pipe.flush()


def _is_terminal(stream: IO[str]) -> bool:
    try:
        return stream.isatty()
    except (OSError, ValueError):
        return False


def _has_descriptor(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.fileno() >= 0
    except (OSError, ValueError, AttributeError):
        return False
