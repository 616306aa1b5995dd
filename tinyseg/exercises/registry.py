"""Which exercises there are: those of the catalogue, and own ones of an instructor."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.diagnosis.causes import learn_texts

from .exercise import Exercise

CATALOGUE = Path(__file__).parent / "catalogue"

OWN = "TINYSEG_EXERCISES"
"""Environment variable: folders of own exercises, separated as in PATH."""


def names() -> tuple[str, ...]:
    """Return the names of all exercises: by chapter, then by difficulty, then by name; own ones last.

    Example:
        >>> from tinyseg.exercises import names
        >>> "conv2d_forward" in names()
        True
    """
    return _names(own_folders())


def exercise(name: str) -> Exercise:
    """Return an exercise by its name.

    Raises:
        InvalidInput: There is none of this name (what is near is said), or an own one is not as it must be.

    Example:
        >>> from tinyseg.exercises import exercise
        >>> exercise("relu").difficulty
        1
    """
    return _exercise(name, own_folders())


def own_folders() -> tuple[Path, ...]:
    """Return the folders of own exercises."""
    return tuple(Path(part).resolve() for part in os.environ.get(OWN, "").split(os.pathsep) if part)


@cache
def _names(folders: tuple[Path, ...]) -> tuple[str, ...]:
    def order(name: str) -> tuple[bool, int, int, str]:
        found = _exercise(name, folders)
        return found.folder.parent != CATALOGUE, found.chapter, found.difficulty, name

    return tuple(sorted(_places(folders), key=order))


@cache
def _exercise(name: str, folders: tuple[Path, ...]) -> Exercise:
    places = _places(folders)
    if name not in places:
        raise unknown_name("exercise", name, sorted(places))
    if places[name].parent == CATALOGUE:
        found: Exercise = import_module(f"tinyseg.exercises.catalogue.{name}").EXERCISE
        return found
    return _own(name, places[name])


def _places(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Return where each exercise lies. An own one of a name that is taken would hide the other: that is refused."""
    places: dict[str, Path] = {}
    for folder in (CATALOGUE, *folders):
        if not folder.is_dir():
            raise InvalidInput(f"{OWN}: {folder}: no such folder")
        for path in sorted(folder.glob("*/solution.py")):
            name = path.parent.name
            if name in places:
                raise InvalidInput(f"{OWN}: {path.parent}: there is an exercise {name} already, in {places[name]}")
            places[name] = path.parent
    return places


def _own(name: str, folder: Path) -> Exercise:
    module_name = f"tinyseg_own_exercises.{name}"
    spec = spec_from_file_location(module_name, folder / "__init__.py", submodule_search_locations=[str(folder)])
    if spec is None or spec.loader is None or not (folder / "__init__.py").is_file():
        raise InvalidInput(f"{folder}: expected a file __init__.py with EXERCISE")
    module = module_from_spec(spec)
    sys.modules[module_name] = module  # for its relative imports
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise InvalidInput(f"{folder}: cannot be loaded: {type(error).__name__}: {error}") from error
    found = getattr(module, "EXERCISE", None)
    if not isinstance(found, Exercise) or found.name != name:
        raise InvalidInput(f"{folder}: expected EXERCISE, an Exercise with the name {name!r}, got {found!r}")
    learn_texts(found.operation().name, getattr(module, "TEXTS", {}))
    return found
