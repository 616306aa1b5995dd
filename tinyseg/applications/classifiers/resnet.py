"""ResNet18, ResNet34 and ResNet50 (He, Zhang, Ren, Sun, CVPR 2016, arXiv:1512.03385)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike

from tinyseg.layers import Activation, Add, MaxPooling2D, SymbolicTensor
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from ..units import Units
from .known import CAFFE, TORCHVISION, Known, download, pooled_scores
from .making import classifier

WIDTHS = (64, 128, 256, 512)
PADDING_3, PADDING_1 = ((3, 3), (3, 3)), ((1, 1), (1, 1))


def features(x: SymbolicTensor, units: Units, counts: Sequence[int], bottleneck: bool) -> SymbolicTensor:
    """Return the result of the four stages, of stride 32."""
    strides, _ = units.enter(x, 2)
    # Both variants pad here by the same number on all sides.
    x = units.conv(x, 64, 7, "conv1_conv", "conv1", strides=strides, padding=PADDING_3)
    x = units.normalised(x, "conv1_bn", "bn1", ("relu", "conv1_relu"))
    strides, _ = units.enter(x, 2)
    x = MaxPooling2D(3, strides=strides, padding=PADDING_1, name="pool1_pool")(x)
    block = _bottleneck if bottleneck else _basic
    for stage, (width, count) in enumerate(zip(WIDTHS, counts, strict=True), 1):
        for k in range(count):
            strides, dilation = units.enter(x, 2) if k == 0 and stage > 1 else (1, units.dilation)
            x = block(x, units, width, f"conv{stage + 1}_block{k + 1}", f"layer{stage}.{k}", strides, dilation)
            units.reached(x)
    return x


def _basic(
    x: SymbolicTensor, units: Units, width: int, name: str, source: str, strides: int, dilation: int
) -> SymbolicTensor:
    """Two 3x3 convolutions, and x added."""
    y = units.conv(x, width, 3, f"{name}_1_conv", f"{source}.conv1", strides=strides, dilation=dilation)
    y = units.normalised(y, f"{name}_1_bn", f"{source}.bn1", ("relu", f"{name}_1_relu"))
    y = units.conv(y, width, 3, f"{name}_2_conv", f"{source}.conv2", dilation=units.dilation)
    y = units.normalised(y, f"{name}_2_bn", f"{source}.bn2")
    return _joined(x, y, units, width, name, source, strides)


def _bottleneck(
    x: SymbolicTensor, units: Units, width: int, name: str, source: str, strides: int, dilation: int
) -> SymbolicTensor:
    """1x1 to fewer channels, 3x3, 1x1 to four times as many, and x added.

    torchvision has the stride in the 3x3, which sees all pixels; Keras in the first 1x1, as in the paper.
    """
    first, second = (strides, 1) if units.use_bias else (1, strides)
    y = units.conv(x, width, 1, f"{name}_1_conv", f"{source}.conv1", strides=first)
    y = units.normalised(y, f"{name}_1_bn", f"{source}.bn1", ("relu", f"{name}_1_relu"))
    y = units.conv(y, width, 3, f"{name}_2_conv", f"{source}.conv2", strides=second, dilation=dilation)
    y = units.normalised(y, f"{name}_2_bn", f"{source}.bn2", ("relu", f"{name}_2_relu"))
    y = units.conv(y, 4 * width, 1, f"{name}_3_conv", f"{source}.conv3")
    y = units.normalised(y, f"{name}_3_bn", f"{source}.bn3")
    return _joined(x, y, units, 4 * width, name, source, strides)


def _joined(
    x: SymbolicTensor, y: SymbolicTensor, units: Units, filters: int, name: str, source: str, strides: int
) -> SymbolicTensor:
    """Add what the block got, brought to its shape where that is another one."""
    if strides != 1 or x.shape[-1] != filters:
        x = units.conv(x, filters, 1, f"{name}_0_conv", f"{source}.downsample.0", strides=strides)
        x = units.normalised(x, f"{name}_0_bn", f"{source}.downsample.1")
    return Activation("relu", name=f"{name}_out")(Add(name=f"{name}_add")([x, y]))


def _known(name: str, counts: Sequence[int], bottleneck: bool, file: str) -> Known:
    of_keras = {"epsilon": 1.001e-5, "momentum": 0.99, "use_bias": True}
    head = partial(pooled_scores, source="fc")
    body = partial(features, counts=counts, bottleneck=bottleneck)
    return Known(name, body, head, {}, of_keras if bottleneck else None, TORCHVISION, CAFFE, weights=download(file))


RESNET18 = _known("resnet18", (2, 2, 2, 2), False, "resnet18-f37072fd.pth")
RESNET34 = _known("resnet34", (3, 4, 6, 3), False, "resnet34-b627a593.pth")
RESNET50 = _known("resnet50", (3, 4, 6, 3), True, "resnet50-0676ba61.pth")


@checks_arguments("applications.ResNet18")
def ResNet18(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet18",
) -> Model:
    """Build ResNet18: eight blocks of two 3x3 convolutions, each with its input added to its result.

    The gradient reaches the first layers through the additions unchanged, which is why depth does no harm. Arguments
    as for `ResNet50`; there is no variant of Keras's.

    Example:
        >>> from tinyseg.applications import ResNet18
        >>> ResNet18(input_shape=(64, 96, 3), classes=10).output_shape
        (None, 10)
    """
    return classifier(
        RESNET18, "torchvision", input_shape, include_top, weights, pooling, classes, classifier_activation, name
    )


@checks_arguments("applications.ResNet34")
def ResNet34(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "resnet34",
) -> Model:
    """Build ResNet34: as `ResNet18`, with sixteen blocks.

    Example:
        >>> from tinyseg.applications import ResNet34
        >>> ResNet34(include_top=False, input_shape=(64, 96, 3)).output_shape
        (None, 2, 3, 512)
    """
    return classifier(
        RESNET34, "torchvision", input_shape, include_top, weights, pooling, classes, classifier_activation, name
    )


@checks_arguments("applications.ResNet50")
def ResNet50(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    variant: str = "torchvision",
    name: str = "resnet50",
) -> Model:
    """Build ResNet50: sixteen blocks of 1x1, 3x3 and 1x1 convolutions, each with its input added to its result.

    Args:
        include_top: Whether to end in class scores; otherwise in the last block's result.
        weights: None (random), a file (`tinyseg.weights` reads it), or 'imagenet', which is downloaded.
        input_shape: (height, width, channels); (224, 224, 3) when None, or any size without the top.
        pooling: Without the top: None, 'avg' or 'max' over each image.
        classes: Channels of the scores.
        classifier_activation: Of the scores; None gives logits.
        variant: 'torchvision' (the stride in the 3x3 convolution of a block), or 'keras' (in its first 1x1, as in the
            paper; convolutions with biases, and Caffe's preprocessing).
        name: Name of the model.

    Returns:
        A model from (N, H, W, channels) to (N, classes); its preprocessing belongs to it (`model.preprocess`).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import ResNet50
        >>> ResNet50(include_top=False, pooling="avg", input_shape=(64, 96, 3)).output_shape
        (None, 2048)
    """
    return classifier(
        RESNET50, variant, input_shape, include_top, weights, pooling, classes, classifier_activation, name
    )
