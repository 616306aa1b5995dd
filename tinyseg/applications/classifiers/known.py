"""What is known about a network with published weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinyseg.layers import Dense, Dropout, GlobalAveragePooling2D, SymbolicTensor
from tinyseg.models import Preprocessing

from ..units import Units

TORCHVISION = Preprocessing(
    mean=(255 * 0.485, 255 * 0.456, 255 * 0.406), std=(255 * 0.229, 255 * 0.224, 255 * 0.225), size=(224, 224)
)
"""Mean and deviation of ImageNet's training images, by which torchvision's networks were trained."""
CAFFE = Preprocessing(mean=(103.939, 116.779, 123.68), std=(1, 1, 1), channels="bgr", size=(224, 224), margin=0)
"""Keras's mode 'caffe'."""
ONE_TO_ONE = Preprocessing(mean=(127.5,) * 3, std=(127.5,) * 3, size=(224, 224), margin=0)
"""Keras's mode 'tf': from -1 to 1."""
TF_LITE = Preprocessing(mean=(127.0,) * 3, std=(128.0,) * 3, size=(224, 224), interpolation="bicubic")
"""That of EfficientNet-Lite, made to be quantised."""


@dataclass(frozen=True)
class Download:
    """A file of weights at an official place.

    Attributes:
        address: Where it is.
        sha256: The checksum, or its first digits, which torchvision puts into its files' names.
    """

    address: str
    sha256: str


def download(file: str) -> Download:
    """Return the address of a file of torchvision's; its name ends in the first 8 digits of its SHA-256."""
    return Download(f"https://download.pytorch.org/models/{file}", file.rpartition("-")[2].removesuffix(".pth"))


@dataclass(frozen=True)
class Known:
    """A network: its body, its head, and what belongs to its published weights.

    Attributes:
        name: As an encoder and in texts.
        features: Draws the body on an image: (x, units) -> the last result.
        head: Draws the classes' scores on it: (x, units, classes, drops) -> logits.
        style: Arguments of `Units`.
        of_keras: What is otherwise in Keras's variant; None where Keras has none.
        preprocessing: Of its weights.
        preprocessing_of_keras: Of Keras's weights.
        drops: Share of the activations that is dropped before the scores.
        weights: Where published ones are.
        pools: Whether the head takes images of any size.
        stride: Of its last result.
        as_encoder: What is otherwise in an encoder, whose results must halve exactly.
    """

    name: str
    features: Callable[..., SymbolicTensor]
    head: Callable[..., SymbolicTensor]
    style: dict[str, Any]
    of_keras: dict[str, Any] | None
    preprocessing: Preprocessing
    preprocessing_of_keras: Preprocessing | None = None
    drops: float = 0.0
    weights: Download | None = None
    pools: bool = True
    stride: int = 32
    as_encoder: dict[str, Any] | None = None


def pooled_scores(x: SymbolicTensor, units: Units, classes: int, drops: float, source: str) -> SymbolicTensor:
    """Return a dense layer on the mean of each channel: the head of most networks since 2015."""
    x = GlobalAveragePooling2D(name="avg_pool")(x)
    if drops:
        x = Dropout(drops, name="top_dropout")(x)
    units.table["predictions"] = source
    return Dense(classes, name="predictions")(x)
