"""The chapters as notebooks to download: not executed, and they install tinyseg where it is missing."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

INSTALL = """\
# Installs tinyseg where it is missing (Colab, a new environment).
import importlib.util

if importlib.util.find_spec("tinyseg") is None:
    %pip install --quiet tinyseg"""

BLOCK = re.compile(r"^(:{3,}|`{3,})\{(\w+)\}[ ]*(.*?)\n(.*?)^\1[ ]*$", re.DOTALL | re.MULTILINE)


def notebook_of(path: Path) -> NotebookNode:
    """Return a chapter as a notebook for Jupyter, Colab and JupyterLite."""
    read = jupytext.read(path)
    cells = [nbformat.v4.new_code_cell(INSTALL, id="install")]
    for k, cell in enumerate(read.cells):
        if cell.cell_type == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(without_directives(cell.source), id=f"text-{k}"))
        else:
            cells.append(nbformat.v4.new_code_cell(cell.source, id=f"code-{k}"))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def without_directives(text: str) -> str:
    """Return Markdown with MyST's boxes as quotes, and its folded parts as HTML that every notebook folds."""
    return BLOCK.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    name, title, body = found[2], found[3].strip(), without_directives(found[4]).strip()
    options, _, rest = body.partition("\n\n")
    if options.startswith(":") and all(line.startswith(":") for line in options.splitlines()):
        body = rest  # the options of the directive
    if name == "dropdown":
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n"
    if name == "math":
        return f"$$\n{body}\n$$\n"
    quoted = "\n".join(f"> {line}".rstrip() for line in body.splitlines())
    return f"> **{title or name.capitalize()}**\n>\n{quoted}\n"


def write_notebooks(paths: list[Path], folder: Path) -> None:
    """Write the notebooks of chapters into a folder, under the chapters' names."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        nbformat.write(notebook_of(path), folder / f"{path.stem}.ipynb")
