"""What a learner's code prints: the beginning is kept, the rest is counted."""

from __future__ import annotations

import threading
from typing import IO


class Output:
    """Reads a pipe to its end, so that the writer never waits for it."""

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        """`most` is the number of characters that are kept."""
        self.pipe, self.most = pipe, most
        self.kept, self.tail, self.size = b"", b"", 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            with self.pipe:
                while part := self.pipe.read1(1 << 16):  # type: ignore[attr-defined]
                    self.size += len(part)
                    if len(self.kept) < self.most:
                        self.kept += part[: self.most - len(self.kept)]
                    self.tail = (self.tail + part)[-8192:]
        except (OSError, ValueError):
            return

    def finish(self, seconds: float = 1.0) -> None:
        """Wait until all is read, but not for long: somebody else may still hold the pipe."""
        self._thread.join(seconds)

    @property
    def text(self) -> str:
        """What is kept, and how much more there was."""
        text = self.kept.decode("utf-8", "replace").replace("\r\n", "\n")
        # What a terminal would obey, it shows.
        text = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
        return text + (f"\n... and {self.size - len(self.kept):,} bytes more" if self.size > len(self.kept) else "")
