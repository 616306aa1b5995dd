"""The process of a learner's code, seen from the checker: start it, ask it, end it with all that it started."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyseg.diagnosis import running

from .inside import wire
from .limits import Limits
from .memory import MemoryWatch
from .output import Output
from .values import BadAnswer, plain

WORKER = Path(__file__).parent / "inside" / "worker.py"
MOST_HEADER = 1 << 20
TICK = 0.05
NO_WINDOW, NEW_GROUP = 0x08000000, 0x00000200  # CREATE_NO_WINDOW, CREATE_NEW_PROCESS_GROUP
WINDOWS = sys.platform == "win32"
PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
PASSED_ON_WINDOWS = ("SYSTEMROOT", "WINDIR", "COMSPEC", "PATH")


class Ended(Exception):
    """The process is gone, by itself or because it had to be."""


class Late(Exception):
    """It did not answer in time, and is gone now."""


class TooLarge(Exception):
    """It took more memory than it may, and is gone now."""


class Refusal(Exception):
    """The code did what it may not: kind, detail, and the line of the file."""

    def __init__(self, kind: str, detail: str, line: int) -> None:
        """Note it."""
        super().__init__(kind, detail, line)
        self.kind, self.detail, self.line = kind, detail, line


def refusal_of(described: Any) -> Refusal:
    """Return a refusal as the process describes it."""
    match described:
        case [str(kind), str(detail), int(line)]:
            return Refusal(kind, plain(detail), line)
    raise BadAnswer("a refusal that is none")


class Process:
    """One process; `settings` is what the worker is told first."""

    def __init__(self, settings: Mapping[str, Any], limits: Limits, printed: int) -> None:
        """Start it. `printed` is the number of characters of its output that are kept."""
        self.limits = limits
        self.token = secrets.token_bytes(wire.TOKEN)
        self.folder = tempfile.mkdtemp(prefix="answer-")
        self._frames: queue.Queue[tuple[dict[str, Any], bytes] | Exception] = queue.Queue()
        self._outgoing: queue.Queue[bytes | None] = queue.Queue()
        try:
            self._popen = self._started()
        except OSError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        assert self._popen.stderr is not None
        self.output = Output(self._popen.stderr, printed)
        self.memory: MemoryWatch | None = None
        for work in (self._read, self._write):
            threading.Thread(target=work, daemon=True).start()
        self._send({**settings, "token": self.token})

    def _started(self) -> subprocess.Popen[bytes]:
        numpy = Path(np.__file__).parents[1]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", str(WORKER), str(numpy), running.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=environment_for(self.folder),
            **apart(),
        )

    # Asking --------------------------------------------------------------------------------------------------------

    def ask(
        self, header: Mapping[str, Any] | None, blocks: Sequence[Any], seconds: float
    ) -> tuple[dict[str, Any], bytes]:
        """Send a frame (None: only wait) and return the answer to it.

        Raises:
            Late: After `seconds`.
            Ended: The process died.
            TooLarge: It took too much memory.
            Refusal: Its code did what it may not.
            BadAnswer: What came is no answer.
        """
        if header is not None:
            self._send(header, blocks)
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            try:
                answer = self._frames.get(timeout=max(min(left, TICK if self.memory else left), 0.0))
            except queue.Empty:
                if self.memory is not None and self.memory.exceeded():
                    self.close()
                    raise TooLarge from None
                if left <= 0:
                    self.close()
                    raise Late from None
                continue
            if isinstance(answer, Exception):
                if isinstance(answer, Ended):
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._popen.wait(1.0)  # it is about to be gone: how it ends is asked for later
                self.close()
                raise answer
            return answer

    def _send(self, header: Mapping[str, Any], blocks: Sequence[Any] = ()) -> None:
        self._outgoing.put(wire.question(header, blocks))

    def _write(self) -> None:
        """Write in a thread of its own: a process that does not read must not stop the checker."""
        pipe = self._popen.stdin
        assert pipe is not None
        with contextlib.suppress(OSError, ValueError), pipe:
            while (frame := self._outgoing.get()) is not None:
                pipe.write(frame)
                pipe.flush()

    def _read(self) -> None:
        """Read frames until there is something that is none."""
        pipe = self._popen.stdout
        assert pipe is not None
        try:
            with pipe:
                while head := pipe.read(wire.HEAD.size):
                    self._frames.put(self._frame(head, pipe))
            raise Ended
        except (Ended, Refusal, BadAnswer) as error:
            self._frames.put(error)
        except (OSError, ValueError):
            self._frames.put(Ended())

    def _frame(self, head: bytes, pipe: Any) -> tuple[dict[str, Any], bytes]:
        if len(head) < wire.HEAD.size:
            raise BadAnswer("half a frame")
        length, size = wire.HEAD.unpack(head)
        if length > MOST_HEADER or size > self.limits.result:
            raise BadAnswer("a frame that is too long")
        token, content, body = pipe.read(wire.TOKEN), pipe.read(length), pipe.read(size)
        if not secrets.compare_digest(token, self.token):
            raise BadAnswer("a frame that the worker did not write")
        if len(content) < length or len(body) < size:
            raise BadAnswer("half a frame")
        try:
            header = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise BadAnswer("a header that cannot be read") from error
        if not isinstance(header, dict):
            raise BadAnswer("a header that is none")
        if "refused" in header:
            raise refusal_of(header["refused"])
        return header, body

    # The end -------------------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """Its number."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended: a signal's number with a minus sign, or what it gave to exit; None while it runs."""
        return self._popen.returncode

    def close(self) -> None:
        """End it and all processes that it started, and remove its folder."""
        end_tree(self._popen)
        self._outgoing.put(None)
        self.output.finish()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment_for(folder: str, windows: bool = WINDOWS) -> dict[str, str]:
    """Return the environment of a process: what Python and NumPy need to be loaded, and one thread."""
    passed_on = PASSED_ON_WINDOWS if windows else PASSED_ON
    environment = {name: os.environ[name] for name in passed_on if name in os.environ}
    # How OpenBLAS is set up for this processor, but on one thread.
    environment |= {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return environment | dict.fromkeys(("TMPDIR", "TEMP", "TMP", "HOME", "USERPROFILE"), folder)


def apart(windows: bool = WINDOWS) -> dict[str, Any]:
    """Return what makes a process the first of a group of its own: Ctrl-C is for the checker, an end is for all."""
    return {"creationflags": NO_WINDOW | NEW_GROUP} if windows else {"start_new_session": True}


def end_tree(popen: subprocess.Popen[bytes], windows: bool = WINDOWS) -> None:
    """End a process, and those that it started."""
    if windows:
        # /T: with its tree; the process itself may be gone already.
        command = ["taskkill", "/F", "/T", "/PID", str(popen.pid)]
        with contextlib.suppress(OSError):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        popen.kill()
    else:
        # The process leads a group of its own, which lives on when it is gone.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(popen.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        popen.wait(5.0)
