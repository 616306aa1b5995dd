"""Colours of masks, boundaries and overlays, pixel by pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.datasets import default_colors
from tinyseg.segmentation import as_rgb, boundaries, brighten, color_mask, overlay

COLORS = [(0, 0, 0), (250, 100, 7), (1, 200, 90)]
MASK = np.array([[0, 0, 1, 1], [0, 2, 1, 1], [255, 2, 2, 9]], np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_a_mask_in_colour(dtype: Any) -> None:
    picture = color_mask(MASK.astype(dtype), COLORS)
    assert picture.dtype == np.uint8
    for row, column in np.ndindex(MASK.shape):
        label = MASK[row, column]
        expected = COLORS[label] if label < 3 else (128, 128, 128)
        assert tuple(picture[row, column]) == expected


def test_default_colours_and_truth_values() -> None:
    np.testing.assert_array_equal(color_mask(MASK == 1), np.array(default_colors(2), np.uint8)[(MASK == 1).astype(int)])


def test_boundaries_by_definition(rng: np.random.Generator) -> None:
    """A pixel is one exactly if the one to its right or the one below has another class."""
    for size in ((7, 9), (1, 8), (8, 1), (1, 1), (0, 3)):
        mask = rng.integers(0, 3, size, dtype=np.uint8)
        expected = np.zeros(size, bool)
        for r, c in np.ndindex(*size):
            expected[r, c] = (c + 1 < size[1] and mask[r, c + 1] != mask[r, c]) or (
                r + 1 < size[0] and mask[r + 1, c] != mask[r, c]
            )
        np.testing.assert_array_equal(boundaries(mask), expected)


@pytest.mark.parametrize("alpha", [0.0, 0.45, 1.0])
@pytest.mark.parametrize("channels", [0, 1, 3])
def test_an_overlay_pixel_by_pixel(channels: int, alpha: float, rng: np.random.Generator) -> None:
    """Background and void stay clear, classes are blended, boundaries are drawn full (unless alpha is 0)."""
    image = rng.integers(0, 256, MASK.shape + ((channels,) if channels else ()), dtype=np.uint8)
    picture = overlay(image, MASK, COLORS, alpha)
    assert (picture.dtype, picture.shape) == (np.uint8, (3, 4, 3))
    for r, c in np.ndindex(MASK.shape):
        pixel = np.broadcast_to(image[r, c], 3).astype(float)
        label = MASK[r, c]
        paint = np.array(COLORS[label] if label < 3 else (128, 128, 128), float)
        edge = (c < 3 and MASK[r, c + 1] != label) or (r < 2 and MASK[r + 1, c] != label)
        share = 0.0 if label in (0, 255) else 1.0 if edge and alpha > 0 else alpha
        np.testing.assert_allclose(picture[r, c], pixel * (1 - share) + paint * share, atol=0.5 + 1e-9)


def test_floats_and_bytes_give_the_same_overlay(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (*MASK.shape, 3), dtype=np.uint8)
    np.testing.assert_array_equal(overlay(image / 255, MASK, COLORS), overlay(image, MASK, COLORS))


def test_an_overlay_changes_nothing_it_is_given(rng: np.random.Generator) -> None:
    image, mask = rng.random((*MASK.shape, 3)), MASK.copy()
    before = image.copy()
    overlay(image, mask, COLORS)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(mask, MASK)


def test_images_for_the_eye() -> None:
    grey = np.array([[0.0, 0.25], [0.5, 1.0]], np.float32)
    expected = np.repeat(np.array([[0, 64], [128, 255]], np.uint8)[:, :, None], 3, axis=2)
    np.testing.assert_array_equal(as_rgb(grey), expected)
    np.testing.assert_array_equal(as_rgb(grey[:, :, None]), expected)
    np.testing.assert_array_equal(as_rgb(expected), expected)
    np.testing.assert_array_equal(as_rgb(grey * 40 - 20), expected)  # beyond 0 to 1: stretched
    np.testing.assert_array_equal(as_rgb(np.full((2, 2), 5.0)), np.full((2, 2, 3), 255))


def test_dark_images_are_brightened(rng: np.random.Generator) -> None:
    image = (rng.random((40, 30, 1)) * 0.05 + 0.01).astype(np.float32)
    image[0, 0] = 0.9  # one hot pixel must not keep the rest dark
    result = brighten(image)
    assert (result.dtype, result.shape) == (np.float32, image.shape)
    low, high = np.percentile(image, (0.5, 99.5))
    np.testing.assert_allclose(result, np.clip((image - low) / (high - low), 0, 1), atol=1e-5)
    assert (result.min(), result.max()) == (0, 1)
    np.testing.assert_array_equal(brighten(np.full((3, 4, 1), 0.3, np.float32)), np.zeros((3, 4, 1)))


@pytest.mark.parametrize(
    "mask",
    [np.zeros((3, 4)), np.zeros(4, int), np.full((3, 4), -1), np.full((3, 4), 256), np.zeros((3, 4, 1), int)],
)
@pytest.mark.parametrize("function", [color_mask, boundaries, lambda mask: overlay(np.zeros((3, 4)), mask)])
def test_what_is_no_mask_is_refused(function: Any, mask: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="expected a mask"):
        function(mask)


@pytest.mark.parametrize("shape", [(3,), (3, 4, 2), (3, 4, 4), (1, 3, 4, 3)])
def test_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="expected an image"):
        as_rgb(np.zeros(shape))


def test_an_overlay_of_another_size_is_refused() -> None:
    with pytest.raises(tinyseg.InvalidInput, match=r"\(4, 3\).*\(3, 4\)"):
        overlay(np.zeros((4, 3)), MASK)
