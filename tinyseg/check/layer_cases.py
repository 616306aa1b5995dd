"""For each layer, configurations worth checking: odd images, overlaps, gaps, even kernels, one channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import FloatArray

from tinyseg import layers
from tinyseg.layers import Layer
from tinyseg.utils.types import JsonObject

from .gradients import gradients
from .report import GradientReport
from .subject import Draw, Results, Subject, called, on_host


@dataclass(frozen=True, eq=False)
class LayerCase(Subject):
    """One configuration of a layer: its class, arguments, and the shapes of its inputs."""

    layer: type[Layer]
    arguments: JsonObject
    shapes: tuple[tuple[int, ...], ...] = ((2, 5, 6, 3),)

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The layer's name."""
        return (self.layer.__name__,)

    @property
    def label(self) -> str:
        """Return 'Conv2D(filters=2, kernel_size=3) on (2, 5, 6, 3)'."""
        return f"{called(self.layer.__name__, self.arguments)} on {', '.join(map(str, self.shapes))}"

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
        options: dict[str, Any] = {"limit": limit, "seed": seed, "backend": backend, "emulate": emulate}
        return gradients(layer, *inputs, float32_tolerance=None, **options)  # `run` is for float32

    differences = check

    def run(self, dtype: str, seed: int) -> Results:
        """Compute y as in training and as in prediction, all gradients, and the state that a training step leaves."""
        draw = Draw(dtype, seed, 2)
        layer = drawn_layer(self.layer, self.arguments, self.shapes, draw)
        inputs = [draw(*shape) for shape in self.shapes]
        given: Any = inputs if layer.several_inputs else inputs[0]
        predicted, _ = layer.forward(given, False)
        predicted = on_host(predicted=predicted)  # before the state changes
        y, cache = layer.forward(given, True)
        there = on_host(y=y)
        dx, gradients_of_parameters = layer.backward(draw(*y.shape), cache)
        layer.update_state(cache)
        own = {f"d{name}": gradient for name, gradient in gradients_of_parameters.items()}
        return {**predicted, **there, **on_host(dx=dx, **own, **layer.state)}


def drawn_layer(kind: type[Layer], arguments: JsonObject, shapes: Any, draw: Draw) -> Layer:
    """Make a layer with random parameters, none of them near 0, and random moving averages, on the backend in use."""
    layer = kind(dtype=draw.dtype, **arguments)
    layer.ensure_built(list(shapes), draw.dtype)
    for arrays in (layer.parameters, layer.state):
        for array in arrays.values():
            if array.dtype.kind == "f":
                sign = draw.rng.choice((-1.0, 1.0), array.shape) if arrays is layer.parameters else 1.0
                array[...] = draw.exact(draw.rng.uniform(0.5, 1.5, array.shape) * sign)
    layer.to_backend()
    return layer


def _case(layer: type[Layer], *shapes: tuple[int, ...], **arguments: object) -> LayerCase:
    return LayerCase(layer, arguments, shapes or ((2, 5, 6, 3),))


def _square(x: FloatArray) -> FloatArray:
    return x * x


def _square_gradient(dy: FloatArray, x: FloatArray) -> FloatArray:
    return 2 * x * dy


LAYER_CASES: tuple[LayerCase, ...] = (
    _case(layers.Activation, activation="relu"),
    _case(layers.Activation, activation="sigmoid"),
    _case(layers.Activation, activation="tanh"),
    _case(layers.Activation, activation="gelu"),
    _case(layers.Activation, activation="silu"),
    _case(layers.Activation, activation="hard_silu"),
    _case(layers.Add, (2, 3, 4, 2), (2, 3, 4, 2), (2, 3, 4, 2)),
    _case(layers.Average, (2, 3, 4, 2), (2, 1, 4, 2)),
    _case(layers.AveragePooling2D, pool_size=2),
    _case(layers.AveragePooling2D, pool_size=(3, 2), strides=(2, 1), padding="same"),
    _case(layers.BatchNormalization),
    _case(layers.BatchNormalization, (7, 4), scale=False),
    _case(layers.BatchNormalization, trainable=False),
    _case(layers.Concatenate, (2, 3, 4, 2), (2, 3, 4, 1)),
    _case(layers.Conv2D, filters=2, kernel_size=3),
    _case(layers.Conv2D, filters=2, kernel_size=(2, 3), strides=(2, 1), padding="same", activation="relu"),
    _case(layers.Conv2D, (1, 7, 8, 1), filters=3, kernel_size=2, dilation_rate=(2, 3), use_bias=False),
    _case(layers.Conv2D, (2, 7, 8, 2), filters=2, kernel_size=2, strides=3),
    _case(layers.Conv2D, (2, 5, 6, 4), filters=6, kernel_size=3, groups=2, padding="same"),
    _case(layers.Conv2DTranspose, filters=2, kernel_size=2, strides=2),
    _case(layers.Conv2DTranspose, filters=2, kernel_size=3, strides=(2, 3), padding="same", output_padding=1),
    _case(layers.Conv2DTranspose, filters=2, kernel_size=(3, 4), strides=(2, 1), padding="same"),
    _case(layers.Cropping2D, cropping=((1, 0), (2, 1))),
    _case(layers.Dense, (3, 4), units=5, activation="tanh"),
    _case(layers.Dense, units=2),
    _case(layers.DepthwiseConv2D, kernel_size=3, padding="same"),
    _case(layers.DepthwiseConv2D, kernel_size=(2, 3), strides=2, depth_multiplier=2),
    _case(layers.Dropout, rate=0.4, seed=3),
    _case(layers.ELU, alpha=0.5),
    _case(layers.Flatten),
    _case(layers.GlobalAveragePooling2D),
    _case(layers.GlobalMaxPooling2D, keepdims=True),
    _case(layers.GroupNormalization, (2, 4, 5, 6), groups=3),
    _case(layers.Lambda, function=_square, gradient=_square_gradient),
    _case(layers.LayerNormalization),
    _case(layers.LayerNormalization, axis=(1, 3), scale=False),
    _case(layers.LeakyReLU, negative_slope=0.2),
    _case(layers.MaxPooling2D, pool_size=2),
    _case(layers.MaxPooling2D, pool_size=3, strides=(2, 1), padding="same"),
    _case(layers.Maximum, (2, 3, 4, 2), (2, 3, 1, 2)),
    _case(layers.Minimum, (2, 3, 4, 2), (2, 3, 4, 2)),
    _case(layers.Multiply, (2, 3, 4, 2), (2, 1, 1, 2)),
    _case(layers.PReLU, shared_axes=(1, 2)),
    _case(layers.Rescaling, scale=(0.5, -2.0, 3.0), offset=0.1),
    _case(layers.Resizing, height=3, width=8, interpolation="bicubic"),
    _case(layers.Resizing, height=3, width=8, antialias=True),
    _case(layers.ReLU),
    _case(layers.ReLU, max_value=1.0, negative_slope=0.1, threshold=0.2),
    _case(layers.Reshape, target_shape=(15, -1)),
    _case(layers.SeparableConv2D, filters=4, kernel_size=3, depth_multiplier=2),
    _case(layers.Softmax),
    _case(layers.Softmax, axis=1),
    _case(layers.SpatialDropout2D, rate=0.4, seed=3),
    _case(layers.Subtract, (2, 3, 4, 2), (2, 3, 4, 2)),
    _case(layers.UpSampling2D, size=(2, 3)),
    _case(layers.UpSampling2D, size=2, interpolation="bicubic"),
    _case(layers.UpSampling2D, size=2, interpolation="bilinear"),
    _case(layers.ZeroPadding2D, padding=((1, 2), (0, 3))),
)
"""At least one for every layer that computes something."""
