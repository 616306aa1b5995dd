"""One compiled form of a .cu file, loaded: its kernels, their parameters, and where its parts lie in memory."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .counting import Counters
from .elf import read_layout
from .lines import LineTable, read_lines
from .source_table import SourceTable

_DESCRIPTION = 1 << 16
"""Bytes for the text in which a library describes a type."""


@dataclass(frozen=True)
class FieldDescription:
    """A field of a structure: its place in bytes, its type as written, the word of its element, its lengths."""

    name: str
    offset: int
    written: str
    nested: int
    word: str
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class TypeDescription:
    """A type: the word of its element such as 'f4' or 'V16', its lengths, and its fields as far as they are known."""

    word: str
    lengths: tuple[int, ...]
    fields: tuple[FieldDescription, ...]


@dataclass(frozen=True)
class VariablePlace:
    """A variable of the file: where it lies, and what it is."""

    name: str
    memory: str
    address: int
    written: str
    nested: int
    word: str
    lengths: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Its size."""
        size = ctypes.sizeof(ctypes.c_void_p) if self.word[0] in "PK" else int(self.word[1:])
        for length in self.lengths:
            size *= length
        return size


OWN_HEADERS = str(Path(__file__).parent / "include")
"""What is inlined from there belongs to the kernel's line that calls it."""


class Library:
    """A library that `build.kernel_library` made; a kernel is named by its number in `table.kernels`."""

    def __init__(self, path: Path, filename: str) -> None:
        self.path, self.filename = path, filename
        # What only host code calls need not be there as long as no host code runs.
        self.handle = ctypes.CDLL(str(path), mode=getattr(os, "RTLD_LAZY", 0) | getattr(os, "RTLD_LOCAL", 0))
        self.handle.tinyseg_table.restype = ctypes.c_char_p
        self.handle.tinyseg_anchor.restype = ctypes.c_void_p
        self.table = SourceTable.read(self.handle.tinyseg_table().decode())
        self.layout = read_layout(path)
        address = ctypes.cast(self.handle.tinyseg_anchor, ctypes.c_void_p).value
        assert address is not None
        self.base: int = address - self.layout.anchor_function

    @cached_property
    def counters(self) -> Counters:
        """The counters of operations, of a library that was compiled with them."""
        return Counters(self.handle)

    @cached_property
    def lines(self) -> LineTable:
        """The source line of each instruction; read when it is first asked for."""
        return read_lines(self.path)

    def place(self, code: int | None, *, after_call: bool = True) -> str | None:
        """Return `file:line` of an instruction; `code` is the address behind a call, or of the instruction itself."""
        if not code:
            return None
        place = self.lines.place(code - self.base - int(after_call), OWN_HEADERS)
        # A compiler may tell the file's name relative to where it ran.
        file, _, line = (place or "").rpartition(":")
        return f"{self.filename}:{line}" if file and self.filename.endswith(f"/{file}") else place

    def run(self, kernel: int) -> ctypes.c_void_p:
        """Return the address of the function that calls a kernel."""
        return ctypes.cast(self.handle[f"tinyseg_run_{kernel}"], ctypes.c_void_p)

    def signature(self, kernel: int) -> list[str]:
        """Return a word for each parameter, such as 'Pf4', 'Kf4' (pointer to const), 'i4'."""
        return self._text(f"tinyseg_signature_{kernel}").split()

    def max_threads(self, kernel: int) -> int:
        """Return what a kernel's __launch_bounds__ say, or 1024."""
        return int(self.handle[f"tinyseg_bounds_{kernel}"]())

    def cluster(self, kernel: int) -> tuple[int, int, int]:
        """Return what a kernel's __cluster_dims__ say, or (1, 1, 1)."""
        size = (ctypes.c_uint * 3)()
        self.handle[f"tinyseg_cluster_{kernel}"](size)
        return (size[0], size[1], size[2])

    def static_shared_of(self, kernel: int) -> int:
        """Return the bytes of shared memory that a kernel itself declares."""
        function = self.handle[f"tinyseg_address_{kernel}"]
        function.restype = ctypes.c_void_p
        address = function()
        symbol = self.layout.functions.get(address - self.base) if address else None
        return self.layout.shared_by(self.table.kernels[kernel].plain_name, symbol)

    def value(self, number: int) -> int | float:
        """Return the value of an expression that a comment asked for."""
        text = self._text(f"tinyseg_value_{number}")
        return int(text) if re.fullmatch(r"-?\d+", text) else float(text)

    def type(self, number: int) -> TypeDescription:
        """Return the description of a type by its number."""
        first, *rest = self._text(f"tinyseg_type_{number}").split("\n")
        word, *lengths = first.split()
        fields = []
        for line in rest:
            name, offset, written, nested, description = line.split("\t")
            kind, *own = description.split()
            fields.append(FieldDescription(name, int(offset), written, int(nested), kind, tuple(map(int, own))))
        return TypeDescription(word, tuple(map(int, lengths)), tuple(fields))

    @cached_property
    def variables(self) -> list[VariablePlace]:
        """The file's variables in device memory."""
        places = []
        for k, row in enumerate(self.table.variables):
            function = self.handle[f"tinyseg_variable_{k}"]
            function.restype = ctypes.c_void_p
            text = ctypes.create_string_buffer(256)
            address = function(text)
            word, *lengths = text.value.decode().split()
            places.append(
                VariablePlace(row.name, row.memory, address, row.type, row.nested, word, tuple(map(int, lengths)))
            )
        return places

    def static_shared(self) -> int:
        """Return the address of the static shared memory that this thread would use: each has its own."""
        anchor: int = self.handle.tinyseg_anchor()
        return anchor - self.layout.anchor

    def _text(self, function: str) -> str:
        text = ctypes.create_string_buffer(_DESCRIPTION)
        self.handle[function](text)
        return text.value.decode()


def named(names: Sequence[str]) -> list[str]:
    """Return names of parameters, with 'argument 3' for one that has none."""
    return [name or f"argument {k + 1}" for k, name in enumerate(names)]
