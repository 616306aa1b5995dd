"""The network that is explained: up to its scores, before softmax or sigmoid, whose gradients say little.

A softmax's output near 1 has a gradient near 0, whatever the scores rest on, and it falls when another class gains. The
scores before it (logits) have neither fault. Source: Simonyan, Vedaldi, Zisserman, ICLR Workshop 2014, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, FloatArray, Pair, Shape

from tinyseg import activations
from tinyseg.layers import Activation, Softmax
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.models.model import Model

from .target import Target, as_target

SQUASHING = ("softmax", "sigmoid")
PIXELS_AT_ONCE = 2**19
"""Bounds the memory of what is kept for backward."""


@dataclass(frozen=True)
class Question:
    """A network up to its scores, one image as its input, and the target.

    Attributes:
        network: From images to scores.
        x: The image as a batch (1, H, W, C).
        target: The class, and where.
        score: The target's score for this image.
    """

    network: Model
    x: FloatArray
    target: Target
    score: float

    def scores(self, x: FloatArray) -> FloatArray:
        """Return the target's score of each image of a batch."""
        return self.target.scores(_host(self.network.predict_on_batch(x)))

    def gradients(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the target's score of each image of a batch, and its gradient by the image."""
        (scores,), (dx,) = gradients_at(self.network, [x], self.target)
        return scores, dx


@dataclass(frozen=True)
class Explanation:
    """What a method found.

    Attributes:
        method: Its name.
        values: As it came out: (H, W, C) for each number of the image, or (H, W).
        signed: Whether negative values mean that the score falls; else values are sizes, from 0 on.
        target: What was explained.
        score: The target's score for the image.
        details: Figures of the method, such as what is missing in a sum.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import saliency
        >>> found = saliency(FCN((None, None, 1), classes=3, filters=4, depth=1), np.zeros((8, 6, 1)), 2)
        >>> found.method, found.map.shape, found.target.class_index
        ('saliency', (8, 6), 2)
    """

    method: str
    values: FloatArray
    signed: bool
    target: Target
    score: float
    details: dict[str, float]

    @property
    def map(self) -> FloatArray:
        """One number for each pixel, (H, W): the sum of signed values over the channels, the largest one of sizes."""
        if self.values.ndim == 2:
            return self.values
        return self.values.sum(axis=2) if self.signed else self.values.max(axis=2)

    def cropped(self, height: int, width: int) -> Explanation:
        """Return the part of the upper left corner, where the image was filled up below and to the right."""
        return replace(self, values=self.values[:height, :width])


def question(model: Model, image: Array, class_index: int | None, pixel: Pair | None, region: Array | None) -> Question:
    """Check what was asked, and compute the image's scores.

    Raises:
        InvalidInput: No network of one input and one output, an image of another shape, or no such class or pixel.
    """
    network = score_network(model)
    image = np.asarray(image)
    if image.ndim != 3:
        raise InvalidInput(f"explain: expected one image (H, W, C), got shape {image.shape}")
    x = image[None].astype(network.dtype or np.float32)
    output = _host(network.predict_on_batch(x))
    target = as_target(output[0], class_index, pixel, region)
    return Question(network, x, target, float(target.scores(output)[0]))


def score_network(model: Model) -> Model:
    """Return a network with the same layers that ends before the last softmax or sigmoid.

    A layer of which that is the `activation` is replaced by one without it, on the same arrays.

    Example:
        >>> from tinyseg.explain import score_network
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Model
        >>> x = Input((8, 8, 3))
        >>> score_network(Model(x, Conv2D(4, 3, activation="softmax")(x))).layers[-1].activation.name
        'linear'
    """
    if not model.built:
        raise InvalidInput(f"{model.label}: the shape of its input is not known yet; call it on an image first")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise InvalidInput(
            f"explain: expected a network of one input and one output, got {len(model.inputs)} and {len(model.outputs)}"
        )
    end = model.outputs[0]
    layer = end.node.layer
    if isinstance(layer, Softmax) or (isinstance(layer, Activation) and layer.activation.name in SQUASHING):
        return Model(model.inputs[0], end.node.inputs[0])
    activation = getattr(layer, "activation", None)
    if isinstance(activation, activations.ActivationFunction) and activation.name in SQUASHING:
        return Model(model.inputs[0], _without_activation(layer)(end.node.inputs[0]))
    return model


def _without_activation(layer: Layer) -> Layer:
    twin = type(layer).from_config({**layer.get_config(), "activation": "linear"})
    twin.parameters, twin.state, twin.built = layer.parameters, layer.state, True
    twin.attribute_names = layer.attribute_names
    return twin


def gradients_at(
    network: Model, arrays: list[FloatArray], target: Target
) -> tuple[tuple[FloatArray], list[FloatArray]]:
    """Return the target's score of each sample, and the gradients of their sum by each input of a network."""
    network.to_backend()
    output, cache = network.forward(arrays if network.several_inputs else arrays[0])
    scores = _host(output)
    dy = to_backend(target.gradient(scores))
    dx, _ = network.backward(dy, cache, release=True)
    found = dx if network.several_inputs else [dx]
    zeros = [np.zeros_like(x) if d is None else _host(d) for x, d in zip(arrays, found, strict=True)]
    return (target.scores(scores),), zeros


def at_once(shape: Shape) -> int:
    """Return how many images (H, W, C) to compute in one batch: 1 to 8."""
    return min(max(PIXELS_AT_ONCE // max(shape[0] * shape[1], 1), 1), 8)


def tensors(model: Model) -> dict[str, SymbolicTensor]:
    """Return each step's symbolic result by its layer's name, in order; a shared layer's by 'name', 'name:2', ..."""
    order: dict[int, SymbolicTensor] = {}
    waiting = list(model.outputs)
    while waiting:
        tensor = waiting.pop()
        if tensor.node.index not in order:
            order[tensor.node.index] = tensor
            if tensor not in model.inputs:
                waiting.extend(tensor.node.inputs)
    found: dict[str, SymbolicTensor] = {}
    for index in sorted(order):
        tensor, k = order[index], 1
        while (name := tensor.name if k == 1 else f"{tensor.name}:{k}") in found:
            k += 1
        found[name] = tensor
    return found


def tensor_of(model: Model, layer: str | Layer) -> SymbolicTensor:
    """Return the result of a layer, given as such or by its name."""
    found = tensors(model)
    name = layer if isinstance(layer, str) else layer.name
    if name not in found:
        raise unknown_name(f"layer of {model.label}", name, list(found))
    return found[name]


def shapes(model: Model, input_shape: Shape) -> dict[int, Any]:
    """Return the shape of each step's result for an input (H, W, C), by the node's number, with 1 for the batch."""
    known: dict[int, Any] = {model.inputs[0].node.index: (1, *input_shape)}
    for tensor in tensors(model).values():
        node = tensor.node
        if node.index not in known:
            given = [known[parent.node.index] for parent in node.inputs]
            known[node.index] = node.layer.compute_output_shape(given if node.layer.several_inputs else given[0])
    return known


def _host(array: Array) -> FloatArray:
    return np.asarray(to_host(array))
