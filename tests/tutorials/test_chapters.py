"""Every chapter of the tutorials runs: no cell fails, so all its asserts hold, and every picture shows something."""

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

from tutorials.run import HERE, chapters, execute, figures

CHAPTERS = chapters()


def test_there_are_four_chapters_and_the_index_names_them() -> None:
    """The index links each chapter once, and each chapter the next."""
    index = (HERE / "README.md").read_text()
    assert [path.name[0] for path in CHAPTERS] == ["1", "2", "3", "4"]
    for path in CHAPTERS:
        assert index.count(f"]({path.name})") == 1
    for path, following in itertools.pairwise(CHAPTERS):
        assert f"]({following.name})" in path.read_text()


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_is_plain_text_of_bounded_length(path: Path) -> None:
    """No outputs are stored, the links lead somewhere, and the chapter can be read in one sitting."""
    text = path.read_text()
    assert 150 <= len(text.splitlines()) <= 400
    assert not any(cell.get("outputs") for cell in jupytext.read(path).cells)
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (HERE / target).exists(), target


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs(path: Path) -> None:
    """No cell fails, every picture has contrast, and nothing is warned of in the pages."""
    notebook = execute(path)
    pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in figures(notebook)]
    assert len(pictures) >= 4
    for k, picture in enumerate(pictures):
        assert min(picture.shape[:2]) > 100, f"figure {k + 1} is tiny: {picture.shape}"
        assert picture.std() > 5, f"figure {k + 1} is empty"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert "Warning" not in output.get("text", ""), output["text"]
