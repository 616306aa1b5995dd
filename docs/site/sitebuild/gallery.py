"""The gallery: every picture of the chapters, small, with the way to the code that drew it; and the glossary."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from tinyseg.book.terms import chapters, glossary
from tutorials import run

from .chapters import THUMBNAILS, Picture
from .stage import WIDE, Stage


def stage_gallery(stage: Stage, pictures: Sequence[Picture]) -> None:
    """Put the gallery into the stage."""
    parts = [
        f"{WIDE}# Gallery",
        "",
        "Each picture was drawn by the code beside it when this site was built. Choose one to see how.",
        "",
    ]
    for page in dict.fromkeys(picture.page for picture in pictures):
        parts += [f"## [](/{page})", "", '<div class="gallery">']
        for picture in (p for p in pictures if p.page == page):
            name = f"{THUMBNAILS}/{Path(page).name}-{picture.anchor}.png"
            stage.put(name, picture.thumbnail)
            parts.append(
                f'<a href="{page}.html#{picture.anchor}"><img src="{name}" alt="{escape(picture.alt)}" loading="lazy">'
                f"<span>{escape(picture.alt)}</span></a>"
            )
        parts += ["</div>", ""]
    stage.put("gallery.md", "\n".join(parts))


def stage_glossary(stage: Stage, paths: Sequence[Path]) -> None:
    """Put the glossary into the stage: the terms of the book in alphabetic order."""
    pages = {run.number(path): f"tutorials/{path.stem}" for path in paths if path.name[1].isdigit()}
    titles = {chapter.number: chapter.title for chapter in chapters()}
    rows = []
    for term in sorted(glossary().values(), key=lambda term: term.name.lower()):
        where = f"{term.chapter}. {titles[term.chapter]}"
        where = f"[{where}](/{pages[term.chapter]})" if term.chapter in pages else where
        anchor = "term-" + "".join(c if c.isalnum() else "-" for c in term.name.lower())
        rows += [
            f'<span id="{anchor}">{escape(term.name)}</span> <span lang="zh-Hans">{escape(term.chinese)}</span>',
            f": {term.meaning} (Chapter {where})",
            "",
        ]
    text = f"""\
{WIDE}# Glossary

The terms of the book, in English and Chinese, with the chapter that introduces them.

{chr(10).join(rows)}
"""
    stage.put("glossary.md", text)
