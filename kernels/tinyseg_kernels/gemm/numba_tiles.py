"""What the tiled Numba kernels of matrix products and convolutions share.

The shape of a tile, and the product of two tiles in shared memory.

A block computes a tile of the result, `rows * per_thread` high and `columns * per_thread` wide. It goes along the sum
in steps of `depth`: the threads bring a slice of both factors into shared memory, wait, and each one adds up its own
`per_thread` x `per_thread` outputs. A number brought in is used by a whole row or column of outputs, so the factors are
read from memory 1 / (tile width) as often as without tiles. Outputs per thread do the same once more for shared memory:
with 4 x 4, a step reads 8 numbers for 16 multiplications, instead of 2 for 1.
"""

from __future__ import annotations

from typing import NamedTuple

from ..gpu.numba_cuda import device_function
from ..types import FloatArray


class Tile(NamedTuple):
    """How a block shares out its work."""

    rows: int
    """Threads along y."""
    columns: int
    """Threads along x; a multiple of `depth`."""
    per_thread: int
    """Outputs of a thread along each axis; those of neighbouring threads are neighbours, so that a warp reads and
    writes without gaps."""
    depth: int
    """Terms of the sum in one step."""

    @property
    def height(self) -> int:
        """Rows of the result that a block computes."""
        return self.rows * self.per_thread

    @property
    def width(self) -> int:
        """Columns of the result that a block computes."""
        return self.columns * self.per_thread

    @property
    def threads(self) -> int:
        """Threads of a block."""
        return self.rows * self.columns

    @property
    def block(self) -> tuple[int, int]:
        """The block for a launch."""
        return (self.columns, self.rows)

    @property
    def gap(self) -> int:
        """Unused numbers after each row of a tile in shared memory.

        Threads that write down a column then hit different memory banks (32 of 4 bytes).
        """
        return max(1, 32 // self.depth)


SHARED = Tile(16, 16, 1, 16)
REGISTERS = Tile(16, 16, 4, 8)
SMALL_SHARED = Tile(8, 8, 1, 8)
SMALL_REGISTERS = Tile(8, 8, 4, 8)


def tile_for(version: str, height: int, width: int) -> Tile:
    """Return the tile of a version ('shared_tiles' or 'register_tiles') for a result of this size.

    Small ones where large ones would hang over its edges.
    """
    large, small = (REGISTERS, SMALL_REGISTERS) if version == "register_tiles" else (SHARED, SMALL_SHARED)
    return large if height > small.height and width > small.width else small


@device_function
def add_products(a: FloatArray, b: FloatArray, sums: FloatArray, ty: int, tx: int, rows: int, columns: int) -> None:
    """sums[r, q] += sum over k of a[k, ty + r * rows] * b[k, tx + q * columns], for slices a and b in shared memory.

    After inlining, the sizes are constants, the loops over r and q are unrolled, and `sums` lies in registers.
    """
    for k in range(a.shape[0]):
        for r in range(sums.shape[0]):
            for q in range(sums.shape[1]):
                sums[r, q] += a[k, ty + r * rows] * b[k, tx + q * columns]


@device_function
def clear(sums: FloatArray) -> None:
    """Set all sums to zero."""
    for r in range(sums.shape[0]):
        for q in range(sums.shape[1]):
            sums[r, q] = sums.dtype.type(0)
