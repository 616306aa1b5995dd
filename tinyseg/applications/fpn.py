"""FPN: a feature pyramid for segmentation."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers import Add, Conv2D, Dropout, SymbolicTensor, UpSampling2D
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import enlarged, enlarged_classes, image_input, normalised_conv
from .encoders import encoder as encoder_on

STRIDES = (4, 8, 16, 32)


@checks_arguments("applications.FPN")
def FPN(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    encoder: str = "resnet18",
    encoder_weights: str | os.PathLike[str] | None = None,
    pyramid_filters: int = 256,
    filters: int = 128,
    dropout: float = 0.2,
    classifier_activation: ActivationLike = "auto",
    name: str = "fpn",
) -> Model:
    """Build a feature pyramid network: every level is told what the deeper ones know, then all are read together.

        stride 32 -> 1x1 ----------------------> three times 3x3 and enlarge -+
                      | nearest, x 2                                          |
        stride 16 -> 1x1, add -----------------> twice 3x3 and enlarge -------+
                      |                                                       +-> add -> 1x1 -> x 4
        stride 8  -> 1x1, add -----------------> once 3x3 and enlarge --------+
                      |                                                       |
        stride 4  -> 1x1, add -----------------> 3x3 -------------------------+

    Source: Lin and others, CVPR 2017 (arXiv:1612.03144); the part for segmentation: Kirillov and others, "Panoptic
    Feature Pyramid Networks", CVPR 2019 (arXiv:1901.02446), here with batch instead of group normalisation.

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of 32.
        classes: Channels of the output.
        encoder: One of `tinyseg.applications.ENCODERS` with a stride of 32.
        encoder_weights: A file, 'imagenet' (downloaded), or None: random.
        pyramid_filters: Channels of the pyramid.
        filters: Channels of what is read from each level.
        dropout: Share of these to drop.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' as for `UNet`.
        name: Name of the model.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import FPN
        >>> FPN((64, 96, 3), classes=5, pyramid_filters=32, filters=16).output_shape
        (None, 64, 96, 5)
    """
    pyramid_filters = as_count("FPN: pyramid_filters", pyramid_filters)
    filters, classes = as_count("FPN: filters", filters), as_count("FPN: classes", classes)
    down = encoder_on(encoder, image_input("FPN", input_shape, STRIDES[-1]))
    if down.output_stride != STRIDES[-1]:
        raise InvalidInput(f"FPN: encoder: expected one of stride 32, {encoder!r} has {down.output_stride}")
    above: SymbolicTensor | None = None
    read = []
    for k, stride in reversed(list(enumerate(STRIDES))):
        x = Conv2D(pyramid_filters, 1, kernel_initializer="he_normal", name=f"pyramid{stride}")(down.levels[stride])
        if above is not None:
            x = Add(name=f"pyramid{stride}_add")([x, UpSampling2D(2, name=f"pyramid{stride}_up")(above)])
        above = x
        for step in range(max(k, 1)):
            x = normalised_conv(x, filters, 3, f"read{stride}_{step + 1}")
            x = enlarged(x, 2 if k else 1, f"read{stride}_up{step + 1}")
        read.append(x)
    x = Add(name="read_add")(read)
    if dropout:
        x = Dropout(dropout, name="read_dropout")(x)
    return down.finish(enlarged_classes(x, classes, STRIDES[0], classifier_activation), name, encoder_weights)
