"""What a metric remembers, in Keras's manner."""

from __future__ import annotations

from typing import Any

import numpy as np


class Variable(np.ndarray[Any, Any]):
    """An array with Keras's `assign`, `assign_add` and `assign_sub`, which change it in place."""

    def assign(self, value: object) -> Variable:
        """Take new values."""
        self[...] = value
        return self

    def assign_add(self, value: object) -> Variable:
        """Add to the values."""
        self[...] = self + value
        return self

    def assign_sub(self, value: object) -> Variable:
        """Subtract from the values."""
        self[...] = self - value
        return self

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a plain copy."""
        return np.array(self)
