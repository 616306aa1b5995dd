"""What a kernel is to compute: its launches, its right results, and the mistakes people make."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.operation import Hypothesis, Operation
from tinyseg.diagnosis.traits import Trait

OVERHANG = Trait("more threads than elements", mishandled="last-block-mishandled")
SEVERAL_BLOCKS = Trait("several blocks", mishandled="blocks-mishandled")
OTHER_BLOCK = Trait("another block size than the first", mishandled="block-size-assumed")
ONE_ELEMENT = Trait("one element", mishandled="one-element-mishandled")
MORE_ELEMENTS = Trait("more elements than threads", mishandled="grid-too-small-mishandled")
NOT_SQUARE = Trait("an image that is not square", mistake="height-and-width-swapped")


Arguments = Mapping[str, Array | np.generic]
"""Arrays and NumPy scalars by the names of the parameters, in order."""

Finds = Mapping[str, frozenset[str]]
"""Causes of findings by the cause of a mistake."""

NOTHING: frozenset[str] = frozenset()
BOUNDS = frozenset(["bounds-check-missing", "index-out-of-bounds"])
SEVERAL_WRITERS = frozenset(["blocks-write-one-place", "several-threads-write-one-place", "atomic-missing"])
RACES = frozenset(["barrier-missing", "blocks-not-ordered"]) | SEVERAL_WRITERS
COMMON: Finds = dict.fromkeys(
    (
        "another-reduction", "border-left-out", "channels-swapped", "first-element-skipped", "first-round-skipped",
        "first-row-or-column-skipped", "first-tile-again-and-again", "first-tile-missing", "grid-stride-missing",
        "last-block-ignored", "last-element-skipped", "last-row-or-column-skipped", "last-tile-missing",
        "only-block-0-writes", "only-the-first-tile", "only-the-last-tile", "some-threads-idle", "tile-part-missing",
        "tile-not-summed-to-its-end", "wrong-formula",
    ),
    NOTHING,
)  # fmt: skip
"""Mistakes that the emulator has no reason to see: what it does see is another one."""


@dataclass(frozen=True)
class Launch:
    """One launch: everything between <<< and >>>, and the arguments in order.

    Attributes:
        grid: Blocks along x, y.
        block: Threads of a block along x, y.
        arguments: Arrays and NumPy scalars by the names of the parameters.
        outputs: The arrays that the kernel is to fill; they come filled with NaN (all bits set).
        shared: Bytes of dynamic shared memory.
    """

    grid: tuple[int, ...]
    block: tuple[int, ...]
    arguments: Arguments
    outputs: tuple[str, ...] = ("y",)
    shared: int = 0


class Traffic(NamedTuple):
    """What a line may cost in memory, on average over its requests.

    Attributes:
        cause: What is named when it costs more.
        memory: 'global' or 'shared'.
        kinds: 'read', 'write'.
        measure: 'sectors' per request, 'conflicts' (passes through the banks beyond the least, in all), 'requests' (in
            all, over all lines), 'uses' (the same, but at least so many are wanted) or 'fill' (sectors that a request
            would fill side by side: few when few threads work).
        most: The largest value that is accepted; for 'fill' and 'uses' the smallest.
        arrays: Names of parameters; empty for all of this memory.
    """

    cause: str
    memory: str
    kinds: tuple[str, ...]
    measure: str
    most: float
    arrays: tuple[str, ...] = ()


class KernelOperation(Operation):
    """A kernel under judgement.

    Attributes:
        language: 'cuda' (C++) or 'numba'.
        kernel: The name of the function.
        parameters: Its parameters as the stub declares them.
        finds: What the emulator finds when a mistake is made, by cause: one of these; nothing, where the set is empty.
            Of mistakes with the same numbers, this tells which it is. Causes that are not named may come with anything.
        reads_results: Whether the kernel has reason to read what it is to fill.
        found: What the emulator did find; None as long as nothing has run.
    """

    has_cache: ClassVar[bool] = False
    gradients: ClassVar[tuple[str, ...]] = ()
    language: ClassVar[str]
    kernel: ClassVar[str]
    parameters: ClassVar[str]
    finds: ClassVar[Finds] = {}
    reads_results: ClassVar[bool] = False
    found: frozenset[str] | None = None

    @abstractmethod
    def launch(self, case: Case) -> Launch:
        """Return the launch of a configuration."""

    @abstractmethod
    def hypotheses(self) -> Iterable[Hypothesis]:
        """Return the known mistakes, the more specific first."""

    def mistakes(self) -> Iterator[Hypothesis]:
        """Return those of the known mistakes that go with what the emulator found."""
        for mistake in self.hypotheses():
            expected = self.finds.get(mistake.cause, COMMON.get(mistake.cause))
            if self.found is None or expected is None or (expected & self.found if expected else not self.found):
                yield mistake

    def renamed(self, cause: str, having: Sequence[Case], others: Sequence[Case]) -> str:
        """Return a better name for what the emulator found in some configurations, and not in the others."""
        return cause

    def traffic(self, case: Case) -> Sequence[Traffic]:
        """Return what a right kernel keeps to in this configuration."""
        return ()


def unwritten(shape: Sequence[int], dtype: type[np.generic] = np.float32) -> Array:
    """Return an array that nothing was written to: NaN, or -1 for integers."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.full(size, 0xFF, np.uint8).view(dtype).reshape(tuple(shape))
