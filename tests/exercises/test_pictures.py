"""The picture of a wrong result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyseg.exercises import pictures
from tinyseg.exercises.showing import Example, Result

from .learner import ENGLISH

IMAGE = ("N", "H", "W", "C")


def example(right: np.ndarray, got: np.ndarray, axes: tuple[str, ...] = IMAGE) -> Example:  # type: ignore[type-arg]
    wrong = ~(right == got) if right.shape == got.shape else None
    return Example({}, {}, {}, Result("dx", right, got, wrong, axes))


def drawn(size: tuple[int, ...], wrong: list[tuple[int, ...]]) -> Example:
    right = np.arange(float(np.prod(size))).reshape(size)
    got = right.copy()
    for place in wrong:
        got[place] += 2
    return example(right, got)


def test_three_panels_with_numbers_and_frames_where_it_is_wrong() -> None:
    figure = pictures.draw(drawn((1, 2, 3, 1), [(0, 0, 1, 0), (0, 1, 2, 0)]), "relu", ENGLISH)
    right, yours, difference = figure.axes
    assert [axis.get_title() for axis in figure.axes] == ["dx[0, :, :, 0], right", "yours", "yours - right"]
    assert [text.get_text() for text in right.texts] == ["0", "1", "2", "3", "4", "5"]
    assert [text.get_text() for text in yours.texts] == ["0", "3", "2", "3", "4", "7"]
    assert [text.get_text() for text in difference.texts] == ["0", "2", "0", "0", "0", "2"]
    assert [patch.get_xy() for patch in yours.patches] == [(0.55, -0.45), (1.55, 0.55)]
    assert not right.patches
    assert right.collections[0].get_clim() == yours.collections[0].get_clim()
    assert (right.get_ylabel(), right.get_xlabel()) == ("row (H)", "column (W)")
    assert right.get_ylim() == (1.5, -0.5)  # row 0 above


def test_of_many_planes_those_that_are_wrong_are_drawn() -> None:
    figure = pictures.draw(drawn((3, 2, 2, 2), [(2, 0, 0, 1), (1, 1, 1, 0)]), "relu", ENGLISH)
    titles = [axis.get_title() for axis in figure.axes[::3]]
    assert len(titles) == pictures.MOST_BLOCKS
    assert {"dx[1, :, :, 0], right", "dx[2, :, :, 1], right"} <= set(titles)


def test_numbers_that_are_none_are_grey_and_named() -> None:
    right = np.ones((1, 2, 2, 1))
    got = right.copy()
    got[0, 0, 0, 0], got[0, 1, 1, 0] = np.nan, np.inf
    figure = pictures.draw(example(right, got), "relu", ENGLISH)
    assert [text.get_text() for text in figure.axes[1].texts] == ["nan", "1", "1", "inf"]


def test_large_planes_have_no_numbers() -> None:
    figure = pictures.draw(drawn((1, 30, 40, 1), [(0, 3, 3, 0)]), "relu", ENGLISH)
    assert not figure.axes[0].texts
    assert len(figure.axes[1].patches) == 1


def test_what_can_be_drawn() -> None:
    assert pictures.can_be_drawn(drawn((1, 2, 2, 1), [(0, 0, 0, 0)]))
    assert not pictures.can_be_drawn(None)
    assert not pictures.can_be_drawn(example(np.ones((2, 2)), np.ones(2), ("", "")))
    assert not pictures.can_be_drawn(example(np.ones(()), np.zeros(()), ()))
    assert not pictures.can_be_drawn(drawn((1, 100, 2, 1), [(0, 0, 0, 0)]))
    assert pictures.can_be_drawn(example(np.ones(4), np.zeros(4), ("",)))


@pytest.mark.parametrize("size", [(1, 1, 4, 1), (1, 9, 2, 1), (2, 12, 12, 1)])
def test_it_is_written_as_a_png_that_is_not_too_large(size: tuple[int, ...], tmp_path: Path) -> None:
    figure = pictures.draw(drawn(size, [(0, 0, 0, 0)]), "relu", ENGLISH)
    path = tmp_path / "deep" / "relu.png"
    pictures.save(figure, path)
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert 200 < image.width < 2500
        assert 100 < image.height < 2800
    assert pictures.png(figure)[:4] == b"\x89PNG"
