"""U-Net."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg.layers import (
    Activation,
    Add,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Dropout,
    MaxPooling2D,
    SymbolicTensor,
    UpSampling2D,
)
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import MOMENTUM, activation_of_classes, class_scores, conv_block, enlarged, image_input, level_widths
from .encoders import Encoder, deepest
from .encoders import encoder as encoder_on

DECODERS = ("paper", "light")


@checks_arguments("applications.UNet")
def UNet(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    filters: int | Sequence[int] = 16,
    depth: int | None = None,
    batch_normalization: bool = True,
    dropout: float = 0.0,
    decoder: str = "paper",
    activation: ActivationLike = "relu",
    classifier_activation: ActivationLike = "auto",
    name: str = "unet",
    encoder: str | None = None,
    encoder_weights: str | os.PathLike[str] | None = None,
    separable: bool = False,
) -> Model:
    """Build a U-Net (Ronneberger, Fischer, Brox, MICCAI 2015) whose output has the size of its input.

    The padding is 'same'.

        image -> block(f) ------------------------------ concatenate -> block(f) -> 1x1 -> softmax
                   | pool                                     ^ up
                 block(2f) ------------- concatenate -> block(2f)
                   | pool                     ^ up
                 block(4f) -> ... -> block(2^depth f)

    The way down sees ever larger parts of the image; the connections across bring back where exactly things were.

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of 2**depth when it
            runs.
        classes: Channels of the output, one per class.
        filters: Channels of the first block; each level below has twice as many. Or the channels of each of the depth +
            1 levels.
        depth: Number of poolings; 3 when None, with an encoder as often as it halves, mostly 5.
        batch_normalization: Normalise after each convolution, which makes training faster and less dependent on the
            learning rate.
        dropout: Share of the deepest block's activations to drop in training.
        decoder: 'paper' (Conv2DTranspose 2x2, then two 3x3 convolutions) or 'light' (bilinear enlargement, then one 1x1
            convolution to 16 or 32 channels: most of the work is then on the way down, and the network learns in fewer
            steps what a thing *is*).
        activation: Activation after each convolution.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' is 'softmax', and 'sigmoid' for one
            class, whose softmax would always be 1.
        name: Name of the model.
        encoder: A known network as the way down, one of `tinyseg.applications.ENCODERS` such as 'mobilenet_v2'; images
            are then made what it expects by `model.preprocess`.
        encoder_weights: Of the encoder: a file, 'imagenet' (downloaded), or None: random.
        separable: Whether the 3x3 convolutions take each channel by itself, and 1x1 ones mix the channels: up to nine
            times fewer operations. The way up is then enlarged by blending, not by transposed convolutions.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes). The deepest activations are the output of the layer
        'bottom_conv2' (without batch normalisation) or 'bottom_act2'.

    Raises:
        InvalidInput: A size that is not a multiple of 2**depth, or an argument out of range; weights that do not fit.

    Example:
        >>> from tinyseg.applications import UNet
        >>> UNet((64, 64, 1), classes=11, filters=8, depth=2).output.shape
        (None, 64, 64, 11)
    """
    depth = as_count("UNet: depth", (3 if encoder is None else deepest(encoder)) if depth is None else depth)
    as_count("UNet: classes", classes)
    widths = level_widths("UNet: filters", filters, depth)
    if decoder not in DECODERS:
        raise unknown_name("decoder", decoder, DECODERS)
    style: dict[str, Any] = {"batch_normalization": batch_normalization, "activation": activation}
    if separable and encoder is not None:
        raise InvalidInput(f"UNet: separable: expected no encoder, got {encoder!r}")
    blocks = {**style, "separable": separable}
    image = image_input("UNet", input_shape, 2**depth)
    across: list[SymbolicTensor | None]
    if encoder is None:
        x, across = _down(image, widths, **blocks)
        body = None
    else:
        body, x, across = _encoded(image, encoder, depth)
    if dropout:
        x = Dropout(dropout, name="bottom_dropout")(x)
    for level in reversed(range(depth)):
        label = f"up{level + 1}"
        if decoder == "paper":
            x = _paper_up(x, across[level], widths[level], label, **blocks)
        else:
            x = _light_up(x, across[level], min(max(2 * widths[level], 16), 32), label, **style)
    scores = class_scores(x, classes, activation_of_classes(classifier_activation, classes))
    return Model(image, scores, name=name) if body is None else body.finish(scores, name, encoder_weights)


def _down(x: SymbolicTensor, widths: Sequence[int], **style: Any) -> tuple[SymbolicTensor, list[SymbolicTensor | None]]:
    """Return the deepest result and, for each level, the one that goes across."""
    across: list[SymbolicTensor | None] = []
    for level, width in enumerate(widths[:-1], 1):
        x = conv_block(x, width, f"down{level}", **style)
        across.append(x)
        x = MaxPooling2D(2, name=f"down{level}_pool")(x)
    return conv_block(x, widths[-1], "bottom", **style), across


def _encoded(
    image: SymbolicTensor, name: str, depth: int
) -> tuple[Encoder, SymbolicTensor, list[SymbolicTensor | None]]:
    """Return the encoder, its result of stride 2**depth and, for each level, the one that goes across.

    Most have none of the image's own size.
    """
    down = encoder_on(name, image)
    if 2**depth not in down.levels:
        raise InvalidInput(f"UNet: depth: the encoder {name!r} has the strides {list(down.levels)}, got 2**{depth}")
    return down, down.levels[2**depth], [down.levels.get(2**level) for level in range(depth)]


def _paper_up(x: SymbolicTensor, skip: SymbolicTensor | None, filters: int, name: str, **style: Any) -> SymbolicTensor:
    """Enlarge x, join it with the connection across, convolve twice."""
    if style["separable"]:  # to few channels while the map is small
        x = Conv2D(filters, 1, use_bias=False, kernel_initializer="he_normal", name=f"{name}_few")(x)
        x = enlarged(x, 2, name)
    else:
        x = Conv2DTranspose(filters, 2, strides=2, kernel_initializer="he_normal", name=name)(x)
    if skip is not None:
        x = Concatenate(name=f"{name}_join")([x, skip])
    return conv_block(x, filters, name, **style)


def _light_up(
    x: SymbolicTensor,
    skip: SymbolicTensor | None,
    filters: int,
    name: str,
    *,
    batch_normalization: bool,
    activation: ActivationLike,
) -> SymbolicTensor:
    """Enlarge x, join it with the connection across, convolve 1x1.

    A 1x1 convolution of joined channels is the sum of one of each part, and it may come before the enlargement, since
    both are linear and one works on channels, the other on pixels. So most of it is computed on the small image:
    convolve both, enlarge, add.
    """
    bias = not batch_normalization
    below = Conv2D(filters, 1, use_bias=bias, kernel_initializer="he_normal", name=f"{name}_conv1")(x)
    x = UpSampling2D(2, interpolation="bilinear", name=name)(below)
    if skip is not None:
        beside = Conv2D(filters, 1, use_bias=False, kernel_initializer="he_normal", name=f"{name}_skip1")(skip)
        x = Add(name=f"{name}_join")([x, beside])
    if batch_normalization:
        x = BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn1")(x)
    return Activation(activation, name=f"{name}_act1")(x)
