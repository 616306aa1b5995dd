"""What a student hands in: a folder or a ZIP file, from which the answers are read and nothing else."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tinyseg_kernels.errors import InvalidInput

LARGEST_ANSWER = 1 << 20
"""Bytes of one answer; a longer file is no answer that a person wrote."""

MOST_FILES = 2000
"""Entries of a folder or a ZIP file that are looked at."""


@dataclass(frozen=True)
class Submission:
    """Answers by exercise.

    Attributes:
        student: The name of the folder or ZIP file.
        answers: The text of each answer, by exercise.
        problems: Why an answer could not be read, by exercise ('its text is not UTF-8').
        notes: What was left out, in words.
    """

    student: str
    answers: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_submission(path: Path, exercises: Sequence[str]) -> Submission:
    """Read the answers to some exercises: files NAME.py, at any depth.

    Nothing is unpacked: the answers of a ZIP file are read from it, so that no name in it can reach another place.

    Args:
        path: A folder, a ZIP file, or one NAME.py.
        exercises: Names of the exercises that are asked for; other files are not looked at.

    Returns:
        The submission. A file that cannot be read, and a damaged ZIP file, become `problems`: a submission is never
        refused as a whole.

    Raises:
        InvalidInput: There is nothing at `path`, or it is neither folder, ZIP file nor .py.
    """
    if path.is_dir():
        return _collect(path.name or path.resolve().name, _of_folder(path), exercises)
    if not path.is_file():
        raise InvalidInput(f"{path}: no such folder or file")
    if path.suffix.lower() == ".py":
        return _collect(path.stem, iter([(PurePosixPath(path.name), path.stat().st_size, path.read_bytes)]), exercises)
    if path.suffix.lower() != ".zip":
        raise InvalidInput(f"{path}: expected a folder, a .zip file or a .py file")
    try:
        with zipfile.ZipFile(path) as archive:
            return _collect(path.stem, _of_archive(archive), exercises)
    except Exception as error:  # a damaged one raises what its first wrong byte leads to
        why = f"the ZIP file cannot be read ({error})"
        return Submission(_shown(path.stem), {}, dict.fromkeys(exercises, why), (why,))


def submissions_in(folder: Path) -> list[Path]:
    """Return the submissions of a class: each folder, ZIP file and .py file that lies directly in a folder.

    Raises:
        InvalidInput: There is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{folder}: expected a folder with one folder or ZIP file for each student")
    found = [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith((".", "__")) and (path.is_dir() or path.suffix.lower() in (".zip", ".py"))
    ]
    if not found:
        raise InvalidInput(f"{folder}: expected one folder or ZIP file for each student; there is none")
    return found


Read = Callable[[], bytes]
File = tuple[PurePosixPath, int, Read]
"""Its path within the submission, its size in bytes, and how it is read."""


def _of_folder(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*.py")):
        if path.is_symlink() or not path.is_file():  # a link may lead out of the submission
            continue
        yield PurePosixPath(path.relative_to(folder).as_posix()), path.stat().st_size, path.read_bytes


def _of_archive(archive: zipfile.ZipFile) -> Iterator[File]:
    def reader(entry: zipfile.ZipInfo) -> Read:
        def read() -> bytes:
            with archive.open(entry) as stream:  # never more than is allowed: the size that an entry tells may be a lie
                return stream.read(LARGEST_ANSWER + 1)

        return read

    for entry in archive.infolist():
        if not entry.is_dir() and entry.filename.lower().endswith(".py"):
            yield PurePosixPath(entry.filename.replace("\\", "/")), entry.file_size, reader(entry)


def _collect(student: str, files: Iterator[File], exercises: Sequence[str]) -> Submission:
    """Read what is asked for; of several files of one name the one nearest to the top counts, and that is said."""
    wanted = {name.lower(): name for name in exercises}
    found: dict[str, list[File]] = {}
    for path, size, read in itertools.islice(files, MOST_FILES):
        name = wanted.get(path.stem.lower())
        hidden = any(part.startswith((".", "__")) for part in path.parts)  # backups; what macOS adds to a ZIP file
        if name is not None and not hidden:
            found.setdefault(name, []).append((path, size, read))
    answers, problems, notes = {}, {}, []
    for name, candidates in found.items():
        path, size, read = min(candidates, key=lambda file: (len(file[0].parts), str(file[0])))
        if len(candidates) > 1:
            notes.append(f"{name}: {len(candidates)} files of this name; {path} counts")
        try:
            answers[name] = _text(size, read)
        except Exception as error:  # whatever zlib, bz2, lzma or the file system say of it
            problems[name] = f"{path} cannot be read: {error}"
    return Submission(_shown(student), answers, problems, tuple(notes))


def _shown(name: str) -> str:
    """Return a name that can be written anywhere: no halves of characters, nothing that turns the text around."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def _text(size: int, read: Read) -> str:
    content = read() if size <= LARGEST_ANSWER else b" " * (LARGEST_ANSWER + 1)
    if len(content) > LARGEST_ANSWER:
        raise ValueError(f"it has more than {LARGEST_ANSWER:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("its text is not UTF-8") from None
