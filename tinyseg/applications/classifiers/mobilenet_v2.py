"""MobileNetV2 (Sandler, Howard, Zhu, Zhmoginov, Chen, CVPR 2018, arXiv:1801.04381)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike

from tinyseg.layers import Add, SymbolicTensor
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from ..units import Units, divisible
from .known import ONE_TO_ONE, TORCHVISION, Known, download, pooled_scores
from .making import classifier

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Of each stage: how many times the channels are expanded, the channels of its results, blocks, the first stride."""


def features(x: SymbolicTensor, units: Units, alpha: float = 1.0) -> SymbolicTensor:
    """Return the result of the last 1x1 convolution, of stride 32."""
    strides, dilation = units.enter(x, 2)
    x = units.conv(x, divisible(32 * alpha), 3, "Conv1", "features.0.0", strides=strides, dilation=dilation)
    x = units.normalised(x, "bn_Conv1", "features.0.1", (units.activation, "Conv1_relu"))
    block = 0
    for expansion, filters, count, first in STAGES:
        for k in range(count):
            strides, dilation = units.enter(x, first if k == 0 else 1)
            x = _block(x, units, expansion, divisible(filters * alpha), block, strides, dilation)
            units.reached(x)
            block += 1
    x = units.conv(x, divisible(1280 * max(alpha, 1.0)), 1, "Conv_1", "features.18.0")
    return units.reached(units.normalised(x, "Conv_1_bn", "features.18.1", (units.activation, "out_relu")))


def _block(
    x: SymbolicTensor, units: Units, expansion: int, filters: int, block: int, strides: int, dilation: int
) -> SymbolicTensor:
    """1x1 to more channels, a 3x3 of each channel by itself, 1x1 to few; and x added where the shape stays.

    The few channels are not activated: a ReLU would lose what it cuts off (a linear bottleneck).
    """
    name, source = (f"block_{block}", f"features.{block + 1}.conv") if block else ("expanded_conv", "features.1.conv")
    y, part = x, 0
    if expansion != 1:
        y = units.conv(y, expansion * int(x.shape[-1] or 0), 1, f"{name}_expand", f"{source}.0.0")
        y = units.normalised(y, f"{name}_expand_BN", f"{source}.0.1", (units.activation, f"{name}_expand_relu"))
        part = 1
    y = units.depthwise(y, 3, f"{name}_depthwise", f"{source}.{part}.0", strides=strides, dilation=dilation)
    y = units.normalised(y, f"{name}_depthwise_BN", f"{source}.{part}.1", (units.activation, f"{name}_depthwise_relu"))
    y = units.conv(y, filters, 1, f"{name}_project", f"{source}.{part + 1}")
    y = units.normalised(y, f"{name}_project_BN", f"{source}.{part + 2}")
    return Add(name=f"{name}_add")([x, y]) if strides == 1 and x.shape[-1] == filters and block else y


MOBILENET_V2 = Known(
    "mobilenet_v2", features, partial(pooled_scores, source="classifier.1"), {"activation": "relu6"},
    {"same": True, "epsilon": 1e-3, "momentum": 0.999}, TORCHVISION, ONE_TO_ONE, drops=0.2,
    weights=download("mobilenet_v2-b0353104.pth"),
)  # fmt: skip


@checks_arguments("applications.MobileNetV2")
def MobileNetV2(
    input_shape: Sequence[int | None] | None = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    classes: int = 1000,
    pooling: str | None = None,
    classifier_activation: ActivationLike = "softmax",
    variant: str = "torchvision",
    name: str = "mobilenet_v2",
) -> Model:
    """Build MobileNetV2: 3.5 million parameters, 0.6 billion operations an image of 224 x 224.

    Its 3x3 convolutions take each channel by itself; 1x1 convolutions, which cost a ninth, mix the channels.

    Args:
        input_shape: (height, width, channels); (224, 224, 3) when None, or any size without the top.
        alpha: What the channels of all blocks are multiplied by, then rounded to a multiple of 8.
        include_top: Whether to end in class scores; otherwise in the last convolution's result.
        weights: None (random), a file (`tinyseg.weights` reads it), or 'imagenet', which is downloaded.
        classes: Channels of the scores.
        pooling: Without the top: None, 'avg' or 'max' over each image.
        classifier_activation: Of the scores; None gives logits.
        variant: 'torchvision' (the same padding on all sides, images by ImageNet's mean and deviation), or 'keras'
            (more padding at the bottom and the right, images from -1 to 1).
        name: Name of the model.

    Returns:
        A model from (N, H, W, channels) to (N, classes); its preprocessing belongs to it (`model.preprocess`).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import MobileNetV2
        >>> MobileNetV2((64, 96, 3), alpha=0.5, include_top=False).output_shape
        (None, 2, 3, 1280)
    """
    return classifier(
        MOBILENET_V2, variant, input_shape, include_top, weights, pooling, classes, classifier_activation, name,
        alpha=alpha,
    )  # fmt: skip
