"""Classifiers without their heads, as the way down of segmentation networks."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.layers import SymbolicTensor
from tinyseg.models import Model, Preprocessing

from .classifiers import KNOWN
from .classifiers.known import Known
from .classifiers.loading import load_published
from .units import Units

ENCODERS = tuple(KNOWN)
OUTPUT_STRIDES = (8, 16, 32)


@dataclass
class Encoder:
    """What an encoder gives of an image.

    Attributes:
        known: The network.
        levels: Stride -> the last result with that stride; each is a half of the one before.
        first: Stride -> the first result with that stride.
        table: Layer -> its module's name in a file of PyTorch's.
        output_stride: Of the last result.
    """

    known: Known
    image: SymbolicTensor
    levels: dict[int, SymbolicTensor]
    first: dict[int, SymbolicTensor]
    table: dict[str, str] = field(default_factory=dict)
    output_stride: int = 32

    @property
    def last(self) -> SymbolicTensor:
        """The result with the largest stride."""
        return self.levels[max(self.levels)]

    def preprocessing(self) -> Preprocessing | None:
        """Return what the images of its published weights were made into, at the size that they have."""
        fits = self.image.shape[-1] == len(self.known.preprocessing.mean)
        return preprocessing_of(self.known.name) if fits else None

    def finish(self, outputs: SymbolicTensor, name: str, weights: str | os.PathLike[str] | None) -> Model:
        """Return the model from the image to the outputs, with the encoder's preprocessing and weights."""
        model = Model(self.image, outputs, name=name)
        model.preprocessing, model.tensor_names = self.preprocessing(), dict(self.table)
        if weights is not None:
            body = Model(self.image, list(self.levels.values()), name=f"{name}_encoder")
            body.tensor_names = model.tensor_names
            model.weights_report = load_published(body, self.known, "torchvision", weights, partly=True)
        return model


def encoder(name: str, image: SymbolicTensor, output_stride: int = 32, **style: Any) -> Encoder:
    """Draw the body of a network on an image.

    Args:
        name: One of `ENCODERS`.
        image: From `Input`.
        output_stride: Of the last result: 32, or 16 or 8, where later windows are dilated instead of strided.
        style: Arguments of `Units`, in place of the network's own.

    Returns:
        Its results.

    Raises:
        InvalidInput: An unknown name or stride.

    Example:
        >>> from tinyseg.applications import encoder
        >>> from tinyseg.layers import Input
        >>> down = encoder("resnet18", Input((64, 96, 3)))
        >>> {stride: x.shape[1:] for stride, x in down.levels.items()}
        {2: (32, 48, 64), 4: (16, 24, 64), 8: (8, 12, 128), 16: (4, 6, 256), 32: (2, 3, 512)}
    """
    if name not in KNOWN:
        raise unknown_name("encoder", name, KNOWN)
    check_output_stride(output_stride)
    known = KNOWN[name]
    output_stride = min(output_stride, known.stride)
    units = Units(**{**known.style, **(known.as_encoder or {}), **style}, output_stride=output_stride)
    last = known.features(image, units)
    units.levels[units.stride] = last
    levels = {stride: x for stride, x in sorted(units.levels.items()) if x is not image}
    return Encoder(known, image, levels, units.first, dict(units.table), units.stride)


def check_output_stride(value: object) -> None:
    """Raise InvalidInput for a stride that no encoder can have."""
    if value not in OUTPUT_STRIDES:
        raise InvalidInput(f"output_stride: expected one of {OUTPUT_STRIDES}, got {value!r}")


def deepest(name: str) -> int:
    """Return how often an encoder halves an image; raises InvalidInput for an unknown name."""
    if name not in KNOWN:
        raise unknown_name("encoder", name, KNOWN)
    return KNOWN[name].stride.bit_length() - 1


def preprocessing_of(name: str) -> Preprocessing:
    """Return what an encoder's images are made into, at the size that they have."""
    if name not in KNOWN:
        raise unknown_name("encoder", name, KNOWN)
    return replace(KNOWN[name].preprocessing, size=None)
