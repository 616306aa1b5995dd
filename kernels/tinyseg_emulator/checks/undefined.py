"""An operation that C++ leaves undefined, with what a GPU makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .kernel_error import Index3
from .records import Finding
from .source_text import source_text


@dataclass(frozen=True)
class UndefinedOperation(Finding):
    """An operation whose result C++ does not define; the kernel goes on with what a GPU gives.

    Args:
        what: The operation, as 'shift by all bits or more: a << b'.
        left: The left operand a, as text; the number that is converted.
        right: The right operand b.
        result: What a GPU gives; '' where a GPU leaves it open too.
        place: Source line.
        block: Index of the block that did it first.
        thread: Index of the thread in its block.
    """

    what: str
    left: str
    right: str
    result: str
    place: str
    block: Index3
    thread: Index3

    def _subject(self) -> tuple[Any, ...]:
        return self.what, self.place

    def headline(self) -> str:
        """Return what happened, with the operands, and where."""
        if self.what.startswith("a float"):
            operands = f"the number is {self.left}"
        elif not self.result:
            operands = f"the lane is {self.left} and the mask {self.right}"
        elif self.what.endswith("-a"):
            operands = f"a is {self.left}"
        else:
            operands = f"a is {self.left} and b is {self.right}"
        return f"{self.what}, where {operands}"

    def hint(self) -> str:
        """Return both values, and the line."""
        file, _, line = self.place.replace("\\", "/").rpartition("/")[2].rpartition(":")
        where = f"{file}:{line}  {source_text(self.place)}\n"
        if not self.result:
            return (
                f"{where}    The value is undefined; the kernel went on with all bits set "
                f"(block {self.block}, thread {self.thread})."
            )
        return (
            f"{where}    C++ leaves the result undefined; a GPU gives {self.result}, with which the kernel went on "
            f"(block {self.block}, thread {self.thread})."
        )
