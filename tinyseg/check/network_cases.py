"""What networks compute together.

A ReLU or a batch normalisation within the layer before it, a softmax and its loss, results written where dy was. A
chain of layers one by one is their specification.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg import layers, losses
from tinyseg.models import Model
from tinyseg.utils.types import JsonObject

from .layer_cases import drawn_layer
from .subject import Draw, Results, Subject, called, on_host

Chain = tuple[tuple[type[layers.Layer], JsonObject], ...]


@dataclass(frozen=True, eq=False)
class NetworkCase(Subject):
    """A chain of layers with a loss.

    In float32 it is a `Model`, which decides what it computes together; in float64 its layers are called one after the
    other.
    """

    chain: Chain
    shape: tuple[int, ...] = (2, 6, 7, 3)
    classes: int = 3
    large: bool = field(default=False)

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """'Model', and the layers' names."""
        return ("Model", *dict.fromkeys(kind.__name__ for kind, _ in self.chain))

    @property
    def label(self) -> str:
        """Return 'Model: Conv2D(filters=4, kernel_size=3) > ReLU() on (2, 6, 7, 3)'."""
        return (
            f"Model: {' > '.join(called(kind.__name__, arguments) for kind, arguments in self.chain)} on {self.shape}"
        )

    def run(self, dtype: str, seed: int) -> Results:
        """Compute what the network predicts, and loss and gradients as in training."""
        draw = Draw(dtype, seed, 9)
        made: list[layers.Layer] = []
        shape: Any = self.shape
        for k, (kind, arguments) in enumerate(self.chain):
            made.append(drawn_layer(kind, {**arguments, "name": f"{k}_{kind.__name__}"}, [shape], draw))
            for array in made[-1].parameters.values():
                if (
                    array.ndim > 1
                ):  # a kernel: results of about the size of what goes in, or the softmax at the end knows only 0 and 1
                    array /= array.dtype.type(2.0 ** round(np.log2(array[..., 0].size) / 2))
            shape = made[-1].compute_output_shape(shape)
        x, ids = draw(*self.shape), draw.rng.integers(0, shape[-1], shape[:-1])
        loss = losses.SparseCategoricalCrossentropy()
        return _together(made, loss, x, ids) if dtype == "float32" else _one_by_one(made, loss, x, ids)


def _one_by_one(made: list[layers.Layer], loss: losses.Loss, x: Array, ids: Array) -> Results:
    predicted = x
    for layer in made:
        predicted, _ = layer.forward(predicted, False)
    y, caches = x, []
    for layer in made:
        y, cache = layer.forward(y, True)
        caches.append(cache)
    value, cache_of_loss = loss.forward(ids, y)
    dy, gradients = loss.backward(1.0, cache_of_loss), dict[str, Any]()
    for layer, cache in zip(reversed(made), reversed(caches), strict=True):
        dy, own = layer.backward(dy, cache)
        gradients |= {f"{layer.name}/{name}": gradient for name, gradient in own.items()}
    return on_host(predicted=predicted, y=y, loss=value, dx=dy, **gradients)


def _together(made: list[layers.Layer], loss: losses.Loss, x: Array, ids: Array) -> Results:
    inputs = layers.Input(x.shape[1:], dtype=str(x.dtype))
    y: Any = inputs
    for layer in made:
        y = layer(y)
    model = Model(inputs, y)
    model.compile("sgd", loss)
    model.to_backend()
    predicted = on_host(predicted=model.predict_on_batch(x))
    y, cache = model.forward(x, True)
    there = on_host(y=y)
    values, dy = model.loss_and_gradient(ids, y, None)
    dx, gradients = model.backward(dy, cache, release=True)
    return {**predicted, **there, **on_host(loss=values[0], dx=dx, **gradients)}


_CONV = (layers.Conv2D, {"filters": 4, "kernel_size": 3, "padding": "same"})
_NORM: tuple[type[layers.Layer], JsonObject] = (layers.BatchNormalization, {})
_RELU: tuple[type[layers.Layer], JsonObject] = (layers.ReLU, {})
_HEAD = (layers.Conv2D, {"filters": 3, "kernel_size": 1, "activation": "softmax"})
_WIDE = (layers.Conv2D, {"filters": 16, "kernel_size": 3, "padding": "same", "use_bias": False})

NETWORK_CASES: tuple[NetworkCase, ...] = (
    NetworkCase((_CONV, _RELU, _HEAD)),
    NetworkCase((_CONV, _NORM, _RELU, _HEAD)),
    NetworkCase(
        (_NORM, _RELU, (layers.Conv2D, {"filters": 3, "kernel_size": 2, "strides": 2, "activation": "relu"}), _HEAD)
    ),
    NetworkCase(((layers.DepthwiseConv2D, {"kernel_size": 3}), _NORM, _RELU, _HEAD)),
    NetworkCase(
        (
            (layers.SeparableConv2D, {"filters": 4, "kernel_size": 3}),
            _NORM,
            (layers.Activation, {"activation": "relu"}),
            _HEAD,
        )
    ),
    NetworkCase(((layers.Conv2DTranspose, {"filters": 4, "kernel_size": 2, "strides": 2}), _NORM, _RELU, _HEAD)),
    NetworkCase(
        (
            _CONV,
            (layers.Dropout, {"rate": 0.25, "seed": 5}),
            (layers.MaxPooling2D, {}),
            (layers.UpSampling2D, {"interpolation": "bilinear"}),
            _HEAD,
        )
    ),
    NetworkCase((_WIDE, _NORM, _RELU, _WIDE, _NORM, _RELU, _HEAD), (1, 13, 15, 16), large=True),
)
"""Each way in which layers are computed together."""
