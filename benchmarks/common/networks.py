"""The networks that benchmarks train: U-Nets, the article's network, and a U-Net of separable convolutions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyseg.applications import UNet
from tinyseg.layers import (
    Activation,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Input,
    MaxPooling2D,
    UpSampling2D,
)
from tinyseg.models import Model
from tinyseg.optimizers import Adam
from tinyseg.utils.random import set_random_seed

from . import torch_networks
from .arrays import classes, numbers

CLASSES = 12


@dataclass(frozen=True)
class NetworkCase:
    """A network and a batch."""

    name: str
    group: str
    batch: int
    image: tuple[int, int, int]
    model: Callable[[], Model]
    peer: Callable[[Any], Any]
    segments: bool
    """Whether there is a label for each pixel, not one for each image."""
    precision: str = "float32"
    learning_rate: float = 1e-3

    def data(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return images and class ids."""
        positions = self.image[:2] if self.segments else ()
        count = CLASSES if self.segments else 10
        return numbers(batch, *self.image), classes(batch, *positions, count=count)


def unet(batch: int, size: int, filters: int, depth: int, *, batch_normalization: bool = True) -> NetworkCase:
    """Return a U-Net."""
    without = "" if batch_normalization else " without batch normalisation"
    return NetworkCase(
        f"U-Net base {filters} depth {depth}{without}", "U-Net", batch, (size, size, 3),
        lambda: UNet((size, size, 3), CLASSES, filters=filters, depth=depth, batch_normalization=batch_normalization),
        lambda torch: torch_networks.unet(torch, 3, CLASSES, filters, depth, batch_normalization), segments=True,
    )  # fmt: skip


def article(batch: int, size: int, filters: int, units: int) -> NetworkCase:
    """Return the article's classifier."""

    def build() -> Model:
        inputs = x = Input(shape=(size, size, 3))
        for _ in range(2):
            x = Conv2D(filters, kernel_size=(3, 3), activation="relu")(x)
        x = Flatten()(MaxPooling2D(pool_size=(2, 2))(x))
        for _ in range(2):
            x = Dense(units, activation="relu")(x)
        return Model(inputs, Dense(10, activation="softmax")(x))

    return NetworkCase(
        "the article's network", "article", batch, (size, size, 3), build,
        lambda torch: torch_networks.article(torch, size, 10, filters, units), segments=False,
        # After a step of 1e-3 a unit with 774,400 inputs drives softmax to 0 and 1, and libraries differ in how they
        # keep its logarithm finite.
        learning_rate=1e-5,
    )  # fmt: skip


def separable(batch: int, size: int, filters: int, depth: int) -> NetworkCase:
    """Return a U-Net of separable convolutions as in MobileNet: 3x3 within a channel, then 1x1 across them.

    Howard and others, arXiv:1704.04861.
    """

    def normalised(x: Any) -> Any:
        return Activation("relu")(BatchNormalization()(x))

    def block(x: Any, width: int) -> Any:
        for _ in range(2):
            x = normalised(DepthwiseConv2D(3, padding="same", use_bias=False)(x))
            x = normalised(Conv2D(width, 1, use_bias=False)(x))
        return x

    def build() -> Model:
        inputs = Input(shape=(size, size, 3))
        x = normalised(Conv2D(filters, 3, padding="same", use_bias=False)(inputs))
        across = []
        for level in range(depth):
            x = block(x, filters * 2**level)
            across.append(x)
            x = MaxPooling2D(2)(x)
        x = block(x, filters * 2**depth)
        for level in reversed(range(depth)):
            x = Concatenate()([UpSampling2D(2, interpolation="bilinear")(x), across[level]])
            x = block(x, filters * 2**level)
        return Model(inputs, Conv2D(CLASSES, 1, activation="softmax")(x))

    return NetworkCase(
        f"separable U-Net base {filters} depth {depth}", "U-Net", batch, (size, size, 3), build,
        lambda torch: torch_networks.separable(torch, 3, CLASSES, filters, depth), segments=True,
    )  # fmt: skip


def compiled(case: NetworkCase) -> Model:
    """Return the model with Adam, the same parameters each time."""
    set_random_seed(0)
    model = case.model()
    model.compile(optimizer=Adam(case.learning_rate), loss="sparse_categorical_crossentropy")
    return model
