"""What `fit` validates on, and when."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from tinyseg_kernels.errors import InvalidInput

from .arguments import epochs_of_validation
from .data import BatchSource
from .sources import ArrayBatches, as_source, is_data
from .sources.batches import holds_batches


class Validation(NamedTuple):
    """Validation data, and which epochs (from 0) are followed by a validation."""

    source: BatchSource
    due: Callable[[int], bool]


def warn_of_no_validation(steps: object, batch_size: object, freq: object) -> None:
    """Say that what is told of a validation does nothing, as in Keras, since there is none."""
    given = {"validation_steps": steps, "validation_batch_size": batch_size}
    names = [name for name, value in given.items() if value is not None]
    names += [] if str(freq) == "1" else ["validation_freq"]
    if names:
        said = f"fit: {' and '.join(names)} given without validation_data or validation_split: it does nothing"
        warnings.warn(said, UserWarning, stacklevel=3)


def with_validation(
    source: BatchSource,
    data: object,
    split: object,
    *,
    batch_size: int | None,
    validation_batch_size: int | None,
    steps: int | None,
    freq: object,
    inputs: int,
) -> tuple[BatchSource, Validation]:
    """Return the training data, of which `split` takes the last part when there are no validation data, and the validation.

    Raises:
        InvalidInput: A split of what is no array, or data and arguments that do not fit together.
    """
    due = epochs_of_validation(freq)
    if data is None:
        if not isinstance(source, ArrayBatches):
            raise InvalidInput("validation_split needs arrays; give validation_data instead")
        source, held_out = source.split(split)
        x, *given = held_out.x, held_out.y, held_out.sample_weight
    else:
        x, *given = _parts(data, inputs)
    prefix = "validation_"
    if validation_batch_size is None and is_data(x):
        validation_batch_size = batch_size
    validation = as_source(x, *given, batch_size=validation_batch_size, steps=steps, inputs=inputs, prefix=prefix)
    return source, Validation(validation, due)


def _parts(data: object, inputs: int) -> tuple[Any, ...]:
    """Return (x,), (x, y) or (x, y, sample_weight) from validation_data, which may also be a source of batches.

    A list counts as the tuple, as in Keras, unless it begins with a batch: a tuple, or a list of arrays that are not as
    many as the model's inputs.
    """
    batches = isinstance(data, list) and holds_batches(data) and (isinstance(data[0], tuple) or len(data[0]) != inputs)
    if isinstance(data, tuple) or (isinstance(data, list) and not batches and len(data) > 1):
        if not 1 <= len(data) <= 3:
            raise InvalidInput(
                f"validation_data: expected (x, y) or (x, y, sample_weight), got {type(data).__name__} of {len(data)}"
            )
        return tuple(data)
    return (data,)
