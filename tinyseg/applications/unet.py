"""U-Net."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import unknown_name

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

from .blocks import MOMENTUM, activation_of_classes, class_scores, conv_block, image_input, level_widths

DECODERS = ("paper", "light")


@checks_arguments("applications.UNet")
def UNet(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    filters: int | Sequence[int] = 16,
    depth: int = 3,
    batch_normalization: bool = True,
    dropout: float = 0.0,
    decoder: str = "paper",
    activation: ActivationLike = "relu",
    classifier_activation: ActivationLike = "auto",
    name: str = "unet",
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
        depth: Number of poolings.
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

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes). The deepest activations are the output of the layer
        'bottom_conv2' (without batch normalisation) or 'bottom_act2'.

    Raises:
        InvalidInput: A size that is not a multiple of 2**depth, or an argument out of range.

    Example:
        >>> from tinyseg.applications import UNet
        >>> UNet((64, 64, 1), classes=11, filters=8, depth=2).output.shape
        (None, 64, 64, 11)
    """
    depth = as_count("UNet: depth", depth)
    as_count("UNet: classes", classes)
    widths = level_widths("UNet: filters", filters, depth)
    if decoder not in DECODERS:
        raise unknown_name("decoder", decoder, DECODERS)
    style: dict[str, Any] = {"batch_normalization": batch_normalization, "activation": activation}
    x = inputs = image_input("UNet", input_shape, 2**depth)
    across = []
    for level in range(depth):
        x = conv_block(x, widths[level], f"down{level + 1}", **style)
        across.append(x)
        x = MaxPooling2D(2, name=f"down{level + 1}_pool")(x)
    x = conv_block(x, widths[depth], "bottom", **style)
    if dropout:
        x = Dropout(dropout, name="bottom_dropout")(x)
    for level in reversed(range(depth)):
        label = f"up{level + 1}"
        if decoder == "paper":
            x = Conv2DTranspose(widths[level], 2, strides=2, kernel_initializer="he_normal", name=label)(x)
            x = Concatenate(name=f"{label}_join")([x, across[level]])
            x = conv_block(x, widths[level], label, **style)
        else:
            x = _light_up(x, across[level], min(max(2 * widths[level], 16), 32), label, **style)
    classifier_activation = activation_of_classes(classifier_activation, classes)
    return Model(inputs, class_scores(x, classes, classifier_activation), name=name)


def _light_up(
    x: SymbolicTensor,
    skip: SymbolicTensor,
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
    below = UpSampling2D(2, interpolation="bilinear", name=name)(below)
    beside = Conv2D(filters, 1, use_bias=False, kernel_initializer="he_normal", name=f"{name}_skip1")(skip)
    x = Add(name=f"{name}_join")([below, beside])
    if batch_normalization:
        x = BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn1")(x)
    return Activation(activation, name=f"{name}_act1")(x)
