"""Write the page of what Keras has and tinyseg has not, or has otherwise.

`python -m tests.parity.keras_page docs/keras.md`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.parity.keras_oddities import ODDITIES
from tests.parity.public import own_arguments
from tinyseg.utils import keras_names
from tinyseg.utils.keras_names import ABSENT_ARGUMENTS, DIFFERENT, DIFFERENT_ARGUMENTS, NAMES, SIGNATURES, VERSION

HEAD = f"""# tinyseg and Keras

What of Keras's public names and arguments tinyseg has (Keras {VERSION}). Made by
`python -m tests.parity.keras_page docs/keras.md` from Keras itself
(`python -m tests.parity.keras_signatures tinyseg/utils/keras_signatures.py`) and from the words that errors use
(`tinyseg/utils/keras_names.py`); tests compare the page with both, hold the defaults of all arguments that are the same
against Keras's, and try every argument that is absent.

- **same**: the name and all of its arguments, with Keras's order and defaults, but for those that the third column
  names.
- **different**: the third column says how.
- **absent**: using it raises an error that says what the third column says: `ImportError` or `AttributeError` for a
  name, `tinyseg.InvalidInput` for an argument.

An argument that is absent is still taken with Keras's default, such as `kernel_constraint=None`, since that changes
nothing. Arguments by position mean what they mean in Keras. Old spellings (`lr`, `nb_filter`, `border_mode`, ...) are
refused with today's. `tinyseg.backend` is Keras's module and, called, tinyseg's own: `with tinyseg.backend("numpy"):`.

Built layers have their arrays under Keras's names: `layer.kernel`, `.bias` (None without one), `.gamma`, `.moving_mean`
and so on; `layer.kernel[...] = values` and, on the host, `layer.kernel.assign(values)` change them in place,
`layer.kernel = values` is refused. `optimizer.learning_rate = 0.01` and `optimizer.learning_rate.assign(0.01)` are the
same. `validation_steps`, `validation_batch_size` and `validation_freq` of a `fit` without validation do nothing, as in
Keras; tinyseg says so by a warning.
"""


def keras_page() -> str:
    """Return the page."""
    parts = [HEAD, counts(), "\n## Arguments of many names\n\n", arguments_table()]
    parts += [section(module) for module in NAMES]
    parts += [
        "\n## Methods of models\n\n",
        table([row("models.Model", m) for m in sorted(methods())]),
        "\n## Where Keras is wrong or odd, and tinyseg is not\n\n"
        f"Each is reproduced with Keras {VERSION} on JAX by `tests/parity/test_keras_oddities.py`, unless the row "
        "says otherwise.\n\n",
        "| what | Keras | tinyseg |\n|---|---|---|\n",
        *(f"| {escaped(what)} | {escaped(keras)} | {escaped(ours)} |\n" for what, keras, ours in ODDITIES),
    ]
    return "".join(parts)


def counts() -> str:
    """Return how many names have which status."""
    rows = [row(module, name) for module in NAMES if module not in EMPTY_MODULES for name in NAMES[module].split()]
    numbers = {status: sum(r[1] == status for r in rows) for status in ("same", "different", "absent")}
    return (
        f"\nOf {len(rows)} names in the tables below {numbers['same']} are the same, {numbers['different']} "
        f"different and {numbers['absent']} absent.\n"
    )


EMPTY_MODULES = ("constraints", "random", "config", "saving")
"""Modules of which tinyseg has nothing: a line instead of a table."""


def section(module: str) -> str:
    """Return the section of a module."""
    title = f"\n## {'keras.' + module if module else 'keras itself'}\n\n"
    if module in EMPTY_MODULES:
        words = dict.fromkeys(keras_names.instead(module, name) for name in NAMES[module].split())
        return (
            f"{title}Absent, with {', '.join(f'`{name}`' for name in NAMES[module].split())}: "
            f"{'; '.join(map(str, words))}.\n"
        )
    return title + table([row(module, name) for name in NAMES[module].split()])


def methods() -> list[str]:
    """Return the methods of models that are compared."""
    return [key.removeprefix("models.Model.") for key in SIGNATURES if key.startswith("models.Model.")]


def row(module: str, name: str) -> tuple[str, str, str]:
    """Return name, status, and what differs or what to use."""
    full = f"{module}.{name}".lstrip(".")
    thing = found(module, name)
    if thing is None:
        words = keras_names.instead(module, name)
        assert words, f"say in tinyseg/utils/keras_names.py, ABSENT, what to use for {full}"
        return f"`{name}`", "absent", words
    notes = [DIFFERENT[full]] if full in DIFFERENT else []
    lacking = absent_arguments(full, thing)
    if lacking:
        shared = [a for a in lacking if f"{full}.{a}" not in ABSENT_ARGUMENTS]
        own = [f"`{a}`: {ABSENT_ARGUMENTS[f'{full}.{a}']}" for a in lacking if a not in shared]
        notes.append(
            "absent arguments: " + "; ".join([*([", ".join(f"`{a}`" for a in shared)] if shared else []), *own])
        )
    fewer = [
        f"`{a}`: {words}"
        for a in keras_names.keras_arguments(full)
        if (words := fewer_values(full, a)) and a not in lacking
    ]
    notes += fewer
    return f"`{name}`", "different" if full in DIFFERENT or lacking or fewer else "same", "; ".join(notes)


def found(module: str, name: str) -> Any:
    """Return tinyseg's thing of a name of Keras, or None."""
    if module == "models.Model":
        return method(name)
    try:
        thing = getattr(import_module(f"tinyseg.{module}".rstrip(".")), name, None)
    except ModuleNotFoundError:
        return None
    keras_is_function = name[:1].islower() and f"{module}.{name}" in SIGNATURES
    return None if inspect.ismodule(thing) and keras_is_function else thing


def absent_arguments(full: str, thing: Any) -> list[str]:
    """Return Keras's arguments that tinyseg does not take."""
    if not callable(thing) or full.rpartition(".")[2] in ("get", "serialize"):
        return []
    own = arguments_of(thing)
    return [
        key for key, (default, _) in keras_names.keras_arguments(full).items()
        if key not in own and not keras_names.renamed(full, key, default)[0] and key != "batch_shape"
    ]  # fmt: skip


def arguments_of(thing: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Return the arguments that something of tinyseg takes."""
    if inspect.isclass(thing):
        return own_arguments(thing)
    return dict(inspect.signature(thing).parameters)


def fewer_values(full: str, argument: str) -> str | None:
    """Return which values of a shared argument are taken, where these are fewer than in Keras."""
    for pattern, words in DIFFERENT_ARGUMENTS.items():
        if fnmatchcase(f"{full}.{argument}", pattern) or pattern == argument:
            return words
    return None


def arguments_table() -> str:
    """Return the table of absent arguments that several names of Keras have."""
    used: dict[str, int] = {}
    for module in NAMES:
        for name in NAMES[module].split():
            thing = found(module, name)
            full = f"{module}.{name}".lstrip(".")
            for a in absent_arguments(full, thing) if thing is not None else []:
                if f"{full}.{a}" not in ABSENT_ARGUMENTS:
                    used[a] = used.get(a, 0) + 1
    for m in methods():
        for a in absent_arguments(f"models.Model.{m}", method(m)) if method(m) else []:
            used[a] = used.get(a, 0) + 1
    rows = [(f"`{a}`", "absent", ABSENT_ARGUMENTS[a]) for a in sorted(used)]
    return table(rows).replace("| name |", "| argument |")


def method(name: str) -> Any:
    """Return a method of tinyseg's models."""
    import tinyseg

    return getattr(tinyseg.Model, name, None)


def table(rows: list[tuple[str, str, str]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {name} | {status} | {escaped(notes)} |" for name, status, notes in rows]
    return "| name | status | what differs or is absent, and what to use |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Keep Markdown from reading signs."""
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(keras_page(), "utf-8")
