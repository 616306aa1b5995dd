"""Run the tests with the mark `pyodide` in Pyodide: `python -m tests.pyodide [arguments of pytest]`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .files import why_not
from .running import plain_packages, run

PACKAGES = ("numpy", "scipy", "scikit-learn", "matplotlib", "pillow", "pygments")  # the last one for pytest


def main() -> int:
    """Return pytest's exit status, or 2 where Pyodide is missing."""
    if missing := why_not():
        print(f"PYODIDE: NOTHING WAS TESTED THERE ({missing})", file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder:
        packages = plain_packages(Path(folder))
        done = run(
            "/repo/tests/pyodide/inside.py",
            *sys.argv[1:],
            packages=PACKAGES,
            mounts={"/packages": packages},
            quiet=False,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
