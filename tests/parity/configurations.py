"""Layer configurations drawn by a seeded generator.

Each is a function of its layer's name and a number alone: `Conv2D-017` is the same in every run, whatever else is
drawn, so one that fails can be run by itself (`pytest "tests/parity/test_layers.py::test_layer[Conv2D-017]"`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.layers.cases import Case, Shape

ACTIVATIONS = [
    "linear", "relu", "leaky_relu", "sigmoid", "tanh", "gelu", "silu", "elu", "selu", "softplus", "hard_sigmoid",
    "hard_silu", "relu6", "mish", "softmax",
]  # fmt: skip

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Configuration:
    """One layer with arguments and input shapes, in a dtype, in training or inference."""

    number: int
    case: Case
    dtype: str
    training: bool

    def __str__(self) -> str:
        """Name the configuration in the test's id."""
        return f"{self.case.name}-{self.number:03d}"


class Draw:
    """Random choices, all from one seed."""

    def __init__(self, name: str, number: int) -> None:
        """Start where this name and number start."""
        self.rng = np.random.default_rng([zlib.crc32(name.encode()), number])

    def integer(self, low: int, high: int) -> int:
        """Draw from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def pick(self, *options: Any) -> Any:
        """Draw one of the options."""
        return options[self.integer(0, len(options) - 1)]

    def flag(self) -> bool:
        """Draw yes or no."""
        return bool(self.pick(True, False))

    def pair(self, low: int, high: int) -> Any:
        """Draw a number for height and one for width; sometimes one number for both, as users write it."""
        return (
            self.integer(low, high) if self.integer(0, 3) == 0 else (self.integer(low, high), self.integer(low, high))
        )

    def image(self, least: tuple[int, int] = (1, 1)) -> Shape:
        """Draw the shape of images that are not square and have at least this height and width.

        One image and one channel are frequent.
        """
        height = least[0] + self.integer(0, 7)
        width = least[1] + self.integer(0, 7)
        return (self.pick(1, 2, 3), height, width + (width == height), self.pick(1, 2, 3, 5))

    def shape(self, low: int, high: int) -> Shape:
        """Draw a shape (N, ..., C) with this many axes, N included."""
        return (self.integer(1, 4), *(self.integer(2, 6) for _ in range(self.integer(low, high) - 1)))

    def activation(self, channels: int) -> str:
        """Draw an activation; a softmax needs more than one channel (Keras warns of it)."""
        return self.pick(*ACTIVATIONS[: None if channels > 1 else -1])


def both(value: Any) -> tuple[int, int]:
    """Return a pair for what may be one number for both."""
    return value if isinstance(value, tuple) else (value, value)


# What slides over images ----------------------------------------------------------------------------------------------


def sliding(d: Draw, dilates: bool = True) -> tuple[Any, Arguments]:
    """Draw a window and how it moves: Keras has no dilation together with strides."""
    window, arguments = d.pair(1, 4), {"padding": d.pick("valid", "same")}
    moves = d.pick("each", "strides", "strides", "dilation" if dilates else "strides")
    if moves == "strides":
        arguments["strides"] = d.pair(1, 5)
    elif moves == "dilation":
        arguments["dilation_rate"] = d.pair(1, 3)
    return window, arguments


def image_under(d: Draw, window: Any, arguments: Arguments) -> Shape:
    """Draw images that the window fits into; with padding 'same' they may be smaller than it."""
    if arguments["padding"] == "same":
        return d.image()
    spans = [(k - 1) * r + 1 for k, r in zip(both(window), both(arguments.get("dilation_rate", 1)), strict=True)]
    return d.image((spans[0], spans[1]))


def convolution(d: Draw) -> tuple[Arguments, Shape]:
    """Draw what all convolutions have but the number of channels; the activation depends on that."""
    window, arguments = sliding(d)
    arguments |= {"kernel_size": window, "use_bias": d.flag()}
    return arguments, image_under(d, window, arguments)


def mixing_convolution(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a convolution with a number of filters."""
    arguments, shape = convolution(d)
    filters = d.integer(1, 5)
    return {"filters": filters, "activation": d.activation(filters), **arguments}, shape


def depthwise(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a convolution of each channel by itself."""
    arguments, shape = convolution(d)
    multiplier = d.integer(1, 3)
    return {
        "depth_multiplier": multiplier,
        "activation": d.activation(multiplier * shape[-1]),
        **arguments,
    }, shape


def separable(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a depthwise convolution with one of 1 x 1 behind it."""
    arguments, shape = mixing_convolution(d)
    return {**arguments, "depth_multiplier": d.integer(1, 3)}, shape


def transposed(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a transposed convolution, whose window may be larger than the image."""
    arguments, _ = mixing_convolution(d)
    return arguments, (d.pick(1, 2, 3), d.integer(1, 3), d.integer(4, 6), d.pick(1, 2, 3, 5))


def pooling(d: Draw) -> tuple[Arguments, Shape]:
    """Draw windows that touch, overlap (strides below their size) or leave gaps (strides above it)."""
    window, arguments = sliding(d, dilates=False)
    return {"pool_size": window, **arguments}, image_under(d, window, arguments)


# The others -----------------------------------------------------------------------------------------------------------


def borders(d: Draw) -> Any:
    """Draw numbers of rows and columns for all sides in one of the three forms."""
    form = d.pick("sides", "sides", "axes", "one")
    if form == "sides":
        top, left = d.integer(0, 3), d.integer(0, 3)
        return ((top, d.integer(0, 3)), (left, d.integer(0 if left else 1, 3)))
    return (d.integer(0, 3), d.integer(1, 3)) if form == "axes" else d.integer(1, 3)


def cropping(d: Draw) -> tuple[Arguments, Shape]:
    """Draw borders, and images of which something is left."""
    cut = borders(d)
    sides = [side if isinstance(side, tuple) else (side, side) for side in both(cut)]
    return {"cropping": cut}, d.image((sum(sides[0]) + 1, sum(sides[1]) + 1))


def dense(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a dense layer on two to four axes."""
    units = d.integer(1, 6)
    return {"units": units, "activation": d.activation(units), "use_bias": d.flag()}, d.shape(2, 4)


def batch_normalization(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a normalisation over at least eight numbers per channel: of two, nothing but their order is left."""
    arguments = {
        "momentum": d.pick(0.99, 0.9, 0.5, 0.0),
        "epsilon": d.pick(1e-3, 1e-5, 0.1),
        "center": d.flag(),
        "scale": d.flag(),
    }
    channels = d.integer(1, 5)
    few = d.integer(1, 3)
    return arguments, d.pick((d.integer(8, 12), channels), (few, 8, channels), (few, d.integer(4, 6), 3, channels))


def reshape(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a target whose lengths are those of the input in another order, some joined, one perhaps to be worked
    out.
    """
    shape = d.shape(2, 5)
    lengths = [int(n) for n in d.rng.permutation(shape[1:])]
    if len(lengths) > 1 and d.flag():
        lengths = [lengths[0] * lengths[1], *lengths[2:]]
    if d.flag():
        lengths[d.integer(0, len(lengths) - 1)] = -1
    return {"target_shape": tuple(lengths)}, shape


def concatenation(d: Draw) -> tuple[Arguments, list[Shape]]:
    """Draw two to four inputs that differ along the axis."""
    shape = d.shape(2, 4)
    axis = d.integer(1, len(shape) - 1)
    inputs = [(*shape[:axis], d.integer(1, 4), *shape[axis + 1 :]) for _ in range(d.integer(2, 4))]
    return {"axis": d.pick(axis, axis - len(shape))}, inputs


def softmax(d: Draw) -> tuple[Arguments, Shape]:
    """Draw an axis other than the batch, counted from either end."""
    shape = d.shape(2, 4)
    axis = d.integer(1, len(shape) - 1)
    return {"axis": d.pick(axis, axis - len(shape))}, shape


def several(d: Draw, least: int = 2, most: int = 4) -> list[Shape]:
    """Draw inputs of one shape, one of them at times with a length of 1 that is repeated."""
    shape = d.shape(2, 4)
    shapes = [shape] * d.integer(least, most)
    if d.flag():
        axis, k = d.integer(1, len(shape) - 1), d.integer(0, len(shapes) - 1)
        shapes[k] = (*shape[:axis], 1, *shape[axis + 1 :])
    return shapes


def layer_normalization(d: Draw) -> tuple[Arguments, Shape]:
    """Draw one axis or two, with at least eight numbers in them."""
    shape = (d.integer(1, 3), d.integer(3, 5), d.integer(3, 4), d.integer(8, 10))
    arguments = {"axis": d.pick(-1, 3, [-1, -2], [1, 3]), "epsilon": d.pick(1e-3, 0.1), "scale": d.flag()}
    return {**arguments, "center": d.flag()}, shape


def group_normalization(d: Draw) -> tuple[Arguments, Shape]:
    """Draw groups that divide the channels."""
    groups, each = d.integer(1, 4), d.integer(1, 3)
    shape = (d.integer(1, 3), d.integer(4, 6), d.integer(3, 5), groups * each)
    chosen = -1 if each == 1 else groups
    return {"groups": chosen, "epsilon": d.pick(1e-3, 0.1), "scale": d.flag(), "center": d.flag()}, shape


def grouped(d: Draw, drawn: tuple[Arguments, Shape]) -> tuple[Arguments, Shape]:
    """Give a convolution groups in one of three."""
    arguments, shape = drawn
    if d.integer(0, 2):
        return arguments, shape
    groups = d.pick(2, 3)
    return {**arguments, "groups": groups, "filters": groups * arguments["filters"]}, (*shape[:3], groups * shape[3])


def resizing(d: Draw) -> tuple[Arguments, Shape]:
    """Draw a size, an interpolation, and whether it looks at all pixels."""
    name = d.pick("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    arguments = {"height": d.integer(1, 9), "width": d.integer(1, 9), "interpolation": name, "antialias": d.flag()}
    return arguments, d.image()


GENERATORS: dict[str, tuple[int, Callable[[Draw], tuple[Arguments, Any]]]] = {
    "Activation": (14, lambda d: ({"activation": d.pick(*ACTIVATIONS)}, d.shape(2, 4))),
    "Add": (10, lambda d: ({}, several(d))),
    "Average": (6, lambda d: ({}, several(d))),
    "AveragePooling2D": (40, pooling),
    "BatchNormalization": (36, batch_normalization),
    "Concatenate": (16, concatenation),
    "Conv2D": (84, lambda d: grouped(d, mixing_convolution(d))),
    "Conv2DTranspose": (52, transposed),
    "Cropping2D": (12, cropping),
    "Dense": (24, dense),
    "DepthwiseConv2D": (40, depthwise),
    "Dropout": (8, lambda d: ({"rate": d.pick(0.0, 0.25, 0.6)}, d.shape(2, 4))),
    "ELU": (6, lambda d: ({"alpha": d.pick(1.0, 0.3, 2.0)}, d.shape(2, 4))),
    "Flatten": (8, lambda d: ({}, d.shape(2, 5))),
    "GlobalAveragePooling2D": (8, lambda d: ({"keepdims": d.flag()}, d.image())),
    "GlobalMaxPooling2D": (8, lambda d: ({"keepdims": d.flag()}, d.image())),
    "GroupNormalization": (12, group_normalization),
    "LayerNormalization": (12, layer_normalization),
    "LeakyReLU": (6, lambda d: ({"negative_slope": d.pick(0.0, 0.01, 0.3, 0.9)}, d.shape(2, 4))),
    "MaxPooling2D": (40, pooling),
    "Maximum": (6, lambda d: ({}, several(d))),
    "Minimum": (6, lambda d: ({}, several(d))),
    "Multiply": (8, lambda d: ({}, several(d))),
    "PReLU": (6, lambda d: ({"shared_axes": d.pick(None, [1, 2], [2])}, d.image())),
    "Rescaling": (4, lambda d: ({"scale": d.pick(1 / 255, 2.0), "offset": d.pick(0.0, -1.0)}, d.shape(2, 4))),
    "Resizing": (20, resizing),
    "ReLU": (
        10,
        lambda d: (
            {
                "max_value": d.pick(None, 6, 0.7),
                "negative_slope": d.pick(0.0, 0.2),
                "threshold": d.pick(0.0, 0.0, 0.3),
            },
            d.shape(2, 4),
        ),
    ),
    "Reshape": (12, reshape),
    "SeparableConv2D": (32, separable),
    "Softmax": (12, softmax),
    "SpatialDropout2D": (4, lambda d: ({"rate": d.pick(0.0, 0.25, 0.6)}, d.image())),
    "Subtract": (6, lambda d: ({}, several(d, 2, 2))),
    "UpSampling2D": (
        24,
        lambda d: (
            {"size": d.pair(1, 4), "interpolation": d.pick("nearest", "bilinear", "bicubic", "lanczos3")},
            d.image(),
        ),
    ),
    "ZeroPadding2D": (12, lambda d: ({"padding": borders(d)}, d.image())),
}
"""For each layer: how many configurations, and how one is drawn."""


def configuration(name: str, number: int) -> Configuration:
    """Draw one configuration.

    Both dtypes take turns, and training with inference where a layer does not do the same in both.
    """
    d = Draw(name, number)
    arguments, shape = GENERATORS[name][1](d)
    training = name == "BatchNormalization" and number % 4 < 2
    if name == "Dropout" and arguments["rate"] == 0:
        training = d.flag()
    return Configuration(number, Case(name, arguments, shape), ("float64", "float32")[number % 2], training)


CONFIGURATIONS = [configuration(name, k) for name, (count, _) in GENERATORS.items() for k in range(count)]
