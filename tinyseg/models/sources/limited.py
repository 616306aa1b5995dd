"""A number of batches of a source as an epoch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import count, islice

from tinyseg_kernels.checks import as_count

from ..data import Batch, BatchSource
from .batches import IteratorBatches


def limited(source: BatchSource, steps: object, goes_on: bool, prefix: str) -> BatchSource:
    """Return a source whose epochs have `steps` batches."""
    name = f"{prefix}steps" if prefix or not goes_on else "steps_per_epoch"
    steps = as_count(name, steps, 1)
    if isinstance(source, IteratorBatches) and source.once:
        return source  # it counts by itself: what a generator gave is gone
    return LimitedBatches(source, steps, goes_on, name)


class LimitedBatches:
    """`steps` batches are an epoch.

    For training an epoch goes on where the last one stopped, round and round; otherwise each begins anew.

    Which batches an epoch has depends on its number alone, so that a resumed run sees those that an uninterrupted one
    would have seen.
    """

    def __init__(self, source: BatchSource, steps: int, goes_on: bool, name: str) -> None:
        """Keep the source; `name` is that of the argument, for a warning."""
        self.source, self.steps, self.goes_on, self.name = source, steps, goes_on, name
        try:
            self.known: int | None = len(source)
        except TypeError:
            self.known = None
        self.running: Iterator[Batch] = iter(())
        self.at = -1  # number of the batch that `running` gives next, over all epochs

    def __len__(self) -> int:
        """Return the number of batches, which fewer ones than asked for may be when an epoch begins anew."""
        return self.steps if self.goes_on or self.known is None else min(self.steps, self.known)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of this epoch."""
        if self.goes_on:
            if self.at != epoch * self.steps:
                self.at = epoch * self.steps
                self.running = self._passes(self.at)
            for batch in islice(self.running, self.steps):
                self.at += 1
                yield batch
            return
        done = 0
        for batch in islice(self.source.epoch(0), self.steps):
            done += 1
            yield batch
        if done < self.steps:
            warnings.warn(f"{self.name}: {self.steps} batches were asked for, and there are {done}", stacklevel=2)

    def _passes(self, skip: int) -> Iterator[Batch]:
        """Yield the batches of one pass over the source after the other, without the first ones."""
        first, skip = divmod(skip, self.known) if self.known else (0, skip)
        for k in count(first):
            for batch in self.source.epoch(k):
                if skip == 0:
                    yield batch
                else:
                    skip -= 1
