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
    "json",
)


class Originals:
    """What modules held before."""

    def __init__(self) -> None:
        """Note it."""
        loaded = {name: sys.modules[name] for name in WATCHED if name in sys.modules}
        self.dictionaries = [(name, vars(module), dict(vars(module))) for name, module in loaded.items()]
        self.found: list[str] = []

    def put_back(self) -> list[str]:
        """Put back what is another thing now, or gone; return all that ever was: ['numpy.sum'].

        What is new does no harm. The worker needs these modules as well.
        """
        nothing: Any = object()
        for name, now, before in self.dictionaries:
            for key, value in before.items():
                if now.get(key, nothing) is not value:
                    now[key] = value
                    self.found.append(f"{name}.{key}")
        return self.found[:5]
