"""Which exercises there are."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from tinyseg_kernels.errors import unknown_name

from .exercise import Exercise

CATALOGUE = Path(__file__).parent / "catalogue"


@cache
def names() -> tuple[str, ...]:
    """Return the names of all exercises: by chapter, then by difficulty, then by name."""
    found = (path.parent.name for path in CATALOGUE.glob("*/solution.py"))
    return tuple(sorted(found, key=lambda name: (exercise(name).chapter, exercise(name).difficulty, name)))


@cache
def exercise(name: str) -> Exercise:
    """Return an exercise by its name.

    Raises:
        InvalidInput: There is none of this name; what is near is said.
    """
    if not name.isidentifier() or not (CATALOGUE / name / "solution.py").is_file():
        raise unknown_name("exercise", name, [path.parent.name for path in sorted(CATALOGUE.glob("*/solution.py"))])
    found: Exercise = import_module(f"tinyseg.exercises.catalogue.{name}").EXERCISE
    return found
