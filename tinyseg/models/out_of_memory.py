"""What to say when a batch does not fit into a GPU's memory.

The batch size that would fit, measured and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from tinyseg_kernels.types import Array

from tinyseg.utils.arrays import arrays_in, map_arrays

if TYPE_CHECKING:
    from .training import Trainer

MARGIN = 0.98
"""Share of the free memory that the suggestion may use: an allocator rounds up, and leaves gaps."""


class DeviceOutOfMemory(MemoryError):
    """A batch needs more memory than the device has; the text names the batch size that would fit."""


@contextmanager
def explained_out_of_memory(
    model: Trainer, x: Any, y: Any = None, sample_weight: Any = None, *, training: bool = True
) -> Iterator[None]:
    """Turn a GPU's out-of-memory error within the `with` block into one that names the batch size that would fit."""
    from tinyseg_kernels.gpu.memory import out_of_memory_error

    message = None
    try:
        yield
    except out_of_memory_error() as error:
        message = str(error)
        # The frames of the failed step hold its arrays; they must be gone before anything is measured.
        error.__traceback__ = None
    if message is not None:
        raise DeviceOutOfMemory(_explanation(model, x, y, sample_weight, training, message))


def _explanation(model: Trainer, x: Any, y: Any, sample_weight: Any, training: bool, message: str) -> str:
    from tinyseg_kernels.gpu.memory import available

    size = len(arrays_in(x)[0])
    text = f"{model.label}: a batch of {size} does not fit into the device's memory"
    free = available()
    if free is None:
        return f"{text}: {message}"
    if training:
        free -= _optimizer_bytes(model)
    measured = _bytes_of_one_and_two(model, x, y, sample_weight, training)
    if measured is None:
        return f"{text}, and not even one sample does: {message} Use smaller images or fewer filters"
    one, two = measured
    each = max(two - one, 1)
    fits = int((free * MARGIN - (one - each)) // each)
    if fits < 1:
        return f"{text}, and not even one sample does: {message} Use smaller images or fewer filters"
    return (
        f"{text}; batch_size={min(fits, size - 1)} would fit (measured: {_gib(one - each)} and {_gib(each)} for each sample, "
        f"of {_gib(free)} that are free)"
    )


def _optimizer_bytes(model: Trainer) -> int:
    """Return what the optimizer will still take: its slots are made at the first update."""
    optimizer = model.optimizer
    return sum(
        array.nbytes
        for name, array in model.trainable_parameters.items()
        for slot in optimizer.slots
        if f"{slot}/{name}" not in optimizer.slot_arrays
    )


def _bytes_of_one_and_two(model: Trainer, x: Any, y: Any, sample_weight: Any, training: bool) -> tuple[int, int] | None:
    """Return the peak of a step on one sample and on two; None when not even that fits. Nothing is learnt from them."""
    from tinyseg_kernels.gpu.memory import available, out_of_memory_error, peak_of

    peaks = []
    for count in (1, 2):

        def head(array: Array, count: int = count) -> Array:
            few = array[:count]
            return few if len(few) == count else array[[0] * count]

        few_x, few_y, few_weights = (map_arrays(head, part) for part in (x, y, sample_weight))
        try:
            peaks.append(peak_of(partial(_dry_step, model, few_x, few_y, few_weights, training)))
        except out_of_memory_error():
            return None
        finally:
            available()  # frees what the step left behind
    return peaks[0], peaks[1]


def _dry_step(model: Trainer, x: Any, y: Any, sample_weight: Any, training: bool) -> None:
    """Do all of a step that takes memory, and change nothing."""
    if not training:
        outputs = model._run(x, False, None)
        if y is not None:
            model.loss_and_gradient(y, outputs[0] if model.single_output else outputs, sample_weight, gradient=False)
        return
    y_pred, cache = model.forward(x, training=True)
    _, dy = model.loss_and_gradient(y, y_pred, sample_weight)
    model.backward(dy, cache, need_dx=False, release=True)


def _gib(nbytes: float) -> str:
    return f"{nbytes / 2**30:.2f} GiB" if nbytes >= 2**27 else f"{nbytes / 2**20:.2f} MiB"
