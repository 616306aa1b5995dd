"""Notices a thread that waits in a loop for a number which another thread has to write, so that the others can run."""

from __future__ import annotations

import dis
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

FIRST = 1_200
"""Accesses of a thread in one turn after which it is looked at."""

AGAIN = 12
"""The same, for one that was waiting when it was looked at last: a multiple of what a loop's condition may read."""

_PLAIN = (int, float, complex, str)


class Spins:
    """Looks now and then whether a thread is where it was, with the same variables: then it waits for another one.

    Args:
        let_others_run: Called from the thread that waits, with the frame of the kernel.
    """

    def __init__(self, let_others_run: Callable[[FrameType], None]) -> None:
        self._let_others_run = let_others_run
        self._running: tuple[int, int] | None = None
        self._count = 0
        self._states: dict[tuple[int, int], tuple[Any, ...]] = {}
        self._waiting: set[tuple[int, int]] = set()
        self.quiet = 0  # how often threads were found waiting since anything else than a read happened

    @property
    def for_ever(self) -> bool:
        """Whether all threads that wait were found waiting several times, and nothing was written meanwhile."""
        return self.quiet > 3 * len(self._states)

    def access(self, thread: tuple[int, int], kind: str, frame: FrameType, value: Any) -> None:
        """Note an access of the running thread, given by the numbers of its block and in it."""
        if kind != "read":
            self.quiet = 0
        if thread != self._running:
            self._running, self._count = thread, 0
        self._count += 1
        if self._count < (AGAIN if thread in self._waiting else FIRST):
            return
        self._count = 0
        variables = {name: value for name, value in frame.f_locals.items() if isinstance(value, _PLAIN)}
        state = (frame.f_code, frame.f_lasti, value, variables)
        if self._states.get(thread) == state:
            self._waiting.add(thread)
            self.quiet += 1
            self._let_others_run(frame)
        else:
            self._states[thread] = state
            self._waiting.discard(thread)
            self.quiet = 0


def has_while(code: CodeType) -> bool:
    """Return whether a function has a loop that is no `for`."""
    instructions = {instruction.offset: instruction for instruction in dis.get_instructions(code)}
    jumps = [i for i in instructions.values() if i.opcode in (*dis.hasjrel, *dis.hasjabs)]
    back = [instructions.get(jump.argval) for jump in jumps if jump.argval <= jump.offset]
    return any(target is not None and target.opname != "FOR_ITER" for target in back)
