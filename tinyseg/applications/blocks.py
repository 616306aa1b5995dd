"""Groups of layers that several networks use."""

from __future__ import annotations

from typing import Any

from tinyseg.layers import Activation, BatchNormalization, Conv2D, Input, SymbolicTensor


def conv_block(
    x: SymbolicTensor, filters: int, name: str, *, convolutions: int = 2, batch_normalization: bool, activation: Any
) -> SymbolicTensor:
    """Some 3x3 convolutions of the same width, each followed by batch normalisation (if asked for) and activation.

    The layers are called '<name>_conv1', '<name>_bn1', '<name>_conv2', ... so that weights can be moved by name.
    """
    for k in range(1, convolutions + 1):
        if batch_normalization:
            # The bias would only be taken out again by the mean.
            x = Conv2D(
                filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv{k}"
            )(x)
            x = BatchNormalization(name=f"{name}_bn{k}")(x)
            x = Activation(activation, name=f"{name}_act{k}")(x)
        else:
            x = Conv2D(
                filters,
                3,
                padding="same",
                activation=activation,
                kernel_initializer="he_normal",
                name=f"{name}_conv{k}",
            )(x)
    return x


def image_input(input_shape: Any) -> SymbolicTensor:
    """Return the input of a network for images (height, width, channels); height and width may be None."""
    return Input(shape=tuple(input_shape), name="image")


def class_scores(x: SymbolicTensor, classes: int, activation: Any) -> SymbolicTensor:
    """Return the head of a segmentation network: a 1x1 convolution to one value per class and pixel.

    With two classes it has two outputs and a softmax like any other number of classes, so that losses, metrics and masks need no special case.
    """
    return Conv2D(classes, 1, activation=activation, name="scores")(x)
