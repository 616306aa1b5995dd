"""Activations, by themselves and behind other layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinyseg import activations
from tinyseg.activations import ActivationFunction
from tinyseg.layers.activation import Activation, LeakyReLU, ReLU, Softmax

from ..drawing import Drawing, NotInOnnx, Value
from .table import nodes_for

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""The constants with which the mean stays 0 and the variance 1. Source: Klambauer et al., arXiv:1706.02515."""


def _softmax(d: Drawing, x: Value) -> Value:
    return d.apply("Softmax", x, axis=x.axis(-1))


def _silu(d: Drawing, x: Value) -> Value:
    return d.apply("Mul", x, d.add("Sigmoid", x.name))


def _gelu(d: Drawing, x: Value) -> Value:
    """x * (1 + erf(x / sqrt(2))) / 2: an operation of its own only since opset 20."""
    error = d.add("Erf", d.add("Mul", x.name, d.constant(np.sqrt(0.5))))
    return d.apply("Mul", d.apply("Mul", x, d.constant(0.5)), d.add("Add", error, d.constant(1.0)))


ACTIVATIONS: dict[str, Callable[[Drawing, Value], Value]] = {
    "linear": lambda d, x: x,
    "relu": lambda d, x: d.apply("Relu", x),
    "leaky_relu": lambda d, x: d.apply("LeakyRelu", x, alpha=0.2),
    "sigmoid": lambda d, x: d.apply("Sigmoid", x),
    "tanh": lambda d, x: d.apply("Tanh", x),
    "softmax": _softmax,
    "elu": lambda d, x: d.apply("Elu", x, alpha=1.0),
    "selu": lambda d, x: d.apply("Selu", x, alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "softplus": lambda d, x: d.apply("Softplus", x),
    "silu": _silu,
    "swish": _silu,
    "gelu": _gelu,
    "hard_sigmoid": lambda d, x: d.apply("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "hard_swish": lambda d, x: d.apply("HardSwish", x),
    "hard_silu": lambda d, x: d.apply("HardSwish", x),
}
"""By the names of `tinyseg.activations`."""


def activate(d: Drawing, function: ActivationFunction, x: Value) -> Value:
    """Draw an activation of tinyseg's."""
    draw = ACTIVATIONS.get(function.name)
    if draw is None or activations.get(function.name) is not function:
        raise NotInOnnx(f"the activation {function.name!r} is a function of your own")
    return draw(d, x)


@nodes_for(Activation)
def activation(d: Drawing, layer: Activation, x: Value) -> Value:
    """Draw the activation."""
    return activate(d, layer.activation, x)


@nodes_for(ReLU)
def relu(d: Drawing, layer: ReLU, x: Value) -> Value:
    """max(x, 0)."""
    return d.apply("Relu", x)


@nodes_for(LeakyReLU)
def leaky_relu(d: Drawing, layer: LeakyReLU, x: Value) -> Value:
    """x, or the slope times it."""
    return d.apply("LeakyRelu", x, alpha=layer.negative_slope)


@nodes_for(Softmax)
def softmax(d: Drawing, layer: Softmax, x: Value) -> Value:
    """Along the layer's axis, wherever the tensor has it."""
    return d.apply("Softmax", x, axis=x.axis(layer.axis))
