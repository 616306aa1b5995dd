"""Where batches come from: arrays (here), and what brings batches: sequences, generators and other iterables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
from tinyseg_kernels.checks import as_count
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.arrays import arrays_in, as_arrays, map_arrays

from ..arguments import UNSAID, flag, fraction
from ..data import Batch, BatchSource, as_batch
from .batches import IteratorBatches, OwnBatches, SequenceBatches, batches_of, holds_batches
from .limited import LimitedBatches, limited

__all__ = [
    "ArrayBatches",
    "IteratorBatches",
    "LimitedBatches",
    "OwnBatches",
    "SequenceBatches",
    "as_source",
    "first_arrays",
    "is_data",
    "length_of",
]


def as_source(
    x: Any, y: Any = None, sample_weight: Any = None, *, batch_size: int | None = None, shuffle: Any = None, seed: int = 0,
    steps: int | None = None, training: bool = False, inputs: int = 1, prefix: str = "",
) -> BatchSource:  # fmt: skip
    """Choose the source for what the caller gave to `fit`, or for a validation, when `prefix` says so.

    Training shuffles arrays unless told not to, and an epoch of `steps` batches goes on where the last one stopped. A
    model with several `inputs` may get them as a list. Raises InvalidInput for anything else, and for arguments that
    this kind of source cannot obey.
    """
    source: BatchSource
    if is_data(x):
        shuffled = training if shuffle is None or shuffle is UNSAID else flag("shuffle", shuffle)
        source = ArrayBatches(x, y, sample_weight, batch_size=batch_size, shuffle=shuffled, seed=seed, prefix=prefix)
    else:
        source = batches_of(x, y, sample_weight, batch_size, shuffle, seed, steps, inputs, prefix)
    return source if steps is None else limited(source, steps, training, prefix)


def is_data(x: Any) -> bool:
    """Whether this holds samples: arrays of any library, a list or a dict of them; a list may hold batches instead."""
    if isinstance(x, (list, tuple)):
        return not holds_batches(x)
    return isinstance(x, (np.ndarray, Mapping)) or hasattr(x, "__array__") or hasattr(x, "__dlpack__")


def first_arrays(x: Any) -> tuple[list[Array], Any]:
    """Return the inputs of the first batch, none when there is no telling, and x, from which nothing is missing afterwards."""
    if is_data(x):
        return arrays_in(as_arrays(x)), x
    first: Any = None
    if callable(getattr(x, "epoch", None)):
        first = next(iter(x.epoch(0)), None)
    elif hasattr(x, "__getitem__") and not isinstance(x, (str, bytes)):
        first = x[0] if not hasattr(x, "__len__") or len(x) else None
    elif hasattr(x, "__iter__"):
        iterator = iter(x)
        first = next(iterator, None)
        if iterator is x and first is not None:
            x = chain([first], x)
    return ([] if first is None else arrays_in(as_batch(first)[0])), x


def length_of(source: BatchSource) -> int | None:
    """Return the number of batches in an epoch, None when it is not known."""
    try:
        return len(source)
    except TypeError:
        return None


class ArrayBatches:
    """Batches cut from whole arrays, in a new random order each epoch when shuffled."""

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        batch_size: object,
        shuffle: bool,
        seed: int = 0,
        prefix: str = "",
    ) -> None:
        """Check that all arrays have as many samples."""
        self.x, self.y, self.sample_weight = as_arrays(x), as_arrays(y), as_arrays(sample_weight)
        self.batch_size = 32 if batch_size is None else as_count(f"{prefix}batch_size", batch_size, 1)
        self.shuffle, self.seed = shuffle, seed
        arrays = arrays_in([self.x, self.y, self.sample_weight])
        if (
            any(array.ndim == 0 for array in arrays)
            or len({len(array) for array in arrays}) != 1
            or len(arrays[0]) == 0
        ):
            raise _unequal(x=self.x, y=self.y, sample_weight=self.sample_weight)
        self.samples = len(arrays[0])

    def __len__(self) -> int:
        """Return the number of batches; the last may be smaller."""
        return -(-self.samples // self.batch_size)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches; the order depends on (seed, epoch) alone."""
        order = np.random.default_rng([self.seed, epoch]).permutation(self.samples) if self.shuffle else None
        for start in range(0, self.samples, self.batch_size):
            part: Any = slice(start, start + self.batch_size)
            rows = part if order is None else order[part]
            yield tuple(map_arrays(lambda a, r=rows: a[r], s) for s in (self.x, self.y, self.sample_weight))  # type: ignore[misc]

    def split(self, share: object) -> tuple[ArrayBatches, ArrayBatches]:
        """Cut off the last part of the samples, before any shuffling, as Keras does: (training, validation)."""
        at = int(self.samples * (1.0 - fraction("validation_split", share)))
        if at in (0, self.samples):
            raise InvalidInput(f"validation_split {share} of {self.samples} samples leaves one part empty")
        parts = []
        for rows, shuffle in ((slice(0, at), self.shuffle), (slice(at, None), False)):
            x, y, w = (map_arrays(lambda a, r=rows: a[r], s) for s in (self.x, self.y, self.sample_weight))  # type: ignore[misc]
            parts.append(ArrayBatches(x, y, w, batch_size=self.batch_size, shuffle=shuffle, seed=self.seed))
        return parts[0], parts[1]


def _unequal(**parts: Any) -> InvalidInput:
    """Make the error for arrays that do not have as many samples, or none."""
    lengths = []
    for name, part in parts.items():
        for array in arrays_in(part):
            if array.ndim == 0:
                return InvalidInput(f"{name}: expected an array with one entry per sample, got a single number")
            lengths.append((name, len(array)))
    if len({length for _, length in lengths}) > 1:
        counts = ", ".join(f"{name} has {length}" for name, length in lengths)
        return InvalidInput(f"expected as many samples in all arrays, but {counts}")
    return InvalidInput("expected at least one sample, got none: the data are empty")
