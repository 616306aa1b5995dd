"""What the lanes of a warp ask of each other: shuffles and votes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

WARP_SIZE = 32
FULL_MASK = 0xFFFFFFFF

UNDEFINED_INTEGER = 0x5A


def warp_results(operation: str, values: Mapping[int, Any], operands: Mapping[int, int]) -> Mapping[int, Any]:
    """Return what each lane gets from a warp-wide operation.

    Args:
        operation: Name of the function of `cuda`, such as 'shfl_down_sync'.
        values: Lane -> the value that it brought; only the lanes that take part.
        operands: Lane -> its other operand, for shuffles.
    """
    if operation == "syncwarp":
        return {}
    if operation.startswith("shfl"):
        return {lane: _from_lane(_source(operation, lane, operands[lane]), lane, values) for lane in values}
    if operation == "match_any_sync":
        return {lane: _lanes_with(value, values) for lane, value in values.items()}
    result: Any
    if operation == "all_sync":
        result = all(values.values())
    elif operation == "any_sync":
        result = any(values.values())
    elif operation == "eq_sync":
        result = len(set(values.values())) == 1
    elif operation == "ballot_sync":
        result = _lanes_with(True, values)
    else:  # match_all_sync
        everywhere = len(set(values.values())) == 1
        result = (_lanes_with(next(iter(values.values())), values) if everywhere else 0), everywhere
    return dict.fromkeys(values, result)


def ended_sources(operation: str, operands: Mapping[int, int], mask: int) -> list[int]:
    """Return the lanes to which a shuffle gives an undefined value that they want.

    They read a lane that the mask names and that has ended, or name one by its index that takes no part. Another lane
    outside of the mask is left out: sums of a part of a warp read those too, and drop what they get.
    """
    if not operation.startswith("shfl"):
        return []
    sources = {lane: _source(operation, lane, operand) for lane, operand in operands.items()}
    by_index = operation == "shfl_sync"
    return [lane for lane, source in sources.items() if source not in operands and (by_index or mask >> source & 1)]


def _source(operation: str, lane: int, operand: int) -> int:
    """Return the lane that a shuffle reads; the lane itself where there is none that far."""
    if operation == "shfl_sync":
        return operand % WARP_SIZE
    if operation == "shfl_xor_sync":
        return (lane ^ operand) % WARP_SIZE
    source = lane - operand if operation == "shfl_up_sync" else lane + operand
    return source if 0 <= source < WARP_SIZE else lane


def _from_lane(source: int, lane: int, values: Mapping[int, Any]) -> Any:
    """Return another lane's value: undefined (NaN, or a pattern) when that lane takes no part."""
    if source in values:
        return values[source]
    own = values[lane]
    return type(own)(np.nan if isinstance(own, (float, np.floating)) else UNDEFINED_INTEGER)


def _lanes_with(value: Any, values: Mapping[int, Any]) -> int:
    return sum(1 << lane for lane, other in values.items() if other == value)
