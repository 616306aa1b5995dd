"""Receptive fields: which pixels of the image a place in a layer can see.

Going back from a place, each layer widens the box of places that it was computed from. For a window of K taps, stride S
and P zeros before the first pixel, outputs a to b are computed from inputs a S - P to b S - P + K - 1.
"""

from __future__ import annotations

from typing import NamedTuple

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.windows import explicit_padding

from tinyseg.layers import Activation, Concatenate, Conv2D, Layer, UpSampling2D
from tinyseg.layers.pooling2d import Pooling2D
from tinyseg.models import Model


class Box(NamedTuple):
    """Rows and columns, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int

    def joined(self, other: Box | None) -> Box:
        """Return the smallest box around both."""
        if other is None:
            return self
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))


def receptive_field(model: Model, name: str, row: int, column: int) -> Box:
    """Return the pixels of the model's input that a place in the output of a layer is computed from.

    Raises:
        InvalidInput: A layer of a kind that this does not know, or no such layer.
    """
    steps = model.graph.steps
    last = next((k for k, step in enumerate(steps) if step.layer.name == name), None)
    if last is None:
        raise InvalidInput(f"receptive_field: no layer {name!r}")
    needed: dict[int, Box] = {last: Box(row, column, row, column)}
    for k in range(last, -1, -1):
        if k not in needed or k in model.graph.inputs:
            continue
        layer = steps[k].layer
        for i, tensor in zip(steps[k].inputs, _inputs_of(layer), strict=True):
            needed[i] = _before(layer, needed[k], tensor.shape[1:3]).joined(needed.get(i))
    return needed[model.graph.inputs[0]]


def _inputs_of(layer: Layer) -> list[object]:
    return layer.input if isinstance(layer.input, list) else [layer.input]


def _before(layer: Layer, box: Box, size: tuple[int, int]) -> Box:
    """Return the part of a layer's input that a box of its output is computed from."""
    if isinstance(layer, (Activation, Concatenate)):
        return box
    if isinstance(layer, UpSampling2D) and layer.interpolation == "nearest":
        (rows, columns) = layer.size
        return Box(box.top // rows, box.left // columns, box.bottom // rows, box.right // columns)
    if isinstance(layer, (Conv2D, Pooling2D)):
        window = layer.kernel_size if isinstance(layer, Conv2D) else layer.pool_size
        (above, _), (before, _) = explicit_padding(layer.padding, size, window, layer.strides)
        top, left = box.top * layer.strides[0] - above, box.left * layer.strides[1] - before
        bottom = box.bottom * layer.strides[0] - above + window[0] - 1
        right = box.right * layer.strides[1] - before + window[1] - 1
        return Box(max(top, 0), max(left, 0), min(bottom, size[0] - 1), min(right, size[1] - 1))
    raise InvalidInput(f"receptive_field: {layer.label}: expected a convolution, pooling or enlargement")
