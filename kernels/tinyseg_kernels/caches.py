"""What a forward keeps for its backward, and the check that backward got it back.

Kernels reach memory by addresses that they work out from shapes: a dy of another shape than y, or the cache of another
operation, would let them read and write whatever lies there. So each public forward hands out a `Kept`, and each public
backward begins with `given_back`: dy must be like y, and the cache the one that came with y.

A ReLU right after another operation (`relu=True`) is computed within it where the rung in use can do that. It is one
instruction for each number, but two passes over memory, which cost as much as a small convolution: a rung may apply it
to results that are still in registers, or in the cache. In the others it comes after y (`relu_after`). The cache then
has a method `through_relu`, for `before_relu`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import numpy as np

from .backend import Choice, current, rung
from .device import is_array
from .errors import InvalidInput
from .types import Array, DType, FloatArray, RungCache, Shape


class Kept(NamedTuple):
    """A rung's cache, and by what it is recognised."""

    operation: str
    """Whose forward it was, such as 'conv2d'."""
    backend: Choice
    y_kind: type
    """Of y: an array of NumPy or of a device."""
    y_shape: Shape
    """Of y."""
    y_dtype: DType | None
    """Of y."""
    cache: RungCache
    """What the rung keeps; only its backward knows what it means."""
    shapes: tuple[object, ...]
    """Of the arrays in it: x is the caller's own, who may give it another shape in place."""

    def of(self, dy: FloatArray, cache: RungCache) -> tuple[FloatArray, Kept]:
        """Return a gradient of y's shape, and in the place of this cache what is left of it to do."""
        return dy, Kept(*self[:5], cache, _shapes(cache))

    def __getattr__(self, name: str) -> Any:
        """Show the fields of the rung's cache, such as the mean of a batch normalisation."""
        if name.startswith("__"):  # what copying and pickling ask for
            raise AttributeError(name)
        return getattr(self.cache, name)


def keep(operation: str, y: FloatArray, cache: RungCache) -> tuple[FloatArray, Kept]:
    """Return y, and the cache as it is handed out."""
    return y, Kept(
        operation, current(), type(y), getattr(y, "shape", ()), getattr(y, "dtype", None), cache, _shapes(cache)
    )


def given_back(operation: str, dy: FloatArray, kept: Kept) -> tuple[FloatArray, Any]:
    """Return dy and the rung's cache; raises `InvalidInput` unless dy is like y and the cache of this operation."""
    cache = cache_of(operation, kept)
    if type(dy) is not kept.y_kind or dy.shape != kept.y_shape or dy.dtype != kept.y_dtype:
        dy = _like_y(operation, dy, kept)
    return dy, cache


def cache_of(operation: str, kept: Kept) -> RungCache:
    """Return the rung's cache; raises `InvalidInput` when it is not of this operation, or not as it was."""
    if type(kept) is not Kept or (kept.operation, kept.backend) != (operation, current()):
        raise _foreign(operation, kept)
    if _shapes(kept.cache) != kept.shapes:
        raise _foreign(operation, kept)
    return kept.cache


def _shapes(cache: RungCache) -> tuple[object, ...]:
    """Return the shapes of the arrays in a cache, and of those in the caches within it."""
    parts = cache if isinstance(cache, tuple) else (cache,)
    return tuple([part.shape if type(part) is np.ndarray else _shape(part) for part in parts])


def _shape(part: object) -> object:
    return _shapes(part) if hasattr(part, "_fields") else getattr(part, "shape", None)


def _foreign(operation: str, kept: object) -> InvalidInput:
    """Say what is wrong with a cache."""
    expected = f"{operation}_backward: expected the cache that {operation}_forward returned"
    if type(kept) is not Kept:
        return InvalidInput(f"{expected}, as it is, got {type(kept).__name__}")
    if kept.operation != operation:
        return InvalidInput(f"{expected}, got that of {kept.operation}_forward")
    if kept.backend != current():
        return InvalidInput(f"{expected} under backend {_named(current())}, got one of backend {_named(kept.backend)}")
    return InvalidInput(
        f"{expected}, with its arrays of shapes {kept.shapes} as they were, got shapes {_shapes(kept.cache)}"
    )


def _named(choice: Choice) -> str:
    return f"{choice.name!r} (emulated)" if choice.emulate else repr(choice.name)


def _like_y(operation: str, dy: object, kept: Kept) -> Array:
    """Return a dy that is like y but for its Python type (a number for a y without axes, a memory map, an array for what NumPy made a number of); else raise."""
    if (
        kept.y_shape == ()
        and isinstance(dy, (int, float, np.generic))
        and issubclass(kept.y_kind, (np.ndarray, np.generic))
    ):
        return np.asarray(dy, kept.y_dtype)
    on_host = isinstance(dy, np.ndarray) and issubclass(kept.y_kind, (np.ndarray, np.generic))
    if (
        not is_array(dy)
        or not (on_host or type(dy) is kept.y_kind)
        or dy.shape != kept.y_shape
        or dy.dtype != kept.y_dtype
    ):
        got = f"shape {dy.shape} and {dy.dtype}" if is_array(dy) else type(dy).__name__
        place = "" if not is_array(dy) or on_host or type(dy) is kept.y_kind else f" ({type(dy).__module__})"
        raise InvalidInput(
            f"{operation}_backward: expected the gradient by y of y's shape {kept.y_shape} and {kept.y_dtype} "
            f"({kept.y_kind.__module__}), got {got}{place}"
        )
    return np.asarray(dy) if on_host else dy


# A ReLU after an operation --------------------------------------------------------------------------------------------

Of = TypeVar("Of", "Kept", "tuple[Kept, Kept]", "Kept | tuple[Kept, Kept]")
"""The cache of an operation, or of one that is made of two, which apply their own ReLU."""


Forward = TypeVar("Forward", bound=Callable[..., tuple[FloatArray, object]])
"""The forward of a rung."""


class ReluCache(NamedTuple):
    """The caches of an operation and of the ReLU that was computed after it."""

    operation: RungCache
    relu: RungCache

    def through_relu(self, dy: FloatArray, overwrite_dy: bool = False) -> tuple[FloatArray, RungCache]:
        """Return upstream gradient and cache of the operation itself."""
        return rung("activation").relu_backward(dy, self.relu), self.operation


class MaskCache(NamedTuple):
    """The cache of an operation that NumPy computed together with the ReLU after it, and y."""

    operation: RungCache
    y: FloatArray

    def through_relu(self, dy: FloatArray, overwrite_dy: bool = False) -> tuple[FloatArray, RungCache]:
        """Return upstream gradient, dy where y is positive, and cache of the operation itself."""
        return np.multiply(dy, self.y > 0), self.operation


def relu_after(forward: Forward) -> Forward:
    """Let a rung's forward take `relu`: max(y, 0) is then computed after y, by the rung in use for it."""

    @wraps(forward)
    def with_relu(*arguments: object, relu: bool = False, **options: object) -> tuple[FloatArray, RungCache]:
        z, cache = forward(*arguments, **options)
        if not relu:
            return z, cache
        y, of_relu = rung("activation").relu_forward(z)
        return y, ReluCache(cache, of_relu)

    return with_relu  # type: ignore[return-value]  # it has one argument more


def before_relu(dy: FloatArray, kept: Of, overwrite_dy: bool = False) -> tuple[FloatArray, Of]:
    """Return dy and cache for the backward of the operation itself; one that fused the ReLU may do its part of it, too.

    Who has no other use for dy and the cache puts the results in their place: they are as large as the layer's
    output, and dx is still to come. With `overwrite_dy` the result may be written where dy was.
    """
    if not isinstance(kept, Kept) or not hasattr(kept.cache, "through_relu"):
        return dy, kept
    dy, cache = given_back(kept.operation, dy, kept)
    return kept.of(*cache.through_relu(dy, overwrite_dy))


def operation_cache(cache: RungCache) -> RungCache:
    """Return the cache of the operation itself."""
    return cache.operation if isinstance(cache, ReluCache) else cache
