"""What `fit` can learn from, as batches: arrays, sequences of batches, generators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu.arrays import is_array, is_device_array
from tinyseg_kernels.types import Array

Batch: TypeAlias = tuple[Any, Any, Any]
"""(x, y, sample_weight): arrays, or lists or dicts of them; y and sample_weight may be None."""


class BatchSource(Protocol):
    """Gives the batches of an epoch, one after the other."""

    def __len__(self) -> int:
        """Return the number of batches in an epoch; raises TypeError when it is not known."""

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of this epoch."""


def map_arrays(function: Callable[[Array], Any], structure: Any) -> Any:
    """Apply a function to an array, or to each array in a list or dict; None stays None."""
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        return {key: map_arrays(function, item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [map_arrays(function, item) for item in structure]
    return function(structure)


def arrays_in(structure: Any) -> list[Array]:
    """Return all arrays of an array, list, dict or None."""
    found: list[Array] = []
    map_arrays(found.append, structure)
    return found


def as_arrays(structure: Any) -> Any:
    """Turn what the caller gave as data into arrays: a dict by name and a tuple or list of arrays stay groups."""
    if isinstance(structure, Mapping):
        return {key: _as_array(item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)) and structure and all(hasattr(item, "shape") for item in structure):
        return [_as_array(item) for item in structure]
    return None if structure is None else _as_array(structure)


def _as_array(values: Any) -> Array:
    """Keep an array of a device as it is (batches may be made there); anything else becomes a NumPy array."""
    return values if is_device_array(values) else np.asarray(values)


class ArrayBatches:
    """Batches cut from whole arrays, in a new random order each epoch when shuffled."""

    def __init__(
        self, x: Any, y: Any = None, sample_weight: Any = None, *, batch_size: int | None, shuffle: bool, seed: int = 0
    ) -> None:
        """Check that all arrays have as many samples."""
        self.x, self.y, self.sample_weight = as_arrays(x), as_arrays(y), as_arrays(sample_weight)
        self.batch_size = 32 if batch_size is None else batch_size
        if isinstance(self.batch_size, bool) or not hasattr(self.batch_size, "__index__") or self.batch_size < 1:
            raise InvalidInput(f"batch_size: expected an integer of at least 1, got {batch_size!r}")
        self.shuffle, self.seed = shuffle, seed
        lengths = []
        for name, part in (("x", self.x), ("y", self.y), ("sample_weight", self.sample_weight)):
            for array in arrays_in(part):
                if array.ndim == 0:
                    raise InvalidInput(f"{name}: expected an array with one entry per sample, got a single number")
                lengths.append((name, len(array)))
        if len({length for _, length in lengths}) > 1:
            counts = ", ".join(f"{name} has {length}" for name, length in lengths)
            raise InvalidInput(f"expected as many samples in all arrays, but {counts}")
        self.samples = lengths[0][1] if lengths else 0
        if self.samples == 0:
            raise InvalidInput("expected at least one sample, got none: the data are empty")

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

    def split(self, fraction: float) -> tuple[ArrayBatches, ArrayBatches]:
        """Cut off the last part of the samples, before any shuffling, as Keras does: (training, validation)."""
        if not 0.0 < fraction < 1.0:
            raise InvalidInput(f"validation_split: expected a number above 0 and below 1, got {fraction!r}")
        at = int(self.samples * (1.0 - fraction))
        if at in (0, self.samples):
            raise InvalidInput(f"validation_split {fraction} of {self.samples} samples leaves one part empty")
        parts = []
        for rows, shuffle in ((slice(0, at), self.shuffle), (slice(at, None), False)):
            x, y, w = (map_arrays(lambda a, r=rows: a[r], s) for s in (self.x, self.y, self.sample_weight))  # type: ignore[misc]
            parts.append(ArrayBatches(x, y, w, batch_size=self.batch_size, shuffle=shuffle, seed=self.seed))
        return parts[0], parts[1]


class SequenceBatches:
    """Batches from an object with `__len__` and `__getitem__`, such as `tinyseg.datasets.SegmentationBatches`.

    `set_epoch(epoch)` is called before each epoch if the object has it, and `on_epoch_end()` after, as for Keras's PyDataset.
    """

    def __init__(self, sequence: Any) -> None:
        """Keep the sequence."""
        self.sequence = sequence
        if len(sequence) == 0:
            raise InvalidInput("expected at least one batch, got none: the data are empty")

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.sequence)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches in order."""
        if hasattr(self.sequence, "set_epoch"):
            self.sequence.set_epoch(epoch)
        for k in range(len(self.sequence)):
            yield as_batch(self.sequence[k])
        if hasattr(self.sequence, "on_epoch_end"):
            self.sequence.on_epoch_end()


class IteratorBatches:
    """Batches from a generator (or any iterable of batches): `steps` of them are an epoch, or all of it when None."""

    def __init__(self, iterable: Any, steps: int | None) -> None:
        """Keep the iterable. A generator runs on from epoch to epoch; a list or other iterable starts anew."""
        self.iterable, self.steps = iterable, steps
        self.once = iter(iterable) is iterable
        self.running: Iterator[Any] | None = iter(iterable) if self.once else None

    def __len__(self) -> int:
        """Return the number of steps, if it was given."""
        if self.steps is None:
            raise TypeError("the number of batches of a generator is not known")
        return self.steps

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the next batches."""
        source = self.running if self.running is not None else iter(self.iterable)
        count = 0
        while self.steps is None or count < self.steps:
            try:
                item = next(source)
            except StopIteration:
                if count == 0 or (self.steps is not None and self.once):
                    wanted = "at least one batch" if self.steps is None else f"{self.steps} batches an epoch"
                    raise InvalidInput(
                        f"the generator ended in epoch {epoch + 1} after {count} batches, but {wanted} are needed; let it "
                        "run for ever (while True) and give steps_per_epoch, or give arrays"
                    ) from None
                return
            count += 1
            yield as_batch(item)


def as_batch(item: Any) -> Batch:
    """Turn what a sequence or generator gave into (x, y, sample_weight)."""
    if not isinstance(item, tuple):
        return as_arrays(item), None, None
    if not 1 <= len(item) <= 3:
        raise InvalidInput(f"expected a batch as (x, y) or (x, y, sample_weight), got a tuple of {len(item)}")
    x, y, w = (*item, None, None)[:3]
    return as_arrays(x), as_arrays(y), as_arrays(w)


def as_source(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    steps: int | None = None,
) -> BatchSource:
    """Choose the source for what the caller gave."""
    if hasattr(x, "epoch") and hasattr(x, "__len__"):
        return x
    is_data = (
        is_array(x)
        or isinstance(x, Mapping)
        or (isinstance(x, (list, tuple)) and not (len(x) > 0 and isinstance(x[0], tuple)))
    )
    if is_data:
        return ArrayBatches(x, y, sample_weight, batch_size=batch_size, shuffle=shuffle, seed=seed)
    if y is not None or sample_weight is not None:
        raise InvalidInput(
            f"y and sample_weight come with the batches when x is a {type(x).__name__}; do not give them"
        )
    if hasattr(x, "__len__") and hasattr(x, "__getitem__") and not isinstance(x, (list, tuple)):
        return SequenceBatches(x)
    if hasattr(x, "__iter__"):
        return IteratorBatches(x, steps)
    raise InvalidInput(f"expected arrays, a sequence of batches or a generator, got {type(x).__name__}")


def class_weights_as_sample_weights(class_weight: Mapping[int, float], y: Any, output_rank: int) -> Array:
    """Return one weight per label of y: that of its class, 1 for classes not named.

    y holds class ids, or is one-hot when it has as many axes as the output and a last axis longer than 1.
    """
    if not isinstance(y, np.ndarray):
        raise InvalidInput("class_weight: expected a model with one output; use sample_weight with several")
    ids = y
    if y.ndim == output_rank:
        ids = y.argmax(axis=-1) if y.shape[-1] > 1 else y[..., 0]
    weights = np.ones(ids.shape, np.float32)
    for label, weight in class_weight.items():
        weights[ids == label] = weight
    return weights
