"""Write Keras's public names and arguments down.

`python -m tests.parity.keras_signatures tinyseg/utils/keras_signatures.py`.

tinyseg reads them to say what Keras has and tinyseg does not, without Keras being installed. A test compares the file
with the Keras that is.
"""

from __future__ import annotations

import inspect
import os
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras

MODULES = (
    "activations", "applications", "backend", "callbacks", "config", "constraints", "datasets", "initializers",
    "layers",
    "losses", "metrics", "models", "optimizers", "optimizers.schedules", "random", "regularizers", "saving", "utils",
)  # fmt: skip
"""Keras's public modules in tinyseg's scope, as parts of `keras`; the top level stands beside them as ''."""

METHODS = (
    "compile", "evaluate", "fit", "get_layer", "load_weights", "predict", "predict_on_batch", "save", "save_weights",
    "summary", "test_on_batch", "train_on_batch",
)  # fmt: skip
"""Methods of models whose arguments are looked at."""

HEAD = '''"""Keras's public names and arguments, in the scope of tinyseg.

Made by `python -m tests.parity.keras_signatures tinyseg/utils/keras_signatures.py`.
"""

from __future__ import annotations

VERSION = "{version}"
"""Of the Keras that this was read from."""

NAMES: dict[str, str] = {{
    # Module: its public names. The empty module is `keras` itself.
'''

MIDDLE = """
SIGNATURES: dict[str, str] = {
    # Name: its arguments with their defaults, in order. `**` at the end: it also takes those of its base class.
"""


def public_names(module: str) -> list[str]:
    """Return the public names of a module of Keras."""
    return sorted(name for name in dir(module_of_keras(module)) if not name.startswith("_"))


def module_of_keras(path: str) -> Any:
    """Return a module by its dotted path below `keras`."""
    found: Any = keras
    for part in filter(None, path.split(".")):
        found = getattr(found, part)
    return found


def has(module: str, name: str) -> bool:
    """Return whether tinyseg has a name of Keras in the same module."""
    try:
        return hasattr(import_module(f"tinyseg.{module}".rstrip(".")), name)
    except ModuleNotFoundError:
        return False


def signatures() -> dict[str, str]:
    """Return the arguments of every public class and function that tinyseg has too, and of the methods of models.

    Not those of applications: tinyseg's networks are torchvision's, with arguments of their own.
    """
    found = {}
    for module in (module for module in MODULES if module != "applications"):
        for name in public_names(module):
            thing = getattr(module_of_keras(module), name)
            if has(module, name) and callable(thing) and (text := as_text(thing)) is not None:
                found[f"{module}.{name}"] = text
    for name in METHODS:
        text = as_text(getattr(keras.Model, name))
        assert text is not None
        found[f"models.Model.{name}"] = text
    return found


def as_text(thing: Any) -> str | None:
    """Return the arguments of a class or function as Python writes them; None where Python does not know them."""
    try:
        function = thing.__init__ if inspect.isclass(thing) else thing
        if function is object.__init__:
            return ""
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    parts = []
    for p in parameters:
        if p.name == "self" or p.kind is p.VAR_POSITIONAL:
            continue
        if p.kind is p.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        if p.kind is p.VAR_KEYWORD:
            parts.append("**")
        else:
            parts.append(p.name if p.default is p.empty else f"{p.name}={written(p.default)}")
    return ", ".join(parts)


def written(default: Any) -> str:
    """Return a default as Python text; of what has no such text, its name."""
    if default is None or isinstance(default, (bool, int, float, str)):
        return repr(default)
    if isinstance(default, (tuple, list)):
        inner = ", ".join(written(item) for item in default)
        return f"[{inner}]" if isinstance(default, list) else f"({inner}{',' if len(default) == 1 else ''})"
    return repr(getattr(default, "__name__", type(default).__name__))


def entry(key: str, text: str) -> str:
    """Return a line of a dict, wrapped."""
    lines = textwrap.wrap(text, 108, break_long_words=False, break_on_hyphens=False)
    if len(lines) < 2 and len(key) + len(text) < 105:
        return f'    "{key}": "{text}",\n'
    return f'    "{key}": """\n' + "".join(f"        {line}\n" for line in lines) + '    """,\n'


def content() -> str:
    """Return the file."""
    names = [entry(module, " ".join(public_names(module))) for module in ("", *MODULES)]
    arguments = [entry(name, text) for name, text in signatures().items()]
    return HEAD.format(version=keras.__version__) + "".join(names) + "}\n" + MIDDLE + "".join(arguments) + "}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(content(), "utf-8")
