"""SegNet: what goes across is only where each maximum stood."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers import MaxPooling2D, MaxUnpooling2D
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import activation_of_classes, class_scores, image_input, normalised_conv


@checks_arguments("applications.SegNet")
def SegNet(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    filters: Sequence[int] = (64, 128, 256, 512, 512),
    convolutions: Sequence[int] = (2, 2, 3, 3, 3),
    activation: ActivationLike = "relu",
    classifier_activation: ActivationLike = "auto",
    name: str = "segnet",
) -> Model:
    """Build SegNet: a way down of convolutions and poolings, and the same way up with the poolings undone: a lesson.

        image -> convolutions -> pool ----- where the maxima stood ----> unpool -> convolutions -> 1x1
                                  |                                        ^
                                 convolutions -> pool -- where -> unpool -> convolutions

    An index for each number goes across instead of all channels, as in a U-Net: sharper edges than an enlargement
    gives, in little memory.

    Source: Badrinarayanan, Kendall, Cipolla, PAMI 2017 (arXiv:1511.00561).

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of 2**levels.
        classes: Channels of the output.
        filters: Channels of each level; those of VGG16 when not given.
        convolutions: How many each level has.
        activation: After each convolution.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' as for `UNet`.
        name: Name of the model.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes).

    Raises:
        InvalidInput: An argument out of range.

    Example:
        >>> from tinyseg.applications import SegNet
        >>> SegNet((64, 96, 3), classes=5, filters=(8, 16), convolutions=(2, 2)).output_shape
        (None, 64, 96, 5)
    """
    classes = as_count("SegNet: classes", classes)
    widths = [as_count("SegNet: filters", width) for width in filters]
    counts = [as_count("SegNet: convolutions", count) for count in convolutions]
    if len(widths) != len(counts) or not widths:
        raise InvalidInput(f"SegNet: expected filters and convolutions of each level, got {widths} and {counts}")
    x = inputs = image_input("SegNet", input_shape, 2 ** len(widths))
    before = []
    for level, (width, count) in enumerate(zip(widths, counts, strict=True), 1):
        for k in range(count):
            x = normalised_conv(x, width, 3, f"down{level}_{k + 1}", activation=activation)
        before.append(x)
        x = MaxPooling2D(2, name=f"down{level}_pool")(x)
    for level in range(len(widths), 0, -1):
        x = MaxUnpooling2D(2, name=f"up{level}_unpool")([x, before[level - 1]])
        below = widths[max(level - 2, 0)]
        for k in range(counts[level - 1]):
            width = below if k == counts[level - 1] - 1 else widths[level - 1]
            x = normalised_conv(x, width, 3, f"up{level}_{k + 1}", activation=activation)
    return Model(inputs, class_scores(x, classes, activation_of_classes(classifier_activation, classes)), name=name)
