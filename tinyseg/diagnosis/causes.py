"""From a cause to the sentences that explain it."""

from __future__ import annotations

import re
from typing import Any

from .texts import BY_OPERATION, PATTERNS, TEXTS


def sentence(cause: str, operation: str, **words: Any) -> str:
    """Return 'what it suggests. Hint: ...' for a cause; `words` fill in {thing}, {function} and {detail}."""
    suggests, hint, groups = _texts(cause, operation)
    known = {"thing": "the result", "function": "the function", "detail": "", **words}
    if not known["detail"]:  # a detail that is not known leaves no empty brackets
        suggests = suggests.replace(" ({detail})", "")
    return f"{suggests.format(*groups, **known)}\nHint: {hint.format(*groups, **known)}"


def is_known(cause: str, operation: str) -> bool:
    """Whether there is a text for a cause."""
    own = BY_OPERATION.get(operation, {})
    return cause in own or cause in TEXTS or any(re.fullmatch(pattern, cause) for pattern, _ in PATTERNS)


def _texts(cause: str, operation: str) -> tuple[str, str, tuple[str, ...]]:
    for texts in (BY_OPERATION.get(operation, {}), TEXTS):
        if cause in texts:
            return (*texts[cause], ())
    for pattern, (suggests, hint) in PATTERNS:
        match = re.fullmatch(pattern, cause)
        if match:
            return suggests, hint, match.groups()
    return (*TEXTS["unknown"], ())
