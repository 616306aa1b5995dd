"""The terms of the book, in English and Chinese, and the chapters' titles: one file per chapter in `chapters/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput, unknown_name

from .displaying import markdown

FOLDER = Path(__file__).parent / "chapters"


@dataclass(frozen=True)
class Term:
    """A term of the field: its name in English and Chinese, what it is in one sentence, and the chapter it is from."""

    name: str
    chinese: str
    meaning: str
    chapter: int


@dataclass(frozen=True)
class Chapter:
    """A chapter's title and summary, in English and Chinese."""

    number: int
    title: str
    summary: str
    chinese_title: str
    chinese_summary: str


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return all chapters in order."""
    return tuple(_read(path)[0] for path in _files())


@cache
def glossary() -> dict[str, Term]:
    """Return all terms by their names in English, in the order of the book.

    Raises:
        InvalidInput: Two chapters define the same term.
    """
    found: dict[str, Term] = {}
    for path in _files():
        for term in _read(path)[1]:
            if term.name in found:
                raise InvalidInput(f"the term {term.name!r} is in chapters {found[term.name].chapter}, {term.chapter}")
            found[term.name] = term
    return found


def terms(chapter: int) -> None:
    """Show the terms that a chapter introduces: English, Chinese, meaning.

    Raises:
        InvalidInput: The book has no such chapter.

    Example:
        >>> from tinyseg.book.terms import glossary
        >>> glossary()["convolution"].chapter
        2
    """
    if chapter not in {each.number for each in chapters()}:
        raise unknown_name("chapter", str(chapter), [str(each.number) for each in chapters()])
    rows = [f"| {t.name} | {t.chinese} | {t.meaning} |" for t in glossary().values() if t.chapter == chapter]
    markdown("\n".join(["| term | 中文 | meaning |", "|---|---|---|", *rows]))


def _files() -> list[Path]:
    return sorted(FOLDER.glob("[0-9][0-9].toml"))


def _read(path: Path) -> tuple[Chapter, list[Term]]:
    number = int(path.stem)
    content = tomllib.loads(path.read_text("utf-8"))
    about = content["chapter"]
    chapter = Chapter(number, about["title"], about["summary"], about["zh_title"], about["zh_summary"])
    return chapter, [Term(name, t["zh"], t["meaning"], number) for name, t in content.get("terms", {}).items()]
