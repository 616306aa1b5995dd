"""A word for names that a module does not have: the right spelling, or what to use instead of a name of Keras's."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, NoReturn

from tinyseg_kernels.errors import InvalidInput, unknown_name


class AbsentName(InvalidInput, AttributeError):
    """A module does not have this name; an AttributeError, so that `hasattr` says no."""


class AbsentImport(InvalidInput, ImportError):
    """The same where the name was asked for by `from module import name`, which would hide an AttributeError's text."""


def refusal(module: str, name: str, known: Iterable[str], frame: FrameType | None) -> Exception:
    """Make the error for a name that `tinyseg.<module>` does not have, with what there is instead.

    Args:
        module: The module below tinyseg, such as 'layers'; '' for tinyseg itself.
        name: What was asked for.
        known: The names that there are.
        frame: Of whoever asked.
    """
    where = f"tinyseg.{module}".rstrip(".")
    by_import_system = frame is not None and frame.f_code.co_filename.startswith("<frozen importlib")
    if name.startswith("_") or by_import_system:  # which looks for a module of this name next
        return AttributeError(f"module {where!r} has no attribute {name!r}")
    text = words(module, name, known)
    return AbsentImport(text) if _imports(frame) else AbsentName(text)


def words(module: str, name: str, known: Iterable[str]) -> str:
    """Return the text of that error."""
    from . import keras_names  # large, and seldom needed

    where = f"tinyseg.{module}".rstrip(".")
    told = keras_names.instead(module, name)
    if told is not None:
        return f"{where} has no {name!r}: {told}"
    return str(unknown_name(f"name in {where}:", name, known))


def teller(module: str, known: Iterable[str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of a module."""

    def __getattr__(name: str) -> NoReturn:
        raise refusal(module, name, known, sys._getframe(1))

    return __getattr__


def _imports(frame: FrameType | None) -> bool:
    """Return whether a frame is just executing `from module import name`."""
    code = frame.f_code.co_code if frame is not None else b""
    at = frame.f_lasti if frame is not None else 0
    return 0 <= at < len(code) and code[at] == dis.opmap["IMPORT_FROM"]


def absent_from(registry_kind: str, name: str) -> str | None:
    """Return what to use for a name given as text, such as metrics=['auc'], or None where Keras lacks it too."""
    from . import keras_names
    from .naming import snake_case

    module = {"loss": "losses", "metric": "metrics", "optimizer": "optimizers", "initializer": "initializers"}.get(
        registry_kind
    )
    if registry_kind == "activation":
        module = "activations"
    if module is None:
        return None
    for candidate in keras_names.NAMES[module].split():
        if name.lower() in (candidate.lower(), snake_case(candidate)) and (
            told := keras_names.instead(module, candidate)
        ):
            return told
    return None


__all__ = ["AbsentImport", "AbsentName", "absent_from", "refusal", "teller", "words"]
