"""Small networks with random weights, whose every part matters."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from tinyseg.applications import FCN, UNet
from tinyseg.layers import (
    Add,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    GroupNormalization,
    Input,
    LayerNormalization,
    MaxPooling2D,
    PReLU,
    ReLU,
    Resizing,
    SeparableConv2D,
    UpSampling2D,
    ZeroPadding2D,
)
from tinyseg.models import Model, Sequential


def with_random_weights(model: Model, seed: int = 0) -> Model:
    """Give all weights values of a seed; those of biases and statistics are not those of a new network."""
    generator = np.random.default_rng(seed)
    for layer in model.layers:
        layer.set_weights([_varied(array, generator) for array in layer.get_weights()])
    return model


def _varied(array: np.ndarray, generator: Generator) -> np.ndarray:
    if array.dtype.kind != "f":
        return array
    if array.ndim == 1:
        return (np.abs(array) + 0.2 * generator.random(array.shape)).astype(array.dtype)
    fan_in = np.prod(array.shape[:-1])
    return (generator.standard_normal(array.shape) * np.sqrt(2 / fan_in)).astype(array.dtype)


def segmenter(**options: object) -> Model:
    """A U-Net for images of any size, of three classes."""
    model = UNet((None, None, 2), classes=3, filters=4, depth=2, **options)  # type: ignore[arg-type]
    return with_random_weights(model)


def classifier() -> Model:
    """Two convolutions, a pooling and a dense softmax over four classes."""
    x = inputs = Input((13, 17, 2))
    x = Conv2D(5, 3, activation="relu")(x)
    x = MaxPooling2D(2)(x)
    x = Conv2D(6, 3, padding="same", activation="relu", name="last")(x)
    x = GlobalAveragePooling2D()(x)
    return with_random_weights(Model(inputs, Dense(4, activation="softmax")(x)))


def geometries() -> dict[str, Model]:
    """Networks whose receptive fields have every rule in them, also strides beyond the kernel and even kernels."""
    chains = {
        "valid": [Conv2D(2, (3, 2)), Conv2D(3, 3, strides=(2, 3)), MaxPooling2D(2), Conv2D(2, (1, 3))],
        "same": [Conv2D(2, 4, strides=2, padding="same"), DepthwiseConv2D(3, padding="same"), ReLU()],
        "dilated": [Conv2D(2, 3, dilation_rate=(2, 3)), SeparableConv2D(3, 2, padding="same"), AveragePooling2D(3, 1)],
        "gaps": [Conv2D(2, 2, strides=(3, 4)), Conv2D(2, 1)],
        "explicit": [Conv2D(2, 3, padding=((2, 0), (1, 3))), ZeroPadding2D(((1, 0), (0, 2))), Cropping2D((2, 1))],
        "transposed": [
            Conv2D(3, 3, strides=2),
            Conv2DTranspose(2, 3, strides=2),
            Conv2DTranspose(2, 4, padding="same"),
        ],
        "transposed, gaps": [Conv2DTranspose(2, 2, strides=3), Conv2D(2, 2)],
        "output padding": [
            Conv2D(2, 3, strides=3),
            Conv2DTranspose(2, 4, 3, output_padding=(1, 2)),
            Conv2DTranspose(2, 3, 2, padding="same", output_padding=1),
        ],
        "bicubic": [
            UpSampling2D(2, interpolation="bicubic"),
            LayerNormalization(),
            PReLU(shared_axes=(1, 2)),
            Resizing(30, 40),
        ],
        "whole": [Conv2D(4, 3), GroupNormalization(2), MaxPooling2D(2)],
        "nearest": [MaxPooling2D(2), UpSampling2D(3), Conv2D(2, 3)],
        "bilinear": [MaxPooling2D(3), UpSampling2D((2, 3), interpolation="bilinear"), BatchNormalization()],
    }
    found: dict[str, Model] = {name: Sequential([Input((21, 26, 2)), *chain]) for name, chain in chains.items()}
    x = inputs = Input((22, 18, 2))
    a = Conv2D(3, 5, padding="same", strides=2)(x)
    b = Conv2D(3, 3, padding="same", dilation_rate=2)(x)
    x = Add()([UpSampling2D(2)(a), b])
    x = Concatenate()([x, Conv2D(1, (1, 7), padding="same")(x)])
    found["branches"] = Model(inputs, x)
    found["unet"] = UNet((24, 16, 2), classes=3, filters=3, depth=2)
    found["fcn"] = FCN((24, 16, 2), classes=3, filters=3, depth=2)
    return found
