"""The one exception for a mistake of the caller, and help for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InvalidInput(ValueError):
    """The caller gave something that cannot work; the text says what was expected and what came.

    Raised for wrong shapes, dtypes, labels, names, options and files: everything a user can mend. The command line
    prints it without a traceback; any other exception is a defect of tinyseg.
    """


def unknown_name(kind: str, name: object, known: Iterable[str]) -> InvalidInput:
    """Make the error for a name that is not known, with the nearest known one as a suggestion."""
    options = sorted(known)
    text = f"unknown {kind} {name!r}"
    nearest = difflib.get_close_matches(str(name), options, n=1, cutoff=0.5)
    if not nearest:  # capitals are the commonest slip
        nearest = [option for option in options if option.lower() == str(name).lower()]
    if nearest:
        text += f"; did you mean {nearest[0]!r}?"
    return InvalidInput(f"{text} (known: {', '.join(options)})")
