"""The site, built once for all tests that look at it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "docs" / "site" / "build.py"
SITE = "TINYSEG_SITE"
"""Environment variable: a site that is built already, to be looked at instead of one that the tests build."""


def run_build(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the build's command."""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, str(BUILD), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=1500)


def built_site() -> Path:
    """Return the site: the given one, or one built in the chapters' fast form, by the first process that asks."""
    if os.environ.get(SITE):
        return Path(os.environ[SITE]).resolve()
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    place = Path(tempfile.gettempdir()) / f"tinyseg-site-{os.getuid() if hasattr(os, 'getuid') else 0}-{session}"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "site" / "index.html").exists():
            process = run_build("--no-tab", "--out", str(place / "site"))
            assert process.returncode == 0, process.stdout[-3000:] + process.stderr[-6000:]
            assert "done" in process.stdout
    return place / "site"
