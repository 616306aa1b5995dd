"""FCN-8s: scores from three depths, added."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers import Activation, Add, Conv2D, Dropout
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import activation_of_classes, enlarged, image_input
from .encoders import encoder as encoder_on

STRIDES = (32, 16, 8)


@checks_arguments("applications.FCN8s")
def FCN8s(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    encoder: str = "vgg16",
    encoder_weights: str | os.PathLike[str] | None = None,
    filters: int = 4096,
    dropout: float = 0.5,
    classifier_activation: ActivationLike = "auto",
    name: str = "fcn8s",
) -> Model:
    """Build FCN-8s, the network of a classifier that was turned into a segmenter: a lesson.

        stride 32 -> dense layers as 7x7 and 1x1 convolutions -> scores -> x 2 -+
        stride 16 ----------------------------------------------> scores ------ add -> x 2 -+
        stride 8 -----------------------------------------------> scores ----------------- add -> x 8

    Each depth votes for itself, and votes are added; a U-Net joins channels instead and convolves once more. The
    enlargement is bilinear, from which the paper's transposed convolutions start.

    Source: Long, Shelhamer, Darrell, CVPR 2015 (arXiv:1411.4038).

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of 32.
        classes: Channels of the output.
        encoder: One of `tinyseg.applications.ENCODERS` with a stride of 32.
        encoder_weights: A file, 'imagenet' (downloaded), or None: random.
        filters: Channels of the two convolutions that were dense layers.
        dropout: Share of their activations to drop.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' as for `UNet`.
        name: Name of the model.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import FCN8s
        >>> FCN8s((64, 96, 3), classes=5, filters=32).output_shape
        (None, 64, 96, 5)
    """
    classes, filters = as_count("FCN8s: classes", classes), as_count("FCN8s: filters", filters)
    down = encoder_on(encoder, image_input("FCN8s", input_shape, STRIDES[0]))
    if STRIDES[0] not in down.levels:
        raise InvalidInput(f"FCN8s: encoder: expected one of stride 32, {encoder!r} has {down.output_stride}")
    x = down.last
    for k, size in ((6, 7), (7, 1)):
        x = Conv2D(
            filters, size, padding="same", activation="relu", kernel_initializer="he_normal", name=f"fc{k}_conv"
        )(x)
        if dropout:
            x = Dropout(dropout, name=f"fc{k}_dropout")(x)
    y = Conv2D(classes, 1, name=f"scores{STRIDES[0]}")(x)
    for stride in STRIDES[1:]:
        beside = Conv2D(classes, 1, name=f"scores{stride}")(down.levels[stride])
        y = Add(name=f"add{stride}")([enlarged(y, 2, f"up{stride}"), beside])
    y = enlarged(y, STRIDES[-1], "enlarge")
    chosen = activation_of_classes(classifier_activation, classes)
    return down.finish(y if chosen is None else Activation(chosen, name="classifier")(y), name, encoder_weights)
