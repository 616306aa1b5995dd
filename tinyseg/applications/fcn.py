"""FCN: a fully convolutional network without connections across."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg.layers import Activation, MaxPooling2D, UpSampling2D
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import activation_of_classes, class_scores, conv_block, image_input, level_widths


@checks_arguments("applications.FCN")
def FCN(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    filters: int | Sequence[int] = 16,
    depth: int = 3,
    batch_normalization: bool = True,
    activation: ActivationLike = "relu",
    classifier_activation: ActivationLike = "auto",
    name: str = "fcn",
) -> Model:
    """Build the plain way from a classifier to a segmentation: convolve and pool, score each place, enlarge the scores.

    After Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation, CVPR 2015 (its FCN-32s
    form). Cheap, and blurred at edges, since the poolings' positions are lost: compare with `UNet`.

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of 2**depth when it
            runs, or the output is smaller than the image.
        classes: Channels of the output.
        filters: Channels of the first block; each level below has twice as many. Or the channels of each of the depth +
            1 levels.
        depth: Number of poolings.
        batch_normalization: Normalise after each convolution.
        activation: Activation after each convolution.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' is 'softmax', and 'sigmoid' for one
            class, whose softmax would always be 1.
        name: Name of the model.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes).

    Raises:
        InvalidInput: A size that is not a multiple of 2**depth, or an argument out of range.

    Example:
        >>> from tinyseg.applications import FCN
        >>> FCN((64, 64, 1), classes=3, filters=8, depth=2).output_shape
        (None, 64, 64, 3)
    """
    depth = as_count("FCN: depth", depth)
    as_count("FCN: classes", classes)
    widths = level_widths("FCN: filters", filters, depth)
    x = inputs = image_input("FCN", input_shape, 2**depth)
    for level in range(depth):
        x = conv_block(
            x, widths[level], f"down{level + 1}", batch_normalization=batch_normalization, activation=activation
        )
        x = MaxPooling2D(2, name=f"down{level + 1}_pool")(x)
    x = conv_block(x, widths[depth], "bottom", batch_normalization=batch_normalization, activation=activation)
    classifier_activation = activation_of_classes(classifier_activation, classes)
    x = class_scores(x, classes, None)
    x = UpSampling2D(2**depth, interpolation="bilinear", name="enlarge")(x)
    if classifier_activation is not None:
        x = Activation(classifier_activation, name="classifier")(x)
    return Model(inputs, x, name=name)
