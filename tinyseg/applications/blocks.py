"""Groups of layers that several networks use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers import Activation, BatchNormalization, Conv2D, Input, SeparableConv2D, SymbolicTensor, UpSampling2D
from tinyseg.layers.convolution import as_count
from tinyseg.utils.types import ActivationLike

MOMENTUM = 0.9
"""Of the running statistics.

Keras's default, 0.99, follows so slowly that a network of a few hundred steps is measured with statistics of its youth.
"""


def conv_block(
    x: SymbolicTensor,
    filters: int,
    name: str,
    *,
    batch_normalization: bool,
    activation: ActivationLike,
    separable: bool = False,
) -> SymbolicTensor:
    """Two 3x3 convolutions of the same width, each followed by batch normalisation (if asked for) and activation.

    With `separable` each is one of every channel by itself and one of 1x1.

    The layers are called '<name>_conv1', '<name>_bn1', '<name>_conv2', ... so that weights can be moved by name.
    """
    start: dict[str, Any] = {"depthwise_initializer" if separable else "kernel_initializer": "he_normal"}
    if separable:
        start["pointwise_initializer"] = "he_normal"
    convolution: Any = SeparableConv2D if separable else Conv2D
    for k in (1, 2):
        style = {**start, "padding": "same", "name": f"{name}_conv{k}"}
        if batch_normalization:
            # The bias would only be taken out again by the mean.
            x = convolution(filters, 3, use_bias=False, **style)(x)
            x = BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn{k}")(x)
            x = Activation(activation, name=f"{name}_act{k}")(x)
        else:
            x = convolution(filters, 3, activation=activation, **style)(x)
    return x


def normalised_conv(
    x: SymbolicTensor, filters: int, size: int, name: str, *, dilation: int = 1, activation: ActivationLike = "relu"
) -> SymbolicTensor:
    """Convolution, normalisation, activation: '<name>_conv', '<name>_bn', '<name>_act'."""
    x = Conv2D(
        filters,
        size,
        padding="same",
        dilation_rate=dilation,
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    x = BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn")(x)
    return Activation(activation, name=f"{name}_act")(x)


def enlarged(x: SymbolicTensor, factor: int, name: str) -> SymbolicTensor:
    """Return x enlarged by blending neighbours; as it is for a factor of 1."""
    result: SymbolicTensor = x if factor == 1 else UpSampling2D(factor, interpolation="bilinear", name=name)(x)
    return result


def enlarged_classes(x: SymbolicTensor, classes: int, factor: int, activation: ActivationLike) -> SymbolicTensor:
    """Return scores of the classes, made on small maps, enlarged to the image and activated there."""
    x = enlarged(class_scores(x, classes, None), factor, "enlarge")
    chosen = activation_of_classes(activation, classes)
    return x if chosen is None else Activation(chosen, name="classifier")(x)


def level_widths(name: str, filters: int | Sequence[int], depth: int) -> list[int]:
    """Return the channels of each level, from the first to the bottom: doubled level by level, or as given.

    Example:
        >>> from tinyseg.applications import level_widths
        >>> level_widths("unet", 16, 3)
        [16, 32, 64, 128]
    """
    if not isinstance(filters, Sequence):
        filters = [as_count(name, filters) * 2**level for level in range(depth + 1)]
    if len(filters) != depth + 1:
        raise InvalidInput(f"{name}: expected {depth + 1} numbers for depth {depth}, got {list(filters)}")
    return [as_count(name, count) for count in filters]


def image_input(network: str, input_shape: Sequence[int | None], multiple_of: int) -> SymbolicTensor:
    """Return the input of a network for images (height, width, channels); height and width may be None."""
    if len(input_shape) != 3:
        raise InvalidInput(f"{network}: input_shape: expected (height, width, channels), got {tuple(input_shape)}")
    for size in input_shape[:2]:
        if size is not None and size % multiple_of:
            raise InvalidInput(
                f"{network}: input_shape: expected height and width to be multiples of {multiple_of}, "
                f"got {tuple(input_shape)}"
            )
    return Input(shape=tuple(input_shape), name="image")


def activation_of_classes(activation: ActivationLike, classes: int) -> ActivationLike:
    """Return the last activation: for 'auto' a softmax, for one class a sigmoid.

    A softmax over one number is always 1.
    """
    if isinstance(activation, str) and activation == "auto":
        return "sigmoid" if classes == 1 else "softmax"
    return activation


def class_scores(x: SymbolicTensor, classes: int, activation: ActivationLike) -> SymbolicTensor:
    """Return the head of a segmentation network: a 1x1 convolution to one value per class and pixel.

    With two classes it has two outputs and a softmax like any other number of classes, so that losses, metrics and
    masks need no special case.
    """
    return Conv2D(classes, 1, activation=activation, name="scores")(x)
