"""Which rungs computed: not which one a backend would like to take, but whose functions were entered.

A backend without a rung for an operation takes the next one, and a rung hands over what it has no kernel for:
`numba_cpu` gives float64, and a softmax along another axis than the last,
to `numpy_cpu`. Only by looking one knows what a check has checked.
"""

from __future__ import annotations

import symtable
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import tinyseg_kernels
from tinyseg_kernels.backend import RUNGS

_KERNELS = Path(tinyseg_kernels.__file__).parent
_NAMES = {name for rungs in RUNGS.values() for name in rungs}


class RungsUsed:
    """Watches, within a `with` block, which rung's functions run in this thread.

    Attributes:
        ran: (operation, function) -> the rungs that computed it, such as ('conv2d', 'conv2d_forward') -> {'numba_cpu'}.
            A rung that handed the whole call over to another one does not count.

    Example:
        >>> import numpy as np
        >>> from tinyseg_kernels.activation import relu_forward
        >>> from tinyseg_kernels.backend import backend
        >>> with backend("numpy"), RungsUsed() as used:
        ...     _ = relu_forward(np.ones(3))
        >>> used.names
        ('numpy_cpu',)
    """

    def __init__(self) -> None:
        """Nothing has run yet."""
        self.ran: dict[tuple[str, str], set[str]] = {}

    def __enter__(self) -> RungsUsed:
        """Begin to watch; who watched before (a profiler) goes on after the block."""
        self._before = sys.getprofile()
        sys.setprofile(self._look)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look no longer."""
        sys.setprofile(self._before)

    @property
    def names(self) -> tuple[str, ...]:
        """The rungs that computed something, sorted."""
        return tuple(sorted(set().union(*self.ran.values())))

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that something of was computed, sorted."""
        return tuple(sorted({operation for operation, _ in self.ran}))

    def _look(self, frame: FrameType, event: str, argument: Any) -> None:
        if event != "call":
            return
        place, function = _place(frame.f_code.co_filename), frame.f_code.co_name
        if place is None or function not in _specified(place[0]):
            return
        operation, rung = place
        rungs = self.ran.setdefault((operation, function), set())
        caller = frame.f_back.f_code if frame.f_back is not None else None
        if caller is not None and caller.co_name == function:  # handed over
            above = _place(caller.co_filename)
            if above is not None and above[0] == operation:
                rungs.discard(above[1])
        rungs.add(rung)


@contextmanager
def unwatched() -> Iterator[None]:
    """Let nobody watch within the block, such as a computation that only prepares what is checked."""
    before = sys.getprofile()
    sys.setprofile(None)
    try:
        yield
    finally:
        sys.setprofile(before)


@cache
def _place(file: str) -> tuple[str, str] | None:
    """Return operation and rung of a file, such as ('conv2d', 'numba_cpu'); None for any other."""
    path = Path(file)
    if path.stem not in _NAMES or path.parent.parent != _KERNELS:
        return None
    return path.parent.name, path.stem


@cache
def _specified(operation: str) -> frozenset[str]:
    """Return the functions that all rungs of an operation share.

    Those of its specification, and the input gradient that convolutions lend each other. They are read from its source:
    the module itself may be just being imported, which is a call as well, and have none yet.
    """
    shared = {"input_gradient"}
    spec = find_spec(f"{tinyseg_kernels.__name__}.{operation}.naive")
    if spec is not None and spec.origin is not None:
        names = _names_of(Path(spec.origin).read_text("utf-8"))
        shared |= {name for name in names if not name.startswith("_")}
    return frozenset(shared)


def _names_of(source: str) -> set[str]:
    """Return the names that a module's source defines, imports or assigns."""
    return {symbol.get_name() for symbol in symtable.symtable(source, "<source>", "exec").get_symbols()}
