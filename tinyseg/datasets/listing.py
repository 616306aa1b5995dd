"""Which files of a folder are images, and which belong together."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from .pictures import SUFFIXES


def readable() -> str:
    """Return the endings that are read, as text."""
    return ", ".join(SUFFIXES)


def walk(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the image files of a folder and its sub-folders, and the other files, both sorted.

    Hidden files and folders are left out.
    """
    images: list[Path] = []
    others: list[Path] = []
    been: set[str] = set()
    for top, inside, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(top)
        if real in been:  # a link leads back
            inside.clear()
            continue
        been.add(real)
        inside[:] = [name for name in inside if not name.startswith(".")]
        for name in names:
            path = Path(top) / name
            if not name.startswith("."):
                (images if path.suffix.lower() in SUFFIXES else others).append(path)
    return sorted(images), sorted(others)


def list_images(folder: Path) -> list[Path]:
    """Return the image files in a folder and its sub-folders, sorted; hidden files are left out.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from tinyseg.datasets import list_images
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("b.png", "a.png", "notes.txt"):
        ...         Path(folder, name).touch()
        ...     print([path.name for path in list_images(Path(folder))])
        ...
        ['a.png', 'b.png']
    """
    return walk(folder)[0]


def by_base_name(folder: Path) -> dict[str, Path]:
    """Return the images of a folder by their path below it, without the ending.

    Names are compared as they are read, not as they are stored: file systems write an accented letter as one character
    (NFC) or as two (NFD).
    """
    found: dict[str, Path] = {}
    for path in list_images(folder):
        name = unicodedata.normalize("NFC", path.relative_to(folder).with_suffix("").as_posix())
        if name in found:
            raise InvalidInput(f"{path}: two files have this base name: {found[name].name} and {path.name}")
        found[name] = path
    return found


def passed_over(folder: Path, name: str) -> str:
    """Say which file of a base name lies in a folder without being read, or ""."""
    for path in walk(folder)[1]:
        if unicodedata.normalize("NFC", path.relative_to(folder).with_suffix("").as_posix()) == name:
            return (
                f"; {path.name} is there, but {path.suffix or 'a file without an ending'} is not read: save it "
                "as PNG or TIFF"
            )
    return ""
