"""Reads from a compiled library (an ELF file) where its shared variables lie: they are its thread-local symbols."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

_PT_TLS, _SHT_SYMTAB, _STT_TLS = 7, 2, 6


@dataclass(frozen=True)
class SharedVariable:
    """A `__shared__` variable: the function that declares it, its name, and where it lies in the block's static shared memory."""

    function: str
    name: str
    offset: int
    size: int


@dataclass(frozen=True)
class SharedMemory:
    """The static shared memory of a kernel file, as laid out for the CPU."""

    size: int
    anchor: int
    variables: tuple[SharedVariable, ...]

    def of_function(self, function: str) -> int:
        """Return the bytes that a function itself declares."""
        return sum(v.size for v in self.variables if v.function == function)


def shared_memory(path: Path) -> SharedMemory:
    """Read the thread-local symbols of a library that build.py made."""
    data = path.read_bytes()
    program_offset, section_offset = struct.unpack_from("<QQ", data, 32)
    program_size, programs, section_size, sections = struct.unpack_from("<4H", data, 54)
    size = 0
    for i in range(programs):
        kind = struct.unpack_from("<I", data, program_offset + i * program_size)[0]
        if kind == _PT_TLS:
            size = struct.unpack_from("<Q", data, program_offset + i * program_size + 40)[0]
    anchor, variables = 0, []
    for i in range(sections):
        _, kind, _, _, offset, length, link = struct.unpack_from("<IIQQQQI", data, section_offset + i * section_size)
        if kind != _SHT_SYMTAB:
            continue
        names = struct.unpack_from("<Q", data, section_offset + link * section_size + 24)[0]
        for position in range(offset, offset + length, 24):
            name_at, info, _, _, value, bytes_ = struct.unpack_from("<IBBHQQ", data, position)
            if info & 15 != _STT_TLS:
                continue
            symbol = data[names + name_at : data.index(b"\0", names + name_at)].decode()
            if symbol == "_ZN8emulatorL6anchorE":
                anchor = value
            else:
                variables.append(SharedVariable(*_readable(symbol), value, bytes_))
    return SharedMemory(size, anchor, tuple(sorted(variables, key=lambda v: v.offset)))


def _readable(symbol: str) -> tuple[str, str]:
    """Split the mangled name of a local variable: '_ZZ7sgemm16E2sA' is sA of sgemm16."""
    match = re.match(r"_ZZ(?:L?)(\d+)", symbol)
    function = symbol[match.end() : match.end() + int(match.group(1))] if match else ""
    local = re.search(r"E[L]?(\d+)(\w+?)(?:_\d+)?$", symbol) if match else None
    if local is None:
        return function, symbol
    length = int(local.group(1))
    return function, symbol[local.start(2) : local.start(2) + length]
