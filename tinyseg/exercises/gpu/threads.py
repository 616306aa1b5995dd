"""The indices of all threads of a launch as arrays, and what reading and writing with them gives.

With these a wrong kernel can be written down as one formula, and its result is known without running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from tinyseg_kernels.types import Array


class Threads(NamedTuple):
    """All threads of a launch, in the order in which the emulator runs them.

    `bx`, `by` are blockIdx, `tx`, `ty` threadIdx, one number per thread; `width`, `height` are blockDim, `columns`,
    `rows` gridDim.
    """

    bx: Array
    by: Array
    tx: Array
    ty: Array
    width: int
    height: int
    columns: int
    rows: int

    @property
    def x(self) -> Array:
        """The index along x in the whole grid."""
        return self.bx * self.width + self.tx

    @property
    def y(self) -> Array:
        """The index along y in the whole grid."""
        return self.by * self.height + self.ty

    @property
    def size(self) -> int:
        """Threads of the grid."""
        return len(self.bx)


def threads(grid: Sequence[int], block: Sequence[int]) -> Threads:
    """Return the threads of a launch."""
    (columns, rows), (width, height) = (*grid, 1)[:2], (*block, 1)[:2]
    by, bx, ty, tx = (axis.ravel() for axis in np.indices((rows, columns, height, width)))
    return Threads(bx, by, tx, ty, width, height, columns, rows)


def gather(array: Array, *index: Array) -> Array:
    """Read array[index] for each thread; NaN where there is no such element."""
    places = tuple(np.asarray(i) for i in index)
    inside = _inside(array.shape, places)
    safe = tuple(np.where(inside, i, 0) for i in places)
    return np.where(inside, array[safe], np.nan)


def scatter(shape: Sequence[int], values: Array, *index: Array) -> Array:
    """Write values[thread] to [index]; what no thread writes is NaN, and of several writes the last one stays."""
    result = np.full(tuple(shape), np.nan)
    places = tuple(np.broadcast_to(i, np.shape(values)) for i in index)
    inside = _inside(tuple(shape), places)
    result[tuple(i[inside] for i in places)] = np.asarray(values)[inside]
    return result


def _inside(shape: Sequence[int], index: Sequence[Array]) -> Array:
    inside = np.ones(np.shape(index[0]), bool)
    for i, length in zip(index, shape, strict=True):
        inside &= (i >= 0) & (i < length)
    return inside
