"""What a batch is. Where batches come from stands in `sources/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.arrays import as_arrays, is_group

Batch: TypeAlias = tuple[Any, Any, Any]
"""(x, y, sample_weight): arrays, or lists or dicts of them; y and sample_weight may be None."""


class BatchSource(Protocol):
    """Gives the batches of an epoch, one after the other."""

    def __len__(self) -> int:
        """Return the number of batches in an epoch; raises TypeError when it is not known."""

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of this epoch."""


def as_batch(item: object, inputs: int = 1) -> Batch:
    """Turn what a source gave into (x, y, sample_weight).

    A tuple of one to three, a list of these arrays (as PyTorch's DataLoader makes), or x alone.

    A list of as many arrays as the model has inputs, when it has several, is x.
    """
    inputs_alone = len(item) == inputs > 1 and is_group(item) if isinstance(item, list) else False
    if isinstance(item, list) and 1 <= len(item) <= 3 and _is_part(item[0]) and not inputs_alone:
        item = tuple(item)
    if not isinstance(item, tuple):
        return as_arrays(item), None, None
    if not 1 <= len(item) <= 3:
        raise InvalidInput(f"expected a batch as (x, y) or (x, y, sample_weight), got a tuple of {len(item)}")
    x, y, w = (*item, None, None)[:3]
    return as_arrays(x), as_arrays(y), as_arrays(w)


def _is_part(value: object) -> bool:
    """Whether this may be the x of a batch by itself: an array, a dict or a list of them.

    A list of numbers is a row of one.
    """
    return isinstance(value, Mapping) or len(getattr(value, "shape", ())) > 0 or is_group(value)
