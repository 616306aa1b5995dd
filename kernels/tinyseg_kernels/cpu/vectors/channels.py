"""How kernels go through rows (P, C) whose columns are channels.

Vectors of channels in registers, down the rows of a block.

What belongs to a channel (its mean, its sum) is then loaded and stored once for a block, not once for a row. A block is
16 KiB of each array, so all its channels are worked on while it is in the first-level cache, and memory is read once,
in order. (Blocks of 4 KiB: batch norm takes 6 % longer. With 64 rows of 128 channels the lines of a column of vectors
fell into the same few sets of the cache: half as fast.)

Two vectors are worked on together: each has sums of its own, so no addition waits for the last one. The last two of a
row may overlap others, and then compute the same numbers again. Fewer channels than a vector has lanes are left to
plain loops.
"""

from __future__ import annotations

from ...cpu.vectors.vectors import Vector
from ..compiled import inlined
from ..gemm.micro_kernel import LANES
from ..pieces import piece_from
from ..sizes import SIZES
from .vectors import lanes_from, load, store

PAIR = 2 * LANES
"""Channels worked on together."""


BLOCK = SIZES.channel_numbers


@inlined
def rows_of_block(channels: int) -> int:
    """Return how many rows a block has: one when a row is several cache lines, which are then read in order."""
    return BLOCK // channels if channels <= 2 * PAIR else 1


@inlined
def first_of_pair(c: int, channels: int) -> int:
    """Return where the first vector of the pair for channels c, ... begins, in bytes."""
    return piece_from(c, channels, LANES) * 4


@inlined
def second_of_pair(c: int, channels: int) -> int:
    """Return where the second one begins."""
    return piece_from(c + LANES, channels, LANES) * 4


@inlined
def add_pair(target: int, c: int, channels: int, first: Vector, second: Vector) -> None:
    """Add the sums of a pair to those at an address.

    Vectors at the end overlap others; a channel's sum is added by the first that has it.
    """
    i, j = first_of_pair(c, channels), second_of_pair(c, channels)
    store(target + i, load(target + i) + lanes_from(first, c - i // 4))
    store(target + j, load(target + j) + lanes_from(second, c + LANES - j // 4))
