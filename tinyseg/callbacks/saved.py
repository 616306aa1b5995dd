"""Checks of a callback's saved state.

It comes from a file, and what is wrong in it must be told before training goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyseg_kernels.errors import InvalidInput


def is_number(value: object) -> bool:
    """Whether a value is a number that a float can hold."""
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1000)


def saved_number(state: Mapping[str, Any], key: str) -> float:
    """Return a number of a saved state."""
    if not is_number(state.get(key)):
        raise InvalidInput(f"{key}: expected a number, got {_shown(state.get(key))}")
    return float(state[key])


def saved_number_or_none(state: Mapping[str, object], key: str) -> float | None:
    """Return a number of a saved state, or the None that is there."""
    return None if key in state and state[key] is None else saved_number(state, key)


def saved_count(state: Mapping[str, object], key: str) -> int:
    """Return a whole number of at least 0 of a saved state."""
    value = state.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise InvalidInput(f"{key}: expected a whole number of at least 0, got {_shown(value)}")
    return value


def _shown(value: object) -> str:
    """Return the beginning of a value as text; a number may have more digits than Python is willing to print."""
    return f"an integer of {value.bit_length()} bits" if isinstance(value, int) else repr(value)[:80]
