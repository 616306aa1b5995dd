"""Progress: what is being done, with the seconds since the beginning."""

from __future__ import annotations

import time

BEGAN = time.monotonic()


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)
