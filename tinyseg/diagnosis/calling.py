"""Run somebody else's function: with a time limit, on copies, noting everything that it should not have done."""

from __future__ import annotations

import ctypes
import inspect
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array


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
    """What a call did."""

    result: Any = None
    raised: Raised | None = None
    timed_out: bool = False
    changed: tuple[Watched, ...] = ()
    seconds: float = 0.0


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
    before = {array: np.array(value, copy=True) for array, value in watch.items() if isinstance(value, np.ndarray)}
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
            box["raised"] = _describe(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(limit)
    if worker.is_alive():
        _stop(worker)
        return Call(timed_out=True)
    # Compared at the end: what a backward changes later is another call's finding.
    changed = tuple(array for array, old in before.items() if not _same_bits(old, watch[array]))
    return Call(box.get("result"), box.get("raised"), "timed_out" in box, changed, box.get("seconds", 0.0))


def _same_bits(a: Array, b: Array) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _describe(error: BaseException) -> Raised:
    frames = traceback.extract_tb(error.__traceback__)
    # The innermost line of the learner: what a library did with it says less.
    own = [f for f in frames if f.filename != __file__ and f.line and "site-packages" not in f.filename]
    line = (own[-1].line if own else "") or ""
    return Raised(type(error).__name__, str(error).strip().split("\n")[0][:200], line)


def _stop(worker: threading.Thread) -> None:
    """Raise TimedOut inside the thread. Python code ends at its next instruction, a call into C when it returns."""
    if worker.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(TimedOut))
        worker.join(1.0)


@contextmanager
def poisoned_memory() -> Iterator[None]:
    """Fill what np.empty and np.empty_like give with NaN: who reads memory before writing it then cannot be lucky."""
    empty, empty_like = np.empty, np.empty_like

    def filled(make: Callable[..., Array]) -> Callable[..., Array]:
        def poisoned(*args: object, **keywords: Any) -> Array:
            array = make(*args, **keywords)
            if array.dtype.kind in "fc":
                array.fill(np.nan)
            return array

        return poisoned

    np.empty, np.empty_like = filled(empty), filled(empty_like)  # type: ignore[assignment]
    try:
        yield
    finally:
        np.empty, np.empty_like = empty, empty_like


def check_callable(name: str, function: object) -> None:
    """Refuse what cannot be called."""
    if function is not None and not callable(function):
        raise InvalidInput(f"diagnose: {name}: expected a function or None, got {type(function).__name__}")
