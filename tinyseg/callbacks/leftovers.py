"""What a killed process leaves behind."""

from __future__ import annotations

import glob
import shutil
from contextlib import suppress
from pathlib import Path


def remove_leftovers(path: Path, stem: str | None = None, suffix: str | None = None) -> None:
    """Remove the temporary files of `atomic_path` for `path`, and the folders of `write_tensors`.

    A process that is killed while it writes cannot do it itself.

    Only for files that no other process is writing. Each is as large as the file itself, and their names are hidden, so
    nobody else would find them.

    Args:
        path: The file that was to be written.
        stem: Pattern of its name instead of its own.
        suffix: Pattern of its suffix instead of its own.
    """
    stem = glob.escape(path.stem) if stem is None else stem
    suffix = glob.escape(path.suffix) if suffix is None else suffix
    for leftover in path.parent.glob(f".{stem}-????????.part{suffix}"):
        with suppress(OSError):
            leftover.unlink()
    for folder in path.parent.glob(f".{stem}-????????.part{suffix}-????????"):
        shutil.rmtree(folder, ignore_errors=True)
