"""Whose file a line stands in: the student's, one of the emulator's headers, or the machine's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .clang_parse import EMULATOR_HEADERS, HERE, system_folders

STUDENT, EMULATOR, SYSTEM = "student", "emulator", "system"


@cache
def owner(file: str) -> str:
    """Return STUDENT, EMULATOR or SYSTEM for a file's name; '' (no file) is the compiler's, so the machine's."""
    if not file:
        return SYSTEM
    if any(Path(file).is_relative_to(folder) for folder in (EMULATOR_HEADERS, HERE)):
        return EMULATOR
    if any(Path(file).is_relative_to(folder) for folder in system_folders()):
        return SYSTEM
    return STUDENT


def place(location: object) -> tuple[str, int]:
    """Return file and line of a location of clang's; of a macro's use, not of its definition."""
    file = getattr(location, "file", None)
    return (str(file.name) if file is not None else ""), int(getattr(location, "line", 0))
