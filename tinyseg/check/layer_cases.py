"""For each layer, configurations worth checking: odd and non-square images, strides that overlap and that leave gaps, even kernels, one channel."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinyseg import layers
from tinyseg.layers import Layer

from .gradients import gradients
from .report import GradientReport


class LayerCase(NamedTuple):
    """One configuration of a layer: its class, arguments, and the shapes of its inputs."""

    layer: type[Layer]
    arguments: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...] = ((2, 5, 6, 3),)

    @property
    def label(self) -> str:
        """Return 'Conv2D(filters=2, kernel_size=3) on (2, 5, 6, 3)'."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.layer.__name__}({given}) on {', '.join(map(str, self.shapes))}"

    def check(
        self, backend: str | None = None, limit: int = 60, seed: int = 0, *, emulate: bool = False
    ) -> GradientReport:
        """Check the gradients by all inputs and parameters; these are random, since zeros and ones hide mistakes."""
        layer = self.layer(dtype="float64", **self.arguments)
        rng = np.random.default_rng([seed, 1])
        inputs = [rng.standard_normal(shape) for shape in self.shapes]
        layer.ensure_built([array.shape for array in inputs], "float64")
        for parameter in layer.parameters.values():
            parameter[...] = rng.uniform(0.5, 1.5, parameter.shape) * rng.choice((-1.0, 1.0), parameter.shape)
        return gradients(layer, *inputs, limit=limit, seed=seed, backend=backend, emulate=emulate)


def _case(layer: type[Layer], *shapes: tuple[int, ...], **arguments: Any) -> LayerCase:
    return LayerCase(layer, arguments, shapes or ((2, 5, 6, 3),))


LAYER_CASES: tuple[LayerCase, ...] = (
    _case(layers.Activation, activation="relu"),
    _case(layers.Activation, activation="sigmoid"),
    _case(layers.Activation, activation="tanh"),
    _case(layers.Add, (2, 3, 4, 2), (2, 3, 4, 2), (2, 3, 4, 2)),
    _case(layers.AveragePooling2D, pool_size=2),
    _case(layers.AveragePooling2D, pool_size=(3, 2), strides=(2, 1), padding="same"),
    _case(layers.BatchNormalization),
    _case(layers.BatchNormalization, (7, 4), scale=False),
    _case(layers.Concatenate, (2, 3, 4, 2), (2, 3, 4, 1)),
    _case(layers.Conv2D, filters=2, kernel_size=3),
    _case(layers.Conv2D, filters=2, kernel_size=(2, 3), strides=(2, 1), padding="same", activation="relu"),
    _case(layers.Conv2D, (1, 7, 8, 1), filters=3, kernel_size=2, dilation_rate=(2, 3), use_bias=False),
    _case(layers.Conv2D, (2, 7, 8, 2), filters=2, kernel_size=2, strides=3),
    _case(layers.Conv2DTranspose, filters=2, kernel_size=2, strides=2),
    _case(layers.Conv2DTranspose, filters=2, kernel_size=(3, 4), strides=(2, 1), padding="same"),
    _case(layers.Cropping2D, cropping=((1, 0), (2, 1))),
    _case(layers.Dense, (3, 4), units=5, activation="tanh"),
    _case(layers.Dense, units=2),
    _case(layers.DepthwiseConv2D, kernel_size=3, padding="same"),
    _case(layers.DepthwiseConv2D, kernel_size=(2, 3), strides=2, depth_multiplier=2),
    _case(layers.Dropout, rate=0.4),
    _case(layers.Flatten),
    _case(layers.GlobalAveragePooling2D),
    _case(layers.GlobalMaxPooling2D, keepdims=True),
    _case(layers.LeakyReLU, negative_slope=0.2),
    _case(layers.MaxPooling2D, pool_size=2),
    _case(layers.MaxPooling2D, pool_size=3, strides=(2, 1), padding="same"),
    _case(layers.ReLU),
    _case(layers.Reshape, target_shape=(15, -1)),
    _case(layers.SeparableConv2D, filters=4, kernel_size=3, depth_multiplier=2),
    _case(layers.Softmax),
    _case(layers.Softmax, axis=1),
    _case(layers.UpSampling2D, size=(2, 3)),
    _case(layers.UpSampling2D, size=2, interpolation="bilinear"),
    _case(layers.ZeroPadding2D, padding=((1, 2), (0, 3))),
)
"""At least one for every layer that computes something."""
