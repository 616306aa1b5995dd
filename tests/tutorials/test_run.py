"""`tutorials/run.py`: a failing cell is a failure, and an executed chapter is kept as long as nothing changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="NOT TESTED: the tutorials need nbclient (pip install 'tinyseg[docs]')")
pytest.importorskip("ipykernel", reason="NOT TESTED: the tutorials need ipykernel (pip install 'tinyseg[docs]')")
pytest.importorskip("jupytext", reason="NOT TESTED: the tutorials need jupytext (pip install 'tinyseg[docs]')")

from nbclient.exceptions import CellExecutionError

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

```{code-cell} ipython3
import os
form, threads = os.environ["TINYSEG_BOOK"], os.environ.get("TINYSEG_NUM_THREADS")
with open("runs.txt", "a") as file:
    file.write("x")
print(form, threads)
```
"""


@pytest.fixture
def chapter(tmp_path: Path) -> Path:
    path = tmp_path / "01_a_chapter.md"
    path.write_text(CHAPTER)
    return path


def test_an_executed_chapter_is_kept_until_it_changes(chapter: Path, tmp_path: Path) -> None:
    kept, runs = tmp_path / "kept", tmp_path / "runs.txt"
    first = run.printed(run.executed(chapter, fast=True, kept=kept))
    assert first.startswith("fast")
    assert run.printed(run.executed(chapter, fast=True, kept=kept)) == first
    assert runs.read_text() == "x"
    chapter.write_text(CHAPTER.replace("print(form", "print('new', form"))
    assert run.printed(run.executed(chapter, fast=True, kept=kept)).startswith("new fast")
    assert run.printed(run.executed(chapter, fast=False, jobs=1000, kept=kept)) == "new full 1\n"
    assert runs.read_text() == "xxx"
    assert len(list(kept.glob("*.ipynb"))) == 2


def test_a_failing_cell_fails(chapter: Path, tmp_path: Path) -> None:
    chapter.write_text(CHAPTER.replace("print(form, threads)", "assert 1 == 2, 'one is not two'"))
    with pytest.raises(CellExecutionError, match="one is not two"):
        run.executed(chapter, fast=True, kept=tmp_path / "kept")
    assert not list((tmp_path / "kept").glob("*.ipynb"))


def test_numbers_and_the_table(tmp_path: Path) -> None:
    assert [run.number(Path(name)) for name in ("2_old.md", "02_new.md", "13_last.md")] == [2, 2, 13]
    page = tmp_path / "README.md"
    page.write_text(f"before\n\n<!-- {run.TIMES} -->\nold\n<!-- end of {run.TIMES} -->\n\nafter\n")
    times = run.table({"02_b.md": 2.04, "01_a.md": 1.0}, {"02_b.md": 3, "01_a.md": 4}, fast=True)
    run.write_between_marks(page, run.TIMES, times)
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "old" not in lines
    assert lines.index("| [01_a.md](01_a.md) | 1.0 s | 4 |") < lines.index("| [02_b.md](02_b.md) | 2.0 s | 3 |")
    assert "| all | 3.0 s | 7 |" in lines


def test_the_index_is_what_the_command_writes() -> None:
    """`python tutorials/run.py --index` after a chapter was added or renamed."""
    assert run.index() in (run.HERE / "README.md").read_text("utf-8")


def test_a_chapter_that_is_not_there() -> None:
    command = [sys.executable, str(run.HERE / "run.py"), "99"]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "no such chapter" in process.stderr
