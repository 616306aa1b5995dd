"""LR-ASPP: the small head that MobileNetV3 was published with."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tinyseg_kernels.errors import unknown_name

from tinyseg.layers import Activation, Add, Conv2D, GlobalAveragePooling2D, Multiply
from tinyseg.layers.convolution import as_count
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from .blocks import activation_of_classes, enlarged, image_input
from .encoders import encoder as encoder_on
from .units import Units

NETWORKS = ("mobilenet_v3_large", "mobilenet_v3_small")
LOW, HIGH = 8, 16


@checks_arguments("applications.LRASPP")
def LRASPP(
    input_shape: Sequence[int | None] = (None, None, 3),
    classes: int = 2,
    encoder: str = "mobilenet_v3_large",
    encoder_weights: str | os.PathLike[str] | None = None,
    filters: int = 128,
    classifier_activation: ActivationLike = "auto",
    name: str = "lraspp",
) -> Model:
    """Build Lite R-ASPP: the deepest result weighed by the image's mean, and scores of it and of a shallower one added.

        stride 16 -> 1x1 --------------- multiply -> x 2 -> 1x1 to classes -+
            |-> mean -> 1x1 -> sigmoid ---^                                 add -> x 8
        stride 8 ---------------------------------------> 1x1 to classes ---+

    Geometry and names of tensors are those of torchvision's lraspp_mobilenet_v3_large.

    Source: Howard and others, "Searching for MobileNetV3", ICCV 2019 (arXiv:1905.02244), section 6.4.

    Args:
        input_shape: (height, width, channels); height and width may be None, and must be multiples of 16.
        classes: Channels of the output.
        encoder: 'mobilenet_v3_large' or 'mobilenet_v3_small'.
        encoder_weights: Of the encoder alone: a file, 'imagenet' (downloaded), or None: random. For a file of the whole
            network: `tinyseg.weights.load(model, file, model.tensor_names)`.
        filters: Channels of the head.
        classifier_activation: 'softmax', 'sigmoid', or None for logits; 'auto' as for `UNet`.
        name: Name of the model.

    Returns:
        A model from (N, H, W, C) to (N, H, W, classes).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import LRASPP
        >>> LRASPP((64, 96, 3), classes=5, encoder="mobilenet_v3_small").output_shape
        (None, 64, 96, 5)
    """
    if encoder not in NETWORKS:
        raise unknown_name("encoder of LRASPP", encoder, NETWORKS)
    classes, filters = as_count("LRASPP: classes", classes), as_count("LRASPP: filters", filters)
    down = encoder_on(encoder, image_input("LRASPP", input_shape, HIGH), HIGH)
    head = Units(epsilon=1e-5)
    x = head.conv(down.last, filters, 1, "cbr_conv", "classifier.cbr.0")
    x = head.normalised(x, "cbr_bn", "classifier.cbr.1", ("relu", "cbr_act"))
    w = GlobalAveragePooling2D(keepdims=True, name="scale_mean")(down.last)
    w = Activation("sigmoid", name="scale")(head.conv(w, filters, 1, "scale_conv", "classifier.scale.1"))
    x = enlarged(Multiply(name="scaled")([x, w]), HIGH // LOW, "scaled_up")
    scores = [Conv2D(classes, 1, name=f"{side}_classifier")(y) for side, y in (("low", down.first[LOW]), ("high", x))]
    head.table |= {f"{side}_classifier": f"classifier.{side}_classifier" for side in ("low", "high")}
    y = enlarged(Add(name="scores")(scores), LOW, "enlarge")
    chosen = activation_of_classes(classifier_activation, classes)
    model = down.finish(y if chosen is None else Activation(chosen, name="classifier")(y), name, encoder_weights)
    # In its file the encoder is an own part.
    inside = {layer: source.replace("features.", "backbone.") for layer, source in down.table.items()}
    model.tensor_names = inside | head.table
    return model
