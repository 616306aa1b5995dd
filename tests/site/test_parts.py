"""Parts of the site's build, on small examples."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from tests.site.building import ROOT, run_build

pytest.importorskip("myst_nb", reason="NOT TESTED: the site needs Sphinx (pip install 'tinyseg[docs]')")

from docs.site import build
from docs.site.sitebuild import chapters, docstrings, notebooks, outside, sources
from docs.site.sitebuild.stage import Stage
from tutorials import run

CHAPTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# 1. A chapter

Text.

```{code-cell} ipython3
# alt: a line that rises
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
```
"""


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/x.js"></script>', "<script\n  async src='//cdn.example/x.js'></script>",
        '<link rel="stylesheet" href="https://example.org/x.css">', '<img alt="" src="http://example.org/x.png">',
        '<img srcset="a.png 1x, https://example.org/b.png 2x">', '<link href="https://example.org" rel="preconnect">',
        "<style>@import 'https://example.org/x.css';</style>", '<p style="background: url(https://example.org/x.png)">',
        '<script>fetch("https://example.org/x.json")</script>', "<script>import('https://example.org/x.mjs')</script>",
        '<script type="module">import x from "https://example.org/x.mjs";</script>',
        '<script>image.src = "https://example.org/x.png"</script>', '<iframe src="https://example.org"></iframe>',
    ],
)  # fmt: skip
def test_a_request_to_another_host_is_found(html: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(f"<html><body>{html}</body></html>")
    assert len(outside.requests_of(tmp_path)) == 1


def test_requests_in_scripts_and_styles_are_found(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("@font-face { src: url('https://example.org/x.woff2') }")
    (tmp_path / "x.js").write_text("const x = new Worker('https://example.org/w.js');")
    assert len(outside.requests_of(tmp_path)) == 2


def test_links_and_what_is_here_are_no_requests(tmp_path: Path) -> None:
    page = (
        '<a href="https://example.org">x</a><script src="x.js"></script><img src="data:image/png;base64,AAAA">'
        '<pre>fetch("https://example.org")</pre><!-- <img src="https://example.org/x.png"> -->'
    )
    (tmp_path / "page.html").write_text(page)
    (tmp_path / "x.js").write_text('// see https://example.org\nconst namespace = "http://www.w3.org/2000/svg";')
    assert outside.requests_of(tmp_path) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "index.html").write_text('<h1 id="here">x</h1>')
    (tmp_path / "page.html").write_text(
        '<a href="folder/#here">1</a><a href="folder/index.html">2</a><a href="#no">3</a><a href="gone.html">4</a>'
        '<a href="folder/#gone">5</a><img src="gone.png"><a href="mailto:a@example.org">6</a>'
    )
    assert [line.split(": ", 1)[1] for line in outside.broken_links(tmp_path)] == [
        "gone.png", "#no: no such place", "gone.html", "folder/#gone: no such place",
    ]  # fmt: skip


def test_a_docstring_becomes_restructured_text() -> None:
    text = [
        "Product: y = a * b * c, with *args and x_ as `conv2d` and `a[i]`.", "", "The sum:", "",
        "    y[i] = sum over j of x[i*s + j] * k[j]", "", "Args:", "    x: One of", "        - a * b", "        - two",
        "Parameters:", "    kernel (D, F)", "Example:", "    >>> 2 * 3", "    6",
    ]  # fmt: skip
    done = docstrings.to_rst(text)
    assert done[0] == r"Product: y = a \* b \* c, with \*args and x\_ as :py:obj:`conv2d` and ``a[i]``."
    assert done[done.index("::") + 2] == text[4]  # as it is
    assert done[done.index("    x: One of") + 1 :][:3] == ["", r"        - a \* b", "        - two"]
    assert "Weights:" in done
    assert "Parameters:" not in done
    assert "    >>> 2 * 3" in done


def test_the_notebook_of_a_chapter_installs_and_has_no_directives(tmp_path: Path) -> None:
    path = tmp_path / "01_a.md"
    more = ":::{dropdown} Solution\nBecause.\n\n$$\nx\n$$\n:::\n\n:::{note}\nMind.\n:::\n\n```{math}\ny\n```\n"
    path.write_text(CHAPTER.replace("Text.", more))
    notebook = notebooks.notebook_of(path)
    nbformat.validate(notebook)
    assert "%pip install --quiet tinyseg" in notebook.cells[0].source
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "{" not in text
    assert ":::" not in text
    assert "<details><summary>Solution</summary>\n\nBecause." in text
    assert "> **Note**\n>\n> Mind." in text
    assert all(not cell.get("outputs") for cell in notebook.cells)


def test_a_picture_has_its_words_and_its_comment_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / "01_a.md"
    path.write_text(CHAPTER)
    executed = chapters.execute_all([path], fast=True, jobs=1, kept=tmp_path / "kept")
    stage = Stage(tmp_path / "stage")
    said = {"output_type": "stream", "name": "stderr", "text": "tinyseg: compiling kernels for this processor\n"}
    executed[path].cells[1].outputs.append(nbformat.from_dict(said))
    (picture,) = chapters.stage_chapter(stage, path, executed[path], lite=True)
    assert (picture.chapter, picture.alt) == (1, "a line that rises")
    assert picture.thumbnail.startswith(b"\x89PNG")
    shown = nbformat.read(tmp_path / "stage" / "tutorials" / "01_a.ipynb", as_version=4)
    (cell,) = (cell for cell in shown.cells if cell.cell_type == "code")
    assert cell.metadata.mystnb.image.alt == "a line that rises"
    assert "alt:" not in cell.source
    assert "stderr" not in {output.get("name") for output in cell.outputs}
    assert "lite/lab/index.html?path=01_a.ipynb" in shown.cells[0].source
    path.write_text(CHAPTER.replace("# alt: a line that rises\n", ""))
    executed = chapters.execute_all([path], fast=True, jobs=1, kept=tmp_path / "kept")
    with pytest.raises(chapters.BrokenChapter, match=r"01_a\.md: a picture without words"):
        chapters.stage_chapter(stage, path, executed[path], lite=True)


def test_only_chapters_that_need_compiled_kernels_have_no_way_to_a_tab() -> None:
    assert [run.number(path) for path in run.chapters() if not chapters.runs_in_a_tab(path)] == [11, 12]


def test_a_failing_cell_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "01_a.md").write_text(CHAPTER.replace("plt.show()", "raise ValueError('this cell fails')"))
    process = run_build("--chapters", str(tmp_path), "--out", str(tmp_path / "site"))
    assert process.returncode == 1
    assert "01_a.md: a cell failed" in process.stderr
    assert "this cell fails" in process.stderr
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(("page", "pairs"), [("keras", 4), ("pytorch", 4), ("cs231n", 3)])
def test_programs_stand_side_by_side(page: str, pairs: int) -> None:
    text = (ROOT / "docs" / f"coming_from_{page}.md").read_bytes()
    done = build.side_by_side(text)
    assert done.count(b"::::{grid} 1 1 1 2") == pairs
    assert done.count(b"```python") == text.count(b"```python")


def test_the_stage_holds_what_was_put_and_keeps_times(tmp_path: Path) -> None:
    for text in ("one", "one"):
        stage = Stage(tmp_path)
        stage.put("a/page.md", text)
        stage.put("b.md", "two")
        stage.finish()
        os.utime(tmp_path / "a" / "page.md", (0, 0))
    assert (tmp_path / "a" / "page.md").stat().st_mtime == 0  # not written again
    stage = Stage(tmp_path)
    stage.put("b.md", "two")
    stage.finish()
    assert [path.name for path in tmp_path.rglob("*")] == ["b.md"]


def test_pages_of_code(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "tinyseg").mkdir(parents=True)
    (root / "tinyseg" / "a.py").write_text("x = 1 < 2\n\ny = 2\n")
    sources.write_sources(tmp_path / "site", root)
    page = (tmp_path / "site" / "source" / "tinyseg" / "a.py.html").read_text()
    assert page.count('<span id="L') == 3
    assert '<span id="L3"><span class="n">y</span>' in page
    assert "&lt;" in page
    assert 'href="a.py.html"' in (tmp_path / "site" / "source" / "tinyseg" / "index.html").read_text()
