"""The pages of the code: each file of the repository with colours and line numbers, each folder as a list."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_by_name

from .links import ROOT, SOURCE

FOLDERS = ("tinyseg", "kernels", "tutorials", "benchmarks", "findings", "docs")
FILES = ("pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
LEXERS = {
    ".py": "python", ".cu": "cuda", ".cuh": "cuda", ".h": "cuda", ".cpp": "cpp", ".toml": "toml", ".md": "markdown",
    ".json": "json", ".html": "html", ".css": "css", ".js": "javascript", ".yml": "yaml", ".sh": "bash", ".txt": "text",
    "": "text", ".csv": "text", ".mplstyle": "text", ".typed": "text",
}  # fmt: skip
PICTURES = (".png", ".svg")
LARGEST = 400_000  # bytes of a file that is coloured

PAGE = Template((Path(__file__).parents[1] / "templates" / "source.html").read_text("utf-8"))


def files_of(root: Path) -> Iterator[Path]:
    """Yield the files that get a page, relative to the root."""
    for name in FILES:
        if (root / name).is_file():
            yield Path(name)
    for folder in FOLDERS:
        for place, folders, names in os.walk(root / folder):
            folders[:] = sorted(f for f in folders if not f.startswith((".", "__pycache__")))
            for name in sorted(names):
                if not name.startswith(".") and (Path(name).suffix in LEXERS or name.endswith(PICTURES)):
                    yield (Path(place) / name).relative_to(root)


def write_sources(out: Path, root: Path = ROOT) -> int:
    """Write the pages below `out`, whose folder `source/` holds them; return how many."""
    target = out / SOURCE
    files = list(files_of(root))
    for file in files:
        _write(target, file, root)
    folders = {parent for file in files for parent in file.parents}
    for folder in folders:
        _write_folder(target, folder, files, folders)
    return len(files) + len(folders)


def _write(target: Path, file: Path, root: Path) -> None:
    given, page = root / file, target / f"{file.as_posix()}.html"
    if page.is_file() and page.stat().st_mtime > max(given.stat().st_mtime, NEWEST):
        return
    page.parent.mkdir(parents=True, exist_ok=True)
    if given.suffix in PICTURES:
        shutil.copyfile(given, page.with_suffix(""))
        body = f'<img src="{escape(given.name)}" alt="{escape(file.as_posix())}">'
    else:
        code = given.read_text("utf-8")
        large = given.stat().st_size > LARGEST
        lexer = TextLexer() if large else get_lexer_by_name(LEXERS.get(given.suffix, "text"))
        body = highlight(code, lexer, HtmlFormatter(linespans="L")).replace('<span id="L-', '<span id="L')
        body = body.replace("<pre>", '<pre tabindex="0">', 1)
    page.write_text(_page(file, body), "utf-8")


NEWEST = max(path.stat().st_mtime for path in (Path(__file__), Path(__file__).parents[1] / "templates" / "source.html"))


def _write_folder(target: Path, folder: Path, files: list[Path], folders: set[Path]) -> None:
    inside = sorted(f for f in folders if f.parent == folder and f != folder)
    rows = [f'<li><a href="{escape(f.name)}/index.html">{escape(f.name)}/</a></li>' for f in inside]
    rows += [f'<li><a href="{escape(f.name)}.html">{escape(f.name)}</a></li>' for f in files if f.parent == folder]
    page = target / folder / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_page(folder / "index", f'<ul class="files">{"".join(rows)}</ul>'), "utf-8")


def _page(file: Path, body: str) -> str:
    up = "../" * len(file.parts)
    steps = list(file.parts[:-1]) if file.name == "index" else list(file.parts)
    crumbs = ['<a href="{}index.html">tinyseg</a>'.format("../" * (len(file.parts) - 1))]
    for k, part in enumerate(steps):
        last = k == len(steps) - 1
        depth = len(file.parts) - 2 - k
        crumbs.append(escape(part) if last else f'<a href="{"../" * depth}index.html">{escape(part)}</a>')
    title = "/".join(steps) or "source"
    return PAGE.substitute(title=escape(title), up=up, crumbs=" / ".join(crumbs), body=body)
