"""What layers say to arguments and data that cannot work: the layer's name, what was expected, what came."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg import layers
from tinyseg.layers import Concatenate, Conv2D, Dense, Flatten, Input, Layer

from .cases import CASES, Case

IMAGES = [case for case in CASES if case.name not in ("Add", "Concatenate") and len(case.shapes[0]) == 4]
WITH_CHANNELS = [case for case in CASES if case.layer().parameters]
WITH_RANK = [case for case in CASES if case.layer().expected_rank is not None]


def message(function: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return the text of the InvalidInput that a call must raise."""
    with pytest.raises(tinyseg.InvalidInput) as caught:
        function(*arguments, **options)
    return str(caught.value)


@pytest.mark.parametrize("case", WITH_RANK, ids=str)
def test_wrong_rank(case: Case) -> None:
    layer: Layer = getattr(layers, case.name)(**case.arguments, name="mine")
    text = message(layer, Input((9, 9)))
    assert f"{case.name} 'mine'" in text
    assert "expected an input with 4 axes" in text
    assert "got shape (None, 9, 9)" in text
    assert "(3, 9, 9)" in message(layer, np.ones((3, 9, 9)))


@pytest.mark.parametrize("case", WITH_CHANNELS, ids=str)
def test_wrong_channels(case: Case) -> None:
    layer = case.layer(name="mine")
    right = case.shapes[0]
    wrong = (*right[:-1], right[-1] + 1)
    text = message(layer, np.ones(wrong))
    assert f"{case.name} 'mine': expected {right[-1]} " in text
    assert f"got shape {wrong}" in text


@pytest.mark.parametrize("case", WITH_CHANNELS, ids=str)
def test_unknown_channels(case: Case) -> None:
    layer: Layer = getattr(layers, case.name)(**case.arguments, name="mine")
    text = message(layer, Input((9,) * (len(case.shapes[0]) - 2) + (None,)))
    assert re.search(f"{case.name} 'mine'.*last axis.* must be known", text)


@pytest.mark.parametrize(
    ("make", "nearest"),
    [
        (lambda: Conv2D(2, 3, activation="rellu"), "relu"),
        (lambda: Dense(2, activation="Softmaxx"), "softmax"),
        (lambda: layers.SeparableConv2D(2, 3, activation="tahn"), "tanh"),
        (lambda: layers.Activation("sigmoit"), "sigmoid"),
        (lambda: Dense(2, kernel_initializer="he_norml"), "he_normal"),
        (lambda: layers.BatchNormalization(gamma_initializer="onse"), "ones"),
        (lambda: layers.UpSampling2D(interpolation="bilinea"), "bilinear"),
    ],
)
def test_unknown_name_suggests_the_nearest(make: Callable[[], Layer], nearest: str) -> None:
    assert f"did you mean {nearest!r}?" in message(make)


@pytest.mark.parametrize(
    ("make", "layer", "expected"),
    [
        (lambda **n: Conv2D(0, 3, **n), "Conv2D", "filters: expected an integer of at least 1, got 0"),
        (lambda **n: Conv2D(2.5, 3, **n), "Conv2D", "filters: expected an integer of at least 1, got 2.5"),
        (lambda **n: Conv2D(2, (3, 3, 3), **n), "Conv2D", "kernel_size: .* pair of integers .* got \\(3, 3, 3\\)"),
        (lambda **n: Conv2D(2, 3, strides=0, **n), "Conv2D", "strides: .* at least 1, got 0"),
        (lambda **n: Conv2D(2, 3, padding="sam", **n), "Conv2D", "padding: expected 'valid', 'same' .* got 'sam'"),
        (lambda **n: Conv2D(2, 3, padding=((1, -1), (0, 0)), **n), "Conv2D", "padding: expected .* got \\(\\(1, -1"),
        (lambda **n: Conv2D(3, 3, groups=2, **n), "Conv2D", "groups: .*got "),
        (lambda **n: layers.DepthwiseConv2D(3, depth_multiplier=0, **n), "DepthwiseConv2D",
         "depth_multiplier: .* got 0"),
        (lambda **n: layers.Conv2DTranspose(2, 3, strides=2, dilation_rate=2, **n), "Conv2DTranspose", "both"),
        (lambda **n: layers.Conv2DTranspose(2, 3, padding=((1, 1), (1, 1)), **n), "Conv2DTranspose",
         "'valid' or 'same'"),
        (lambda **n: Dense(-3, **n), "Dense", "units: expected an integer of at least 1, got -3"),
        (lambda **n: Dense(True, **n), "Dense", "units: .* got True"),
        (lambda **n: layers.Dropout(1.0, **n), "Dropout", "rate: expected a number from 0 up to but not 1, got 1.0"),
        (lambda **n: layers.Dropout(-0.1, **n), "Dropout", "rate: .* got -0.1"),
        (lambda **n: layers.BatchNormalization(axis=1, **n), "BatchNormalization", "axis: expected -1 .* got 1"),
        (lambda **n: layers.BatchNormalization(momentum=1.5, **n), "BatchNormalization", "momentum: .* got 1.5"),
        (lambda **n: layers.BatchNormalization(epsilon=0, **n), "BatchNormalization", "epsilon: .* above 0, got 0"),
        (lambda **n: layers.MaxPooling2D(0, **n), "MaxPooling2D", "pool_size: .* at least 1, got 0"),
        (lambda **n: layers.UpSampling2D((2, 0), **n), "UpSampling2D", "size: .* got \\(2, 0\\)"),
        (lambda **n: layers.ZeroPadding2D(-1, **n), "ZeroPadding2D", "padding: .* at least 0, got -1"),
        (lambda **n: layers.Cropping2D((1, 2, 3), **n), "Cropping2D", "cropping: .* got \\(1, 2, 3\\)"),
        (lambda **n: layers.Reshape((-1, -1), **n), "Reshape", "target_shape: .* at most one -1"),
        (lambda **n: layers.Reshape((0, 2), **n), "Reshape", "target_shape: expected lengths of at least 1"),
        (lambda **n: Concatenate(axis=0, **n), "Concatenate", "axis: cannot join along the batch"),
    ],
)  # fmt: skip
def test_bad_argument_names_the_layer(make: Callable[..., Layer], layer: str, expected: str) -> None:
    text = message(make, name="mine")
    assert text.startswith(f"{layer} 'mine': ")
    assert re.search(expected, text), text


@pytest.mark.parametrize(
    "name", ["Conv2D", "MaxPooling2D", "GlobalMaxPooling2D", "UpSampling2D", "Flatten", "Cropping2D"]
)
def test_channels_first_is_refused(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    text = message(getattr(layers, name), **case.arguments, data_format="channels_first")
    assert "'channels_last'" in text
    assert "got 'channels_first'" in text


@pytest.mark.parametrize(
    ("layer", "shapes", "expected"),
    [
        (Conv2D(2, 5, name="big"), [(4, 9, 1)], r"Conv2D 'big': the window \(5, 5\) does not fit .* \(4, 9\)"),
        (layers.MaxPooling2D(3, name="big"), [(2, 2, 1)], r"MaxPooling2D 'big': the window \(3, 3\) does not fit"),
        (layers.Cropping2D(2, name="cut"), [(4, 9, 1)], r"Cropping2D 'cut': cannot cut \(2, 2\) off 4 pixels"),
        (layers.Reshape((4, 4), name="form"), [(5, 3)], r"Reshape 'form': 15 numbers .* \(5, 3\) .* \(4, 4\)"),
        (layers.Reshape((4, -1), name="form"), [(5, 3)], r"Reshape 'form': 15 numbers"),
        (layers.Add(name="sum"), [(4, 4, 3), (4, 4, 2)], r"Add 'sum': expected inputs of the same shape.* got .*4, 2"),
        (layers.Add(name="sum"), [(4, 4, 1)], "Add 'sum': expected a list of at least two inputs, got 1"),
        (Concatenate(name="join"), [(4, 4, 1), (5, 4, 1)], "Concatenate 'join': .* every axis but 3.*skip connection"),
        (Concatenate(axis=4, name="join"), [(4, 4, 1), (4, 4, 1)], "Concatenate 'join': axis 4 does not exist"),
        (layers.Softmax(axis=3, name="p"), [(4, 4)], "Softmax 'p': axis.* 3"),
        (Conv2D(2, 1, name="one"), [(4, 4, 1), (4, 4, 1)], "Conv2D 'one': expected one input, got 2"),
        (Dense(2, name="top"), [(None,)], ("Dense 'top': the length of the last axis must be "
                                          "known.*GlobalAveragePooling2D")),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused_when_drawn(layer: Layer, shapes: list[Any], expected: str) -> None:
    drawn = [Input(shape) for shape in shapes]
    text = message(layer, drawn if len(drawn) > 1 else drawn[0])
    assert re.search(expected, text), text


def test_flatten_of_an_image_of_any_size_cannot_go_into_dense() -> None:
    assert "fixed height and width" in message(Dense(2), Flatten()(Input((None, None, 3))))


@pytest.mark.parametrize("shape", [(0, 4), (-1,), ("a", 3), 5])
def test_input_shape(shape: Any) -> None:
    assert repr(shape) in message(Input, shape)


def test_dtype_and_name() -> None:
    assert "expected 'float32' or 'float64', got 'float16'" in message(Input, (3,), dtype="float16")
    assert "without '/'" in message(Dense, 2, name="a/b")
    assert "without '/'" in message(Dense, 2, name="")


def test_numpy_functions_on_a_symbolic_tensor() -> None:
    with pytest.raises(TypeError, match="no values yet: use layers"):
        np.asarray(Input((3,), name="x"))


def test_weights_that_do_not_fit_change_nothing() -> None:
    layer = CASES[0].layer(name="mine")
    before = layer.get_weights()
    assert "Conv2D 'mine': expected 2 weight arrays, got 1" in message(layer.set_weights, before[:1])
    wrong = [before[0] + 1, np.ones(7)]
    assert "weight 1: expected shape (4,), got (7,)" in message(layer.set_weights, wrong)
    for array, old in zip(layer.weights, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_misspelt_layer_suggests_the_right_one() -> None:
    with pytest.raises(AttributeError, match="did you mean 'Conv2D'"):
        layers.Conv2d  # noqa: B018
