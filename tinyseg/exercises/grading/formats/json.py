"""All that is known, as JSON."""

from __future__ import annotations

import json as standard

from ..grade import Grade


def json(grade: Grade) -> str:
    """Return the file's text; `Grade.from_json` reads it."""
    return standard.dumps(grade.as_json(), ensure_ascii=False, indent=1)
