"""A learner's file in a process, and in another one when that process is gone."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tinyseg.diagnosis.calling import Raised

from .ends import exception_for, without_report
from .limits import Limits
from .memory import MemoryWatch, reader
from .process import Ended, Late, Process, Refusal, TooLarge
from .values import BadAnswer, Packing, plain, raised_of

MOST_CRASHES = 40
"""After so many ends of a process no other is started: what is left counts as raised."""


class CheckTooLong(Exception):
    """The check as a whole took more time than it may."""


@dataclass(frozen=True)
class Program:
    """A learner's file.

    Attributes:
        source: Its text.
        file: Its name, as in messages.
        functions: Names that are asked for.
        load: Modules that are loaded before it runs: no other can be imported.
        threads: Whether it may start threads.
    """

    source: str
    file: str
    functions: tuple[str, ...]
    load: tuple[str, ...] = ()
    threads: bool = False


@dataclass
class Loaded:
    """What running the file gave.

    Attributes:
        raised: The exception that it ended with, or that stands for the end of the process.
        late: Whether it did not come to an end.
        signatures: Those functions that are there; a signature that cannot be had is None.
        not_callable: Names that are there, and the type of what they stand for.
        names: All functions of the file.
    """

    raised: Raised | None = None
    late: bool = False
    signatures: dict[str, inspect.Signature | None] = field(default_factory=dict)
    not_callable: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        """Whether its functions can be called."""
        return not self.late and self.raised is None


class Session:
    """Runs a learner's file.

    Attributes:
        process: Where it runs now; None before `load`, and after the end of a process.
        crash: The exception that stands for the last end of a process.
        printed: What processes that are gone have printed.
        threads: How many threads were left behind.
        lacking: Limits that cannot be had here.
    """

    def __init__(self, program: Program, limits: Limits, show_progress: Callable[[str], None] | None = None) -> None:
        """Nothing is started yet; see `load`."""
        self.program, self.limits, self.show = program, limits, show_progress or (lambda words: None)
        self.process: Process | None = None
        self.crash = Raised("ProcessEnded", "", "")
        self.printed, self.threads = "", 0
        self.lacking: tuple[str, ...] = ()
        self._end = time.monotonic() + limits.check
        self._number, self._crashes = 0, 0
        self._dropped: list[int] = []

    def __enter__(self) -> Session:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process and keep what it printed."""
        if self.process is not None:
            self.process.close()
            self.printed += without_report(self.process.output.text)
            self.process = None

    def load(self) -> Loaded:
        """Start a process and run the file.

        Raises:
            Refusal: It does what it may not.
            BadAnswer: What came is no answer.
            CheckTooLong: There is no time left.
        """
        self.show("starts")
        self.close()
        self._dropped = []
        left = max(self.limits.printed - len(self.printed), 0)
        process = self.process = Process(self._settings(), self.limits, left)
        try:
            ready, _ = process.ask(None, (), self.limits.start)  # NumPy is loaded; now the file runs
            self._watch(process, ready.get("in force"))
            header, _ = process.ask(None, (), self._seconds(self.limits.call))
        except (Late, Ended, TooLarge) as error:
            self._note_end(process, error)
            return Loaded(late=isinstance(error, Late), raised=None if isinstance(error, Late) else self.crash)
        self._note(header)
        return _loaded(header.get("loaded"))

    def _settings(self) -> dict[str, Any]:
        program, limits = self.program, self.limits
        return {
            "source": program.source,
            "file": program.file,
            "module": program.file.removesuffix(".py"),
            "functions": program.functions,
            "modules": program.load,
            "threads": program.threads,
            "memory": limits.memory,
            "seconds": limits.check,
            "largest": limits.result,
        }

    def _watch(self, process: Process, in_force: Any) -> None:
        """Watch the memory from here where the process could not set itself a limit."""
        if not isinstance(in_force, list):
            raise BadAnswer("limits that are none")
        has_limit = "memory" in in_force
        read = None if has_limit else reader()
        if read is not None:
            process.memory = MemoryWatch(process.pid, self.limits.memory, read)
        self.lacking = () if has_limit or read is not None else ("memory",)
        if "system calls" not in in_force:
            self.lacking += ("system calls",)

    def _seconds(self, most: float) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise CheckTooLong
        return min(most, left)

    def _note(self, header: Mapping[str, Any]) -> None:
        """Take note of what a call left behind."""
        replaced, threads = header.get("replaced"), header.get("threads", 0)
        if replaced:
            names = replaced if isinstance(replaced, list) else []
            raise Refusal("replaced", ", ".join(plain(str(name), 60) for name in names[:5]), 0)
        if isinstance(threads, int):
            self.threads = max(self.threads, threads)

    def _note_end(self, process: Process, error: Exception) -> None:
        self._crashes += 1
        self.close()
        tail = process.output.tail.decode("utf-8", "replace")
        self.crash = exception_for(error, process.exit_code, tail, self.program.file, self.program.source)
        if time.monotonic() >= self._end:
            raise CheckTooLong from error

    # Calls ---------------------------------------------------------------------------------------------------------

    def ready(self) -> bool:
        """Whether there is a process to call; start another one after a crash, but not again and again."""
        if self.process is not None:
            return True
        return self._crashes < MOST_CRASHES and self.load().is_there

    def number(self) -> int:
        """Return the number of the next call."""
        self._number += 1
        return self._number

    def drop(self, process: Process | None, number: int) -> None:
        """Take note that what a call returned is not needed any more."""
        if process is self.process:
            self._dropped.append(number)

    def ask(self, header: Mapping[str, Any], packing: Packing, seconds: float) -> tuple[dict[str, Any], bytes]:
        """Ask the process.

        Raises:
            Late: The call did not come back; the process is gone.
            Ended: The process is gone; `crash` says how.
            TooLarge: The same, because of its memory.
        """
        assert self.process is not None
        self.show(f"call {header['call']}: {header.get('function', 'what it returned, again')}")
        process, dropped = self.process, self._dropped
        self._dropped = []
        sizes = [block.nbytes for block in packing.blocks]
        content = {"drop": dropped, "arrays": packing.arrays, "blocks": sizes, **header}
        try:
            answer, body = process.ask(content, packing.blocks, self._seconds(seconds))
        except (Late, Ended, TooLarge) as error:
            self._note_end(process, error)
            raise
        if answer.get("call") != header["call"]:
            raise BadAnswer("an answer to another call")
        self._note(answer)
        return answer, body


def _loaded(found: Any) -> Loaded:
    """Return what running the file gave, from the worker's words."""
    match found:
        case {"raised": raised}:
            return Loaded(raised=raised_of(raised))
        case {"functions": dict(functions), "names": list(names)}:
            loaded = Loaded(names=tuple(plain(str(name)) for name in names))
            for name, about in functions.items():
                match about:
                    case {"callable": True, "parameters": parameters}:
                        loaded.signatures[name] = _signature(parameters)
                    case {"callable": False, "type": kind}:
                        loaded.not_callable[name] = plain(str(kind), 80)
                    case _:
                        raise BadAnswer("a function that is none")
            return loaded
    raise BadAnswer("a file that was not run")


def _signature(parameters: Any) -> inspect.Signature | None:
    if parameters is None:
        return None
    try:
        return inspect.Signature(
            [
                inspect.Parameter(
                    name, inspect._ParameterKind(kind), default=None if optional else inspect.Parameter.empty
                )
                for name, kind, optional in parameters
            ]
        )
    except (ValueError, TypeError) as error:
        raise BadAnswer("a signature that is none") from error
