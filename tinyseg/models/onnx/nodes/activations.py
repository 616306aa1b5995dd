"""Activations, by themselves and behind other layers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinyseg import activations
from tinyseg.activations import ActivationFunction
from tinyseg.layers.activation import Activation, Softmax
from tinyseg.layers.rectifiers import ELU, LeakyReLU, PReLU, ReLU

from ..drawing import Drawing, NotInOnnx, Value
from .numbers import of_table
from .table import nodes_for

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
"""The constants with which the mean stays 0 and the variance 1. Source: Klambauer et al., arXiv:1706.02515."""


def _gelu(d: Drawing, x: Value) -> Value:
    """x * (1 + erf(x / sqrt(2))) / 2: an operation of its own only since opset 20."""
    error = d.add("Erf", d.add("Mul", x.name, d.constant(np.sqrt(0.5))))
    return d.apply("Mul", d.apply("Mul", x, d.constant(0.5)), d.add("Add", error, d.constant(1.0)))


ACTIVATIONS: dict[str, Callable[[Drawing, Value], Value]] = {
    "linear": lambda d, x: x,
    "relu": lambda d, x: d.apply("Relu", x),
    "relu6": lambda d, x: d.apply("Clip", x, d.constant(0.0, "min"), d.constant(6.0, "max")),
    "leaky_relu": lambda d, x: d.apply("LeakyRelu", x, alpha=0.2),
    "sigmoid": lambda d, x: d.apply("Sigmoid", x),
    "tanh": lambda d, x: d.apply("Tanh", x),
    "softmax": lambda d, x: d.apply("Softmax", x, axis=x.axis(-1)),
    "elu": lambda d, x: d.apply("Elu", x, alpha=1.0),
    "selu": lambda d, x: d.apply("Selu", x, alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "softplus": lambda d, x: d.apply("Softplus", x),
    "softsign": lambda d, x: d.apply("Softsign", x),
    "exponential": lambda d, x: d.apply("Exp", x),
    "silu": lambda d, x: d.apply("Mul", x, d.add("Sigmoid", x.name)),
    "gelu": _gelu,
    "hard_sigmoid": lambda d, x: d.apply("HardSigmoid", x, alpha=1 / 6, beta=0.5),
    "hard_silu": lambda d, x: d.apply("HardSwish", x),
    "hard_tanh": lambda d, x: d.apply("Clip", x, d.constant(-1.0, "min"), d.constant(1.0, "max")),
}
"""Those of `tinyseg.activations` for which ONNX has an operation; others are drawn of the kernels' own lines."""


def activate(d: Drawing, function: ActivationFunction, x: Value) -> Value:
    """Draw an activation of tinyseg's."""
    if not isinstance(activations.serialize(function), str):
        raise NotInOnnx(f"the activation {function.name!r} is a function of your own")
    draw = ACTIVATIONS.get(function.name)
    return draw(d, x) if draw is not None else of_table(d, function.name, x)


@nodes_for(Activation)
def activation(d: Drawing, layer: Activation, x: Value) -> Value:
    """Draw the activation."""
    return activate(d, layer.activation, x)


@nodes_for(ReLU)
def relu(d: Drawing, layer: ReLU, x: Value) -> Value:
    """max(x, 0), or the general one with a slope, a limit and a threshold."""
    most = np.inf if layer.max_value is None else layer.max_value
    if layer.threshold or (layer.negative_slope and layer.max_value is not None):
        return of_table(
            d, "threshold_relu" if layer.threshold else "capped_relu", x,
            max_value=most, negative_slope=layer.negative_slope, threshold=layer.threshold,
        )  # fmt: skip
    if layer.negative_slope:
        return d.apply("LeakyRelu", x, alpha=layer.negative_slope)
    if layer.max_value is None:
        return d.apply("Relu", x)
    return d.apply("Clip", x, d.constant(0.0, "min"), d.constant(most, "max"))


@nodes_for(LeakyReLU)
def leaky_relu(d: Drawing, layer: LeakyReLU, x: Value) -> Value:
    """x, or the slope times it."""
    return d.apply("LeakyRelu", x, alpha=layer.negative_slope)


@nodes_for(PReLU)
def prelu(d: Drawing, layer: PReLU, x: Value) -> Value:
    """PRelu, with alpha lying as x does."""
    alpha = layer.parameters["alpha"]
    return d.apply("PRelu", x, d.constant(alpha.transpose(2, 0, 1) if x.channels_first else alpha, "alpha"))


@nodes_for(ELU)
def elu(d: Drawing, layer: ELU, x: Value) -> Value:
    """x, or alpha * (exp(x) - 1)."""
    return d.apply("Elu", x, alpha=layer.alpha)


@nodes_for(Softmax)
def softmax(d: Drawing, layer: Softmax, x: Value) -> Value:
    """Along the layer's axis, wherever the tensor has it."""
    return d.apply("Softmax", x, axis=x.axis(layer.axis))
