"""MobileNetV3, Small and Large (Howard and others, ICCV 2019, arXiv:1905.02244)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from typing import TypeAlias

from tinyseg.layers import Add, Conv2D, Dropout, Flatten, GlobalAveragePooling2D, Multiply, SymbolicTensor
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from ..units import Units, activated, divisible
from .known import ONE_TO_ONE, TORCHVISION, Known, download
from .making import classifier

Block: TypeAlias = tuple[int, int, int, bool, str, int]

# Window, channels within, channels of the result, whether channels are weighed, activation, stride.
LARGE = (
    (3, 16, 16, False, "relu", 1), (3, 64, 24, False, "relu", 2), (3, 72, 24, False, "relu", 1),
    (5, 72, 40, True, "relu", 2), (5, 120, 40, True, "relu", 1), (5, 120, 40, True, "relu", 1),
    (3, 240, 80, False, "hard_swish", 2), (3, 200, 80, False, "hard_swish", 1), (3, 184, 80, False, "hard_swish", 1),
    (3, 184, 80, False, "hard_swish", 1), (3, 480, 112, True, "hard_swish", 1), (3, 672, 112, True, "hard_swish", 1),
    (5, 672, 160, True, "hard_swish", 2), (5, 960, 160, True, "hard_swish", 1), (5, 960, 160, True, "hard_swish", 1),
)  # fmt: skip
SMALL = (
    (3, 16, 16, True, "relu", 2), (3, 72, 24, False, "relu", 2), (3, 88, 24, False, "relu", 1),
    (5, 96, 40, True, "hard_swish", 2), (5, 240, 40, True, "hard_swish", 1), (5, 240, 40, True, "hard_swish", 1),
    (5, 120, 48, True, "hard_swish", 1), (5, 144, 48, True, "hard_swish", 1), (5, 288, 96, True, "hard_swish", 2),
    (5, 576, 96, True, "hard_swish", 1), (5, 576, 96, True, "hard_swish", 1),
)  # fmt: skip


def features(x: SymbolicTensor, units: Units, blocks: Sequence[Block], alpha: float = 1.0) -> SymbolicTensor:
    """Return the result of the last 1x1 convolution, of stride 32."""
    strides, _ = units.enter(x, 2)
    x = units.conv(x, divisible(16 * alpha), 3, "conv", "features.0.0", strides=strides)
    x = units.normalised(x, "conv_bn", "features.0.1", ("hard_swish", "conv_act"))
    before = 16
    for k, (size, within, filters, weighs, kind, first) in enumerate(blocks):
        strides, _ = units.enter(x, first)
        # Keras widens what came in, which was rounded; torchvision rounds the width that the paper gives.
        wide = divisible(int(x.shape[-1] or 0) * within / before if units.same else within * alpha)
        # torchvision dilates the window that had the stride, too.
        x = _block(x, units, k, size, wide, divisible(filters * alpha), weighs, kind, strides)
        before = filters
        units.reached(x)
    last = f"features.{len(blocks) + 1}"
    x = units.conv(x, divisible(6 * int(x.shape[-1] or 0)), 1, "conv_1", f"{last}.0")
    return units.reached(units.normalised(x, "conv_1_bn", f"{last}.1", ("hard_swish", "conv_1_act")))


def _block(
    x: SymbolicTensor, units: Units, k: int, size: int, within: int, filters: int, weighs: bool, kind: str, strides: int
) -> SymbolicTensor:
    """1x1 to more channels, a window of each by itself, the channels weighed, 1x1 to few, and x added if it fits."""
    name, source = (f"expanded_conv_{k}" if k else "expanded_conv"), f"features.{k + 1}.block"
    y, part = x, 0
    if k:
        y = units.conv(y, within, 1, f"{name}_expand", f"{source}.0.0")
        y = units.normalised(y, f"{name}_expand_bn", f"{source}.0.1", (kind, f"{name}_expand_act"))
        part = 1
    y = units.depthwise(y, size, f"{name}_depthwise", f"{source}.{part}.0", strides=strides, dilation=units.dilation)
    y = units.normalised(y, f"{name}_depthwise_bn", f"{source}.{part}.1", (kind, f"{name}_depthwise_act"))
    if weighs:
        part += 1
        y = squeeze_and_excite(y, units, f"{name}_squeeze_excite", f"{source}.{part}")
    y = units.conv(y, filters, 1, f"{name}_project", f"{source}.{part + 1}.0")
    y = units.normalised(y, f"{name}_project_bn", f"{source}.{part + 1}.1")
    return Add(name=f"{name}_add")([x, y]) if strides == 1 and x.shape[-1] == filters else y


def squeeze_and_excite(x: SymbolicTensor, units: Units, name: str, source: str) -> SymbolicTensor:
    """Weigh each channel by what all channels' means say about it.

    Source: Hu, Shen, Sun, "Squeeze-and-Excitation Networks", CVPR 2018 (arXiv:1709.01507).
    """
    channels = int(x.shape[-1] or 0)
    w = GlobalAveragePooling2D(keepdims=True, name=f"{name}_avg_pool")(x)
    w = units.conv(w, divisible(channels / 4), 1, f"{name}_conv", f"{source}.fc1", use_bias=True)
    w = activated(w, "relu", f"{name}_relu")
    w = units.conv(w, channels, 1, f"{name}_conv_1", f"{source}.fc2", use_bias=True)
    w = activated(w, "hard_sigmoid", f"{name}_gate")
    return Multiply(name=f"{name}_mul")([x, w])


def head(x: SymbolicTensor, units: Units, classes: int, drops: float, width: int) -> SymbolicTensor:
    """Return the scores of the classes: two 1x1 convolutions on the means, which are dense layers in PyTorch."""
    units.table["conv_2"], units.table["logits"] = "classifier.0", "classifier.3"
    x = GlobalAveragePooling2D(keepdims=True, name="avg_pool")(x)
    x = Conv2D(width, 1, name="conv_2")(x)
    x = activated(x, "hard_swish", "conv_2_act")
    if drops:
        x = Dropout(drops, name="top_dropout")(x)
    return Flatten(name="flatten")(Conv2D(classes, 1, name="logits")(x))


def _known(name: str, blocks: Sequence[Block], width: int, file: str) -> Known:
    return Known(
        name, partial(features, blocks=blocks), partial(head, width=width),
        {"activation": "hard_swish", "epsilon": 1e-3, "momentum": 0.99}, {"same": True, "momentum": 0.999},
        TORCHVISION, ONE_TO_ONE, drops=0.2, weights=download(file),
    )  # fmt: skip


MOBILENET_V3_SMALL = _known("mobilenet_v3_small", SMALL, 1024, "mobilenet_v3_small-047dcff4.pth")
MOBILENET_V3_LARGE = _known("mobilenet_v3_large", LARGE, 1280, "mobilenet_v3_large-8738ca79.pth")


@checks_arguments("applications.MobileNetV3Small")
def MobileNetV3Small(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    classes: int = 1000,
    pooling: str | None = None,
    classifier_activation: ActivationLike = "softmax",
    variant: str = "torchvision",
    name: str = "mobilenet_v3_small",
) -> Model:
    """Build MobileNetV3 Small: as `MobileNetV3Large`, with eleven blocks.

    Example:
        >>> from tinyseg.applications import MobileNetV3Small
        >>> MobileNetV3Small((64, 96, 3), classes=10).output_shape
        (None, 10)
    """
    return classifier(
        MOBILENET_V3_SMALL, variant, input_shape, include_top, weights, pooling, classes, classifier_activation, name,
        alpha=alpha,
    )  # fmt: skip


@checks_arguments("applications.MobileNetV3Large")
def MobileNetV3Large(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    classes: int = 1000,
    pooling: str | None = None,
    classifier_activation: ActivationLike = "softmax",
    variant: str = "torchvision",
    name: str = "mobilenet_v3_large",
) -> Model:
    """Build MobileNetV3 Large: MobileNetV2's blocks, some with channels that are weighed, found by search.

    Args:
        input_shape: (height, width, channels); (224, 224, 3) when None, or any size without the top.
        alpha: What the channels of all blocks are multiplied by, then rounded to a multiple of 8.
        include_top: Whether to end in class scores; otherwise in the last convolution's result.
        weights: None (random), a file (`tinyseg.weights` reads it), or 'imagenet', which is downloaded.
        classes: Channels of the scores.
        pooling: Without the top: None, 'avg' or 'max' over each image.
        classifier_activation: Of the scores; None gives logits.
        variant: 'torchvision' (the same padding on all sides, images by ImageNet's mean and deviation), or 'keras'
            (more padding at the bottom and the right, images from -1 to 1: Keras's has a layer for that).
        name: Name of the model.

    Returns:
        A model from (N, H, W, channels) to (N, classes); its preprocessing belongs to it (`model.preprocess`).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import MobileNetV3Large
        >>> MobileNetV3Large((64, 96, 3), include_top=False).output_shape
        (None, 2, 3, 960)
    """
    return classifier(
        MOBILENET_V3_LARGE, variant, input_shape, include_top, weights, pooling, classes, classifier_activation, name,
        alpha=alpha,
    )  # fmt: skip
