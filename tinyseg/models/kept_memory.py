"""How much memory each layer keeps between forward and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.device import is_device_array
from tinyseg_kernels.types import Array

from .network import Network


def kept_bytes(model: Network, x: Any) -> list[int]:
    """Run the network forward as in training; return for each step the bytes that its cache holds.

    0 for a step that the one before it computes.

    Parameters and the network's input do not count, and what several layers hold counts where it is held first.
    """
    _, caches = model.forward(x, training=True)
    seen = {id(_owner(array)) for array in (x, *model.weights)}
    found = [0] * len(model.graph.steps)
    for done in caches:
        for array in _arrays(done.cache, set()):
            owner = _owner(array)
            if id(owner) not in seen:
                seen.add(id(owner))
                found[done.call.steps[0]] += int(owner.nbytes)
    return found


def _owner(array: Any) -> Any:
    """Return the array whose memory a view shows."""
    while getattr(array, "base", None) is not None and hasattr(array.base, "nbytes"):
        array = array.base
    return array


def _arrays(value: object, visited: set[int]) -> Iterator[Array]:
    """Yield all arrays in tuples, lists, dicts and objects."""
    if isinstance(value, np.ndarray) or is_device_array(value):
        yield value
        return
    if id(value) in visited or isinstance(value, (str, bytes, int, float, type, np.generic)) or callable(value):
        return
    visited.add(id(value))
    if isinstance(value, Mapping):
        parts: list[Any] = list(value.values())
    elif isinstance(value, (list, tuple)):
        parts = list(value)
    else:
        parts = list(getattr(value, "__dict__", {}).values())
        parts += [getattr(value, name) for name in getattr(value, "__slots__", ()) if hasattr(value, name)]
    for part in parts:
        yield from _arrays(part, visited)
