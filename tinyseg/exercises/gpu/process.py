"""The worker that runs a learner's kernel, seen from outside: started, asked, killed when it takes too long."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from tinyseg_kernels.cache_folder import CACHE_VARIABLE, cache_folder
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

from .worker import BrokenMessage, read_message, write_message

MEMORY, PROCESSOR_SECONDS, FILE_SIZE = 4 << 30, 120, 64 << 20
"""Limits of the worker; the memory is what it may ask for, stacks of all threads and the compiler's included."""

PRINTED = 4000
"""Characters that are kept of what a kernel prints."""

PASSED_ON = ("PATH", "HOME", "CXX", "TINYSEG_CXXFLAGS", "SYSTEMROOT", "LANG", "LD_LIBRARY_PATH", "ZIG_GLOBAL_CACHE_DIR")
"""Variables of the environment that the compiler or Python need."""


class Stopped(Exception):
    """The worker ended, or was ended, before it answered: 'time-out' or 'crash', and what is known of it."""

    def __init__(self, cause: str, text: str) -> None:
        super().__init__(text)
        self.cause = cause


class Answer(NamedTuple):
    """What the worker said."""

    header: JsonObject
    arrays: dict[str, Array]


def what_is_missing(language: str) -> str:
    """Return what kernels of a language need to run here, and how to get it; '' when all is there."""
    if find_spec("tinyseg_emulator") is None:
        return "the package tinyseg_emulator, which comes with tinyseg, is missing: install tinyseg anew"
    if language == "cuda":
        from tinyseg_emulator.cuda.compiler import find_compiler

        if sys.platform in ("win32", "darwin"):
            return "the CUDA emulator runs on Linux only (on Windows: in WSL)"
        if find_compiler() is None:
            return (
                "CUDA C++ is compiled by g++, clang++ or ziglang, and none was found: pip install 'tinyseg[emulator]'"
            )
        return ""
    if find_spec("greenlet") is None:
        return "Numba kernels are run by means of greenlet, which is not installed: pip install 'tinyseg[emulator]'"
    return ""


class KernelProcess:
    """One worker with one kernel; use it in a `with` block.

    Args:
        language: 'cuda' or 'numba'.
        start_limit: Seconds for its start and for the compiler.
        launch_limit: Seconds for each launch.

    Raises:
        InvalidInput: What kernels need is not installed.
    """

    def __init__(self, language: str, start_limit: float = 60.0, launch_limit: float = 10.0) -> None:
        missing = what_is_missing(language)
        if missing:
            raise InvalidInput(f"exercises on GPU kernels: {missing}")
        self.language, self.start_limit, self.launch_limit = language, start_limit, launch_limit
        self.lacking: tuple[str, ...] = ()
        self._printed: list[str] = []
        self._answers: queue.Queue[Answer | BrokenMessage | None] = queue.Queue()
        self._folder = Path(tempfile.mkdtemp(prefix="kernel-"))
        try:
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def __enter__(self) -> KernelProcess:
        limits = [MEMORY, PROCESSOR_SECONDS, FILE_SIZE]
        answer = self._ask({"do": "start", "limits": limits}, {}, self.start_limit)
        self.lacking = tuple(f"{what}: not limited on this machine" for what in answer.header["lacking"])
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def prepare(self, source: str, filename: str, kernel: str) -> JsonObject:
        """Compile; return `parameters`, or a `cause` with a `text`."""
        request = {
            "do": "prepare", "language": self.language, "source": source, "filename": filename, "kernel": kernel,
        }  # fmt: skip
        return self._ask(request, {}, self.start_limit).header

    def launch(
        self, grid: Sequence[int], block: Sequence[int], arguments: Mapping[str, Array | np.generic], shared: int = 0
    ) -> Answer:
        """Launch on copies of arrays; return them as the kernel left them, and what was found.

        Raises:
            Stopped: The kernel did not come back in time, or took the worker with it.
        """
        request = {
            "do": "launch",
            "grid": list(grid),
            "block": list(block),
            "order": list(arguments),
            "scalars": [name for name, value in arguments.items() if not isinstance(value, np.ndarray)],
            "shared": [shared],
        }
        answer = self._ask(request, {name: np.asarray(v) for name, v in arguments.items()}, self.launch_limit)
        for name, array in answer.arrays.items():
            sent = np.asarray(arguments[name.removeprefix("other:")])
            if array.shape != sent.shape or array.dtype != sent.dtype:
                raise Stopped("crash", f"array {name!r} came back as {array.dtype} of shape {array.shape}")
        return answer

    @property
    def printed(self) -> str:
        """What the kernel printed, cut."""
        return "".join(self._printed)[:PRINTED]

    def kill(self) -> None:
        """End the worker and what it started."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(5.0)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TMPDIR": str(self._folder)}
        # It finds what this process finds, wherever that is installed; -P: not what lies beside its own file.
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
        if self.language == "cuda":
            self._give_runtime()
            environment[CACHE_VARIABLE] = str(self._folder)
        process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-X", "utf8", str(Path(__file__).with_name("worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=environment,
            start_new_session=True,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        self._threads = [
            threading.Thread(target=self._listen, args=(process.stdout,), daemon=True),
            threading.Thread(target=self._drain, args=(process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return process

    def _give_runtime(self) -> None:
        """Put the emulator's runtime where the worker finds it: learners' libraries do not go into the user's cache."""
        from tinyseg_emulator.cuda.build import runtime_library

        runtime = runtime_library()
        assert runtime.parent == cache_folder("emulator")
        (self._folder / "emulator").mkdir()
        shutil.copy(runtime, self._folder / "emulator" / runtime.name)

    def _ask(self, request: JsonObject, arrays: Mapping[str, Array], limit: float) -> Answer:
        stream = self._process.stdin
        assert stream is not None
        try:
            write_message(stream, request, arrays)
            answer = self._answers.get(timeout=limit)
        except OSError:
            answer = None
        except queue.Empty:
            self.kill()
            raise Stopped("time-out", f"no answer within {limit:g} s") from None
        if isinstance(answer, Answer):
            return answer
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)  # how it ended by itself
        self.kill()
        how = "it said something else" if isinstance(answer, BrokenMessage) else _ending(self._process.returncode)
        last = self.printed.strip().splitlines()[-1:]
        raise Stopped("crash", "; ".join([how, *last]))

    def _listen(self, stream: IO[bytes]) -> None:
        try:
            while (message := read_message(stream)) is not None:
                self._answers.put(Answer(*message))
            self._answers.put(None)
        except (BrokenMessage, OSError, ValueError) as error:
            self._answers.put(error if isinstance(error, BrokenMessage) else None)

    def _drain(self, stream: IO[bytes]) -> None:
        kept = 0
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(stream.fileno(), 1 << 16):
                if kept < PRINTED:
                    self._printed.append(data.decode("utf-8", "replace"))
                    kept += len(data)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process ended with exit code {code}"
