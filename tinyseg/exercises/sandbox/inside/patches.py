"""Notice that a learner's code has put something else in the place of a function of NumPy or Python."""

from __future__ import annotations

import sys
from collections.abc import Iterable
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


def originals() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return names of modules, what they hold, and a copy of it."""
    loaded = {name: sys.modules[name] for name in WATCHED if name in sys.modules}
    return [(name, vars(module), dict(vars(module))) for name, module in loaded.items()]


def replaced(dictionaries: Iterable[tuple[str, dict[str, Any], dict[str, Any]]]) -> list[str]:
    """Return what is another thing now, or gone: ['numpy.sum']. What is new does no harm."""
    nothing: Any = object()
    return [
        f"{name}.{key}"
        for name, now, before in dictionaries
        for key, value in before.items()
        if now.get(key, nothing) is not value
    ][:5]
