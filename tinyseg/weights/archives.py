"""Zip archives that somebody else made: bounded, without overlaps, each entry checked against its checksum."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from .tensors import LARGEST_RATIO, SLACK, Snapshot

MOST_ENTRIES = 1_000_000
LOCAL_HEADER = 30
"""Bytes before an entry's name."""


class Archive:
    """The entries of a zip archive; raises ValueError for one that is damaged or made to do harm.

    Attributes:
        names: Of all entries.
    """

    def __init__(self, path: Path) -> None:
        """Read the list of entries, and see that they neither overlap nor unpack to much more than the file has."""
        self.snapshot = Snapshot.of(path)
        try:
            with zipfile.ZipFile(path) as file:
                entries = file.infolist()
        except (zipfile.BadZipFile, NotImplementedError, EOFError, LookupError, OverflowError) as error:
            raise ValueError(f"a damaged zip archive ({error})") from error
        if len(entries) > MOST_ENTRIES:
            raise ValueError(f"more than {MOST_ENTRIES:,} entries")
        self.entries = {entry.filename: entry for entry in entries}
        if len(self.entries) != len(entries):
            raise ValueError("two entries of the archive have the same name")
        self.names = self.entries.keys()
        end, total = 0, 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end or entry.flag_bits & 1:
                raise ValueError(f"entry {entry.filename[:80]!r} of the archive overlaps another one or is encrypted")
            end = entry.header_offset + LOCAL_HEADER + len(entry.filename) + entry.compress_size
            total += entry.file_size
        if end > self.snapshot.size or total > SLACK + LARGEST_RATIO * self.snapshot.size:
            raise ValueError(f"entries of {total:,} bytes in an archive of {self.snapshot.size:,}")
        self.has_checksums = any(entry.CRC for entry in entries)  # PyTorch can be told to write none
        self._last: tuple[str, bytes] = ("", b"")

    def size(self, name: str) -> int:
        """Return an entry's length; raises ValueError when there is none of the name."""
        entry = self.entries.get(name)
        if entry is None:
            raise ValueError(f"{name[:80]!r} is not in the archive")
        return entry.file_size

    def read(self, name: str, most: int) -> bytes:
        """Return an entry; the last one is remembered, since many tensors may share a storage."""
        if self._last[0] != name:
            if self.size(name) > most:
                raise ValueError(f"{name[:80]!r}: {self.size(name):,} bytes, expected at most {most:,}")
            content = self.start(name, self.size(name) + 1)
            if len(content) != self.size(name):
                raise ValueError(f"{name[:80]!r}: {len(content):,} bytes, expected {self.size(name):,}")
            if zlib.crc32(content) != self.entries[name].CRC and self.has_checksums:
                raise ValueError(f"{name[:80]!r} is damaged: it does not fit its checksum")
            self._last = name, content
        return self._last[1]

    def start(self, name: str, most: int) -> bytes:
        """Return the first bytes of an entry, as many as there are up to `most`, without a look at the checksum."""
        entry = self.entries[name]
        lengths = self.snapshot.bytes(entry.header_offset, LOCAL_HEADER)[26:]
        skip = LOCAL_HEADER + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
        stored = entry.compress_type == zipfile.ZIP_STORED
        length = min(entry.compress_size, most) if stored else entry.compress_size
        content = self.snapshot.bytes(entry.header_offset + skip, length)
        if stored:
            return content
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise ValueError(f"{name[:80]!r}: compressed by a method that is not known ({entry.compress_type})")
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, most)
        except zlib.error as error:
            raise ValueError(f"{name[:80]!r} is damaged ({error})") from error

    def open(self, name: str, most: int) -> BinaryIO:
        """Return an entry as a file."""
        return BytesIO(self.read(name, most))
