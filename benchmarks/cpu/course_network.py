"""A network of the layers of `course_layers`, with Adam: what a course's exercises add up to."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyseg.layers import (
    Activation,
    BatchNormalization,
    Concatenate,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Flatten,
    MaxPooling2D,
)
from tinyseg.models import Model

from . import course_layers as layers


class CourseNetwork:
    """The graph of one of our models, computed by other code."""

    def __init__(self, model: Model) -> None:
        """Take the graph and a copy of the parameters."""
        self.learning_rate = float(model.optimizer.learning_rate)
        self.steps, self.input, self.output = model.graph.steps, model.graph.inputs[0], model.graph.outputs[0]
        self.parameters = {name: np.array(array) for name, array in model.parameters.items()}
        self.state = {name: np.array(array) for name, array in model.state.items()}
        self.first = {name: np.zeros_like(array) for name, array in self.parameters.items()}
        self.second = {name: np.zeros_like(array) for name, array in self.parameters.items()}
        self.updates = 0

    def train_step(self, x: np.ndarray, labels: np.ndarray) -> float:
        """Learn from a batch; the network's last activation is the softmax. Returns the loss."""
        values, caches = self._forward(x, training=True)
        shares = values[self.output].reshape(-1, values[self.output].shape[-1])
        ids, rows = labels.reshape(-1), np.arange(labels.size)
        loss = float(-np.log(shares[rows, ids]).mean())
        dlogits = shares.copy()
        dlogits[rows, ids] -= 1
        dlogits /= np.float32(labels.size)
        self._adam(self._backward(dlogits.reshape(values[self.output].shape), caches))
        return loss

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the classes' shares."""
        result: np.ndarray = self._forward(x, training=False)[0][self.output]
        return result

    def _forward(self, x: np.ndarray, training: bool) -> tuple[dict[int, Any], dict[int, Any]]:
        values, caches = {self.input: x}, {}
        for k, step in enumerate(self.steps):
            if k not in values:
                values[k], caches[k] = self._layer(step.layer, [values[i] for i in step.inputs], training)
        return values, caches

    def _layer(self, layer: Any, inputs: list[Any], training: bool) -> tuple[Any, Any]:
        x, cache = inputs[0], None
        own = [self.parameters[f"{layer.name}/{key}"] for key in layer.parameters]
        if isinstance(layer, (Conv2D, DepthwiseConv2D)):
            edge = (layer.kernel_size[0] - 1) // 2 if layer.padding == "same" else 0
            run = layers.depthwise_forward if isinstance(layer, DepthwiseConv2D) else layers.conv_forward
            y, cache = run(x, *own, pad=((edge, edge), (edge, edge)))
        elif isinstance(layer, Conv2DTranspose):
            y, cache = layers.up_forward(x, *own)
        elif isinstance(layer, Dense):
            y, cache = layers.dense_forward(x, *own)
        elif isinstance(layer, MaxPooling2D):
            y, cache = layers.pool_forward(x)
        elif isinstance(layer, BatchNormalization) and training:
            y, cache = layers.batch_norm_forward(x, *own, layer.epsilon)
        elif isinstance(layer, BatchNormalization):
            mean, variance = (self.state[f"{layer.name}/{key}"] for key in ("moving_mean", "moving_variance"))
            y = own[0] * (x - mean) / np.sqrt(variance + np.float32(layer.epsilon)) + own[1]
        elif isinstance(layer, Concatenate):
            y, cache = np.concatenate(inputs, axis=-1), inputs[0].shape[-1]
        elif isinstance(layer, Flatten):
            y, cache = x.reshape(len(x), -1), x.shape
        elif isinstance(layer, Activation):
            y = x
        elif hasattr(layer, "interpolation") and layer.interpolation == "nearest":
            y, cache = layers.nearest_forward(x, layer.size[0])
        else:
            raise ValueError(f"courses do not teach {type(layer).__name__} in this form")
        activation = getattr(layer, "get_config", dict)().get("activation")
        if activation == "relu":
            y = np.maximum(y, 0)
        elif activation == "softmax":
            y = layers.softmax(y)
        return y, (cache, y > 0 if activation == "relu" else None)

    def _backward(self, dlogits: np.ndarray, caches: dict[int, Any]) -> dict[str, Any]:
        upstream: dict[int, Any] = {self.output: dlogits}
        gradients: dict[str, Any] = {}
        for k in reversed(range(len(self.steps))):
            step = self.steps[k]
            if k == self.input:
                continue
            layer, (cache, mask) = step.layer, caches[k]
            dy = upstream.pop(k)
            dy = dy if mask is None else dy * mask
            dxs, own = _layer_backward(layer, dy, cache)
            gradients.update({f"{layer.name}/{key}": d for key, d in zip(layer.parameters, own, strict=True)})
            for i, dx in zip(step.inputs, dxs, strict=True):
                upstream[i] = upstream[i] + dx if i in upstream else dx
        return gradients

    def _adam(self, gradients: dict[str, Any]) -> None:
        self.updates += 1
        rate = np.float32(self.learning_rate * np.sqrt(1 - 0.999**self.updates) / (1 - 0.9**self.updates))
        for name, g in gradients.items():
            self.first[name] = 0.9 * self.first[name] + 0.1 * g
            self.second[name] = 0.999 * self.second[name] + 0.001 * g**2
            self.parameters[name] -= rate * self.first[name] / (np.sqrt(self.second[name]) + 1e-7)


def _layer_backward(layer: Any, dy: Any, cache: Any) -> tuple[list[Any], tuple[Any, ...]]:
    """Return the gradients of a layer's inputs, and those of its parameters."""
    kinds: list[tuple[Any, Any]] = [
        (DepthwiseConv2D, layers.depthwise_backward),
        (Conv2D, layers.conv_backward),
        (Conv2DTranspose, layers.up_backward),
        (Dense, layers.dense_backward),
        (BatchNormalization, layers.batch_norm_backward),
    ]
    for kind, backward in kinds:
        if isinstance(layer, kind):
            dx, *own = backward(dy, cache)
            return [dx], tuple(own)
    if isinstance(layer, Concatenate):
        return [dy[..., :cache], dy[..., cache:]], ()
    if isinstance(layer, MaxPooling2D):
        return [layers.pool_backward(dy, cache)], ()
    if isinstance(layer, Flatten):
        return [dy.reshape(cache)], ()
    if isinstance(layer, Activation):
        return [dy], ()
    return [layers.nearest_backward(dy, cache)], ()
