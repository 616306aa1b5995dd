"""What is done around a call of somebody else's function, in this process or in one of its own.

Uses NumPy and the standard library alone, and nothing of this package: a process for a learner's code loads this file
by its path.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

TEXT = 200
"""Characters of an exception's text that are kept."""
_array, _all = np.array, np.logical_and.reduce
"""As they are now: a learner's code may put other functions in their places."""


def arrays_in(cache: object, depth: int = 3) -> list[Any]:
    """Return the arrays of a cache, however it is built."""
    if isinstance(cache, np.ndarray):
        return [cache]
    if depth == 0 or isinstance(cache, (str, bytes)):
        return []
    parts: Any = ()
    if isinstance(cache, Mapping):
        parts = cache.values()
    elif isinstance(cache, (tuple, list)):
        parts = cache
    elif hasattr(cache, "__dict__"):
        parts = vars(cache).values()
    return [array for part in parts for array in arrays_in(part, depth - 1)]


def copies_of(arrays: Iterable[object]) -> list[Any]:
    """Return copies of those that are arrays, and None for others: what `changes` compares with."""
    return [_array(value, copy=True) if isinstance(value, np.ndarray) else None for value in arrays]


def changes(before: Iterable[Any], now: Iterable[Any]) -> list[bool]:
    """Return of each array whether it changed since `copies_of`."""
    return [old is not None and not _same(old, new) for old, new in zip(before, now, strict=True)]


def _same(a: Any, b: Any) -> bool:
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    equal = a == b
    if a.dtype.kind == "f":
        equal = equal | ((a != a) & (b != b))
    return bool(_all(equal, axis=None))


def described(error: BaseException, is_own: Callable[[str], bool]) -> tuple[str, str, str]:
    """Return kind, text and line of an exception: the innermost line in a file of the learner's (`is_own`).

    What a library did with it says less.
    """
    line, step = "", error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if is_own(code.co_filename):
            line = linecache.getline(code.co_filename, step.tb_lineno, step.tb_frame.f_globals).strip() or line
        step = step.tb_next
    return type(error).__name__, _text_of(error), line


def _text_of(error: BaseException) -> str:
    try:
        return str(error).strip().split("\n")[0][:TEXT]
    except BaseException as another:  # its __str__ is the learner's as well
        return f"(its text cannot be had: {type(another).__name__})"


FILLED = """
def poisoned(*args, **keywords):
    array = make(*args, **keywords)
    if array.dtype.kind in "fc":
        array.fill(nan)
    return array
"""


def _filled(make: Callable[..., Any]) -> Any:
    """Return a function that fills with NaN what another makes.

    A learner's code can look at it, and so at its globals: they hold no more than it needs.
    """
    names: dict[str, Any] = {"make": make, "nan": np.nan, "__builtins__": {}}
    exec(compile(FILLED, "<poisoned>", "exec"), names)
    return names["poisoned"]


_ORIGINALS = np.empty, np.empty_like
_POISONED = _filled(np.empty), _filled(np.empty_like)


def poison(on: bool = True) -> None:
    """Fill what np.empty and np.empty_like give with NaN: who reads memory before writing it then cannot be lucky."""
    np.empty, np.empty_like = _POISONED if on else _ORIGINALS
