"""Watch how much memory a process takes, where it cannot be given a limit of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

PAGE = 4096


class MemoryWatch:
    """Compares what a process has in memory with a limit, each time it is asked."""

    def __init__(self, pid: int, most: int, read: Callable[[int], int] | None = None) -> None:
        """`most` is how many bytes may come to those that it has now; `read` gives them for a process."""
        self.pid, self.read = pid, read or reader() or (lambda pid: 0)
        self.most = self._now() + most

    def _now(self) -> int:
        try:
            return self.read(self.pid)
        except Exception:  # it is gone, or not ours to ask
            return 0

    def exceeded(self) -> bool:
        """Whether it has more than it may."""
        return self._now() > self.most


def reader(proc: Path = Path("/proc/self/statm")) -> Callable[[int], int] | None:
    """Return what reads the memory of a process: /proc, else psutil, else None."""
    if proc.is_file():
        return _by_proc
    try:
        import psutil  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return None
    return lambda pid: int(psutil.Process(pid).memory_info().rss)


def _by_proc(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE
