"""Files: written whole or not at all, and read with a clear word when there is nothing to read."""

from __future__ import annotations

import csv
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

WINDOWS, PAUSES = os.name == "nt", (0.01, 0.1, 0.3, 1.0)
LARGEST_TEXT = 1 << 26
"""Bytes; a text is parsed in memory, where it takes many times its size."""


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, the file there takes the name `path` in one step.

    A reader sees the old file or the new one, never a half, also when the process is killed or the disk is full: on any
    error the temporary file is removed and `path` stays as it was. The temporary name keeps the suffix, which some
    writers use to choose a format.

    Raises:
        OSError: The file cannot be written; the text names `path`.
        InvalidInput: `path` is no path, or a device or a pipe, such as /dev/null, which a file would take the place of.

    Example:
        >>> import os
        >>> import tempfile
        >>> from tinyseg.utils import atomic_path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with atomic_path(os.path.join(folder, "a.txt")) as path:
        ...         _ = path.write_text("whole")
        ...     print(os.listdir(folder))
        ...
        ['a.txt']
    """
    path = as_path(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InvalidInput(f"{path}: expected the name of a file, got a device or a pipe")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=f".part{path.suffix}", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())  # the rename must not reach the disk before the content
        if sys.platform != "emscripten":  # whose umask says that nobody may read anything
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)  # mkstemp makes files that only the owner can read
        _replace(temporary, path)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _replace(temporary: Path, path: Path) -> None:
    """Give a file its name.

    Windows refuses while anybody reads the old one, such as `predict` beside a training, which is over in a moment.
    """
    for pause in PAUSES if WINDOWS else ():
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    temporary.replace(path)


def as_path(path: str | os.PathLike[str], what: str = "path") -> Path:
    """Return a path; raises InvalidInput for what is none, such as None, an array or an open file."""
    try:
        return Path(path)
    except TypeError as error:
        raise InvalidInput(f"{what}: expected a path as text or a pathlib.Path, got {type(path).__name__}") from error


def existing_file(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that is there; raises InvalidInput for nothing, a folder, or a pipe.

    A pipe would be waited for without end.
    """
    path = as_path(path)
    try:
        if path.is_file():
            return path
        found = "expected a file, got a folder" if path.is_dir() else "no such file"
    except (OSError, ValueError) as error:  # such as a name that is too long
        found = f"not readable ({error})"
    raise InvalidInput(f"{path}: {found}")


def read_text(path: str | os.PathLike[str], kind: str, largest: int = LARGEST_TEXT) -> str:
    """Read a UTF-8 text; `kind` says in errors of which format it should be.

    Raises:
        InvalidInput: No such file, larger than `largest` bytes, or not UTF-8; the text names the file.
    """
    path = existing_file(path)
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
        if len(content) > largest:
            raise InvalidInput(f"{path}: expected at most {largest:,} bytes, the file is larger")
        return content.decode("utf-8-sig")  # Windows editors put a byte-order mark before the text
    except OSError as error:
        raise InvalidInput(f"{path}: not readable ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: not a {kind} file in UTF-8 ({error})") from error


def read_table(path: str | os.PathLike[str], separator: str = ",") -> list[dict[str, str]]:
    """Read a CSV file: for each row a text by each name of the first row.

    Raises:
        InvalidInput: As `read_text`, or rows that do not fit the first one; the text names the file.
    """
    table = csv.reader(io.StringIO(read_text(path, "CSV"), newline=""), delimiter=separator)
    rows: list[dict[str, str]] = []
    try:
        names = next(table, [])
        if len(set(names)) < len(names):
            raise InvalidInput(f"{path}: two columns have the same name")
        for row in table:
            if row and len(row) != len(names):
                raise InvalidInput(f"{path}: line {table.line_num}: expected {len(names)} fields, got {len(row)}")
            if row:
                rows.append(dict(zip(names, row, strict=True)))
    except csv.Error as error:
        raise InvalidInput(f"{path}: not a CSV file: line {table.line_num}: {error}") from error
    return rows
