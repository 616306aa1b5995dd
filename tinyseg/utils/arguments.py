"""Arguments under Keras's names: each is obeyed, or refused in words that name it and say what there is.

A class that derives from `KerasArguments` gets this for its constructor, and hands it on to the classes derived from
it, a learner's own included. Before the body of a constructor runs, its arguments are looked at:

    positions       mean what they mean in Keras, whose order is known (`keras_signatures.py`);
    names           are the constructor's own; or Keras's, and then the value must be one that changes nothing, such as
    kernel_constraint=None;
                    everything else is refused with the right spelling, or with what to use instead (`keras_names.py`);
    simple types    are what the constructor's annotation says, in tinyseg's own classes: a bool, a finite float, an
    int, a str ... (`_CONVERT`).

What goes wrong inside the body stays what it is.
"""

from __future__ import annotations

import difflib
import inspect
import math
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, TypeAlias, TypeVar

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.types import JsonObject

F = TypeVar("F", bound=Callable[..., Any])
Parameters: TypeAlias = Mapping[str, inspect.Parameter]
EMPTY = inspect.Parameter.empty
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
Count: TypeAlias = int
"""As an annotation: an integer of at least 1."""
Natural: TypeAlias = int
"""An integer of at least 0."""
Real: TypeAlias = float
"""A number, perhaps infinite."""
ANY_NAME, ANYTHING = "any name", "anything"
"""What a constructor takes beside its own names: `**kwargs`, or also `*args`."""


class WrongArguments(InvalidInput, TypeError):
    """Arguments that a constructor or function cannot take; a TypeError too, which is what Python says to them."""


class KerasArguments:
    """The base of everything that is made by a constructor under one of Keras's names."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Take no arguments where no class has a constructor; hand them on where another class comes next."""
        following = type(self).__mro__[type(self).__mro__.index(KerasArguments) + 1]
        if vars(following).get("__init__") is object.__init__:
            args, kwargs = arguments_for(type(self), KerasArguments, args, kwargs)
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config(cls, config: JsonObject) -> Any:
        """Make an object from what `get_config` returned, where the class has that."""
        if not isinstance(config, Mapping):
            raise InvalidInput(f"{cls.__name__}.from_config: expected what get_config returned, got {_short(config)}")
        return cls(**config)

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Check the arguments of the constructor before it runs."""
        super().__init_subclass__(**kwargs)
        if "__init__" in vars(cls):
            cls.__init__ = _checked(cls, cls.__init__)  # type: ignore[method-assign]


def _checked(owner: type, init: Callable[..., None]) -> Callable[..., None]:
    required = any(p.default is EMPTY for p in _named(init))

    @wraps(init)
    def checked(self: Any, *args: object, **kwargs: object) -> None:
        if args or kwargs or required:
            args, kwargs = arguments_for(type(self), owner, args, kwargs)
        init(self, *args, **kwargs)

    return checked


def checks_arguments(name: str) -> Callable[[F], F]:
    """Give a function the same checks; `name` is its module and name, such as 'layers.Input'."""

    def decorate(function: F) -> F:
        own = {p.name: p for p in _named(function) if p.name != "self"}
        before = int("self" in inspect.signature(function).parameters)
        label = name.partition(".")[2]

        @wraps(function)
        def checked(*args: object, **kwargs: object) -> Any:
            rest, kwargs = _converted(label, own, *_accepted(label, name, own, "", args[before:], kwargs))
            return function(*args[:before], *rest, **kwargs)

        return checked  # type: ignore[return-value]

    return decorate


def _named(function: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    first = 1 if function.__name__ == "__init__" else 0
    return [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)][first:]


@lru_cache(maxsize=512)
def own_parameters(owner: type) -> tuple[dict[str, inspect.Parameter], str]:
    """Return what a constructor takes by name or position, and what else it takes: nothing (''), any name, or anything.

    A constructor of tinyseg with `**common` hands these on to the one of its base class, whose names are then taken
    too. What a learner's constructor does with `**kwargs` only it knows; if they are handed on, the next constructor
    looks at them.
    """
    found: dict[str, inspect.Parameter] = {}
    for cls in owner.__mro__:
        if "__init__" not in vars(cls) or cls in (object, KerasArguments):
            continue
        init = vars(cls)["__init__"]
        for p in _named(init):
            # What a base takes by position only is given to it by the class itself.
            if cls is owner or p.kind is not p.POSITIONAL_ONLY:
                found.setdefault(p.name, p if cls is owner else p.replace(kind=p.KEYWORD_ONLY))
        kinds = {p.kind for p in inspect.signature(init).parameters.values()}
        if inspect.Parameter.VAR_POSITIONAL in kinds:
            return found, ANYTHING
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            break
        if not is_own(cls):
            return found, ANY_NAME
    return found, ""


def is_own(cls: type) -> bool:
    """Return whether a class is tinyseg's, not a learner's."""
    return cls.__module__.partition(".")[0] == "tinyseg"


def arguments_for(
    made: type, owner: type, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return the arguments that a constructor of `owner` is to run with, for an object of the class `made`.

    Raises:
        InvalidInput: An argument that there is not, one too many, one too few, or one of a wrong type.
    """
    own, beside = own_parameters(owner)
    # MaxPooling2D has the constructor of its base, and still Keras's arguments of its own name.
    public = next((c for c in made.__mro__ if c.__init__ is owner.__init__ and is_own(c)), owner)  # type: ignore[misc]
    label = made.__name__ if is_own(made) or not is_own(public) else f"{made.__name__} ({public.__name__})"
    if isinstance(kwargs.get("name"), str):
        label += f" {kwargs['name']!r}"
    name = f"{public.__module__.partition('.')[2].rpartition('.')[0]}.{public.__name__}" if is_own(public) else ""
    args, kwargs = _accepted(label, name, own, beside, args, kwargs)
    return _converted(label, own, args, kwargs) if is_own(owner) else (args, kwargs)


def _accepted(
    label: str, name: str, own: Parameters, beside: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return the arguments under the names of tinyseg; nothing is missing, twice there, or too many."""
    if beside == ANYTHING:
        return tuple(args), dict(kwargs)
    order = [p.name for p in own.values() if p.kind in POSITIONAL]
    if not beside and (args or any(key not in own for key in kwargs)):
        from . import keras_names  # most calls need no table

        args, kwargs = _in_words_of_tinyseg(keras_names, label, name, own, args, kwargs)
    _check_positions(label, order, args, kwargs)
    missing = [p.name for p in own.values() if p.default is EMPTY and p.name not in {*kwargs, *order[: len(args)]}]
    if missing:
        expected = ", ".join(p.name if p.default is EMPTY else f"{p.name}={p.default!r}" for p in own.values())
        raise WrongArguments(f"{label}: missing {_listed(missing)}; expected ({expected})")
    return tuple(args), dict(kwargs)


def _check_positions(label: str, order: Sequence[str], args: Sequence[object], kwargs: Mapping[str, object]) -> None:
    if len(args) > len(order):
        most = (
            f"at most {len(order)} arguments by position ({', '.join(order)})" if order else "no arguments by position"
        )
        raise WrongArguments(f"{label}: expected {most}, got {len(args)}{'; name the others' if order else ''}")
    twice = [key for key in order[: len(args)] if key in kwargs]
    if twice:
        raise WrongArguments(f"{label}: {_listed(twice)} given twice, by position and by name")


def _in_words_of_tinyseg(
    table: Any, label: str, name: str, own: Parameters, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[Sequence[object], dict[str, object]]:
    """Give every argument its name in tinyseg; drop those of Keras that change nothing, refuse all others."""
    keras = table.keras_arguments(name)
    order = [p.name for p in own.values() if p.kind in POSITIONAL]
    by_position = [key for key, (_, positional) in keras.items() if positional] or order
    _check_positions(label, by_position, args, kwargs)
    given = dict(kwargs)
    if by_position[: len(args)] != order[: len(args)]:
        given, args = {**dict(zip(by_position, args, strict=False)), **kwargs}, ()
    accepted: dict[str, object] = {}
    for key, value in given.items():
        today, changed = table.renamed(name, key, value)
        if key in own:
            accepted[key] = value
        elif today in own:
            accepted[today] = changed
        elif not table.changes_nothing(name, key, value, keras):
            raise WrongArguments(f"{label}: {_why_not(table, name, key, value, own, keras)}")
    return args, accepted


def _why_not(table: Any, name: str, key: str, value: object, own: Parameters, keras: Mapping[str, Any]) -> str:
    known = f"arguments: {', '.join(own)}" if own else "it takes no arguments"
    if key in keras:
        told, default = table.instead_of(name, key), keras[key][0]
        only = "" if default is EMPTY else f" (only Keras's default {key}={default!r} is accepted)"
        return f"{key}={_short(value)}: tinyseg does not have this argument of Keras{only}; {told}; {known}"
    if key in table.OLD_ARGUMENTS:
        return f"{key}={_short(value)}: {table.OLD_ARGUMENTS[key]}; {known}"
    today = table.SPELLINGS.get(key)
    nearest = [today] if today in own else difflib.get_close_matches(key, list(own), n=1, cutoff=0.5)
    nearest = nearest or [other for other in own if key in other.split("_") or other in key.split("_")][:1]
    return f"unknown argument {key!r}{f'; did you mean {nearest[0]!r}?' if nearest else ''}; {known}"


def _converted(
    label: str, own: Parameters, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[tuple[object, ...], dict[str, object]]:
    """Return the arguments in the simple types that annotations name; other annotations let everything through."""
    order = [p for p in own.values() if p.kind in POSITIONAL]
    positional = tuple(_as_annotated(label, p, value) for p, value in zip(order, args, strict=False))
    return positional, {k: _as_annotated(label, own[k], v) if k in own else v for k, v in kwargs.items()}


def _as_annotated(label: str, parameter: inspect.Parameter, value: object) -> Any:
    kind = str(parameter.annotation)
    plain = kind.removesuffix(" | None")
    if plain not in _CONVERT or (value is None and plain != kind):
        return value
    expected, convert = _CONVERT[plain]
    converted = convert(value)
    if converted is None:
        also = " or None" if plain != kind else ""
        raise WrongArguments(f"{label}: {parameter.name}: expected {expected}{also}, got {_short(value)}")
    return converted


def _as_flag(value: object) -> bool | None:
    return bool(value) if isinstance(value, (bool, np.bool_, int, np.integer)) and value in (0, 1) else None


def _as_float(value: Any) -> float | None:
    """Return a finite number; the text of a number is none, and a truth value neither."""
    if isinstance(value, (bool, np.bool_, str, bytes)) or getattr(value, "shape", ()) != ():
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _as_real(value: object) -> float | None:
    """Return a number that may be infinite."""
    if isinstance(value, (float, np.floating)) and math.isinf(value):
        return float(value)
    return _as_float(value)


def _as_integer(least: int | None) -> Callable[[Any], int | None]:
    def convert(value: Any) -> int | None:
        try:
            number = None if isinstance(value, (bool, np.bool_)) else operator.index(value)
        except TypeError:
            return None
        return None if number is None or (least is not None and number < least) else number

    return convert


def _as_path(value: object) -> Any:
    return value if isinstance(value, (str, os.PathLike)) and os.fspath(value) not in ("", b"") else None


_CONVERT: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "bool": ("True or False", _as_flag),
    "float": ("a finite number", _as_float),
    "Real": ("a number", _as_real),
    "int": ("an integer", _as_integer(None)),
    "Natural": ("an integer of at least 0", _as_integer(0)),
    "Count": ("an integer of at least 1", _as_integer(1)),
    "str | os.PathLike[str]": ("a path", _as_path),
    "str": ("a text", lambda value: str(value) if isinstance(value, str) else None),
}


def _listed(names: Sequence[str]) -> str:
    return f"argument{'s' if len(names) > 1 else ''} {', '.join(repr(name) for name in names)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
