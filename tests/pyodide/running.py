"""Run a Python file in Pyodide."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from .files import node, pyodide_folder

ROOT = Path(__file__).parents[2]
PLAIN = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "tifffile")
"""Packages in Python alone that are taken from here."""


def run(
    file: str,
    *arguments: str,
    packages: Sequence[str] = ("numpy",),
    mounts: Mapping[str, Path] | None = None,
    quiet: bool = True,
    seconds: float = 1800,
) -> subprocess.CompletedProcess[str]:
    """Run a Python file, named as inside, where the repository is /repo.

    Args:
        file: Such as '/repo/tests/pyodide/inside.py'.
        arguments: Of the program.
        packages: Of Pyodide, to be loaded before.
        mounts: Place inside -> folder here.
        quiet: Keep what it prints; else it is printed as it comes.
        seconds: That it may take.
    """
    program, folder = node(), pyodide_folder()
    assert program is not None
    assert folder is not None
    seen = {"/repo": ROOT, **(mounts or {})}
    command = [program, str(Path(__file__).with_name("run.mjs")), str(folder), ",".join(packages), file]
    command += [f"{here}={there}" for there, here in seen.items()]
    return subprocess.run([*command, "--", *arguments], capture_output=quiet, text=True, timeout=seconds, check=False)


def plain_packages(folder: Path) -> Path:
    """Copy the packages that pytest needs to a folder: beside them there are compiled ones that Pyodide cannot load."""
    for name in PLAIN:
        found = find_spec(name)
        assert found is not None, f"{name} is not installed"
        if found.submodule_search_locations:
            source = Path(next(iter(found.submodule_search_locations)))
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        else:
            shutil.copy(str(found.origin), folder)
    return folder
