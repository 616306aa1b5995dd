"""Where the tensors of a network lie, as a table on the device: see optimizer.cu."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ..backend import is_emulated
from ..device import contiguous, device_module, to_device
from ..gpu.alignment import address
from ..gpu.cuda import LARGEST_SIZE, current_device
from ..types import DType, FloatArray, IntArray

CHUNK = 8192
"""Numbers of a chunk, as in optimizer.cu: so many blocks that large tensors fill a GPU, so much work in each that
finding its tensor costs little."""

ROWS = 6
"""Size, and the addresses of parameter, gradient and three slots."""

KEPT = 16
"""Tables that are kept: gradients are new arrays in each step, but as a rule the memory pool gives them the memory of a
step before."""


def table_of(
    parameters: Sequence[FloatArray] | None,
    gradients: Sequence[FloatArray],
    slots: Sequence[Sequence[FloatArray] | None],
) -> tuple[IntArray, int, list[FloatArray]]:
    """Return the table, the number of chunks, and the gradients as the table names them, which must be kept until the kernel is launched.

    Parameters and slots that are None have the address 0.
    """
    dense = [contiguous(gradient) for gradient in gradients]
    columns = [parameters, dense, *slots, *([None] * (ROWS - 3 - len(slots)))]
    addresses = tuple(0 if arrays is None else address(array) for arrays in columns for array in (arrays or dense))
    sizes = tuple(int(gradient.size) for gradient in dense)
    table, chunks = _table(sizes, addresses, _place())
    return table, chunks, dense


@lru_cache(maxsize=KEPT)
def ones(count: int, dtype: DType, place: str | int) -> FloatArray:
    """Return scales that change nothing."""
    return device_module().ones(count, dtype)


def _place() -> str | int:
    """Return what distinguishes devices: a table is of use on its own alone."""
    return "emulated" if is_emulated() else current_device()


def neutral_scales(count: int, dtype: DType) -> FloatArray:
    """Return scales of 1 on the device of the backend in use."""
    return ones(count, dtype, _place())


@lru_cache(maxsize=KEPT)
def _table(sizes: tuple[int, ...], addresses: tuple[int, ...], place: str | int) -> tuple[IntArray, int]:
    chunks = [-(-size // CHUNK) for size in sizes]
    first = np.concatenate([[0], np.cumsum(chunks)])
    if first[-1] > LARGEST_SIZE:
        raise OverflowError(f"{first[-1]} chunks of {CHUNK} numbers are more than a grid may have blocks")
    return to_device(np.concatenate([first, sizes, addresses]).astype(np.int64)), int(first[-1])
