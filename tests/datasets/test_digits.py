"""Scenes of digits and single digits: reproducible, of digits that no other split has, and labelled as scanned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.ndimage import zoom
from sklearn.datasets import load_digits

import tinyseg
from tinyseg.datasets import SCENE_CLASSES, default_colors, digit_scenes, single_digits
from tinyseg.datasets.digits import EDGE, draw_digit, scanned_digits

SPLITS = ("train", "val", "test")
SCENES = 200


@pytest.fixture(scope="module")
def scenes() -> tuple[Any, Any]:
    """Many scenes."""
    return digit_scenes(SCENES, "train", seed=1)


def as_seen(image: Any) -> Any:
    """Return what is not 0 in an image, cut out, centred in a square and sampled to 12x12, with norm 1."""
    rows, columns = np.nonzero(image)
    box = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    square = np.zeros((max(box.shape), max(box.shape)))
    top, left = (len(square) - box.shape[0]) // 2, (len(square) - box.shape[1]) // 2
    square[top : top + box.shape[0], left : left + box.shape[1]] = box
    small = zoom(square, 12 / len(square), order=1, grid_mode=True, mode="nearest").ravel()
    return small / np.linalg.norm(small)


def nearest_scans(images: list[Any]) -> Any:
    """Return for each image, 0 around a digit, which digit it looks like: its nearest neighbour among all scans."""
    data = load_digits()
    known = np.stack([as_seen(np.where(scan > EDGE * 16, scan, 0)) for scan in data.images])
    return data.target[(np.stack([as_seen(image) for image in images]) @ known.T).argmax(axis=1)]


def test_the_splits_share_no_scan() -> None:
    """Together they are all scans, each once, with its own label."""
    data = load_digits()
    expected = sorted((*image.ravel().tolist(), label) for image, label in zip(data.images, data.target, strict=True))
    parts = [scanned_digits(split) for split in SPLITS]
    found = sorted(
        (*(ink.astype(float).ravel() * 16).tolist(), int(label))
        for inks, labels in parts
        for ink, label in zip(inks, labels, strict=True)
    )
    assert found == expected
    assert all(set(labels.tolist()) == set(range(10)) for _, labels in parts)
    assert [len(labels) for _, labels in parts] == [1348, 179, 270]


def test_drawing_keeps_the_scan() -> None:
    ink = scanned_digits("train")[0][3]
    np.testing.assert_allclose(draw_digit(ink, 8), ink, atol=1e-5)
    large = draw_digit(ink, 24)
    assert large.shape == (24, 24)
    assert 0 <= large.min() <= large.max() <= 1
    np.testing.assert_allclose(large.reshape(8, 3, 8, 3).mean(axis=(1, 3)), ink, atol=0.2)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("size", [32, 51])
def test_scenes_are_reproducible(split: str, size: int) -> None:
    x, y = digit_scenes(6, split, seed=3, size=size)
    assert (x.shape, x.dtype) == ((6, size, size, 1), np.float32)
    assert (y.shape, y.dtype) == ((6, size, size), np.uint8)
    again = digit_scenes(4, split, seed=3, size=size)  # fewer scenes are the first of more
    np.testing.assert_array_equal(again[0], x[:4])
    np.testing.assert_array_equal(again[1], y[:4])
    assert len({image.tobytes() for image in x}) == 6
    assert not np.array_equal(digit_scenes(4, split, seed=4, size=size)[0], x[:4])


def test_splits_give_other_scenes() -> None:
    images = {digit_scenes(1, split)[0].tobytes() for split in SPLITS}
    assert len(images) == 3


def test_every_class_occurs(scenes: tuple[Any, Any]) -> None:
    x, y = scenes
    assert len(SCENE_CLASSES) == 11
    shares = np.bincount(y.ravel(), minlength=11) / y.size
    assert len(shares) == 11
    assert (shares > 0.005).all()
    assert shares[0] > 0.5
    assert 0 <= x.min() <= x.max() <= 1
    per_scene = [len(np.unique(ids[ids > 0])) for ids in y]
    assert min(per_scene) >= 1
    assert max(per_scene) <= 5


def test_labels_lie_on_ink(scenes: tuple[Any, Any]) -> None:
    """A labelled pixel has more ink than EDGE of a brightness of at least 0.7.

    What is painted over it can only be brighter than the lower of both.
    """
    x, y = scenes
    image = x[..., 0]
    assert image[y > 0].min() >= EDGE * 0.7 - 1e-6
    assert image[y > 0].mean() > image[y == 0].mean() + 0.25


def test_labels_name_the_digit_that_is_seen(scenes: tuple[Any, Any]) -> None:
    """What lies under a label looks like the scans of that digit.

    Only overlaps, and two of one digit in a scene, spoil some.
    """
    seen = [
        (np.where(ids == k, image, 0), k - 1)
        for image, ids in zip(scenes[0][..., 0], scenes[1], strict=True)
        for k in np.unique(ids[ids > 0])
    ]
    found = nearest_scans([image for image, _ in seen])
    assert (found == [digit for _, digit in seen]).mean() > 0.7


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize(("size", "repeats"), [(32, 1), (17, 2)])
def test_single_digits(split: str, size: int, repeats: int) -> None:
    x, digits = single_digits(split, seed=2, size=size, repeats=repeats)
    labels = scanned_digits(split)[1]
    assert (x.shape, x.dtype) == ((len(labels) * repeats, size, size, 1), np.float32)
    assert digits.dtype == np.uint8
    np.testing.assert_array_equal(digits, np.tile(labels, repeats))
    assert 0 <= x.min() <= x.max() <= 1
    again, _ = single_digits(split, seed=2, size=size, repeats=1)
    np.testing.assert_array_equal(again, x[: len(labels)])
    if repeats == 2:  # the second round has other backgrounds
        assert not np.array_equal(x[: len(labels)], x[len(labels) :])
    assert not np.array_equal(single_digits(split, seed=3, size=size)[0], again)


def test_single_digits_look_like_their_label() -> None:
    x, digits = single_digits("val", size=24)
    found = nearest_scans([np.where(image[..., 0] > 0.6, image[..., 0], 0) for image in x])
    assert (found == digits).mean() > 0.7


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: digit_scenes(-1), "count"),
        (lambda: digit_scenes(2, size=31), "size"),
        (lambda: digit_scenes(2, "tset"), "did you mean 'test'"),
        (lambda: single_digits("validation"), "val"),
        (lambda: single_digits(size=15), "size"),
        (lambda: single_digits(repeats=0), "repeats"),
    ],
)
def test_bad_arguments(call: Any, text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        call()


def test_no_scenes() -> None:
    x, y = digit_scenes(0)
    assert (x.shape, y.shape) == ((0, 64, 64, 1), (0, 64, 64))


def test_colours_of_classes_are_distinct() -> None:
    colors = default_colors(256)
    assert len(set(colors)) == 256
    assert colors[0] == (0, 0, 0)
    assert all(0 <= value <= 255 for color in colors for value in color)
    for count in (0, 1, 2, 11):
        assert default_colors(count) == colors[:count]
    first = np.array(colors[:12], float)
    distances = np.linalg.norm(first[:, None] - first[None], axis=2)[np.triu_indices(12, 1)]
    assert distances.min() > 40
