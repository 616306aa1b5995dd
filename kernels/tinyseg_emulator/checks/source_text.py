"""The text of a source line."""

from __future__ import annotations

import linecache


def source_text(place: str) -> str:
    """Return the text of a source line, '' when the file cannot be read."""
    path, _, number = place.rpartition(":")
    return linecache.getline(path, int(number)).strip() if number.isdigit() else ""
