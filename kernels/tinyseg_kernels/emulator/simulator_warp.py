"""What the lanes of a warp ask of each other: shuffles and votes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

WARP_SIZE = 32
FULL_MASK = 0xFFFFFFFF


class WarpRequest(NamedTuple):
    """A lane's request at a warp barrier: the lanes it names, what it asks for, and from which lane."""

    mask: int
    operation: str
    operand: int = 0

    def result(self, lane: int, values: dict[int, Any]) -> Any:
        """Return what a lane gets, given the value that each lane of the mask brought."""
        operation = self.operation
        if operation == "syncwarp":
            return None
        if operation.startswith("shfl"):
            return _from_lane(self.source_of(lane), lane, values)
        if operation == "all_sync":
            return all(values.values())
        if operation == "any_sync":
            return any(values.values())
        if operation == "eq_sync":
            return len({bool(value) for value in values.values()}) == 1
        if operation == "ballot_sync":
            return sum(1 << number for number, value in values.items() if value)
        same = sum(1 << number for number, value in values.items() if value == values[lane])
        if operation == "match_any_sync":
            return same
        everywhere = len(set(values.values())) == 1
        return (same if everywhere else 0), everywhere  # match_all_sync

    def source_of(self, lane: int) -> int:
        """Return the lane that a shuffle reads; its own when there is none that far."""
        if self.operation == "shfl_sync":
            return self.operand % WARP_SIZE
        if self.operation == "shfl_xor_sync":
            return (lane ^ self.operand) % WARP_SIZE
        source = lane - self.operand if self.operation == "shfl_up_sync" else lane + self.operand
        return source if 0 <= source < WARP_SIZE else lane


def _from_lane(source: int, lane: int, values: dict[int, Any]) -> Any:
    """Return another lane's value: undefined (NaN, or a pattern) when that lane does not take part."""
    if source in values:
        return values[source]
    own = values[lane]
    return type(own)(np.nan) if isinstance(own, (float, np.floating)) else type(own)(0x5A5A5A5A & 0x7F)
