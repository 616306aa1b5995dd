"""The two forms of a chapter: full, as it is read, and fast, as tests run it."""

from __future__ import annotations

import os
import sys
from typing import TypeVar

from tinyseg_kernels.errors import InvalidInput

Value = TypeVar("Value")

FORM = "TINYSEG_BOOK"
"""Environment variable: 'full' or 'fast'; when unset, 'fast' in a browser tab, which is slow, and 'full' elsewhere."""


def choose(full: Value, fast: Value) -> Value:
    """Return `full`, or `fast` where the environment variable TINYSEG_BOOK is 'fast', and in a browser tab.

    For sizes of experiments: numbers of scenes, of epochs. Both forms must show the same.

    Raises:
        InvalidInput: TINYSEG_BOOK is something else.

    Example:
        >>> from tinyseg.book import choose
        >>> import os
        >>> os.environ["TINYSEG_BOOK"] = "fast"
        >>> choose(full=20, fast=2)
        2
    """
    form = os.environ.get(FORM) or ("fast" if sys.platform == "emscripten" else "full")
    if form not in ("full", "fast"):
        raise InvalidInput(f"{FORM}: expected 'full' or 'fast', got {form!r}")
    return fast if form == "fast" else full
