"""From a cause to the sentences that explain it."""

from __future__ import annotations

from collections.abc import Mapping

from .texts import BY_OPERATION, FAMILIES, TEXTS

_LEARNED: dict[str, Mapping[str, tuple[str, str]]] = {}
"""Texts of operations that are not tinyseg's, by operation."""


def learn_texts(operation: str, texts: Mapping[str, tuple[str, str]]) -> None:
    """Take the texts of somebody's own operation: cause -> (what it suggests, hint)."""
    _LEARNED[operation] = texts


def sentence(cause: str, operation: str, **words: str) -> str:
    """Return 'what it suggests. Hint: ...' for a cause; `words` fill in {thing}, {function} and {detail}."""
    suggests, hint = text_of(cause, operation) or TEXTS["unknown"]
    known = {"thing": "the result", "function": "the function", "detail": "", **words}
    if not known["detail"]:  # a detail that is not known leaves no empty brackets
        suggests = suggests.replace(" ({detail})", "")
    return f"{suggests.format(**known)}\nHint: {hint.format(**known)}"


def text_of(cause: str, operation: str) -> tuple[str, str] | None:
    """Return (what it suggests, hint): the operation's own text, or the general one; None where there is none."""
    own = BY_OPERATION.get(operation) or _LEARNED.get(operation, {})
    return own.get(cause) or TEXTS.get(cause) or FAMILIES.get(cause)
