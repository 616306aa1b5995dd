"""The chapters: executed notebooks made ready for the site, and the index of the book."""

from __future__ import annotations

import base64
import copy
import io
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image

from tinyseg.book.terms import Chapter, chapters
from tutorials import run

from .highlighting import highlighted
from .say import say
from .stage import WIDE, Stage

ALT = re.compile(r"^#\s*alt:\s*(.+)$")
COMPILING = "tinyseg: compiling kernels"
"""What the first use of a kernel says; whether a chapter is that is chance."""
THUMBNAIL = 360  # pixels wide


class BrokenChapter(Exception):
    """A chapter that cannot be shown: a cell failed, or a picture has no words."""


@dataclass(frozen=True)
class Picture:
    """A picture of a chapter: what it shows, where it stands in its page, and its thumbnail."""

    chapter: int
    page: str
    anchor: str
    alt: str
    thumbnail: bytes


def execute_all(paths: Sequence[Path], fast: bool, jobs: int, kept: Path) -> dict[Path, NotebookNode]:
    """Return the executed chapters; raises BrokenChapter with what the failing cells said."""

    def one(path: Path) -> NotebookNode | str:
        try:
            notebook = run.executed(path, fast, jobs, kept)
        except CellExecutionError as error:
            return f"{path.name}: a cell failed\n{run.failure(error)}"
        say(f"  {path.name}")
        return notebook

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        results = list(pool.map(one, paths))
    failed = [result for result in results if isinstance(result, str)]
    if failed:
        raise BrokenChapter("\n\n".join(failed))
    return dict(zip(paths, results, strict=True))


def stage_chapter(stage: Stage, path: Path, notebook: NotebookNode, lite: bool) -> list[Picture]:
    """Put an executed chapter into the stage; return its pictures."""
    shown = copy.deepcopy(notebook)
    pictures: list[Picture] = []
    cells: list[NotebookNode] = []
    for cell in shown.cells:
        if cell.cell_type == "code":
            found = _prepare(cell, path, len(pictures))
            places = (picture.anchor for picture in found)
            cells += [nbformat.v4.new_markdown_cell(f'<span id="{place}"></span>', id=place) for place in places]
            pictures += found
        cells.append(cell)
    shown.cells = cells
    _add_links(shown.cells[0], path, lite and runs_in_a_tab(path))
    stage.put(f"tutorials/{path.stem}.ipynb", nbformat.writes(shown))
    return pictures


NOT_IN_A_TAB = "does not run in a browser tab"
"""What the text of a chapter says that needs more than a tab has."""


def runs_in_a_tab(path: Path) -> bool:
    """Return whether a chapter can be executed in the reader's browser."""
    return NOT_IN_A_TAB not in " ".join(path.read_text("utf-8").split())


def _prepare(cell: NotebookNode, path: Path, before: int) -> list[Picture]:
    """Take the comment with the words for a picture out of a cell, and colour the code of exercises."""
    first, _, rest = cell.source.partition("\n")
    match = ALT.match(first)
    drawn = [output["data"]["image/png"] for output in cell.outputs if "image/png" in output.get("data", {})]
    if match:
        cell.source = rest.lstrip("\n")
    elif drawn:
        raise BrokenChapter(
            f"{path.name}: a picture without words: the first line of its cell should be '# alt: what it shows', "
            f"got {first!r}"
        )
    cell.outputs = [output for output in cell.outputs if not output.get("text", "").startswith(COMPILING)]
    for output in cell.outputs:
        html = output.get("data", {}).get("text/html")
        if html:
            output["data"]["text/html"] = _coloured(html)
    if match is None or not drawn:
        return []
    alt = match[1].strip()
    cell.metadata.setdefault("mystnb", {})["image"] = {"alt": alt}
    page = f"tutorials/{path.stem}"
    return [
        Picture(run.number(path), page, f"picture-{before + k}", alt, _thumbnail(png))
        for k, png in enumerate(drawn, start=1)
    ]


def _coloured(html: str) -> str:
    """Give the code of an exercise's stub and solution its colours."""
    return re.sub(
        r"<pre><code>(.*?)</code></pre>", lambda found: highlighted(found[1], "python"), html, flags=re.DOTALL
    )


def _thumbnail(png: str) -> bytes:
    image = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _add_links(cell: NotebookNode, path: Path, lite: bool) -> None:
    """Put the ways to the notebook below the title of a chapter."""
    name = f"{path.stem}.ipynb"
    links = [f'<a href="../notebooks/{name}" download>Download this chapter as a notebook</a>']
    if lite:
        links.append(f'<a href="../lite/lab/index.html?path={name}">Open it in your browser</a>')
    title, _, rest = cell.source.partition("\n")
    cell.source = f'{title}\n\n<p class="chapter-links">{" ".join(links)}</p>\n{rest}'


def stage_index(stage: Stage, paths: Sequence[Path], pictures: Sequence[Picture]) -> None:
    """Put the index of the book: each chapter with a picture, its title and what it is about, in two languages."""
    about = {chapter.number: chapter for chapter in chapters()}
    parts = [
        f"{WIDE}# The book",
        "",
        "From the first pixel to a GPU kernel. Each chapter asks a question and answers it by an experiment; every",
        "number and every picture is made by the code beside it. [How to run the chapters](README.md).",
        "",
        '<div class="chapters">',
    ]
    for path in paths:
        number = run.number(path)
        first = next((p for p in pictures if p.page.endswith(f"/{path.stem}")), None)
        if first is not None:
            stage.put(f"{THUMBNAILS}/{path.stem}.png", first.thumbnail)
        parts.append(_entry(path, about.get(number) if path.name[1].isdigit() else None, first))
    parts += ["</div>", "", "```{toctree}", ":hidden:", ""]
    parts += [path.stem for path in paths] + ["Running the chapters <README>", "```", ""]
    stage.put("tutorials/index.md", "\n".join(parts))


THUMBNAILS = "_thumbnails"  # of the stage; copied beside the pages as it is


def _entry(path: Path, about: Chapter | None, picture: Picture | None) -> str:
    title = about.title if about else path.stem.partition("_")[2].replace("_", " ").capitalize()
    lines = [f'<a class="chapter" href="{path.stem}.html">']
    if picture is not None:
        lines.append(f'<img src="../{THUMBNAILS}/{path.stem}.png" alt="" loading="lazy">')
    lines.append(f'<span class="chapter-title">{run.number(path)}. {escape(title)}</span>')
    if about:
        lines.append(f"<span>{escape(about.summary)}</span>")
        lines.append(
            f'<span lang="zh-Hans"><b>{escape(about.chinese_title)}</b> {escape(about.chinese_summary)}</span>'
        )
    return "\n".join([*lines, "</a>"])
