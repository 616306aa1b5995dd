"""In which language a diagnosis speaks: English, or one for which there is a file `texts/<language>.toml`.

A file has a table for each module of texts (`[softmax]`, cause = [what it suggests, hint]), one for the patterns of
`families`, and `[phrases]`: what stands around the causes, by its English wording. What it lacks is said in English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"
ENGLISH = "en"
HINTS = ("Hint: ", "提示：")
"""What stands before a hint, in the languages that there are."""

NUMBERS = re.compile(r"\((?:-?\d+(?:, ?|,?(?=\))))*\)|(?<![\w.\[])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w\]])")
"""Numbers and tuples of numbers in a detail: 'over axes (0, 1)', '0.9 is used'."""

_LANGUAGE: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within the block, diagnoses are made in a language such as 'zh-CN'."""
    token = _LANGUAGE.set(language)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def language_in_use() -> str:
    """Return the name of the language."""
    return _LANGUAGE.get()


def languages() -> tuple[str, ...]:
    """Return the names of all languages."""
    return (ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def tables_of(language: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of a language's file; none for English, and where there is no file."""
    path = FOLDER / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if language != ENGLISH and path.is_file() else {}


def say(english: str, **values: object) -> str:
    """Return a phrase in the language in use, with its gaps filled; `english` is both the phrase and its key."""
    phrase = tables_of(_LANGUAGE.get()).get("phrases", {}).get(english, english)
    return phrase.format(**values) if values else str(phrase)


def say_detail(english: str) -> str:
    """Return a detail in the language in use: a phrase, or one with gaps {0}, {1} in the places of its numbers."""
    phrases = tables_of(_LANGUAGE.get()).get("phrases", {})
    if english in phrases:
        return str(phrases[english])
    numbers = NUMBERS.findall(english)
    places = iter(range(len(numbers)))
    pattern = NUMBERS.sub(lambda _: f"{{{next(places)}}}", english)
    return str(phrases[pattern]).format(*numbers) if pattern in phrases else english


def translated(module: str, cause: str) -> tuple[str, str] | None:
    """Return (what it suggests, hint) of a cause in the language in use; None where there is none.

    `module` is the module of texts in which the cause stands in English.
    """
    found = tables_of(_LANGUAGE.get()).get(module, {}).get(cause)
    return (str(found[0]), str(found[1])) if found else None
