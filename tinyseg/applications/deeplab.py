"""DeepLabV3+: dilated windows of several widths beside each other, and one connection across."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tinyseg.layers import (
    Activation,
    Average,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Dropout,
    GlobalAveragePooling2D,
    SymbolicTensor,
)
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import MOMENTUM, enlarged, enlarged_classes, image_input, normalised_conv
from .encoders import check_output_stride
from .encoders import encoder as encoder_on

RATES = (6, 12, 18)
ACROSS = 4
"""Stride of the connection across."""


@checks_arguments("applications.DeepLabV3Plus")
def DeepLabV3Plus(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    encoder: str = "mobilenet_v2",
    encoder_weights: str | os.PathLike[str] | None = None,
    output_stride: int = 16,
    rates: Sequence[int] | None = None,
    filters: int = 256,
    low_filters: int = 48,
    dropout: float = 0.1,
    classifier_activation: ActivationLike = "auto",
    name: str = "deeplab_v3_plus",
) -> Model:
    """Build DeepLabV3+: an encoder that keeps its maps large, an atrous spatial pyramid, and a short way up.

        image -> encoder, stride 4 -> 1x1 ---------------------------- concatenate -> 3x3 -> 3x3 -> 1x1 -> x 4
                    |                                                      ^ enlarge
                 stride 16 -> 1x1; 3x3 dilated by 6, 12, 18; mean of all -> 1x1

    The dilated windows see what is near and what is far without losing places. The mean over the image is the same at
    all of them; so its share in the 1x1 convolution is computed once and added.

    Source: Chen, Zhu, Papandreou, Schroff, Adam, ECCV 2018 (arXiv:1802.02611).

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of output_stride.
        classes: Channels of the output.
        encoder: One of `tinyseg.applications.ENCODERS`.
        encoder_weights: A file, 'imagenet' (downloaded), or None: random.
        output_stride: Of the encoder's last result: 16 or 8, by dilating its later windows; or 32.
        rates: Dilations of the pyramid; 6, 12 and 18 at a stride of 16, twice that at 8, half at 32.
        filters: Channels of the pyramid and the way up.
        low_filters: Channels of the connection across.
        dropout: Share of the pyramid's activations to drop.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' as for `UNet`.
        name: Name of the model.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import DeepLabV3Plus
        >>> DeepLabV3Plus((64, 96, 3), classes=5, encoder="resnet18", filters=32).output_shape
        (None, 64, 96, 5)
    """
    classes, filters = as_count("DeepLabV3Plus: classes", classes), as_count("DeepLabV3Plus: filters", filters)
    low_filters = as_count("DeepLabV3Plus: low_filters", low_filters)
    check_output_stride(output_stride)
    down = encoder_on(encoder, image_input("DeepLabV3Plus", input_shape, output_stride), output_stride)
    if rates is None:
        rates = [rate * 16 // down.output_stride for rate in RATES]
    x = atrous_pyramid(down.last, filters, [as_count("DeepLabV3Plus: rates", rate) for rate in rates])
    if dropout:
        x = Dropout(dropout, name="pyramid_dropout")(x)
    x = enlarged(x, down.output_stride // ACROSS, "pyramid_up")
    low = normalised_conv(down.levels[ACROSS], low_filters, 1, "low")
    x = Concatenate(name="join")([x, low])
    for k in (1, 2):
        x = normalised_conv(x, filters, 3, f"up{k}")
    return down.finish(enlarged_classes(x, classes, ACROSS, classifier_activation), name, encoder_weights)


def atrous_pyramid(x: SymbolicTensor, filters: int, rates: Sequence[int]) -> SymbolicTensor:
    """Return what windows of several dilations and the mean over the image say, mixed by a 1x1 convolution."""
    sides = [normalised_conv(x, filters, 1, "pyramid_point")]
    sides += [normalised_conv(x, filters, 3, f"pyramid_rate{rate}", dilation=rate) for rate in rates]
    mean = GlobalAveragePooling2D(keepdims=True, name="pyramid_mean")(x)
    mean = normalised_conv(mean, filters, 1, "pyramid_image")
    style: dict[str, Any] = {"use_bias": False, "kernel_initializer": "he_normal"}
    mixed = Conv2D(filters, 1, **style, name="pyramid_mix")(Concatenate(name="pyramid_join")(sides))
    everywhere = Conv2D(filters, 1, **style, name="pyramid_image_mix")(mean)
    # Half the sum, since Average repeats the one pixel of the mean and Add does not; the normalisation undoes the half.
    x = Average(name="pyramid_add")([mixed, everywhere])
    x = BatchNormalization(momentum=MOMENTUM, name="pyramid_bn")(x)
    return Activation("relu", name="pyramid_act")(x)
