"""What images are made into belongs to the model, and comes back with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

import tinyseg
from tinyseg.applications import VGG16, MobileNetV2, UNet
from tinyseg.layers import Conv2D, Input
from tinyseg.models import Model, Preprocessing, Sequential, load_model, model_from_json

MEAN, STD = (120.0, 100.0, 90.0), (50.0, 40.0, 30.0)


def pixels(*shape: int) -> Any:
    """Return random bytes."""
    return np.random.default_rng(shape).integers(0, 256, shape, np.uint8)


def test_numbers_and_order_of_channels() -> None:
    image = pixels(5, 7, 3)
    expected = (image.astype(float) - MEAN) / STD
    np.testing.assert_allclose(Preprocessing(MEAN, STD)(image), expected, rtol=1e-5, atol=1e-6)
    turned = (image[..., ::-1].astype(float) - MEAN) / STD
    np.testing.assert_allclose(Preprocessing(MEAN, STD, channels="bgr")(image), turned, rtol=1e-5, atol=1e-6)


def test_bytes_and_floats_mean_the_same_and_grey_is_repeated() -> None:
    image, preprocessing = pixels(4, 6, 1), Preprocessing(MEAN, STD)
    for given in (image, image.astype(np.float32) / 255, image.astype(np.float64) / 255, np.repeat(image, 3, -1)):
        y = preprocessing(given)
        assert y.dtype == np.float32
        np.testing.assert_allclose(y, preprocessing(image), atol=1e-4)
    assert preprocessing.batch(image[..., 0]).shape == (1, 4, 6, 3)


@pytest.mark.parametrize(("shape", "size"), [((300, 451), (224, 224)), ((60, 50), (64, 96)), ((99, 33), (32, 48))])
def test_the_size_is_that_of_covering_and_cutting_as_torchvision_does(shape: Any, size: Any) -> None:
    image = pixels(*shape, 3)
    y = Preprocessing((0.0,) * 3, (1.0,) * 3, size=size).batch(image)
    assert y.shape == (1, *size, 3)
    factor = max((size[0] + 32) / shape[0], (size[1] + 32) / shape[1])
    new = (round(shape[0] * factor), round(shape[1] * factor))
    whole = np.asarray(Image.fromarray(image).resize(new[::-1], Image.Resampling.BILINEAR), float)
    top, left = (new[0] - size[0]) // 2, (new[1] - size[1]) // 2
    cut = whole[top : top + size[0], left : left + size[1]]
    assert np.abs(y[0] - cut).max() <= 1.01  # Pillow rounds bytes to bytes


def test_images_of_many_sizes_become_one_batch() -> None:
    preprocessing = Preprocessing(MEAN, STD, size=(16, 24), interpolation="bicubic")
    assert preprocessing.batch([pixels(40, 20, 3), pixels(9, 90), pixels(16, 24, 1)]).shape == (3, 16, 24, 3)
    assert preprocessing.batch(pixels(2, 5, 6, 3), size=(8, 8)).shape == (2, 8, 8, 3)


def test_it_comes_back_with_the_model(tmp_path: Any) -> None:
    model = MobileNetV2((64, 96, 3), alpha=0.35, classes=4)
    assert model.preprocessing is not None
    assert model.preprocessing.size == (64, 96)
    model.save(tmp_path / "model.safetensors")
    image = pixels(70, 80, 3)
    for again in (load_model(tmp_path / "model.safetensors"), model_from_json(model.to_json())):
        assert again.preprocessing == model.preprocessing
        np.testing.assert_array_equal(again.preprocess(image), model.preprocess(image))


def test_who_has_one_and_who_has_not() -> None:
    assert UNet((64, 64, 3), encoder="resnet18", filters=2).preprocessing == Preprocessing(
        mean=(255 * 0.485, 255 * 0.456, 255 * 0.406), std=(255 * 0.229, 255 * 0.224, 255 * 0.225)
    )
    assert VGG16(include_top=False, input_shape=(32, 32, 4)).preprocessing is None
    model = Sequential([Input((4, 4, 3)), Conv2D(2, 1)])
    with pytest.raises(tinyseg.InvalidInput, match=r"set model.preprocessing"):
        model.preprocess(pixels(4, 4, 3))
    model.preprocessing = Preprocessing(MEAN, STD)
    assert model.predict(model.preprocess(pixels(4, 4, 3))).shape == (1, 4, 4, 2)
    assert isinstance(model, Model)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: Preprocessing((0.0,), (1.0, 2.0)), "mean and a std"),
        (lambda: Preprocessing((0.0,), (0.0,)), "above 0"),
        (lambda: Preprocessing((float("nan"),), (1.0,)), "mean and a std"),
        (lambda: Preprocessing(MEAN, STD, channels="rbg"), "did you mean"),
        (lambda: Preprocessing(MEAN, STD, interpolation="cubic"), "interpolation"),
        (lambda: Preprocessing(MEAN, STD, size=(0, 4)), "size"),
        (lambda: Preprocessing(MEAN, STD)(pixels(4, 4, 3).astype(np.float32)), "give images of 0 to 255 as uint8"),
        (lambda: Preprocessing(MEAN, STD)(pixels(4, 4, 3).astype(np.int64)), "expected bytes"),
        (lambda: Preprocessing(MEAN, STD)(pixels(4, 4, 2)), "3 channels"),
        (lambda: Preprocessing(MEAN, STD).batch([]), "at least one"),
        (lambda: Preprocessing(MEAN, STD).batch([pixels(4, 4, 3), pixels(4, 5, 3)]), "one size"),
        (lambda: Preprocessing(MEAN, STD, size=(4, 4)).batch(pixels(0, 4, 3)), "with pixels"),
    ],
)
def test_wrong_images_and_numbers_are_refused(call: Any, text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        call()
