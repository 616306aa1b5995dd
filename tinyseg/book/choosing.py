"""The forms of a chapter: full, as it is read; fast, as tests run it; and tab, for a browser tab, which is slow."""

from __future__ import annotations

import os
import sys
from typing import TypeVar

from tinyseg_kernels.errors import InvalidInput

Value = TypeVar("Value")

FORM = "TINYSEG_BOOK"
"""Environment variable: 'full', 'fast' or 'tab'; when unset, 'tab' in a browser tab and 'full' elsewhere."""


def choose(full: Value, fast: Value, tab: Value | None = None) -> Value:
    """Return the value for the form of the chapter that the environment variable TINYSEG_BOOK names.

    For sizes of experiments: numbers of scenes, of epochs. All forms must show the same. When it is unset, the form is
    'tab' in a browser tab, where NumPy computes in one thread, and 'full' elsewhere.

    Args:
        full: Of a chapter as it is read.
        fast: Of the short form that tests and the site run.
        tab: Of a browser tab; None: the same as `fast`.

    Raises:
        InvalidInput: TINYSEG_BOOK is something else.

    Example:
        >>> from tinyseg.book import choose
        >>> import os
        >>> os.environ["TINYSEG_BOOK"] = "fast"
        >>> choose(full=20, fast=2)
        2
    """
    form = os.environ.get(FORM) or ("tab" if sys.platform == "emscripten" else "full")
    if form not in ("full", "fast", "tab"):
        raise InvalidInput(f"{FORM}: expected 'full', 'fast' or 'tab', got {form!r}")
    if form == "full":
        return full
    return tab if form == "tab" and tab is not None else fast
