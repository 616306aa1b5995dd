"""Real data, which do not come with the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def real_data(name: str) -> Path:
    """Return the folder of a dataset below TINYSEG_DATA or ../shared/data; skips the test when it is not there."""
    root = Path(os.environ.get("TINYSEG_DATA") or Path(__file__).parents[3] / "shared" / "data")
    folder = root / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not in {root}")
    return folder
