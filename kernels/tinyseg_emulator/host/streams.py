"""Streams and events of the emulated device, with the names of `cupy.cuda`.

Kernels run when they are launched. A copy on a stream of its own is *not* made when it is asked for, but as late as the
rules of CUDA allow: when somebody waits for it. So code that forgets to wait finds the old numbers, and code that
overwrites the source too early copies the wrong ones, every time; on a GPU both would go well most of the time.
"""

from __future__ import annotations

from collections.abc import Callable


class Event:
    """A place in the work of a stream."""

    def __init__(self, block: bool = False, disable_timing: bool = False) -> None:
        """Make an event that is not recorded yet: waiting for it returns at once."""
        self._stream: Stream | None = None
        self._count = 0

    def record(self, stream: Stream | None = None) -> None:
        """Mark the end of what the stream has been asked so far."""
        self._stream = stream if stream is not None else get_current_stream()
        self._count = self._stream.asked

    def synchronize(self) -> None:
        """Wait until the stream has come here."""
        if self._stream is not None:
            self._stream.run_to(self._count)

    @property
    def done(self) -> bool:
        """Whether the stream has come here."""
        return self._stream is None or self._stream.done >= self._count


class Stream:
    """Work in order, put off until it is waited for."""

    def __init__(self, null: bool = False, non_blocking: bool = False) -> None:
        """Make a stream; the null stream does everything at once."""
        self.null = null
        self.asked = self.done = 0
        self.ptr = 0
        self._work: list[Callable[[], None]] = []

    def enqueue(self, work: Callable[[], None]) -> None:
        """Ask for work."""
        self.asked += 1
        self._work.append(work)
        if self.null:
            self.synchronize()

    def run_to(self, count: int) -> None:
        """Do the work up to the count-th piece ever asked for."""
        while self.done < count:
            self._work.pop(0)()
            self.done += 1

    def wait_event(self, event: Event) -> None:
        """Let what is asked from now on come after the event."""
        if self.null:
            event.synchronize()
        else:
            self.enqueue(event.synchronize)

    def synchronize(self) -> None:
        """Wait for all work."""
        self.run_to(self.asked)


_NULL = Stream(null=True)


def get_current_stream() -> Stream:
    """Return the stream that kernels run in."""
    return _NULL


class Device:
    """The one emulated device."""

    id = 0
    compute_capability = "90"

    def synchronize(self) -> None:
        """Wait for the null stream; as on a GPU, not for streams that do not block it."""
        _NULL.synchronize()
