"""The arguments of a launch as a comment writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .fills import Fill, make_array, read_fill, unset
from .names import Names
from .numbers import split
from .pointers import Pointer

LARGEST_SIZE = 10**8
"""Most numbers in an array: what a check may take of memory and time."""

_QUALIFIERS = re.compile(r"\b(?:const|volatile|__restrict__|__restrict|restrict|struct|typename|__grid_constant__)\b")


@dataclass(frozen=True)
class Argument:
    """One argument of a launch, or an array that a comment declares.

    Args:
        name: Its name, for reports and expressions.
        dtype: Its dtype; None for a number or an array of whatever type the kernel takes there.
        shape: An array's lengths, None for a number; () for an array that is as long as its values.
        value: What its numbers are at first; None for an array that nothing has written to.
        of: The array that it is, or points into, where it is no new one; '' for the null pointer.
        offset: How many numbers from that array's start.
        written: The C++ type, '' where it is not written.
    """

    name: str
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...] | None
    value: Fill
    of: str | None = None
    offset: int = 0
    written: str = field(default="", compare=False)
    inferred: bool = False

    def make(
        self,
        generator: np.random.Generator,
        arrays: Mapping[str, Any] | None = None,
        dtype: np.dtype[Any] | None = None,
        number: int = 0,
        variant: int = 0,
    ) -> Any:
        """Return the array, the number, or the pointer.

        Args:
            generator: Of random numbers.
            arrays: The arrays that there are so far.
            dtype: What the kernel takes, for an argument that does not say it.
            number: Of the array, to be known again by its unset numbers.
            variant: Of unset numbers (`fills.unset`).

        Raises:
            ValueError: Values that do not fit.
        """
        arrays = arrays or {}
        if self.of is not None:
            if not self.of:
                return Pointer(None)
            if self.of not in arrays:
                raise ValueError(f"argument {self.name!r}: there is no array {self.of!r} before this launch")
            array = arrays[self.of]
            return Pointer(array, self.offset, self.of) if self.offset else array
        kind = self.dtype if self.dtype is not None else dtype
        if kind is None:
            raise ValueError(
                f"argument {self.name!r}: its type is not known; write it, as in  float x[128]  or  Params p = {{1, 2}}"
            )
        try:
            if self.shape is None:
                return make_array(self.value, (), kind, generator, arrays)[()]
            if self.value is None:
                return unset(self.shape, kind, number, variant)
            return make_array(self.value, None if self.inferred else self.shape, kind, generator, arrays)
        except (ValueError, OverflowError, KeyError) as error:
            raise ValueError(f"argument {self.name!r}: {error}") from None


def read_argument(text: str, names: Names, threads: int) -> Argument:
    """Read an argument: `float x[128] = random`, `x: float32[128]`, `in + 3`, `0.5f`, `float4 v = {1, 2, 3, 4}`.

    Args:
        text: What stands between two commas.
        names: The names of the file; gets to know the array.
        threads: Threads of the launch: the length of an array of which none is written.

    Raises:
        ValueError: It cannot be read.
    """
    declaration, value = _parted(text)
    python = re.fullmatch(r"(\w+)\s*:\s*([\w.]+)\s*(?:\[(.*)\])?", declaration)
    c = re.fullmatch(r"(.+?[\s*&>])\s*([A-Za-z_]\w*)\s*((?:\[[^\]]*\]\s*)*)", _QUALIFIERS.sub(" ", declaration).strip())
    if python is not None and not names.c:
        name, kind = python[1], python[2].rpartition(".")[2]
        return _declared(name, kind, 0, None if python[3] is None else split(python[3]), value, names, threads)
    bare = re.fullmatch(r"&?\s*([A-Za-z_]\w*)\s*(?:\+\s*(.+)|((?:\[[^\]]*\]\s*)+))?", declaration)
    if c is not None and not (bare and names.is_array(bare[1])):
        written, stars = c[1].replace("&", " "), c[1].count("*")
        kind = " ".join(written.replace("*", " ").split())
        lengths = [length.strip() for length in re.findall(r"\[([^\]]*)\]", c[3])] or None
        return _declared(c[2], kind, stars, lengths, value, names, threads)
    if bare is not None and value is None and names.is_array(bare[1]):
        inside = re.fullmatch(r"\[(.*)\]", (bare[3] or "").strip())
        offset = bare[2] or (inside[1] if inside and declaration.startswith("&") else None)
        return _reference(bare[1], bare[1], offset, names)
    if bare is not None and bare[3] and names.c:  # `x[128] = random`: of the type that the kernel takes
        return _declared(bare[1], "", 0, re.findall(r"\[([^\]]*)\]", bare[3]), value, names, threads)
    if declaration in ("NULL", "nullptr", "None") and value is None:
        return Argument("", None, (), None, of="")
    typed = re.match(r"make_(\w+)\s*\(|([A-Za-z_][\w:]*(?:<[^{}]*>)?)\s*\{", declaration)
    if value is None and names.c and typed is not None:
        kind = typed[1] or typed[2]
        return Argument(
            declaration, names.element(kind).dtype, None, read_fill(declaration, names, False), written=kind
        )
    if value is None and names.c:
        try:
            return Argument(declaration, None, None, read_fill(declaration, names, is_array=False))
        except ValueError as error:
            raise ValueError(f"argument {text!r} has no name and type, and is no number: {error}") from None
    raise ValueError(f"argument {text!r} has no name and type")


def _parted(text: str) -> tuple[str, str | None]:
    """Split at the first `=` outside of brackets."""
    parts = split(text, "=")
    if len(parts) < 2:
        return text.strip(), "" if text.rstrip().endswith("=") else None
    declaration = parts[0]
    return declaration, text[text.index("=", text.index(declaration) + len(declaration)) + 1 :].strip()


def _declared(
    name: str, kind: str, stars: int, lengths: list[str] | None, value: str | None, names: Names, threads: int
) -> Argument:
    pointer = stars > 0
    written = kind + " *" if pointer or lengths is not None else kind
    if pointer and lengths is None and value is not None and (reference := _pointer(name, value, written, names)):
        return reference
    if stars > 1 or (pointer and kind in ("void", "")):
        kind, written = ("uint64_t" if stars > 1 else "char"), f"{kind} {'*' * stars}"
    dtype = names.element(kind).dtype if kind else None
    inferred = False
    shape: tuple[int, ...] | None = None
    fill = read_fill(value, names, is_array=pointer or lengths is not None)
    if lengths is not None or pointer:
        if lengths in ([""], None) and value is not None and value[:1] in '[{"(':
            shape, inferred = (), True
        elif lengths in ([""], None):
            shape = (threads,)
        else:
            shape = tuple(names.whole(length) for length in lengths or ())
        if min(shape, default=1) < 0 or int(np.prod(shape, dtype=object)) > LARGEST_SIZE:
            raise ValueError(f"argument {name!r}: expected 0 to {LARGEST_SIZE} numbers in an array, got shape {shape}")
        names.arrays[name] = written
    elif value is None:
        raise ValueError(f"argument {name!r}: a number needs a value")
    else:
        names.numbers.add(name)
    argument = Argument(name, dtype, shape, fill, written=written if kind else "", inferred=inferred)
    if not names.collecting and dtype is not None and _can_be_tried(fill):
        argument.make(np.random.default_rng(0))  # so that a wrong value is noticed here
    return argument


def _can_be_tried(fill: Fill) -> bool:
    """Return whether values need no array, so that they can be made at once."""
    from .fills import Random, Values

    def plain(content: Any) -> bool:
        if isinstance(content, (list, dict)):
            return all(plain(item) for item in (content.values() if isinstance(content, dict) else content))
        return not isinstance(content, tuple)

    return isinstance(fill, Random) or (isinstance(fill, Values) and plain(fill.content))


def _pointer(name: str, value: str, written: str, names: Names) -> Argument | None:
    """Return `float *x = in + 3` and `float *x = NULL`; None for a new array."""
    if value in ("NULL", "nullptr", "0", "None"):
        return Argument(name, None, (), None, of="", written=written)
    inside = re.fullmatch(r"&?\s*([A-Za-z_]\w*)\s*(?:\+\s*(.+)|\[(.+)\])?", value)
    if inside is None or not names.is_array(inside[1]):
        return None
    names.arrays.setdefault(name, written)
    return _reference(name, inside[1], inside[2] or inside[3], names)


def _reference(name: str, of: str, offset: str | None, names: Names) -> Argument:
    return Argument(
        name, None, (), None, of=of, offset=0 if offset is None else names.whole(offset), written=names.arrays[of]
    )
