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
    return [np.array(value, copy=True) if isinstance(value, np.ndarray) else None for value in arrays]


def changes(before: Iterable[Any], now: Iterable[Any]) -> list[bool]:
    """Return of each array whether it changed since `copies_of`."""
    return [old is not None and not _same_bits(old, new) for old, new in zip(before, now, strict=True)]


def _same_bits(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


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


class Poisoned:
    """Fill what np.empty and np.empty_like give with NaN: who reads memory before writing it then cannot be lucky."""

    def __init__(self, on: bool = True) -> None:
        """When it is not `on`, nothing is done."""
        self.on = on

    def __enter__(self) -> None:
        """Put other functions in their places."""
        if self.on:
            self.originals: Any = np.empty, np.empty_like
            np.empty, np.empty_like = (_filled(make) for make in self.originals)

    def __exit__(self, *error: object) -> None:
        """Put them back."""
        if self.on:
            np.empty, np.empty_like = self.originals


def _filled(make: Callable[..., Any]) -> Callable[..., Any]:
    def poisoned(*args: object, **keywords: Any) -> Any:
        array = make(*args, **keywords)
        if array.dtype.kind in "fc":
            array.fill(np.nan)
        return array

    return poisoned
