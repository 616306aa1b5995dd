"""Augmentation moves image and mask together.

The test image tells for every pixel where it came from: its two channels hold row + 1 and column + 1, which bilinear
sampling reproduces exactly anywhere between the pixels, and its mask numbers the pixels. So each output pixel can be
checked on its own: its label must be that of the source pixel nearest to the place that its two channels name.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.datasets import VOID, Augmentation

HEIGHT, WIDTH = 15, 17
SEEDS = range(25)


def atlas() -> tuple[Any, Any]:
    """Return the image of coordinates (H, W, 2), from 1, and the numbering of the pixels (H, W), below VOID."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ids = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    ids[-1, -1] = 0  # the 255th number is VOID's
    return np.stack([rows, columns], axis=-1).astype(np.float32) + 1, ids.astype(np.uint8)


class Scripted:
    """Stands in for a random generator: gives the numbers of a script."""

    def __init__(self, *uniform: float, flips: bool = False) -> None:
        self.values, self.flips = list(uniform), flips

    def uniform(self, low: float, high: float) -> float:
        """Return the next number, which must be possible."""
        value = self.values.pop(0)
        assert low <= value <= high
        return value

    def random(self) -> float:
        """Return a number that stands for a flip, or for none."""
        return 0.1 if self.flips else 0.9


def sources(image: Any) -> tuple[Any, Any]:
    """Return the places (rows, columns) that the pixels of an output came from, and which of them lie in the image."""
    place = image.astype(np.float64) - 1
    return place, (image != 0).any(axis=-1)


OPTIONS = {
    "flip": Augmentation(),
    "both flips": Augmentation(flip_vertical=True),
    "rotate": Augmentation(flip=False, rotate=180),
    "scale": Augmentation(flip=False, scale=1.0),
    "all": Augmentation(flip_vertical=True, rotate=40, scale=0.5),
}
CROPS = [None, (6, 9), (HEIGHT, 1), (HEIGHT, WIDTH)]


@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize("kind", OPTIONS)
def test_image_and_mask_stay_aligned(kind: str, crop: tuple[int, int] | None) -> None:
    """Each label is that of the nearest source pixel, void is where the image is filled up, and labels are never
    mixed.
    """
    compared = 0
    for seed in SEEDS:
        image, ids = atlas()
        changed, labels = OPTIONS[kind](image, ids, np.random.default_rng(seed), crop)
        assert changed.shape == (*(crop or ids.shape), 2)
        assert labels.shape == changed.shape[:2]
        assert (changed.dtype, labels.dtype) == (np.float32, np.uint8)
        place, inside = sources(changed)
        np.testing.assert_array_equal(labels == VOID, ~inside)
        nearest = np.rint(place).astype(int)
        clear = inside & (np.abs(place - nearest) < 0.499).all(axis=-1)  # halfway between two pixels either is right
        np.testing.assert_array_equal(labels[clear], ids[nearest[..., 0][clear], nearest[..., 1][clear]])
        compared += int(clear.sum())
    assert compared > 0.3 * len(SEEDS) * np.prod(crop or (HEIGHT, WIDTH))


@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize("kind", OPTIONS)
def test_the_arguments_are_not_changed(kind: str, crop: tuple[int, int] | None) -> None:
    image, ids = atlas()
    image.flags.writeable = ids.flags.writeable = False
    for seed in SEEDS:
        OPTIONS[kind](image, ids, np.random.default_rng(seed), crop)
    np.testing.assert_array_equal(image, atlas()[0])
    np.testing.assert_array_equal(ids, atlas()[1])


@pytest.mark.parametrize("vertical", [False, True])
def test_flips_are_exact_and_happen_half_of_the_time(vertical: bool) -> None:
    augmentation, (image, ids) = Augmentation(flip=True, flip_vertical=vertical), atlas()
    seen = []
    for seed in range(200):
        changed, labels = augmentation(image, ids, np.random.default_rng(seed))
        mirrored, upside_down = changed[0, 0, 1] != 1, changed[0, 0, 0] != 1
        seen.append((mirrored, upside_down))
        step = (slice(None, None, -1 if upside_down else 1), slice(None, None, -1 if mirrored else 1))
        np.testing.assert_array_equal(changed, image[step])
        np.testing.assert_array_equal(labels, ids[step])
    shares = np.mean(seen, axis=0)
    assert 0.4 < shares[0] < 0.6
    assert (0.4 < shares[1] < 0.6) if vertical else shares[1] == 0
    assert len(set(seen)) == (4 if vertical else 2)


def test_a_right_angle_is_exact() -> None:
    """Nothing between pixels is asked for, so nothing may be mixed or lost, at the edges neither.

    The two senses are opposite.
    """
    image, ids = (array[:, :HEIGHT] for array in atlas())
    augmentation, turns = Augmentation(flip=False, rotate=180), []
    for degrees in (90.0, -90.0):
        changed, labels = augmentation(image, ids, Scripted(degrees))
        (turn,) = (k for k in range(4) if np.array_equal(labels, np.rot90(ids, k)))
        np.testing.assert_allclose(changed, np.rot90(image, turn), atol=1e-4)
        turns.append(turn)
    assert sorted(turns) == [1, 3]


def fitted(changed: Any) -> tuple[Any, Any]:
    """Return the matrix and the offset that lead from centred output places to source places, by least squares."""
    place, inside = sources(changed)
    rows, columns = np.nonzero(inside)
    known = np.stack([rows - (HEIGHT - 1) / 2, columns - (WIDTH - 1) / 2, np.ones(len(rows))], axis=1)
    solution, *_ = np.linalg.lstsq(known, place[inside], rcond=None)
    return solution[:2].T, solution[2]


@pytest.mark.parametrize(("degrees", "factor"), [(30.0, 1.0), (-75.0, 1.0), (0.0, 1.5), (0.0, 0.6), (20.0, 1.3)])
def test_rotation_and_scale_are_those_drawn_and_about_the_centre(degrees: float, factor: float) -> None:
    script = [value for value in (degrees, np.log(factor) / np.log(2)) if value]
    augmentation = Augmentation(flip=False, rotate=180.0 if degrees else 0.0, scale=1.0 if factor != 1 else 0.0)
    changed, _ = augmentation(*atlas(), Scripted(*script))
    matrix, centre = fitted(changed)
    np.testing.assert_allclose(centre, [(HEIGHT - 1) / 2, (WIDTH - 1) / 2], atol=1e-4)
    # A factor above 1 enlarges: neighbouring output pixels come from places that are closer together.
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(2) / factor**2, atol=1e-4)
    np.testing.assert_allclose(np.linalg.det(matrix), 1 / factor**2, atol=1e-4)
    angle = np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0]))
    np.testing.assert_allclose(abs(angle), abs(degrees), atol=1e-2)


def test_draws_cover_the_range_and_not_more() -> None:
    angles, factors = [], []
    for seed in range(150):
        changed, _ = Augmentation(flip=False, rotate=30, scale=0.25)(*atlas(), np.random.default_rng(seed))
        matrix, _ = fitted(changed)
        angles.append(np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0])))
        factors.append(np.linalg.det(matrix) ** -0.5)
    assert -30.01 < min(angles) < -25
    assert 25 < max(angles) < 30.01
    assert 0.7999 < min(factors) < 0.83
    assert 1.2 < max(factors) < 1.2501
    assert abs(np.mean(np.log(factors))) < 0.03


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_brightness_changes_the_image_alone(dtype: Any) -> None:
    image, ids = atlas()
    image = image.astype(dtype)
    gains, shifts = [], []
    for seed in range(100):
        changed, labels = Augmentation(flip=False, brightness=0.3)(image, ids, np.random.default_rng(seed))
        np.testing.assert_array_equal(labels, ids)
        assert changed.dtype == dtype
        gain, shift = np.polyfit(image.ravel(), changed.ravel(), 1)
        np.testing.assert_allclose(changed, image * gain + shift, rtol=1e-5, atol=1e-5)
        gains.append(gain)
        shifts.append(shift)
    for values, middle in ((gains, 1.0), (shifts, 0.0)):
        assert middle - 0.3001 < min(values) < middle - 0.25
        assert middle + 0.25 < max(values) < middle + 0.3001


def test_without_options_nothing_happens() -> None:
    image, ids = atlas()
    changed, labels = Augmentation(flip=False)(image, ids, np.random.default_rng(0))
    np.testing.assert_array_equal(changed, image)
    np.testing.assert_array_equal(labels, ids)


def test_crops_reach_every_place() -> None:
    corners = set()
    for seed in range(200):
        changed, _ = Augmentation()(*atlas(), np.random.default_rng(seed), (13, 15))
        corners.add((changed[:, :, 0].min(), changed[:, :, 1].min()))
    assert corners == {(row, column) for row in (1, 2, 3) for column in (1, 2, 3)}


@pytest.mark.parametrize("crop", [(HEIGHT + 1, 3), (3, WIDTH + 1)])
@pytest.mark.parametrize("kind", OPTIONS)
def test_a_crop_larger_than_the_image_is_refused(kind: str, crop: tuple[int, int]) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=rf"crop: {crop[0]} x {crop[1]}.*{HEIGHT} x {WIDTH}"):
        OPTIONS[kind](*atlas(), np.random.default_rng(0), crop)


@pytest.mark.parametrize(
    ("name", "value"),
    [("rotate", -1.0), ("rotate", 181.0), ("rotate", float("nan")), ("scale", -0.1), ("scale", 4.5),
     ("brightness", 1.5)],
)  # fmt: skip
def test_options_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=name):
        Augmentation(**{name: value})


@pytest.mark.parametrize("kind", OPTIONS)
def test_config_round_trip(kind: str) -> None:
    assert Augmentation(**OPTIONS[kind].get_config()) == OPTIONS[kind]
