"""The playground's network: a small U-Net whose parts can be exchanged."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.layers import (
    Activation,
    AveragePooling2D,
    Concatenate,
    Conv2D,
    Input,
    MaxPooling2D,
    SymbolicTensor,
    UpSampling2D,
)  # fmt: skip
from tinyseg.losses import Loss, MeanAbsoluteError, SparseCategoricalCrossentropy, SparseDice
from tinyseg.models import Model

from .bugs import BUGS

POOLINGS = ("max", "average", "stride")
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid", "linear")
LOSSES = ("cross-entropy", "dice", "mae")
CLASSES = 2
"""Background and digit."""
WIDTHS = (8, 12, 16)
"""Channels of each level."""


@dataclass(frozen=True)
class Settings:
    """What can be switched.

    Attributes:
        pooling: How the image is made smaller: 'max', 'average', or 'stride' (a convolution that takes every second
            place).
        activation: After each convolution.
        loss: 'cross-entropy', 'dice' or 'mae'.
        skip: Whether the way up is given the maps of the way down.
        bug: What is wrong with the gradient; '' for nothing.
    """

    pooling: str = "max"
    activation: str = "relu"
    loss: str = "cross-entropy"
    skip: bool = True
    bug: str = ""

    def __post_init__(self) -> None:
        for name, known in (("pooling", POOLINGS), ("activation", ACTIVATIONS), ("loss", LOSSES)):
            if getattr(self, name) not in known:
                raise unknown_name(name, getattr(self, name), known)
        if self.bug:
            if self.bug not in BUGS:
                raise unknown_name("bug", self.bug, BUGS)
            BUGS[self.bug].check(self.pooling, self.activation)

    @classmethod
    def of(cls, given: dict[str, Any]) -> Settings:
        """Make them from the page's values."""
        known = {field.name for field in fields(cls)}
        if unknown := set(given) - known:
            raise InvalidInput(f"settings: expected {sorted(known)}, got also {sorted(unknown)}")
        return cls(**given)


def build(settings: Settings, size: int, dtype: str = "float32") -> Model:
    """Draw the network for square images of one channel."""
    x = inputs = Input((size, size, 1), name="image", dtype=dtype)
    across: list[SymbolicTensor] = []
    for level, width in enumerate(WIDTHS[:-1], start=1):
        x = _block(x, width, f"down{level}", settings)
        across.append(x)
        x = _smaller(x, width, level, settings)
    x = _block(x, WIDTHS[-1], "bottom", settings)
    for level in range(len(across), 0, -1):
        x = UpSampling2D(2, name=f"up{level}_enlarge")(x)
        if settings.skip:
            x = Concatenate(name=f"up{level}_join")([x, across[level - 1]])
        x = _block(x, WIDTHS[level - 1], f"up{level}", settings)
    return Model(inputs, Conv2D(CLASSES, 1, activation="softmax", name="scores")(x), name="playground")


def _block(x: SymbolicTensor, width: int, name: str, settings: Settings) -> SymbolicTensor:
    """A 3x3 convolution and its activation, which is a layer of its own so that it can be looked at."""
    x = Conv2D(width, 3, padding="same", kernel_initializer="he_normal", name=f"{name}_conv")(x)
    return Activation(settings.activation, name=f"{name}_{settings.activation}")(x)


def _smaller(x: SymbolicTensor, width: int, level: int, settings: Settings) -> SymbolicTensor:
    name = f"down{level}_smaller"
    if settings.pooling == "stride":
        return Conv2D(width, 3, strides=2, padding="same", kernel_initializer="he_normal", name=name)(x)
    return (MaxPooling2D if settings.pooling == "max" else AveragePooling2D)(2, name=name)(x)


def loss_of(settings: Settings) -> Loss:
    """Return the loss."""
    if settings.loss == "dice":
        return SparseDice()
    return SparseCategoricalCrossentropy() if settings.loss == "cross-entropy" else MeanAbsoluteError()
