"""Sources that bring their batches.

Sequences, generators and other iterables, and `tinyseg.datasets.SegmentationBatches`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.arrays import is_group

from ..arguments import UNSAID, flag
from ..data import Batch, BatchSource, as_batch


def holds_batches(x: Any) -> bool:
    """Whether a list or tuple holds batches rather than samples.

    It begins with a tuple, or is a list of lists of arrays.
    """
    return len(x) > 0 and (isinstance(x[0], tuple) or (isinstance(x[0], list) and is_group(x[0])))


def batches_of(
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: object,
    shuffle: object,
    seed: int,
    steps: int | None,
    inputs: int,
    prefix: str,
) -> BatchSource:
    """Return the source for what brings batches; see `as_source`."""
    shuffle = None if shuffle is UNSAID else shuffle
    indexed = hasattr(x, "__getitem__") and (hasattr(x, "__len__") or hasattr(x, "num_batches"))
    if callable(getattr(x, "epoch", None)) and hasattr(x, "__len__"):
        source: BatchSource = OwnBatches(x, inputs)
    elif isinstance(x, (str, bytes)) or not (indexed or hasattr(x, "__iter__")):
        raise InvalidInput(f"expected arrays, a sequence of batches or a generator, got {type(x).__name__}")
    elif indexed:
        source = SequenceBatches(x, bool(shuffle), seed, inputs)
    else:
        source = IteratorBatches(x, steps, inputs, prefix)
    what = f"x is a {type(x).__name__}, which brings batches"
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise InvalidInput(
                f"y and sample_weight come with the batches when x is a {type(x).__name__}; do not give {name}"
            )
    if batch_size is not None:
        raise InvalidInput(
            f"{prefix}batch_size: {what} of a size of their own; make them of {batch_size} samples there"
        )
    if (
        shuffle is not None
        and flag("shuffle", shuffle)
        and not isinstance(source, SequenceBatches)
        and not getattr(x, "shuffle", False)
    ):
        raise InvalidInput(f"shuffle: {what} in an order of its own; shuffle there, and leave shuffle out here")
    return source


class SequenceBatches:
    """Batches from an object with `__getitem__` and `__len__` (or Keras's `num_batches`, None when it never ends), or a list of batches.

    `set_epoch(epoch)` or `on_epoch_begin()` is called before each pass if the object has it, and `on_epoch_end()`
    after, as for Keras's PyDataset. With `shuffle` the batches come in an order that depends on (seed, epoch) alone.
    """

    def __init__(self, sequence: Any, shuffle: bool = False, seed: int = 0, inputs: int = 1) -> None:
        """Keep the sequence."""
        self.sequence, self.shuffle, self.seed, self.inputs = sequence, shuffle, seed, inputs
        self.batches = len(sequence) if hasattr(sequence, "__len__") else sequence.num_batches
        if self.batches == 0:
            raise InvalidInput("expected at least one batch, got none: the data are empty")
        if self.batches is None and shuffle:
            raise InvalidInput("shuffle: the sequence has no end (num_batches is None); leave shuffle out")

    def __len__(self) -> int:
        """Return the number of batches."""
        if self.batches is None:
            raise TypeError("the sequence has no end")
        return int(self.batches)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches."""
        self._tell("set_epoch", epoch)
        self._tell("on_epoch_begin")
        order: Any = count() if self.batches is None else range(self.batches)
        if self.shuffle:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.batches)
        for k in order:
            yield as_batch(self.sequence[int(k)], self.inputs)
        self._tell("on_epoch_end")

    def _tell(self, method: str, *arguments: object) -> None:
        function = getattr(self.sequence, method, None)
        if function is not None:
            function(*arguments)


class OwnBatches:
    """Batches from an object with `__len__` and `epoch(k)`, such as `tinyseg.datasets.SegmentationBatches`."""

    def __init__(self, source: Any, inputs: int = 1) -> None:
        """Keep the object."""
        self.source, self.inputs = source, inputs
        if len(source) == 0:
            raise InvalidInput("expected at least one batch, got none: the data are empty")

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.source)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of this epoch."""
        return (as_batch(item, self.inputs) for item in self.source.epoch(epoch))


class IteratorBatches:
    """Batches from a generator (or any iterable of batches): `steps` of them are an epoch, or all of it when None."""

    def __init__(self, iterable: Any, steps: int | None, inputs: int = 1, prefix: str = "") -> None:
        """Keep the iterable.

        A generator runs on from epoch to epoch; another iterable, such as PyTorch's DataLoader, starts anew.
        """
        self.iterable, self.steps, self.inputs, self.prefix = iterable, steps, inputs, prefix
        self.once = iter(iterable) is iterable
        self.running: Iterator[Any] | None = iter(iterable) if self.once else None

    def __len__(self) -> int:
        """Return the number of batches of an epoch, if it is known."""
        if self.once and self.steps is not None:
            return self.steps
        return len(self.iterable)  # a TypeError when it is not known

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the next batches."""
        source = self.running if self.running is not None else iter(self.iterable)
        steps = self.steps if self.once else None
        done = 0
        while steps is None or done < steps:
            try:
                item = next(source)
            except StopIteration:
                if done == 0 or steps is not None:
                    wanted = "at least one batch" if steps is None else f"{steps} batches an epoch"
                    names = "validation_steps" if self.prefix else "steps_per_epoch"
                    raise InvalidInput(
                        f"the generator ended in epoch {epoch + 1} after {done} batches, but {wanted} are needed; let it "
                        f"run for ever (while True) and give {names}, or give arrays"
                    ) from None
                return
            done += 1
            yield as_batch(item, self.inputs)
