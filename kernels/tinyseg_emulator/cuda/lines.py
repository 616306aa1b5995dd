"""From an address in a compiled library to the source line.

Reads the DWARF line table (section .debug_line, version 2 to 4) itself, so that no other program is needed.

The table is a program for a small machine with an address, a file and a line, which appends rows; see the DWARF 4
standard, section 6.2.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from pathlib import Path

from .elf import sections

_COPY, _ADVANCE_PC, _ADVANCE_LINE, _SET_FILE, _CONST_ADD_PC, _FIXED_ADVANCE_PC = 1, 2, 3, 4, 8, 9
_END_SEQUENCE, _SET_ADDRESS = 1, 2


@dataclass
class LineTable:
    """Rows sorted by address; a row holds until the next one."""

    addresses: list[int]
    places: list[tuple[str, int]]

    def place(self, address: int, within: str = "") -> str | None:
        """Return `file:line` of an address (relative to where the library is loaded), or None.

        With `within`, of a function that was inlined from a file whose path begins so, return the line before it.
        """
        k = bisect.bisect_right(self.addresses, address) - 1
        while within and k > 0 and self.places[k][0].startswith(within):
            k -= 1
        if k < 0 or not self.places[k][0]:
            return None
        return f"{self.places[k][0]}:{self.places[k][1]}"


def read_lines(path: Path) -> LineTable:
    """Read the line table of a library that build.py made."""
    data = path.read_bytes()
    rows: list[tuple[int, tuple[str, int]]] = []
    for section in sections(data):
        if section.name == ".debug_line":
            reader = _Reader(data, section.offset)
            while reader.at < section.offset + section.size:
                rows += _unit(reader)
    rows.sort(key=lambda row: row[0])
    return LineTable([address for address, _ in rows], [place for _, place in rows])


class _Reader:
    """Numbers of several formats, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def unsigned(self, size: int) -> int:
        value = int.from_bytes(self.data[self.at : self.at + size], "little")
        self.at += size
        return value

    def signed_byte(self) -> int:
        value = self.unsigned(1)
        return value - 256 if value > 127 else value

    def uleb(self) -> int:
        value = shift = 0
        while True:
            byte = self.unsigned(1)
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def sleb(self) -> int:
        start = self.at
        value = self.uleb()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> (bits - 1) & 1 else value

    def string(self) -> str:
        end = self.data.index(b"\0", self.at)
        text = self.data[self.at : end].decode("utf-8", "replace")
        self.at = end + 1
        return text


def _unit(reader: _Reader) -> list[tuple[int, tuple[str, int]]]:
    length = reader.unsigned(4)
    end = reader.at + length
    version = reader.unsigned(2)
    if not 2 <= version <= 4:
        reader.at = end
        return []
    header_length = reader.unsigned(4)
    program = reader.at + header_length
    step = reader.unsigned(1)
    if version == 4:
        reader.unsigned(1)
    reader.unsigned(1)
    line_base, line_range, opcode_base = reader.signed_byte(), reader.unsigned(1), reader.unsigned(1)
    operands = [reader.unsigned(1) for _ in range(opcode_base - 1)]
    folders = [""]
    while name := reader.string():
        folders.append(name)
    files = [""]
    while name := reader.string():
        folder = folders[reader.uleb()]
        reader.uleb(), reader.uleb()
        files.append(f"{folder}/{name}" if folder and not name.startswith("/") else name)
    reader.at = program

    rows: list[tuple[int, tuple[str, int]]] = []
    address, file, line = 0, 1, 1
    while reader.at < end:
        opcode = reader.unsigned(1)
        if opcode >= opcode_base:
            address += (opcode - opcode_base) // line_range * step
            line += line_base + (opcode - opcode_base) % line_range
            rows.append((address, (files[file], line)))
        elif opcode == 0:
            size = reader.uleb()
            after = reader.at + size
            extended = reader.unsigned(1)
            if extended == _END_SEQUENCE:
                rows.append((address, ("", 0)))
                address, file, line = 0, 1, 1
            elif extended == _SET_ADDRESS:
                address = reader.unsigned(8)
            reader.at = after
        elif opcode == _COPY:
            rows.append((address, (files[file], line)))
        elif opcode == _ADVANCE_PC:
            address += reader.uleb() * step
        elif opcode == _ADVANCE_LINE:
            line += reader.sleb()
        elif opcode == _SET_FILE:
            file = reader.uleb()
        elif opcode == _CONST_ADD_PC:
            address += (255 - opcode_base) // line_range * step
        elif opcode == _FIXED_ADVANCE_PC:
            address += reader.unsigned(2)
        else:
            for _ in range(operands[opcode - 1]):
                reader.uleb()
    reader.at = end
    return rows
