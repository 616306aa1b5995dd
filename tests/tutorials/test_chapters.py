"""Every chapter runs in its fast form: no cell fails, so all its asserts hold, and every picture shows something."""

from __future__ import annotations

import io
import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("nbclient", reason="NOT TESTED: the tutorials need nbclient (pip install 'tinyseg[docs]')")
pytest.importorskip("ipykernel", reason="NOT TESTED: the tutorials need ipykernel (pip install 'tinyseg[docs]')")
pytest.importorskip("jupytext", reason="NOT TESTED: the tutorials need jupytext (pip install 'tinyseg[docs]')")

import jupytext

from tutorials.run import HERE, chapters, executed, figures, number

CHAPTERS = chapters()


def test_the_index_names_each_chapter_and_each_chapter_the_next() -> None:
    assert [number(path) for path in CHAPTERS] == list(range(1, 14))
    index = (HERE / "README.md").read_text("utf-8").partition("<!-- end of the chapters -->")[0]
    for path in CHAPTERS:
        assert index.count(f"]({path.name})") == 1, path.name
    for path, following in itertools.pairwise(CHAPTERS):
        assert f"]({following.name})" in path.read_text("utf-8"), path.name


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_is_plain_text_of_bounded_length(path: Path) -> None:
    """No outputs are stored, the links lead somewhere, lines are short, and it can be read in one sitting."""
    text = path.read_text("utf-8")
    assert 150 <= len(text.splitlines()) <= 430
    assert not any(cell.get("outputs") for cell in jupytext.read(path).cells)
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)#:\s]+)\)", prose):
        assert (HERE / target).exists(), target
    assert [line for line in text.splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_has_the_parts_of_a_chapter_in_their_order(path: Path) -> None:
    text = path.read_text("utf-8")
    parts = [f"# {number(path)}. ", "**The question.**", "## Exercises", "## What to read next", "## Terms"]
    places = [text.find(f"\n{part}") for part in parts]
    assert min(places) >= 0, f"missing: {[part for part, place in zip(parts, places, strict=True) if place < 0]}"
    assert places == sorted(places)
    assert f"terms({number(path)})" in text
    assert "source(" in text


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs(path: Path) -> None:
    """No cell fails, every picture has contrast and words, and nothing is warned of in the pages."""
    notebook = executed(path, fast=True)
    pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in figures(notebook)]
    assert len(pictures) >= 4
    for k, picture in enumerate(pictures):
        assert min(picture.shape[:2]) > 100, f"figure {k + 1} is tiny: {picture.shape}"
        assert picture.std() > 5, f"figure {k + 1} is empty"
    for cell in notebook.cells:
        drawn = any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
        if drawn:
            assert re.match(r"# alt: \S.{20,}", cell.source), f"a picture without words: {cell.source[:80]!r}"
        for output in cell.get("outputs", []):
            assert "Warning" not in output.get("text", ""), output["text"]
