"""Operations on each number by itself, and on pairs of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tinyseg.utils.types import JsonObject

from ..files import Node
from ..values import Reading, Refused, Tensor, Value, constant, tensor
from .constants import require_channels, scaled
from .table import reads

LARGEST = float(np.finfo(np.float32).max)


@reads("Identity", "Dropout", "Cast")
def same(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value | list[Value]:
    """Hand x on; numbers stay float32."""
    x = tensor(inputs[0] if inputs else None)  # type: ignore[arg-type]
    if node.operation == "Cast" and node.attributes.get("to") not in (1, 10, 11, 16):
        raise Refused("needs a layer whose result is not floating-point")
    return x


def _activation(name: str) -> Callable[[Reading, Node, Tensor], Tensor]:
    return lambda reading, node, x: reading.add("Activation", {"activation": name}, x)


def _relu(reading: Reading, node: Node, x: Tensor) -> Tensor:
    return reading.add("ReLU", {}, x)


def _leaky(reading: Reading, node: Node, x: Tensor) -> Tensor:
    return reading.add("LeakyReLU", {"negative_slope": float(node.attributes.get("alpha", 0.01))}, x)


def _elu(reading: Reading, node: Node, x: Tensor) -> Tensor:
    return reading.add("ELU", {"alpha": float(node.attributes.get("alpha", 1.0))}, x)


def _hard_sigmoid(reading: Reading, node: Node, x: Tensor) -> Tensor:
    alpha, beta = float(node.attributes.get("alpha", 0.2)), float(node.attributes.get("beta", 0.5))
    if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5:
        return reading.add("Activation", {"activation": "hard_sigmoid"}, x)
    return reading.add("ReLU", {"max_value": 1.0}, scaled(reading, x, alpha, beta))


def _gelu(reading: Reading, node: Node, x: Tensor) -> Tensor:
    if node.attributes.get("approximate", "none") != "none":
        raise Refused("approximate = 'tanh': the activation 'gelu' is the exact one")
    return reading.add("Activation", {"activation": "gelu"}, x)


UNARY: dict[str, Callable[[Reading, Node, Tensor], Tensor]] = {
    "Relu": _relu,
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Softplus": _activation("softplus"),
    "Selu": _activation("selu"),
    "Softsign": _activation("softsign"),
    "Exp": _activation("exponential"),
    "HardSwish": _activation("hard_silu"),
    "LeakyRelu": _leaky,
    "Elu": _elu,
    "HardSigmoid": _hard_sigmoid,
    "Gelu": _gelu,
    "Neg": lambda reading, node, x: scaled(reading, x, -1.0, 0.0),
}


@reads(*UNARY)
def unary(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Apply a function to each number."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    y = UNARY[node.operation](reading, node, x)
    return Tensor(y.step, y.shape, y.order, x.columns)


@reads("Clip")
def clip(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Keep numbers between two bounds, by layers ReLU."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    bounds: list[float] = []
    for k, (key, free) in enumerate((("min", -LARGEST), ("max", LARGEST)), start=1):
        if k < len(inputs) and inputs[k] is not None:
            array = constant(inputs[k], key)
            if array.size != 1:
                raise Refused(f"{key}: expected one number, got shape {array.shape}")
            bounds.append(float(array.reshape(())))
        else:
            given = node.attributes.get(key)
            bounds.append(free if given is None else float(given))
    low, high = bounds
    if not low < high:
        raise Refused(f"bounds {low} and {high}")
    if low <= -LARGEST and high >= LARGEST:
        return x
    if low <= -LARGEST:  # min(x, high) = high - max(high - x, 0)
        return scaled(reading, reading.add("ReLU", {}, scaled(reading, x, -1.0, high)), -1.0, high)
    limit: JsonObject = {} if high >= LARGEST else {"max_value": high - low}
    return scaled(reading, reading.add("ReLU", limit, scaled(reading, x, 1.0, -low)), 1.0, low)


@reads("PRelu")
def prelu(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """A slope that was learnt, one for all or for each channel."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    slope = require_channels(x, constant(inputs[1], "slope"), "PReLU of")
    channels = x.shape[x.order[-1]]
    alpha = np.broadcast_to(slope, channels).reshape((1,) * (len(x.shape) - 2) + (channels,))
    shared = list(range(1, len(x.shape) - 1))
    return reading.add("PReLU", {"shared_axes": shared or None}, x, weights={"alpha": alpha})


@reads("Softmax")
def softmax(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Along an axis; before the operators 13 along that axis and all after it, as if they were one."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    old = reading.opset < 13
    axis = int(node.attributes.get("axis", 1 if old else -1))
    x.stored_axis(axis)
    axis %= len(x.shape)
    if old and any(n != 1 for n in x.shape[axis + 1 :]):
        raise Refused(f"along the axes from {axis} on of shape {x.shape}: the layer Softmax has one axis")
    return reading.add("Softmax", {"axis": x.stored_axis(axis)}, x)


LAYERS = {"Add": "Add", "Sum": "Add", "Mul": "Multiply", "Sub": "Subtract", "Max": "Maximum", "Min": "Minimum"}
LAYERS["Mean"] = "Average"


@reads(*LAYERS, "Div", "Pow")
def arithmetic(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Two or more tensors, or a tensor and a constant."""
    tensors = [x for x in inputs if isinstance(x, Tensor)]
    if len(tensors) == 2 == len(inputs) or len(tensors) == len(inputs) > 2:
        return _of_tensors(reading, node, tensors)
    if len(inputs) != 2 or len(tensors) != 1:
        raise Refused("needs tensors alone, or one tensor and one constant")
    x, reverse = tensors[0], not isinstance(inputs[0], Tensor)
    numbers = constant(inputs[0 if reverse else 1], node.operation)
    if len(numbers.shape) > len(x.shape):
        raise Refused(f"a constant of shape {numbers.shape} gives a tensor of shape {x.shape} more axes")
    c = require_channels(x, numbers, node.operation)
    match node.operation:
        case "Add":
            return scaled(reading, x, 1.0, c)
        case "Sub":
            return scaled(reading, x, -1.0, c) if reverse else scaled(reading, x, 1.0, -c)
        case "Mul":
            return scaled(reading, x, c, np.zeros_like(c))
        case "Div" if not reverse:
            return scaled(reading, x, 1.0 / c.astype(np.float64), np.zeros_like(c))
        case "Pow" if not reverse and c.ndim == 0 and c == 2:
            return reading.add("Multiply", {}, x, x)
    raise Refused(f"of this constant and a tensor ({numbers.reshape(-1)[:3]}): there is no layer for it")


def _of_tensors(reading: Reading, node: Node, tensors: list[Tensor]) -> Tensor:
    kind = LAYERS.get(node.operation)
    if kind is None:
        raise Refused(f"needs a layer that computes {node.operation} of two tensors")
    if any(x.columns is not None for x in tensors):
        raise Refused("of flattened images")
    if len({len(x.shape) for x in tensors}) > 1:
        raise Refused(f"of tensors of shapes {[x.shape for x in tensors]}")
    order = max(tensors, key=lambda x: int(np.prod(x.shape))).order
    return reading.add(kind, {}, *(reading.in_order(x, order) for x in tensors))
