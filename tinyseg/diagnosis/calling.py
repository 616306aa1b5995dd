"""Run somebody else's function: with a time limit, on copies, noting everything that it should not have done.

A function of this process runs in a thread; in a browser tab, where there are none, it is called as it is, and nothing
stops it. One that is `Elsewhere` runs in another process, which watches the arrays itself; what it answers has the same
form.
"""

from __future__ import annotations

import ctypes
import inspect
import sys
import sysconfig
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from . import running
from .running import changes, copies_of, described, poison

HAS_THREADS = sys.platform not in ("emscripten", "wasi")
"""Whether calls have a time limit: without threads nothing can stop one."""


class TimedOut(BaseException):
    """Raised inside a function that runs too long.

    It is not an Exception, so that a learner's `except Exception` does not swallow it.
    """


class Raised(NamedTuple):
    """An exception of the function."""

    kind: str
    text: str
    line: str

    def __str__(self) -> str:
        """Return 'ValueError: ... (in: dx += ...)'."""
        return f"{self.kind}: {self.text}" + (f" (at: {self.line})" if self.line else "")


class Watched(NamedTuple):
    """An array of which is noted whether a call changes it."""

    name: str
    in_cache: bool = False


class Call(NamedTuple):
    """What a call did.

    Attributes:
        result: What came back.
        raised: An exception.
        timed_out: Whether it did not come back in time.
        changed: The watched arrays that it changed.
        seconds: That it took, where it was called.
        again: Gives the result as it is by now, after other calls; None: `result` is the very object.
    """

    result: Any = None
    raised: Raised | None = None
    timed_out: bool = False
    changed: tuple[Watched, ...] = ()
    seconds: float = 0.0
    again: Callable[[], Any] | None = None

    def result_now(self) -> Any:
        """Return the result as it is now: a later call may have written into it."""
        return self.result if self.again is None else self.again()


class Elsewhere(ABC):
    """A function that runs in another process: arguments go there, and what it returns comes back as a copy.

    Attributes:
        signature: Of the function there; None when it is not known.
    """

    signature: inspect.Signature | None = None

    @property
    def __signature__(self) -> inspect.Signature | None:
        """What `inspect.signature` finds."""
        return self.signature

    def __call__(self, *positional: Any, **keywords: Any) -> Any:
        """Call it without a watch; mostly here so that it is callable."""
        done = self.call_there(positional, keywords, limit=float("inf"), watch={}, poisoned=False)
        if done.raised is not None:
            raise RuntimeError(str(done.raised))
        return done.result

    @abstractmethod
    def call_there(
        self,
        positional: Sequence[Any],
        keywords: Mapping[str, Any],
        *,
        limit: float,
        watch: Mapping[Watched, Any],
        poisoned: bool,
    ) -> Call:
        """Do what `call` does. Arrays in caches that stayed there are watched without being named in `watch`.

        Args:
            positional: Arguments; a `Kept` stands for what it is there.
            keywords: Options.
            limit: Seconds.
            watch: Arrays of this process whose counterparts there are watched: arguments of this call, or of the call
                that a cache comes from.
            poisoned: Whether np.empty gives NaN there.
        """


class Kept(ABC):
    """What stayed where it was made, mostly a cache: it can be handed to another function there.

    Attributes:
        shape: Of the array that it is; None when it is something else.
    """

    shape: tuple[int, ...] | None = None

    @abstractmethod
    def copied(self) -> Any:
        """Return a copy of the array that it is."""


class Opaque:
    """What a function elsewhere returned that is neither a number nor an array: only its type is known here."""

    def __init__(self, kind: str) -> None:
        """`kind` is the name of its type."""
        self.kind = kind


_POISONED: ContextVar[bool] = ContextVar("poisoned", default=False)


@contextmanager
def poisoned_memory() -> Iterator[None]:
    """Within the block, functions are called with an np.empty that gives NaN, wherever they run."""
    token = _POISONED.set(True)
    try:
        yield
    finally:
        _POISONED.reset(token)


ALIASES: Mapping[str, tuple[str, ...]] = {
    "strides": ("stride", "s"),
    "padding": ("pad", "pads", "p"),
    "dilation_rate": ("dilation", "dilations", "d"),
    "pool_size": ("pool", "window", "kernel_size", "size", "k"),
    "epsilon": ("eps", "smooth", "smoothing"),
    "learning_rate": ("lr", "rate", "alpha"),
    "beta_1": ("beta1", "b1"),
    "beta_2": ("beta2", "b2"),
    "step": ("t", "iteration", "iterations", "timestep"),
    "rate": ("p", "drop", "drop_prob", "drop_rate", "dropout_rate"),
    "size": ("factor", "scale", "scale_factor"),
    "interpolation": ("mode", "method"),
    "seed": ("random_seed", "rng_seed", "random_state"),
    "num_classes": ("classes", "n_classes", "k", "K"),
}


class Keywords:
    """Which options a function takes, under which names."""

    def __init__(self, function: Callable[..., object], positional: int) -> None:
        """Look at the signature; `positional` arguments are handed over by position and so are not options."""
        self.known: list[str] | None = None
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            return
        if any(p.kind is p.VAR_KEYWORD for p in parameters):
            return
        by_name = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        taken = {p.name for p in by_position[:positional]}
        self.known = [p.name for p in by_name if p.name not in taken]

    def name_for(self, option: str) -> str | None:
        """Return the function's name for an option, or None when it has no such argument."""
        if self.known is None:
            return option
        return next((name for name in (option, *ALIASES.get(option, ())) if name in self.known), None)


def call(
    function: Callable[..., object],
    positional: Iterable[Any],
    keywords: Mapping[str, Any] | None = None,
    *,
    limit: float,
    watch: Mapping[Watched, Any] | None = None,
) -> Call:
    """Call with a time limit in seconds; of the arrays in `watch` is reported which changed."""
    watch = watch or {}
    if isinstance(function, Elsewhere):
        return function.call_there(
            tuple(positional), keywords or {}, limit=limit, watch=watch, poisoned=_POISONED.get()
        )
    before = copies_of(watch.values())
    box: dict[str, Any] = {}

    def work() -> None:
        try:
            with np.errstate(all="ignore"):  # a warning is not a finding; what comes out is looked at
                began = time.perf_counter()
                box["result"] = function(*positional, **(keywords or {}))
                box["seconds"] = time.perf_counter() - began
        except TimedOut:
            box["timed_out"] = True
        except BaseException as error:
            # SystemExit and the like included: nothing that a learner's function raises may end the diagnosis.
            box["raised"] = Raised(*described(error, _is_own))

    poison(_POISONED.get())
    try:
        if not HAS_THREADS:
            work()
        elif not _ends_in_time(work, limit):
            return Call(timed_out=True)
    finally:
        poison(False)
    # Compared at the end: what a backward changes later is another call's finding.
    changed = tuple(array for array, differs in zip(watch, changes(before, watch.values()), strict=True) if differs)
    return Call(box.get("result"), box.get("raised"), "timed_out" in box, changed, box.get("seconds", 0.0))


_LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
_HERE = (__file__, running.__file__)


def _is_own(file: str) -> bool:
    """Whether a file may be the learner's: none of an installed package, nor of Python itself."""
    in_library = any(Path(file).is_relative_to(folder) for folder in _LIBRARIES)
    return file not in _HERE and "site-packages" not in file and not in_library


def _ends_in_time(work: Callable[[], None], limit: float) -> bool:
    """Do it in a thread; what takes longer than the limit is stopped."""
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(limit)
    if not worker.is_alive():
        return True
    _stop(worker)
    return False


def _stop(worker: threading.Thread) -> None:
    """Raise TimedOut inside the thread. Python code ends at its next instruction, a call into C when it returns."""
    if worker.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(TimedOut))
        worker.join(1.0)


def check_callable(name: str, function: object) -> None:
    """Refuse what cannot be called."""
    if function is not None and not callable(function):
        raise InvalidInput(f"diagnose: {name}: expected a function or None, got {type(function).__name__}")
