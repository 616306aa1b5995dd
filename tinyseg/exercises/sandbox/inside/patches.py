"""Notice that a learner's code has put something else in the place of a function of NumPy or Python."""

from __future__ import annotations

import sys
from typing import Any

WATCHED = (
    "numpy",
    "numpy.linalg",
    "numpy.fft",
    "numpy.random",
    "numpy.lib.stride_tricks",
    "builtins",
    "math",
    "random",
    "itertools",
    "functools",
    "operator",
    "collections",
    "copy",
)


class Originals:
    """What modules held before."""

    def __init__(self) -> None:
        """Note it."""
        loaded = {name: sys.modules[name] for name in WATCHED if name in sys.modules}
        self.dictionaries = [(name, vars(module), dict(vars(module))) for name, module in loaded.items()]

    def replaced(self) -> list[str]:
        """Return what is another thing now, or gone: ['numpy.sum']. What is new does no harm."""
        nothing: Any = object()
        return [
            f"{name}.{key}"
            for name, now, before in self.dictionaries
            if len(now) < len(before) or any(now.get(key, nothing) is not value for key, value in before.items())
            for key, value in before.items()
            if now.get(key, nothing) is not value
        ][:5]
