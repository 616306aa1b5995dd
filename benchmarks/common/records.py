"""The date, the commit and the versions that figures depend on."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

RECORDS = Path(__file__).parents[1] / "records"


def software(packages: Sequence[str], root: Path = RECORDS.parents[1]) -> dict[str, str]:
    """Return the versions of those packages that are installed, of Python and the platform, and the commit."""
    versions = {"Python": platform.python_version(), "platform": platform.platform()}
    for name in packages:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    command = ["git", "-C", str(root), "describe", "--always", "--dirty"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return {**versions, "commit": found.stdout.strip() or "unknown"}


def now() -> str:
    """Return the date and time."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
