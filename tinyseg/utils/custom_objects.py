"""What somebody brings along and a file names: classes and functions by their names, for loading."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.types import JsonObject

T = TypeVar("T")

_registered: dict[str, object] = {}
_in_scope: ContextVar[tuple[Mapping[str, object], ...]] = ContextVar("custom_objects", default=())


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Let files name a class or function of yours: `@register_keras_serializable()` before it, as in Keras.

    Loading then finds it without `custom_objects`.

    Args:
        package: Goes before the name in files: 'package>name'.
        name: That of the class or function when not given.

    Example:
        >>> from tinyseg.layers import ReLU
        >>> from tinyseg.utils import get_custom_objects, register_keras_serializable
        >>> @register_keras_serializable(package="mine")
        ... class Mine(ReLU):
        ...     pass
        ...
        >>> get_custom_objects().pop("mine>Mine") is Mine
        True
    """

    def register(thing: T) -> T:
        key = f"{package}>{name or plain_name(thing)}"
        known = _registered.get(key)
        if known is not None and known is not thing and _origin(known) != _origin(thing):
            raise InvalidInput(f"register_keras_serializable: {key!r} is registered already, for {known!r}")
        _registered[key] = thing
        return thing

    return register


def get_custom_objects() -> dict[str, object]:
    """Return the registered classes and functions by their names; entries may be added.

    Example:
        >>> from tinyseg.utils import get_custom_objects
        >>> get_custom_objects()["three"] = 3
        >>> get_custom_objects().pop("three")
        3
    """
    return _registered


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, object] | None) -> Iterator[None]:
    """Within the block, names in files also mean these classes and functions.

    Example:
        >>> import numpy as np
        >>> from tinyseg import activations
        >>> from tinyseg.utils import custom_object_scope
        >>> with custom_object_scope({"wave": np.sin}):
        ...     print(activations.get("wave").name)
        ...
        sin
    """
    token = _in_scope.set((custom_objects or {}, *_in_scope.get()))
    try:
        yield
    finally:
        _in_scope.reset(token)


def find_custom(name: str) -> Any:
    """Return the class or function of that name, or None."""
    for group in (*_in_scope.get(), _registered):
        if name in group:
            return group[name]
        short = name.rpartition(">")[2]
        if short in group:
            return group[short]
    return next((thing for key, thing in _registered.items() if key.rpartition(">")[2] == name), None)


def saved_name(thing: object) -> str:
    """Return the name of a class or function in files: 'package>name' of a registered one."""
    return next((key for key, known in _registered.items() if known is thing), plain_name(thing))


def plain_name(function: object) -> str:
    """Return the name of a function, class, partial function or callable object."""
    while not hasattr(function, "__name__") and hasattr(function, "func"):
        function = function.func  # functools.partial
    return str(getattr(function, "__name__", type(function).__name__))


def is_brought(cls: type) -> bool:
    """Return whether a class is somebody's own, not tinyseg's."""
    return not cls.__module__.startswith("tinyseg.")


def missing(kind: str, name: str) -> InvalidInput:
    """Return the error for a name that needs its class or function."""
    return InvalidInput(
        f"{kind} {name!r} is not tinyseg's; give it when loading: custom_objects={{{name!r}: "
        f"{name.strip('<>').rpartition('>')[2]}}}"
    )


def checked_config(label: str, thing: Any) -> JsonObject:
    """Return the `get_config` of somebody's own object.

    Raises:
        InvalidInput: It leaves an argument of `__init__` out, so that another object would come back; or holds
            something that no file can.
    """
    config = thing.get_config()
    if not isinstance(config, dict):
        raise InvalidInput(f"{label}: get_config: expected a dict, got {config!r}")
    parameters = inspect.signature(type(thing).__init__).parameters.values()
    named = [p.name for p in list(parameters)[1:] if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    left_out = [name for name in named if name not in config and name not in ("input_shape", "dtype", "name")]
    if left_out:
        raise InvalidInput(
            f"{label}: get_config leaves {', '.join(left_out)} out, which __init__ takes: write\n"
            "    def get_config(self):\n"
            f"        return {{**super().get_config(), {', '.join(f'{name!r}: self.{name}' for name in left_out)}}}"
        )
    try:
        json.dumps(config)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{label}: get_config: expected numbers, texts, lists and dicts ({error})") from None
    return config


def _origin(thing: object) -> tuple[Any, Any]:
    return getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
