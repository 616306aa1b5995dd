"""The names that a launch comment may use: the file's constants and types, and the comment's arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .element_types import Element, element_type, known_names
from .expressions import FUNCTIONS
from .numbers import UnknownName, balanced, number


class Names:
    """Looks up numbers and types while a file's comments are read.

    For a Python file `constants` are those of the module. For C++ the comments are read twice: first `asked_values` and
    `asked_types` collect what only a compiler can tell, then they are read with its answers.

    Args:
        c: Whether the file is C++.
        constants: Numbers by name.
        values: Numbers by the expression as it is written, as the compiler answered.
        types: Types by their names, as the compiler answered.
        collecting: Whether an unknown expression or type is kept to be asked for, instead of an error.
    """

    def __init__(
        self,
        *,
        c: bool,
        constants: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        types: Mapping[str, Element] | None = None,
        collecting: bool = False,
    ) -> None:
        self.c, self.collecting = c, collecting
        self._constants, self._values, self._types = dict(constants or {}), dict(values or {}), dict(types or {})
        self.asked_values: dict[str, int] = {}
        self.asked_types: dict[str, int] = {}
        self.line = 0
        self.arrays: dict[str, str] = {}
        """The arrays that the comment has declared so far, with their types as they are written."""
        self.numbers: set[str] = set()
        """The numbers that are arguments."""
        self.symbols: set[str] = set()
        """The file's own variables that a comment gives values."""

    def number(self, text: str, *, ask: bool = True) -> Any:
        """Return a number; `ask` allows to ask the compiler.

        Raises:
            ValueError: It is none.
        """
        try:
            return number(text, self._constants, c=self.c)
        except UnknownName:
            if not ask:
                raise
            plain = text.strip()
            if plain in self._values:
                return self._values[plain]
            if (
                not (self.c and self.collecting and balanced(plain))
                or ";" in plain
                or any(mark in plain for mark in "#\"'")
            ):
                raise
            self.asked_values.setdefault(plain, self.line)
            return 1

    def whole(self, text: str) -> int:
        """Return a whole number.

        Raises:
            ValueError: It is none.
        """
        value = self.number(text)
        if not float(value).is_integer():
            raise ValueError(f"expected a whole number, got {text!r}")
        return int(value)

    def element(self, written: str) -> Element:
        """Return a type by its name.

        Raises:
            ValueError: An unknown one.
        """
        known = self._types.get(written) or element_type(written)
        if known is not None:
            return known
        if not (self.c and self.collecting and balanced(written)) or ";" in written:
            raise ValueError(f"unknown type {written!r} (known: {known_names()})")
        self.asked_types.setdefault(written, self.line)
        return Element(written, np.dtype("u1"))

    def is_array(self, name: str) -> bool:
        """Return whether the comment has declared an array of this name."""
        return name in self.arrays

    def is_constant(self, name: str) -> bool:
        """Return whether a name in an expression is neither an array nor a function, but a number of the file."""
        known = self.arrays.keys() | self.numbers | self.symbols | FUNCTIONS.keys()
        return name not in known and not name.startswith("tinyseg_")
