"""`print` and `breakpoint` in a Numba kernel, for all threads or for one (`emulation(focus=...)`)."""

from __future__ import annotations

import os
import pdb
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks.focus import Focus
from ..checks.kernel_error import KernelError
from ..checks.options import current_options

if TYPE_CHECKING:
    from .kernel_cuda import KernelCuda
    from .recorder import Recorder

MOST_ITEMS = 32
"""That a `print` in a kernel can take; with more, Numba prints its format instead."""


class Output:
    """What `print` and `breakpoint` mean in the kernel of one launch.

    Args:
        kernel: Name of the kernel.
        cuda: The launch's `cuda`, which knows the thread that runs.
        recorder: What notes accesses; those made from the debugger are not the kernel's.
    """

    def __init__(self, kernel: str, cuda: KernelCuda, recorder: Recorder | None) -> None:
        self.kernel, self.cuda, self.recorder = kernel, cuda, recorder
        options = current_options()
        self.focus, self.shown = options.focus, options.output
        self.names: dict[str, Callable[..., None]] = {"print": self.print, "breakpoint": self.breakpoint}
        self._stopped = False
        self._debugger: _Debugger | None = None

    def print(self, *items: Any, **options: Any) -> None:
        """Write a line, as Numba's kernels do: floats as %f, no `sep`, `end` or `file`."""
        if options:
            raise KernelError(self.kernel, f"print in a kernel takes no {', '.join(options)}")
        texts = [self._item(item) for item in items]
        if len(items) > MOST_ITEMS:
            texts = [_format(item) for item in items]
        if self.shown and self._is_here():
            sys.stdout.write(" ".join(texts) + "\n")

    def breakpoint(self, *_: Any, **__: Any) -> None:
        """Stop in Python's debugger, at the line after the call.

        Stops the thread in focus; without one the first thread that comes here, once in a launch.
        """
        if not self.shown or not self._is_here() or os.environ.get("PYTHONBREAKPOINT") == "0":
            return
        if self.focus is None and self._stopped:
            return
        self._stopped = True
        if self._debugger is None:
            self._debugger = _Debugger(Focus(self.cuda.threadIdx, self.cuda.blockIdx), self.recorder)
        if not self._debugger.left:
            self._debugger.set_trace(sys._getframe(1))

    def _is_here(self) -> bool:
        focus, cuda = self.focus, self.cuda
        return focus is None or (tuple(cuda.threadIdx) == focus.thread and tuple(cuda.blockIdx) == focus.block)

    def _item(self, item: Any) -> str:
        if isinstance(item, str):
            return item
        if isinstance(item, (bool, np.bool_, int, np.integer)):
            return str(item)
        if isinstance(item, (float, np.floating)):
            return f"{float(item):f}"
        if isinstance(item, tuple):
            inside = ", ".join(map(self._item, item))
            return f"({inside},)" if len(item) == 1 else f"({inside})"
        raise KernelError(
            self.kernel, f"print in a kernel: Numba prints numbers, strings and tuples, got {_kind(item)}"
        )


def _format(item: Any) -> str:
    """Return what Numba's format has for an item."""
    if isinstance(item, tuple):
        return f"({', '.join(map(_format, item))})"
    if isinstance(item, (str, bool, np.bool_)):
        return "%s"
    if isinstance(item, (float, np.floating)):
        return "%f"
    return "%llu" if isinstance(item, np.unsignedinteger) else "%lld"


def _kind(item: Any) -> str:
    return f"an array of shape {item.shape}" if hasattr(item, "shape") else f"a {type(item).__name__}"


class _Debugger(pdb.Pdb):
    """Python's debugger, in one thread of a kernel.

    `quit` leaves it, and the kernel runs to its end.
    """

    def __init__(self, focus: Focus, recorder: Recorder | None) -> None:
        super().__init__(nosigint=True)
        self.prompt = f"(block {focus.block} thread {focus.thread}) "
        self.recorder = recorder
        self.left = False

    def interaction(self, frame: FrameType | None, traceback: Any) -> None:
        """Talk to the user; what is read meanwhile is no access of the kernel."""
        if self.recorder is None:
            super().interaction(frame, traceback)
            return
        self.recorder.paused = True
        try:
            super().interaction(frame, traceback)
        finally:
            self.recorder.paused = False

    def do_quit(self, arg: str) -> bool | None:
        """Leave the debugger; the kernel goes on."""
        self.left = True
        return self.do_continue(arg)

    do_q = do_exit = do_quit
