"""Notice which exercise was saved: by looking at the files now and then, which works everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

PAUSE = 0.25
"""Seconds between two looks."""

Stamp = tuple[int, int, int]
"""Time of the last change in ns, size, number of the file: some editors write into a file, others replace it."""


def saves(
    files: Callable[[], Mapping[str, Path]], pause: float = PAUSE, sleep: Callable[[float], None] = time.sleep
) -> Iterator[str]:
    """Yield the name of each file that is saved, for ever; of several at once the one that was saved last.

    A file counts as saved when two looks after a change find it the same: an editor may be in the middle of writing, or
    have taken it away to put another in its place.
    """
    known = _stamps(files())
    before = known
    while True:
        sleep(pause)
        seen = _stamps(files())
        saved = [name for name, stamp in seen.items() if stamp != known.get(name) and stamp == before.get(name)]
        before = seen
        if saved:
            known = {**known, **{name: seen[name] for name in saved}}
            yield max(saved, key=lambda name: seen[name])


def _stamps(files: Mapping[str, Path]) -> dict[str, Stamp]:
    found = {}
    for name, path in files.items():
        try:
            status = path.stat()
        except OSError:
            continue  # taken away, perhaps for a moment
        if status.st_size:
            found[name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
