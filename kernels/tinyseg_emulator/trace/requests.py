"""What a request costs: one instruction, executed by the lanes of a warp together.

Global memory moves in sectors of 32 bytes. Shared memory has 32 banks of 4 bytes, and a pass serves one word of each
bank; lanes that want the same word share it. Requests of 8 and of 16 bytes a lane go in halves and quarters of a warp.
(NVIDIA, CUDA C++ Best Practices Guide.) The memory report counts the same way.
"""

from __future__ import annotations

from collections.abc import Sequence

WARP, SECTOR, BANKS, WORD = 32, 32, 32, 4


def sectors(offsets: Sequence[int], size: int) -> tuple[int, int]:
    """Return how many sectors accesses at these byte offsets touch, and how many the same bytes side by side would."""
    distinct = set(offsets)
    touched = {number for at in distinct for number in range(at // SECTOR, (at + size - 1) // SECTOR + 1)}
    return len(touched), -(-len(distinct) * size // SECTOR)


def passes(lanes: Sequence[tuple[int, int]], size: int) -> tuple[int, int, list[int]]:
    """Return how many passes over the banks a request takes, the least, and the pass in which each lane is served.

    Args:
        lanes: For each access, its lane (0 to 31) and its byte offset.
        size: Bytes of each access.
    """
    words = max(1, size // WORD)
    group = max(1, WARP // words)
    total = ideal = 0
    served = [0] * len(lanes)
    for first in range(0, WARP, group):
        inside = [k for k, (lane, _) in enumerate(lanes) if first <= lane < first + group]
        if not inside:
            continue
        wanted: dict[int, dict[int, int]] = {}  # bank -> word -> its pass
        for k in inside:
            for word in range(lanes[k][1] // WORD, lanes[k][1] // WORD + words):
                bank = wanted.setdefault(word % BANKS, {})
                served[k] = max(served[k], total + bank.setdefault(word, len(bank)))
        total += max(map(len, wanted.values()))
        ideal += 1
    return total, ideal, served
