"""One chosen thread of a launch: only what it prints is shown, and only it stops at a `breakpoint()`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tinyseg_kernels.errors import InvalidInput

from .kernel_error import Index3


@dataclass(frozen=True)
class Focus:
    """A thread.

    Args:
        thread: Its index in its block.
        block: The index of its block.
    """

    thread: Index3
    block: Index3 = (0, 0, 0)


def index3(text: str, name: str) -> Index3:
    """Read `3`, `3,0` or `3,0,0` as the index of a thread or block; `name` is the option's, for the error.

    Raises:
        InvalidInput: It is no index.
    """
    if not re.fullmatch(r"\d+(\s*,\s*\d+){0,2}", text.strip()):
        raise InvalidInput(f"{name}: expected an index of one to three numbers such as 3,0,0, got {text!r}")
    x, y, z = (*(int(part) for part in text.split(",")), 0, 0)[:3]
    return x, y, z


def focus_of(thread: str | None, block: str | None) -> Focus | None:
    """Return the thread that the options --thread and --block choose; a block alone means its first thread."""
    if thread is None and block is None:
        return None
    return Focus(
        index3("0" if thread is None else thread, "--thread"), index3("0" if block is None else block, "--block")
    )
