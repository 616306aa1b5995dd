"""Reads a compiled library, an ELF file of 64 bits.

Where its shared variables lie, which are its thread-local symbols, and where it is loaded.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PT_LOAD, _PT_TLS, _SHT_SYMTAB, _STT_FUNC, _STT_TLS = 1, 7, 2, 2, 6
_ANCHOR, _ANCHOR_FUNCTION = "_ZN8emulatorL6anchorE", "tinyseg_anchor"


@dataclass(frozen=True)
class Section:
    """A section of the file."""

    name: str
    kind: int
    offset: int
    size: int
    link: int


@dataclass(frozen=True)
class SharedVariable:
    """A `__shared__` variable: its function, its name, its place in the block's static shared memory, its symbol."""

    function: str
    name: str
    offset: int
    size: int
    symbol: str


@dataclass(frozen=True)
class Layout:
    """Where things are in a library, relative to where it is loaded.

    `shared_size` is the size of its thread-local storage and `anchor` the place of a known variable in it;
    `anchor_function` is the address of the function that returns that variable's address; `segments` are the (address,
    size) of what is loaded, `functions` the symbol at each address of a function.
    """

    shared_size: int
    anchor: int
    anchor_function: int
    variables: tuple[SharedVariable, ...]
    segments: tuple[tuple[int, int], ...]
    functions: dict[int, str]

    def shared_by(self, function: str, symbol: str | None) -> int:
        """Return the bytes of shared memory that a function itself declares, by its symbol where it is known.

        Instances of one template, and functions of one name, differ by the symbol only.
        """
        if symbol is None:
            sums = dict[str, int]()
            for v in self.variables:
                if v.function.rpartition("::")[2] == function:
                    of = v.symbol.rpartition(f"{len(v.name)}{v.name}")[0]
                    sums[of] = sums.get(of, 0) + v.size
            return max(sums.values(), default=0)
        local = f"_ZZ{symbol[2:]}E" if symbol.startswith("_Z") else f"_ZZ{len(symbol)}{symbol}E"
        return sum(v.size for v in self.variables if v.symbol.startswith(local))


def sections(data: bytes) -> list[Section]:
    """Return the sections of an ELF file."""
    start = struct.unpack_from("<Q", data, 40)[0]
    size, count, names_index = struct.unpack_from("<3H", data, 58)
    raw = [struct.unpack_from("<IIQQQQI", data, start + i * size) for i in range(count)]
    names = raw[names_index][4]
    return [Section(_text(data, names + r[0]), r[1], r[4], r[5], r[6]) for r in raw]


def read_layout(path: Path) -> Layout:
    """Read the layout of a library that build.py made."""
    data = path.read_bytes()
    start = struct.unpack_from("<Q", data, 32)[0]
    size, count = struct.unpack_from("<2H", data, 54)
    shared_size, segments = 0, []
    for i in range(count):
        kind, _, _, address, _, _, memory_size = struct.unpack_from("<IIQQQQQ", data, start + i * size)
        if kind == _PT_TLS:
            shared_size = memory_size
        elif kind == _PT_LOAD:
            segments.append((address, memory_size))
    anchor = function = 0
    variables = []
    functions = {}
    for name, kind, value, length in _symbols(data):
        if kind == _STT_FUNC and length:
            functions[value] = name
        if name == _ANCHOR_FUNCTION:
            function = value
        elif kind == _STT_TLS and name == _ANCHOR:
            anchor = value
        elif kind == _STT_TLS:
            variables.append(SharedVariable(*_readable(name), value, length, name))
    variables.sort(key=lambda v: v.offset)
    return Layout(shared_size, anchor, function, tuple(variables), tuple(segments), functions)


def _symbols(data: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Yield (name, type, value, size) of each symbol."""
    every = sections(data)
    for section in every:
        if section.kind != _SHT_SYMTAB:
            continue
        names = every[section.link].offset
        for at in range(section.offset, section.offset + section.size, 24):
            name, info, _, _, value, size = struct.unpack_from("<IBBHQQ", data, at)
            yield _text(data, names + name), info & 15, value, size


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode()


def _readable(symbol: str) -> tuple[str, str]:
    """Split the mangled name of a local variable.

    '_ZZ7sgemm16E2sA' is sA of sgemm16, '_ZZNK3Sum2ofILi32EEEfPKfE4held' is held of Sum::of.
    """
    match = re.match(r"_ZZ(NK?)?L?(?=\d)", symbol)
    if match is None:
        return "", symbol
    parts: list[str] = []
    at = match.end()
    while (digits := re.match(r"\d+", symbol[at:])) is not None and (match.group(1) or not parts):
        at += digits.end() + int(digits.group())
        parts.append(symbol[at - int(digits.group()) : at])
    function = "::".join(parts)
    for local in reversed(list(re.finditer(r"E(\d+)", symbol))):
        length = int(local.group(1))
        name = symbol[local.end() : local.end() + length]
        if len(name) == length and re.fullmatch(r"[A-Za-z_]\w*", name):
            return function, name
    return function, symbol
