"""A process of its own that reads one reader's hostile files: `python -m tests.fuzz.child READER`, in an empty folder.

Prints a line of JSON per file: its name, how it ended, and how much memory it took.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

import tinyseg

from .hostile import hostile_files
from .readers import READERS

SECONDS = 20
"""After these the system ends the process, whatever it is doing."""

MORE = 6 << 30
"""Address space beyond what the process has at first.

A machine with less memory is not brought down by a failing test.
"""


def memory(what: str) -> int:
    """Return the resident size (VmRSS), or the largest it has had since it was last reset (VmHWM), bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) * 1024


def ran_out(error: BaseException | None) -> bool:
    """Whether an error came of an allocation that failed, which a larger machine would have granted."""
    return error is not None and (isinstance(error, MemoryError) or ran_out(error.__context__))


def main(name: str) -> None:
    """Read all hostile files of a reader."""
    reader = next(reader for reader in READERS if reader.name == name)
    filename, sound = next(iter(reader.sources().items()))
    made = {}
    for kind, make in hostile_files(name, reader.sources()).items():
        made[kind] = Path(f"{len(made)}.hostile")
        made[kind].write_bytes(make())
    with reader.place() as folder:  # what the first reading loads does not count
        (folder / filename).write_bytes(sound)
        reader.read(folder / filename)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MORE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for kind, file in made.items():
        with reader.place() as folder:
            path = folder / filename
            shutil.move(file, path)
            print(json.dumps({"kind": kind, "began": True}), flush=True)
            signal.alarm(SECONDS)
            Path("/proc/self/clear_refs").write_text("5")  # the largest size counts from here
            before = memory("VmRSS")
            try:
                reader.read(path)
                ended = "read"
            except tinyseg.InvalidInput as error:
                ended = "ran out of memory" if ran_out(error) else "refused"
                ended = ended if str(folder) in str(error) else f"not named: {error}"
            except BaseException as error:
                ended = f"{type(error).__name__}: {str(error)[:200]}"
            signal.alarm(0)
            print(json.dumps({"kind": kind, "ended": ended, "bytes": memory("VmHWM") - before}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
