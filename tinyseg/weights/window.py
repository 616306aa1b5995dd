"""A file that cannot be read beyond a limit, and that never allocates for bytes which are not there."""

from __future__ import annotations

from typing import BinaryIO


class Window:
    """The bytes of a file from where it stands, at most `limit` of them; what `pickletools` reads from."""

    def __init__(self, file: BinaryIO, size: int, limit: int) -> None:
        """Begin where the file stands; `size` is the file's."""
        self.file, self.end = file, min(size, file.tell() + limit)

    def tell(self) -> int:
        """Return the place in the file."""
        return self.file.tell()

    def read(self, count: int) -> bytes:
        """Return at most this many bytes."""
        return self.file.read(max(0, min(count, self.end - self.file.tell())))

    def readline(self) -> bytes:
        """Return the bytes up to a line's end."""
        return self.file.readline(max(0, self.end - self.file.tell()))
