"""VGG16 (Simonyan and Zisserman, ICLR 2015, arXiv:1409.1556): thirteen 3x3 convolutions and three dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from tinyseg.layers import Dense, Dropout, Flatten, MaxPooling2D, SymbolicTensor
from tinyseg.models import Model
from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ActivationLike

from ..units import Units, activated
from .known import CAFFE, TORCHVISION, Known, download
from .making import classifier

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


def features(x: SymbolicTensor, units: Units) -> SymbolicTensor:
    """Return the result of the five blocks, of stride 32."""
    position = 0
    for block, (filters, count) in enumerate(BLOCKS, 1):
        for k in range(1, count + 1):
            x = units.conv(x, filters, 3, f"block{block}_conv{k}", f"features.{position}",
                use_bias=True, dilation=units.dilation)  # fmt: skip
            x = activated(x, "relu", f"block{block}_relu{k}")
            position += 2
        strides, _ = units.enter(x, 2)
        if strides == 2:
            x = MaxPooling2D(2, name=f"block{block}_pool")(x)
        position += 1
    return units.reached(x)


def head(x: SymbolicTensor, units: Units, classes: int, drops: float) -> SymbolicTensor:
    """Return the scores of the classes."""
    x = Flatten(name="flatten")(x)
    for k, name in enumerate(("fc1", "fc2")):
        units.table[name] = f"classifier.{3 * k}"
        x = Dense(4096, activation="relu", name=name)(x)
        if drops:
            x = Dropout(drops, name=f"{name}_dropout")(x)
    units.table["predictions"] = "classifier.6"
    return Dense(classes, name="predictions")(x)


VGG16_KNOWN = Known(
    "vgg16", features, head, {}, {"same": True, "momentum": 0.99}, TORCHVISION, CAFFE, drops=0.5,
    weights=download("vgg16-397923af.pth"), pools=False,
)  # fmt: skip


@checks_arguments("applications.VGG16")
def VGG16(
    include_top: bool = True,
    weights: str | PathLike[str] | None = None,
    input_shape: Sequence[int | None] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    variant: str = "torchvision",
    name: str = "vgg16",
) -> Model:
    """Build VGG16, the plainest of the deep networks: every layer is a 3x3 convolution, and every block halves.

    Its first dense layer has 103 of its 138 million parameters and ties it to one size of image: 224 x 224 for
    published weights.

    Args:
        include_top: Whether to end in class scores; otherwise in the last convolution's result.
        weights: None (random), a file (`tinyseg.weights` reads it), or 'imagenet', which is downloaded.
        input_shape: (height, width, channels); (224, 224, 3) when None.
        pooling: Without the top: None, 'avg' or 'max' over each image.
        classes: Channels of the scores.
        classifier_activation: Of the scores; None gives logits.
        variant: 'torchvision', or 'keras': the same layers, other preprocessing, and no dropout.
        name: Name of the model.

    Returns:
        A model from (N, H, W, channels) to (N, classes); its preprocessing belongs to it (`model.preprocess`).

    Raises:
        InvalidInput: An argument out of range, or weights that do not fit.

    Example:
        >>> from tinyseg.applications import VGG16
        >>> VGG16(include_top=False, input_shape=(64, 96, 3)).output_shape
        (None, 2, 3, 512)
    """
    return classifier(
        VGG16_KNOWN, variant, input_shape, include_top, weights, pooling, classes, classifier_activation, name
    )
