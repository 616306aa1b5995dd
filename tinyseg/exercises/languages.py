"""The texts of exercises: one file for each language, English where there is no other."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from .exercise import Exercise, Texts

ENGLISH = "en"


def texts_of(exercise: Exercise, language: str = ENGLISH) -> Texts:
    """Return the texts of an exercise: `<folder>/<language>.toml`, such as en.toml or zh-CN.toml.

    Raises:
        InvalidInput: A file that lacks a text, or has other than three hints.
    """
    path = exercise.folder / f"{language}.toml"
    return read_texts(path if path.is_file() else exercise.folder / f"{ENGLISH}.toml")


def read_texts(path: Path) -> Texts:
    """Read a file of texts."""
    content = tomllib.loads(path.read_text("utf-8"))
    missing = [key for key in ("title", "summary", "hints") if not content.get(key)]
    if missing:
        raise InvalidInput(f"{path}: expected title, summary and hints; {', '.join(missing)} is missing")
    hints = tuple(map(str.strip, content["hints"]))
    if len(hints) != 3:
        raise InvalidInput(f"{path}: expected three hints, got {len(hints)}")
    groups = {name: str(words) for name, words in content.get("groups", {}).items()}
    return Texts(content["title"].strip(), content["summary"].strip(), (hints[0], hints[1], hints[2]), groups)
