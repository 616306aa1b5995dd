"""A classifier made convolutional gives exactly what sliding it gives."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.explain.networks import with_random_weights
from tinyseg.layers import (
    Activation,
    Add,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Input,
    LeakyReLU,
    MaxPooling2D,
    Reshape,
    SeparableConv2D,
    Softmax,
    UpSampling2D,
    ZeroPadding2D,
)
from tinyseg.models import Model, Sequential, convolutionalize
from tinyseg.segmentation import dense_scores, slide_classifier


def _branches(dtype: str) -> Model:
    x = inputs = Input((11, 14, 2), dtype=dtype)
    x = Conv2D(4, 3)(x)
    shared = Conv2D(4, 1, activation="tanh")
    x = Add()([x, shared(x)])
    x = Add()([x, shared(x)])  # a shared layer
    x = Flatten()(x)
    a = Dense(5, activation="relu")(x)
    b = Dense(5, use_bias=False)(x)
    return Model(inputs, Softmax()(Dense(3)(Add()([a, b]))))


CLASSIFIERS = {
    "article": lambda dtype: Sequential([
        Input((13, 10, 2), dtype=dtype), Conv2D(4, 3, activation="relu"), MaxPooling2D(2), Flatten(), Dropout(0.5),
        Dense(6, activation="relu"), BatchNormalization(), Dense(3, activation="softmax"),
    ]),
    "strides": lambda dtype: Sequential([
        Input((15, 12, 2), dtype=dtype), Conv2D(4, (3, 2), strides=(2, 1)), LeakyReLU(), AveragePooling2D(3, 2),
        BatchNormalization(),
        Reshape((-1,)), Dense(2), Activation("sigmoid"),
    ]),
    "gaps, dilation": lambda dtype: Sequential([
        Input((14, 14, 2), dtype=dtype), Conv2D(3, 2, strides=3), DepthwiseConv2D(2, dilation_rate=2),
        Flatten(), Dense(2),
    ]),
    "global average": lambda dtype: Sequential([
        Input((9, 12, 2), dtype=dtype), SeparableConv2D(3, 3), Conv2D(4, 1, padding="same"),
        GlobalAveragePooling2D(), Dense(3),
    ]),
    "global maximum": lambda dtype: Sequential([Input((9, 9, 2), dtype=dtype), Conv2D(3, 3), GlobalMaxPooling2D(),
        Dense(4, activation="relu"), Dense(3)]),
    "dense on maps": lambda dtype: Sequential([Input((8, 7, 2), dtype=dtype),
        Dense(3, activation="tanh"), MaxPooling2D(2),
        Flatten(), Dense(2)]),
    "branches": _branches,
}  # fmt: skip

STRIDES = {
    "article": (2, 2),
    "strides": (4, 2),
    "gaps, dilation": (3, 3),
    "global average": (1, 1),
    "global maximum": (1, 1),
    "dense on maps": (2, 2),
    "branches": (1, 1),
}


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_as_sliding(name: str, dtype: str) -> None:
    """At every place of the network's stride, and with shifts at every pixel; the classifier stays as it is."""
    model = with_random_weights(CLASSIFIERS[name](dtype))
    image = np.random.default_rng(3).standard_normal((26, 31, 2)).astype(dtype)
    before = [array.copy() for array in model.get_weights()]
    whole = convolutionalize(model)
    scores = whole.predict(image[None], verbose=0)[0]
    dense = slide_classifier(model, image)
    height, width = model.input_shape[1:3]
    down, right = STRIDES[name]
    expected = dense[::down, ::right]
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype == "float32" else {"rtol": 1e-11, "atol": 1e-12}
    # A network may have a place more, of a patch that ends with pixels that no pooling takes, beyond the image.
    np.testing.assert_allclose(scores[: len(expected), : expected.shape[1]], expected, **tolerance)
    assert all(0 <= a - b <= 1 for a, b in zip(scores.shape[:2], expected.shape[:2], strict=True))
    np.testing.assert_allclose(dense_scores(whole, image, (height, width)), dense, **tolerance)
    np.testing.assert_allclose(
        convolutionalize(model, every_pixel=True).predict(image[None], verbose=0)[0], dense, **tolerance
    )
    np.testing.assert_allclose(slide_classifier(model, image, (2, 3)), dense[::2, ::3], **tolerance)
    whole.layers[-2 if name == "branches" else 1].trainable = False
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert not any(np.shares_memory(a, b) for a in model.weights for b in whole.weights)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Conv2D(3, 3, padding="same", name="c"), Flatten(), Dense(2)], "'c'.*pads each patch"),
        ([MaxPooling2D(3, 2, padding="same", name="p"), Flatten(), Dense(2)], "'p'.*pads each patch"),
        ([Conv2D(3, 3, padding=((0, 0), (1, 0)), name="e"), Flatten(), Dense(2)], "'e'.*pads each patch"),
        ([ZeroPadding2D(1, name="z"), Flatten(), Dense(2)], "'z'.*border"),
        ([Cropping2D(1, name="k"), Flatten(), Dense(2)], "'k'.*border"),
        ([Flatten(), BatchNormalization(name="b"), Dense(2)], "'b'.*flattened"),
        ([Flatten(), Softmax(name="s"), Dense(2)], "'s'.*flattened"),
        ([UpSampling2D(2, name="u"), Flatten(), Dense(2)], "'u'.*no equivalent"),
        ([Conv2D(2, 3)], "scores .N, K."),
    ],
)  # fmt: skip
def test_refused_by_name(layers: list[object], words: str) -> None:
    """What would not be exactly the same, and why."""
    with pytest.raises(InvalidInput, match=words):
        convolutionalize(Sequential([Input((8, 9, 2)), *layers]))


def test_not_exact_agrees_inside() -> None:
    """With padding the scores are those of patches that had their neighbours around them."""
    x = Input((8, 8, 1))
    model = with_random_weights(Model(x, Dense(2)(Flatten()(Conv2D(1, 3, padding="same", name="c")(x)))))
    whole = convolutionalize(model, exact=False)
    image = np.zeros((1, 20, 20, 1), "float32")
    image[0, 8:10, 8:10] = 1  # beyond the border of each patch that begins at 6 to 8 there is nothing
    image_scores = whole.predict(image, verbose=0)[0]
    patch = model.predict(image[:, 5:13, 5:13], verbose=0)[0]
    # 'same' keeps the size, so that the place of a patch is its place in the map.
    np.testing.assert_allclose(image_scores[5, 5], patch, rtol=1e-4, atol=1e-5)


def test_images_that_do_not_fit() -> None:
    """Smaller than a patch, or of other channels."""
    model = Sequential([Input((8, 9, 2)), Flatten(), Dense(2)])
    for image in (np.zeros((7, 9, 2)), np.zeros((8, 9, 1)), np.zeros((8, 9))):
        with pytest.raises(InvalidInput, match="8 x 9"):
            slide_classifier(model, image)
    with pytest.raises(InvalidInput, match="8 x 9"):
        dense_scores(convolutionalize(model), np.zeros((8, 8, 2)), (8, 9))
