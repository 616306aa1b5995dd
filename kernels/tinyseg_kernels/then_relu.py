"""A ReLU right after another operation: within the operation where the rung in use can do that, by itself elsewhere.

A ReLU is one instruction for each number, but two passes over memory, which cost as much as a small convolution. A rung that can apply it to results that are still in
registers has a function `fuses_relu(x)` which says for which x, and takes `relu=True` then.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple

from .backend import rung
from .caches import Kept, given_back
from .types import Array, Cache


class ReluCache(NamedTuple):
    """The caches of an operation and of the ReLU that was computed after it."""

    operation: Cache
    relu: Cache


def forward_then_relu(module: ModuleType, function: str, x: Array, *arguments: Any, **options: Any) -> tuple[Array, Cache]:  # fmt: skip
    """Return max(operation(x, ...), 0) and a cache for `before_relu`."""
    compute = getattr(module, function)
    if hasattr(module, "fuses_relu") and module.fuses_relu(x):
        fused: tuple[Array, Cache] = compute(x, *arguments, **options, relu=True)
        return fused
    z, cache = compute(x, *arguments, **options)
    y, relu = rung("activation").relu_forward(z)
    return y, ReluCache(cache, relu)


def before_relu(dy: Array, kept: Cache, overwrite_dy: bool = False) -> tuple[Array, Cache]:
    """Return upstream gradient and cache for the backward of the operation itself; one that fused the ReLU may do its part of it, too.

    Who has no other use for dy and the cache puts the results in their place: they are as large as the layer's output, and dx is still to come. With `overwrite_dy` the result may
    be written where dy was.
    """
    if not isinstance(kept, Kept) or not (hasattr(kept.cache, "through_relu") or isinstance(kept.cache, ReluCache)):
        return dy, kept
    dy, cache = given_back(kept.operation, dy, kept)
    if isinstance(cache, ReluCache):
        return kept.of(rung("activation").relu_backward(dy, cache.relu), cache.operation)
    return kept.of(*cache.through_relu(dy, overwrite_dy))


def operation_cache(cache: Cache) -> Cache:
    """Return the cache of the operation itself."""
    return cache.operation if isinstance(cache, ReluCache) else cache
