"""Theoretical occupancy: warps of a multiprocessor (SM) that a launch can have at once, over those that it can hold.

A block comes to an SM as a whole. It needs warps, registers (handed out to warps in units of 256) and shared memory
(in units of 128 bytes, 256 on 7.5; from 8.0 on the system takes 1 KB of each block besides), and an SM holds a limited
number of blocks. The scarcest of these decides:

    occupancy = warps per block * min(blocks by warps, by blocks, by registers, by shared memory) / warps per SM

Source: CUDA C++ Programming Guide 13, "Compute capabilities", table of technical specifications; the units are those
of cudaOccupancyMaxActiveBlocksPerMultiprocessor (cuda_occupancy.h).
"""

from __future__ import annotations

from dataclasses import dataclass

WARP = 32
REGISTERS_OF_A_MULTIPROCESSOR = 65536
REGISTER_UNIT = 256
PARTITIONS = 4
"""An SM has four parts with a quarter of the registers each, and a warp stays in one."""


@dataclass(frozen=True)
class Limits:
    """What an SM of one compute capability holds; shared memory in bytes."""

    warps: int
    blocks: int
    shared: int
    shared_of_a_block: int
    shared_unit: int
    reserved: int


LIMITS = {
    "sm_75": Limits(32, 16, 64 << 10, 64 << 10, 256, 0),
    "sm_80": Limits(64, 32, 164 << 10, 163 << 10, 128, 1024),
    "sm_86": Limits(48, 16, 100 << 10, 99 << 10, 128, 1024),
    "sm_89": Limits(48, 24, 100 << 10, 99 << 10, 128, 1024),
    "sm_90": Limits(64, 32, 228 << 10, 227 << 10, 128, 1024),
    "sm_100": Limits(64, 32, 228 << 10, 227 << 10, 128, 1024),
}


@dataclass(frozen=True)
class Occupancy:
    """Blocks on an SM at once, their share of its warps in percent, and what allows no more."""

    blocks: int
    percent: float
    limited_by: str


def occupancy(arch: str, threads: int, registers: int, shared: int) -> Occupancy:
    """Return the occupancy of a launch.

    Args:
        arch: One of `LIMITS`, as 'sm_90'.
        threads: Of a block.
        registers: Of a thread.
        shared: Bytes of a block, static and dynamic together.
    """
    limits = LIMITS[arch]
    warps = -(-threads // WARP)
    of_a_warp = _up(max(registers, 1) * WARP, REGISTER_UNIT)
    of_a_part = REGISTERS_OF_A_MULTIPROCESSOR // PARTITIONS // of_a_warp
    by = {
        "threads": limits.warps // warps,
        "blocks": limits.blocks,
        "registers": of_a_part * PARTITIONS // warps,
    }
    taken = _up(shared + limits.reserved, limits.shared_unit)
    if shared > limits.shared_of_a_block:
        by["shared memory"] = 0
    elif taken:
        by["shared memory"] = limits.shared // taken
    blocks = min(by.values())
    limited_by = " and ".join(name for name, count in by.items() if count == blocks)
    return Occupancy(blocks, 100 * blocks * warps / limits.warps, limited_by)


def _up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
