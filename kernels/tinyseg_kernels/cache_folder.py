"""Where compiled kernels are kept between processes."""

from __future__ import annotations

import os
from pathlib import Path

CACHE_VARIABLE = "TINYSEG_CACHE"


def cache_folder(kind: str) -> Path:
    """Return the folder for one kind of compiled kernels: below $TINYSEG_CACHE, else below the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen) / kind
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tinyseg" / kind
