"""The error of a kernel that did something a GPU would not survive, or would not report."""

from __future__ import annotations

Index3 = tuple[int, int, int]
"""(x, y, z) of a thread in its block or of a block in its grid."""


class KernelError(RuntimeError):
    """An emulated kernel failed: the text says which kernel, what happened, the source line, the block and the thread.

    Args:
        kernel: Name of the kernel.
        what: What happened.
        place: Source line as `file:line`, when it is known.
        block: The block's index, when it is known.
        thread: The thread's index in its block, when it is known.
    """

    def __init__(
        self,
        kernel: str,
        what: str,
        *,
        place: str | None = None,
        block: Index3 | None = None,
        thread: Index3 | None = None,
    ) -> None:
        self.kernel, self.what, self.place, self.block, self.thread = kernel, what, place, block, thread
        super().__init__(f"kernel {kernel!r}: {self.describe(what, place, block, thread)}")

    @staticmethod
    def describe(what: str, place: str | None, block: Index3 | None, thread: Index3 | None) -> str:
        """Return what happened, and where as far as it is known."""
        text = what
        if place is not None:
            text += f", at {place}"
        if block is not None:
            text += f", block {block}"
        if thread is not None:
            text += f", thread {thread}"
        return text
