"""From a cause to the sentences that explain it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from . import texts
from .language import language_in_use, say, say_detail, tables_of, translated
from .texts import BY_OPERATION, FAMILIES, TEXTS
from .texts.families import filled

_LEARNED: dict[str, Mapping[str, tuple[str, str]]] = {}
"""Texts of operations that are not tinyseg's, by operation."""


def learn_texts(operation: str, texts: Mapping[str, tuple[str, str]]) -> None:
    """Take the texts of somebody's own operation: cause -> (what it suggests, hint)."""
    _LEARNED[operation] = texts


def sentence(cause: str, operation: str, **words: str) -> str:
    """Return 'what it suggests. Hint: ...' for a cause; `words` fill in {thing}, {function} and {detail}."""
    suggests, hint = _filled(cause, operation, words)
    return f"{suggests}\n{say('Hint: ')}{hint}"


def suggestion(cause: str, operation: str, **words: str) -> str:
    """Return what a cause suggests, without the hint."""
    return _filled(cause, operation, words)[0]


def _filled(cause: str, operation: str, words: Mapping[str, str]) -> tuple[str, str]:
    suggests, hint = text_of(cause, operation) or text_of("unknown", operation) or TEXTS["unknown"]
    known = {"thing": say("the result"), "function": say("the function"), "detail": "", **words}
    if not known["detail"]:  # a detail that is not known leaves no empty brackets
        suggests = suggests.replace(" ({detail})", "").replace("（{detail}）", "")
    known["detail"] = say_detail(known["detail"])
    return suggests.format(**known), hint.format(**known)


def text_of(cause: str, operation: str) -> tuple[str, str] | None:
    """Return (what it suggests, hint) in the language in use: the operation's own text, or the general one; or None.

    What the language lacks is English.
    """
    own = BY_OPERATION.get(operation)
    if own is not None and cause in own:
        return translated(_module_of(operation, cause), cause) or own[cause]
    learned = _LEARNED.get(operation, {})
    if cause in learned:
        return learned[cause]
    if cause in TEXTS:
        return translated("windows", cause) or translated("general", cause) or TEXTS[cause]
    return translated_family(cause) or FAMILIES.get(cause)


@cache
def _module_of(operation: str, cause: str) -> str:
    """Return the name of the module in which an operation's text of a cause stands: some have texts of several."""
    own = BY_OPERATION[operation][cause]
    modules = (name for name, module in vars(texts).items() if getattr(module, "TEXTS", {}).get(cause) is own)
    return next(modules, operation)


def translated_family(cause: str) -> tuple[str, str] | None:
    """Return the text of a cause that a pattern makes, in the language in use; None where there is none."""
    found = _families(language_in_use()).get(cause)
    return found if found is None else (found[0], found[1])


@cache
def _families(language: str) -> dict[str, tuple[str, str]]:
    """Fill the patterns of a language with its own words."""
    tables = tables_of(language)
    patterns = {pattern: (text[0], text[1]) for pattern, text in tables.get("families", {}).items()}
    return dict(filled(patterns, tables.get("words", {})))
