"""SqueezeNet 1.0 and 1.1 (Iandola and others, 2016, arXiv:1602.07360)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import Any

from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.types import Padding

from tinyseg.layers import Concatenate, Conv2D, Dropout, GlobalAveragePooling2D, MaxPooling2D, SymbolicTensor
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from ..units import Units, activated
from .known import CAFFE, TORCHVISION, Known, download
from .making import classifier

SQUEEZED = (16, 16, 32, 32, 48, 48, 64, 64)
"""Channels to which each fire module squeezes its input, before it expands them to eight times as many."""
CEIL: Padding = ((0, 1), (0, 1))
"""One more row and column where the last window would not fit: what PyTorch calls ceil_mode."""


def features(x: SymbolicTensor, units: Units, filters: int, size: int, pooled: Sequence[int]) -> SymbolicTensor:
    """Return the result of the eight fire modules, of stride 16.

    Args:
        x: The image.
        units: The style.
        filters: Of the first convolution.
        size: Of its window.
        pooled: Before which modules there is a pooling.
    """
    strides, dilation = units.enter(x, 2)
    # No padding in PyTorch, nor in Caffe, where it comes from.
    x = units.conv(x, filters, size, "conv1", "features.0", strides=strides, dilation=dilation,
        use_bias=True, padding="same" if units.same else "valid")  # fmt: skip
    x = activated(x, "relu", "conv1_relu")
    position = 2
    for k, squeezed in enumerate(SQUEEZED, 2):
        if k in pooled:
            strides, _ = units.enter(x, 2)
            padding: Padding = "same" if units.halves else "valid" if units.same else CEIL
            x = MaxPooling2D(3, strides=strides, padding="same" if strides == 1 else padding, name=f"pool{k}")(x)
            position += 1
        x = _fire(x, units, squeezed, f"fire{k}", f"features.{position}")
        units.reached(x)
        position += 1
    return x


def _fire(x: SymbolicTensor, units: Units, squeezed: int, name: str, source: str) -> SymbolicTensor:
    """1x1 to few channels; from these 1x1 and 3x3 to many, side by side."""
    x = units.conv(x, squeezed, 1, f"{name}_squeeze1x1", f"{source}.squeeze", use_bias=True)
    x = activated(x, "relu", f"{name}_relu_squeeze1x1")
    sides = []
    for size in (1, 3):
        y = units.conv(x, 4 * squeezed, size, f"{name}_expand{size}x{size}", f"{source}.expand{size}x{size}",
            use_bias=True, dilation=units.dilation if size == 3 else 1)  # fmt: skip
        sides.append(activated(y, "relu", f"{name}_relu_expand{size}x{size}"))
    joined: SymbolicTensor = Concatenate(name=f"{name}_concat")(sides)
    return joined


def head(x: SymbolicTensor, units: Units, classes: int, drops: float) -> SymbolicTensor:
    """Return the scores: a map for each class, and its mean."""
    units.table["conv10"] = "classifier.1"
    if drops:
        x = Dropout(drops, name="top_dropout")(x)
    x = Conv2D(classes, 1, name="conv10")(x)
    x = activated(x, "relu", "conv10_relu")
    return GlobalAveragePooling2D(name="avg_pool")(x)


def _known(name: str, body: dict[str, Any], file: str) -> Known:
    return Known(
        name, partial(features, **body), head, {}, {"same": True}, TORCHVISION, CAFFE, drops=0.5,
        weights=download(file), stride=16, as_encoder={"same": True, "halves": True},
    )  # fmt: skip


SQUEEZENET = {
    "1.0": _known("squeezenet1_0", {"filters": 96, "size": 7, "pooled": (2, 5, 9)}, "squeezenet1_0-b66bff10.pth"),
    "1.1": _known("squeezenet1_1", {"filters": 64, "size": 3, "pooled": (2, 4, 6)}, "squeezenet1_1-b8a52dc0.pth"),
}


@checks_arguments("applications.SqueezeNet")
def SqueezeNet(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    version: str = "1.1",
    variant: str = "torchvision",
    name: str = "squeezenet",
) -> Model:
    """Build SqueezeNet: 1.2 million parameters, a fiftieth of AlexNet's at the same accuracy.

    Args:
        include_top: Whether to end in class scores; otherwise in the last fire module's result.
        weights: None (random), a file (`tinyseg.weights` reads it), or 'imagenet', which is downloaded.
        input_shape: (height, width, channels); (224, 224, 3) when None, or any size without the top.
        pooling: Without the top: None, 'avg' or 'max' over each image.
        classes: Channels of the scores.
        classifier_activation: Of the scores; None gives logits.
        version: '1.0', or '1.1': pooled earlier, 2.4 times fewer operations.
        variant: 'torchvision' (poolings that take the last row, however few it has), or 'keras' (as it was ported
            there from Caffe: the first convolution padded, poolings that leave such rows out, Caffe's preprocessing).
        name: Name of the model.

    Returns:
        A model from (N, H, W, channels) to (N, classes); its preprocessing belongs to it (`model.preprocess`).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import SqueezeNet
        >>> SqueezeNet(include_top=False, input_shape=(64, 96, 3)).output_shape
        (None, 3, 5, 512)
    """
    if version not in SQUEEZENET:
        raise unknown_name("version of SqueezeNet", version, SQUEEZENET)
    return classifier(
        SQUEEZENET[version], variant, input_shape, include_top, weights, pooling, classes, classifier_activation, name
    )
