"""The one exception for a mistake of the caller, and help for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InvalidInput(ValueError):
    """The caller gave something that cannot work; the text says what was expected and what came.

    Raised for wrong shapes, dtypes, labels, names, options and files: everything a user can mend. The command line
    prints it without a traceback; any other exception is a defect of tinyseg.

    Example:
        >>> import tinyseg
        >>> from tinyseg.layers import Conv2D
        >>> try:
        ...     Conv2D(0, 3)
        ... except tinyseg.InvalidInput as error:
        ...     print(error)
        ...
        Conv2D: filters: expected an integer of at least 1, got 0
    """


def unknown_name(kind: str, name: object, known: Iterable[str], aliases: Iterable[str] = ()) -> InvalidInput:
    """Make the error for a name that is not known.

    The nearest one as a suggestion, then all, those that are near first.

    `aliases` are other names of the same things: they may be suggested, and are not listed.
    """
    options, given = sorted(known), str(name)
    text = f"unknown {kind} {name!r}"
    nearest = _nearest(given, sorted({*options, *aliases}))
    if nearest:
        text += f"; did you mean {nearest[0]!r}?"
    first = _nearest(given, options)
    return InvalidInput(f"{text} (known: {', '.join([*first, *(o for o in options if o not in first)])})")


def _nearest(name: str, options: list[str]) -> list[str]:
    """Return those that are like a name, best first; capitals are the commonest slip."""
    same = [option for option in options if option.lower() == name.lower()]
    return list(dict.fromkeys([*difflib.get_close_matches(name, options, n=3, cutoff=0.5), *same]))
