"""Predictions for images of any size: whole, filled up, and in tiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.applications import UNet
from tinyseg.layers import AveragePooling2D, Conv2D, Input, UpSampling2D
from tinyseg.models import Model
from tinyseg.segmentation import predict_image, predict_mask
from tinyseg.utils import set_random_seed


def convolution(size: tuple[int | None, int | None] = (None, None), channels: int = 2) -> Model:
    """Return a network of one 3x3 convolution: each output sees one pixel further than itself."""
    set_random_seed(1)
    x = Input((*size, channels))
    return Model(x, Conv2D(3, 3, padding="same", bias_initializer="random_normal")(x))


def pooling() -> Model:
    """Return a network that puts the mean of each 2x2 block in its four places.

    What a block is depends on where counting starts.
    """
    x = Input((None, None, 1))
    return Model(x, UpSampling2D(2)(AveragePooling2D(2)(x)))


def unet(size: tuple[int | None, int | None] = (None, None)) -> Model:
    """Return a network with two poolings."""
    set_random_seed(2)
    return UNet((*size, 1), classes=3, filters=4, depth=2)


def plain(model: Model, image: Any) -> Any:
    """Return the network's output for one image."""
    return model.predict(image[None])[0]


def picture(height: int, width: int, channels: int, dtype: Any = np.float32) -> Any:
    """Return random pixels around 0."""
    return np.random.default_rng([height, width]).normal(size=(height, width, channels)).astype(dtype)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (16, 24), (20, 4)])
@pytest.mark.parametrize("multiple_of", [1, 4])
def test_a_size_that_fits_is_the_plain_prediction(height: int, width: int, multiple_of: int) -> None:
    image, model = picture(height, width, 1), unet()
    expected = plain(model, image)
    np.testing.assert_array_equal(predict_image(model, image, multiple_of=multiple_of), expected)
    mask = predict_mask(model, image, multiple_of=multiple_of)
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, expected.argmax(axis=-1))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (13, 1), (2, 3), (7, 10), (33, 18), (31, 5)])
def test_any_size_is_filled_up_by_reflection(size: tuple[int, int]) -> None:
    image, model = picture(*size, 1), unet()
    filled = image
    for axis in (0, 1):
        extra = -size[axis] % 4
        widths = [(0, extra) if a == axis else (0, 0) for a in range(3)]
        filled = np.pad(filled, widths, mode="reflect" if size[axis] > 1 else "edge")
    result = predict_image(model, image, multiple_of=4)
    assert result.shape == (*size, 3)
    np.testing.assert_array_equal(result, plain(model, filled)[: size[0], : size[1]])


def seams(length: int, tile: int, overlap: int) -> set[int]:
    """Return the positions next to a tile's end that lies within the image.

    There a 3x3 convolution sees zeros instead of the image.
    """
    starts = [0]
    while starts[-1] + tile < length:
        starts.append(min(starts[-1] + tile - overlap, length - tile))
    return {start for start in starts if start > 0} | {start + tile - 1 for start in starts if start + tile < length}


TILES = [(50, 37, 16, 6), (37, 50, 16, 8), (16, 70, 16, 1), (45, 45, 20, 0), (31, 90, 24, 7)]


@pytest.mark.parametrize(("height", "width", "tile", "overlap"), TILES)
def test_tiles_equal_the_whole_but_at_their_seams(height: int, width: int, tile: int, overlap: int) -> None:
    """A 3x3 convolution is wrong only in the outermost pixels of a tile that ends within the image.

    Everywhere else all tiles agree.
    """
    image, model = picture(height, width, 2), convolution()
    result, expected = predict_image(model, image, tile=tile, overlap=overlap), plain(model, image)
    rows, columns = seams(height, tile, overlap), seams(width, tile, overlap)
    away = np.ix_([r for r in range(height) if r not in rows], [c for c in range(width) if c not in columns])
    np.testing.assert_allclose(result[away], expected[away], rtol=1e-5, atol=1e-5)
    assert len(rows) + len(columns) > 0


def test_blending_makes_seams_faint() -> None:
    """At a tile's end, where it is wrong, the neighbour with its far larger weight decides.

    Without overlap nothing helps.
    """
    image, model = picture(8, 60, 2), convolution()
    expected = plain(model, image)
    wrong = {}
    for overlap in (0, 6):
        result = predict_image(model, image, tile=16, overlap=overlap)
        columns = sorted(seams(60, 16, overlap))
        wrong[overlap] = np.abs(result - expected)[3:5, columns].max()  # in the middle rows the columns' weights decide
    # The middle rows have weights 4 at least, the seams 1: at most 1/5 of what is wrong is left.
    assert wrong[0] > 0.5
    assert wrong[6] < wrong[0] / 4


@pytest.mark.parametrize(("height", "width"), [(32, 48), (33, 47), (26, 61)])
def test_tiles_lie_on_the_grid_of_the_poolings(height: int, width: int) -> None:
    """A tile that starts between two blocks of a pooling would pool other pixels together than the network does on the
    whole image.
    """
    image, model = picture(height, width, 1), pooling()
    whole = predict_image(model, image, multiple_of=2, tile=512)
    np.testing.assert_allclose(predict_image(model, image, multiple_of=2, tile=16, overlap=4), whole, atol=1e-6)
    np.testing.assert_allclose(predict_image(model, image, multiple_of=2, tile=17, overlap=5), whole, atol=1e-6)


@pytest.mark.parametrize("size", [(5, 7), (16, 24), (16, 60), (41, 24), (50, 77), (1, 1)])
def test_a_network_of_fixed_size_takes_any_image(size: tuple[int, int]) -> None:
    image, model = picture(*size, 2), convolution((16, 24))
    result = predict_image(model, image, overlap=6)
    assert result.shape == (*size, 3)
    rows = [r for r in range(size[0]) if r not in seams(size[0], 16, 6)]
    columns = [c for c in range(size[1]) if c not in seams(size[1], 24, 6)]
    expected = plain(convolution(), image)
    # An image that is smaller than the network is filled up: its last row and column then see reflected pixels, not
    # zeros.
    inner = np.ix_(
        [r for r in rows if size[0] >= 16 or r < size[0] - 1], [c for c in columns if size[1] >= 24 or c < size[1] - 1]
    )
    np.testing.assert_allclose(result[inner], expected[inner], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("overlap", [0, 3, 9, 15])
def test_every_overlap_covers_everything(overlap: int) -> None:
    """With a network that gives back its input nothing may be missing, doubled or scaled."""
    x = Input((None, None, 1))
    model = Model(x, Conv2D(1, 1, use_bias=False, kernel_initializer="ones")(x))
    image = picture(57, 40, 1)
    np.testing.assert_allclose(predict_image(model, image, tile=16, overlap=overlap), image, rtol=1e-5, atol=1e-6)


def test_float64_stays_float64() -> None:
    image = picture(20, 30, 2, np.float64)
    model = convolution()
    expected = plain(model, image)
    for tile in (8, 64):
        assert predict_image(model, image, tile=tile, overlap=2).dtype == expected.dtype


def test_the_image_is_not_changed() -> None:
    image = picture(19, 30, 2)
    image.flags.writeable = False
    predict_image(convolution(), image, tile=8, overlap=2, multiple_of=4)
    np.testing.assert_array_equal(image, picture(19, 30, 2))


@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 8, 1), (8, 8), (1, 8, 8, 2)])
def test_other_axes_or_channels_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=r"expected an image \(H, W, 2\)"):
        predict_image(convolution(), np.ones(shape, np.float32))


@pytest.mark.parametrize(
    "options", [{"tile": 4, "multiple_of": 8, "overlap": 1}, {"tile": 8, "overlap": 8}, {"overlap": -1}]
)
def test_tiles_that_cannot_be_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="overlap < tile"):
        predict_image(convolution(), picture(8, 8, 2), **options)


def test_a_network_whose_output_has_another_size_is_refused() -> None:
    x = Input((None, None, 2))
    model = Model(x, Conv2D(3, 3)(x))
    with pytest.raises(tinyseg.InvalidInput, match="output's size equal"):
        predict_image(model, picture(8, 8, 2))


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(tinyseg.InvalidInput):
        predict_image(convolution(), picture(0, 8, 2))
