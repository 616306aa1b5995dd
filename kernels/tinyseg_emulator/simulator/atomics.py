"""`cuda.atomic` of the simulator: since one thread runs at a time, each operation is a plain read and write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Atomics:
    """`cuda.atomic`: each operation returns the old value.

    Args:
        let_others_run: Called after a `cas` that failed and after an `exch`, so that a thread which waits for a lock
            does not wait for ever.
    """

    def __init__(self, let_others_run: Callable[[], None]) -> None:
        self._let_others_run = let_others_run

    def add(self, array: Any, index: Any, value: Any) -> Any:
        """Add to a number."""
        old = array[index]
        array[index] = old + old.dtype.type(value)
        return old

    def sub(self, array: Any, index: Any, value: Any) -> Any:
        """Subtract from a number."""
        old = array[index]
        array[index] = old - old.dtype.type(value)
        return old

    def max(self, array: Any, index: Any, value: Any) -> Any:
        """Put the larger one of a number and a value; a NaN in the array stays."""
        old = array[index]
        if value > old:
            array[index] = value
        return old

    def min(self, array: Any, index: Any, value: Any) -> Any:
        """Put the smaller one of a number and a value; a NaN in the array stays."""
        old = array[index]
        if value < old:
            array[index] = value
        return old

    def nanmax(self, array: Any, index: Any, value: Any) -> Any:
        """Put the larger one of a number and a value; a NaN counts as missing."""
        old = array[index]
        array[index] = np.fmax(old, value)
        return old

    def nanmin(self, array: Any, index: Any, value: Any) -> Any:
        """Put the smaller one of a number and a value; a NaN counts as missing."""
        old = array[index]
        array[index] = np.fmin(old, value)
        return old

    def and_(self, array: Any, index: Any, value: Any) -> Any:
        """Keep the bits that are in the value."""
        old = array[index]
        array[index] = int(old) & int(value)
        return old

    def or_(self, array: Any, index: Any, value: Any) -> Any:
        """Set the bits that are in the value."""
        old = array[index]
        array[index] = int(old) | int(value)
        return old

    def xor(self, array: Any, index: Any, value: Any) -> Any:
        """Flip the bits that are in the value."""
        old = array[index]
        array[index] = int(old) ^ int(value)
        return old

    def inc(self, array: Any, index: Any, value: Any) -> Any:
        """Count up from 0 to the value and start again."""
        old = array[index]
        array[index] = 0 if old >= value else int(old) + 1
        return old

    def dec(self, array: Any, index: Any, value: Any) -> Any:
        """Count down from the value to 0 and start again."""
        old = array[index]
        array[index] = value if old == 0 or old > value else int(old) - 1
        return old

    def exch(self, array: Any, index: Any, value: Any) -> Any:
        """Put a value."""
        old = array[index]
        array[index] = value
        self._let_others_run()
        return old

    def cas(self, array: Any, index: Any, expected: Any, value: Any) -> Any:
        """Put a value if the number is the expected one."""
        old = array[index]
        if old == expected:
            array[index] = value
        else:
            self._let_others_run()
        return old

    def compare_and_swap(self, array: Any, expected: Any, value: Any) -> Any:
        """Put a value into the first number if that is the expected one."""
        return self.cas(array, (0,) * array.ndim, expected, value)
