"""How the arrays of a layer stand in files, and what is done to bring them into the layout here, and back.

Here channels come last: a kernel is (KH, KW, C, F), a dense kernel (D, F). PyTorch and ONNX have the filters first.
The rules are chosen by a layer's class and an array's name, never by what a shape looks like: a shape is only checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.layers.layer import Layer

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Rule:
    """A change of layout.

    Attributes:
        text: What a report says of it.
        sources: The shapes in a file that an array of this shape can be made of, the usual one first.
        forward: (array in the first of these shapes, shape here) -> the array here.
        backward: (array here) -> the array in the first of these shapes.
        row: The axis of the array here that a row of numbers before the layer belongs to, whose order may differ.
    """

    text: str
    sources: Callable[[Shape], list[Shape]]
    forward: Callable[[Array, Shape], Array]
    backward: Callable[[Array], Array]
    row: int | None = None


def _permuted(text: str, axes: Shape) -> Rule:
    """Return the rule: axes of the array in the file, in the order they have here."""
    back = tuple(int(k) for k in np.argsort(axes))

    def sources(shape: Shape) -> list[Shape]:
        usual = tuple(shape[k] for k in back)
        dense = [usual[:2]] if usual[2:] == (1, 1) else []
        return [usual, *dense]

    return Rule(text, sources, lambda a, _: a.transpose(axes), lambda a: a.transpose(back))


def _depthwise_sources(shape: Shape) -> list[Shape]:
    kh, kw, c, m = shape
    return [(c * m, 1, kh, kw)]


def _depthwise_back(array: Array) -> Array:
    kh, kw, c, m = array.shape
    return array.transpose(2, 3, 0, 1).reshape(c * m, 1, kh, kw)


def _prelu_sources(shape: Shape) -> list[Shape]:
    alone = [(1,)] if math.prod(shape) > 1 else []
    return [(shape[-1],), *alone]


SAME = Rule("as it is", lambda shape: [shape], lambda a, _: a, lambda a: a)
SAME_ROWS = VECTOR = Rule("as it is", lambda shape: [shape], lambda a, _: a, lambda a: a, row=0)
KERNEL = _permuted("(F, C, KH, KW) -> (KH, KW, C, F)", (2, 3, 1, 0))
TRANSPOSED = _permuted("(C, F, KH, KW) -> (KH, KW, F, C)", (2, 3, 1, 0))
DENSE = Rule(
    "(F, D) -> (D, F)",
    lambda shape: [shape[::-1], (*shape[::-1], 1, 1)],
    lambda a, _: a.T,
    lambda a: a.T,
    row=0,
)
DEPTHWISE = Rule(
    "(C M, 1, KH, KW) -> (KH, KW, C, M)",
    _depthwise_sources,
    lambda a, shape: a.reshape(*shape[2:], *shape[:2]).transpose(2, 3, 0, 1),
    _depthwise_back,
)
PRELU = Rule(
    "(C,) -> shape here, repeated",
    _prelu_sources,
    lambda a, shape: np.broadcast_to(a, shape),
    lambda a: a.reshape(-1),
    row=0,
)

_CONVOLUTION = {"kernel": ("weight", KERNEL), "bias": ("bias", SAME)}
_AFFINE = {"gamma": ("weight", VECTOR), "beta": ("bias", VECTOR)}

TORCH: Mapping[str, Mapping[str, tuple[str, Rule]]] = {
    "Conv2D": _CONVOLUTION,
    "Conv2DTranspose": {"kernel": ("weight", TRANSPOSED), "bias": ("bias", SAME)},
    "DepthwiseConv2D": {"kernel": ("weight", DEPTHWISE), "bias": ("bias", SAME)},
    "SeparableConv2D": {
        "depthwise_kernel": ("depthwise.weight", DEPTHWISE),
        "pointwise_kernel": ("pointwise.weight", KERNEL),
        "bias": ("pointwise.bias", SAME),
    },
    "Dense": {"kernel": ("weight", DENSE), "bias": ("bias", SAME)},
    "BatchNormalization": {
        **_AFFINE,
        "moving_mean": ("running_mean", VECTOR),
        "moving_variance": ("running_var", VECTOR),
    },
    "LayerNormalization": _AFFINE,
    "GroupNormalization": _AFFINE,
    "PReLU": {"alpha": ("weight", PRELU)},
}
"""Class of a layer -> its arrays -> what PyTorch calls them in its module, and the change of layout."""

IGNORED = {
    "torch": (".num_batches_tracked", "PyTorch's count of batches, which is not needed here"),
    "tinyseg": ("optimizer/", "the optimizer's"),
}
"""Layout -> what is in the names of tensors that no layer needs, and why."""


def rules_of(layer: Layer, layout: str) -> dict[str, tuple[str, Rule]]:
    """Return for each array of a layer with numbers in it what files call it, and the change of layout.

    Counters (integers, such as Dropout's step) are left out: they belong to a training, not to what was learnt.
    """
    table: Mapping[str, tuple[str, Rule]] = {}
    if layout == "torch":
        table = next((TORCH[cls.__name__] for cls in type(layer).__mro__ if cls.__name__ in TORCH), {})
    arrays = {**layer.parameters, **layer.state}
    return {name: table.get(name, (name, SAME)) for name, array in arrays.items() if array.dtype.kind == "f"}
