"""Begin an exercise of one's own: a folder that works, to be changed."""

from __future__ import annotations

import keyword
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.files import atomic_path

from .registry import names

TEMPLATE = Path(__file__).parent / "template"
NAME = "exercise_name"
"""Stands in the template for the exercise's name."""


def new_exercise(name: str, folder: Path) -> Path:
    """Write the folder of a new exercise, and return it.

    Args:
        name: A Python name in small letters; the function that students write begins with it.
        folder: Of own exercises, as TINYSEG_EXERCISES names it; made when it is not there.

    Raises:
        InvalidInput: The name is no such name or is taken, or there is something in the way.
    """
    # Python takes other forms of a letter, such as a wide r, for the plain one: two exercises would have one name.
    if (
        not (name.isascii() and name.isidentifier())
        or keyword.iskeyword(name)
        or name != name.lower()
        or name.startswith("_")
    ):
        raise InvalidInput(f"expected a name in small letters such as leaky_relu, got {name!r}")
    if name in names():
        raise InvalidInput(f"there is an exercise {name} already")
    target = folder / name
    if target.exists():
        raise InvalidInput(f"{target}: is there already; nothing was written")
    for source in sorted(TEMPLATE.iterdir()):
        if source.suffix not in (".txt", ".toml"):
            continue
        file = source.stem if source.suffix == ".txt" else source.name  # stub.py.txt becomes stub.py
        with atomic_path(target / file) as path:
            path.write_text(source.read_text("utf-8").replace(NAME, name), "utf-8", newline="\n")
    return target
