"""What chapters share: forms, sources, exercises, terms, rows of pictures."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from tinyseg_kernels.conv2d import numba_cpu, numpy_cpu
from tinyseg_kernels.errors import InvalidInput

from tinyseg.book import choose, exercises, real_images, show, source, terms
from tinyseg.book.terms import chapters, glossary
from tinyseg.exercises.registry import names


def test_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINYSEG_BOOK", raising=False)
    assert choose(full=1, fast=2) == 1
    monkeypatch.setattr("sys.platform", "emscripten")
    assert choose(full=1, fast=2) == 2
    assert choose(full=1, fast=2, tab=3) == 3
    for form, expected in (("full", 1), ("fast", 2), ("tab", 3)):
        monkeypatch.setenv("TINYSEG_BOOK", form)
        assert choose(full=1, fast=2, tab=3) == expected
    monkeypatch.setenv("TINYSEG_BOOK", "quick")
    with pytest.raises(InvalidInput, match="expected 'full', 'fast' or 'tab', got 'quick'"):
        choose(full=1, fast=2)


def test_code_is_shown_as_it_stands_in_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    source(numpy_cpu.conv2d_backward)
    told = capsys.readouterr().out
    lines, first = inspect.getsourcelines(numpy_cpu.conv2d_backward)
    assert "".join(lines).rstrip() in told
    assert f"tinyseg_kernels/conv2d/numpy_cpu.py`, line {first}:" in told


def test_a_docstring_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    source(choose, docstring=False)
    told = capsys.readouterr().out
    assert 'if form == "full":' in told
    assert "For sizes of experiments" not in told


def test_modules_files_and_parts(capsys: pytest.CaptureFixture[str]) -> None:
    source(numba_cpu)
    assert inspect.getsource(numba_cpu).rstrip() in capsys.readouterr().out
    source("tinyseg_kernels/conv2d/numpy_cpu.py", part=("def conv2d_backward", "return dx"))
    told = capsys.readouterr().out
    assert "```python\ndef conv2d_backward" in told
    assert told.rstrip().endswith("dbias\n```")
    assert f"line {inspect.getsourcelines(numpy_cpu.conv2d_backward)[1]}:" in told


@pytest.mark.parametrize(
    ("given", "part", "message"),
    [
        ("tinyseg_kernels/nothing.cu", None, "no file 'tinyseg_kernels/nothing.cu'"),
        ("tinyseg_kernels/conv2d/numpy_cpu.py", ("def conv2d_backward", "no such line"), "has no part from"),
    ],
)
def test_what_is_not_there_is_refused(given: str, part: tuple[str, str] | None, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        source(given, part=part)


def test_exercises_are_shown_with_their_command(capsys: pytest.CaptureFixture[str]) -> None:
    exercises("relu", "gpu_map")
    told = capsys.readouterr().out
    assert "tinyseg exercises check relu" in told
    assert "tinyseg exercises check gpu_map" in told
    with pytest.raises(InvalidInput, match="relu"):
        exercises("rellu")


def test_every_exercise_is_in_a_chapter_of_the_book() -> None:
    from tinyseg.exercises.registry import exercise

    assert {exercise(name).chapter for name in names()} <= {chapter.number for chapter in chapters()}


def test_the_glossary_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """No term twice (reading it would raise), each in both languages and one sentence, each chapter with some."""
    for chapter in chapters():
        terms(chapter.number)
        told = capsys.readouterr().out
        own = [term for term in glossary().values() if term.chapter == chapter.number]
        assert own
        for term in own:
            assert f"| {term.name} | {term.chinese} | {term.meaning} |" in told
            assert any("一" <= letter <= "鿿" for letter in term.chinese), term
            assert term.meaning.endswith("."), term
        assert all((chapter.title, chapter.summary, chapter.chinese_title, chapter.chinese_summary))
    with pytest.raises(InvalidInput, match="chapter"):
        terms(99)


def test_rows_of_pictures() -> None:
    import matplotlib.pyplot as plt

    show([np.zeros((4, 6)), np.zeros((4, 6, 3)), np.full((4, 6, 1), 255, np.uint8)], ["a", "b", "c"], columns=2)
    figure = plt.gcf()
    shown = [axis for axis in figure.axes if axis.axison]
    assert [axis.get_title() for axis in shown] == ["a", "b", "c"]
    assert shown[2].images[0].get_clim() == (0, 255)
    plt.close(figure)


def test_real_images_where_a_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYSEG_DATA", str(tmp_path))
    (tmp_path / "cells").mkdir()
    assert real_images("cells") == tmp_path / "cells"
    assert real_images("no such dataset") is None
