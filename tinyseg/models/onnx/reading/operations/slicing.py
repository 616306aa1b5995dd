"""Concat, Slice, Split and Pad."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyseg.utils.types import JsonObject

from ..files import Node
from ..values import Reading, Refused, Tensor, Value, constant, integers, tensor
from .table import reads


@reads("Concat")
def concat(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Concatenate along any axis but the batch."""
    tensors = [tensor(value) for value in inputs]  # type: ignore[arg-type]
    if not tensors or any(x.columns is not None for x in tensors):
        raise Refused("of flattened images")
    if len(tensors) == 1:
        return tensors[0]
    first = reading.in_order(tensors[0], tensors[0].order)
    axis = first.stored_axis(int(node.attributes.get("axis", 1)))
    return reading.add("Concatenate", {"axis": axis}, *(reading.in_order(x, first.order) for x in tensors))


@reads("Slice")
def slice_of(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Rows, columns or channels."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    if "starts" in node.attributes:
        starts, ends = node.attributes["starts"], node.attributes.get("ends")
        axes, steps = node.attributes.get("axes"), None
    else:
        given = [None if value is None else integers(value, "bounds") for value in inputs[1:]]
        starts, ends, axes, steps = (*given, None, None, None, None)[:4]
    if not starts or not ends:
        raise Refused("has no bounds")
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise Refused(f"bounds {starts}, {ends} for the axes {axes}")
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if step < 1:
            raise Refused(f"step {step}: needs a layer that turns an axis round")
        length = x.shape[x.order[x.stored_axis(axis)]]
        begin, stop, _ = slice(start, end).indices(length)
        x = part(reading, x, axis, begin, stop, step)
    return x


@reads("Split")
def split(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> list[Value]:
    """Parts along an axis, one after the other."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    axis = int(node.attributes.get("axis", 0))
    length = x.shape[x.order[x.stored_axis(axis)]]
    lengths = node.attributes.get("split")
    if lengths is None and len(inputs) > 1 and inputs[1] is not None:
        lengths = integers(inputs[1], "split")
    if lengths is None:
        each = -(-length // len(node.outputs))
        lengths = [max(0, min(each, length - k * each)) for k in range(len(node.outputs))]
    if sum(lengths) != length or min(lengths) < 1 or len(lengths) != len(node.outputs):
        raise Refused(f"axis of length {length} into {lengths}")
    ends = np.cumsum(lengths)
    return [part(reading, x, axis, int(end) - n, int(end), 1) for end, n in zip(ends, lengths, strict=True)]


def part(reading: Reading, x: Tensor, axis: int, begin: int, end: int, step: int) -> Tensor:
    """Return positions begin, begin + step, ... below end of one axis."""
    stored = x.stored_axis(axis)
    length = x.stored[stored]
    if (begin, end, step) == (0, length, 1):
        return x
    if stored == 0 or end <= begin or x.columns is not None:
        raise Refused(f"positions {begin} to {end} of axis {axis} of shape {x.shape}")
    if len(x.shape) == 4 and stored in (1, 2):
        borders = [(0, 0), (0, 0)]
        borders[stored - 1] = (begin, length - end)
        if borders[stored - 1] != (0, 0):
            x = reading.add("Cropping2D", {"cropping": tuple(borders)}, x)
        strides = (step, 1) if stored == 1 else (1, step)
        return x if step == 1 else reading.add("MaxPooling2D", {"pool_size": 1, "strides": strides}, x)
    if stored == len(x.shape) - 1:
        return chosen(reading, x, range(begin, end, step))
    raise Refused(f"positions of axis {axis} of shape {x.shape}: there are layers for height, width and channels")


def chosen(reading: Reading, x: Tensor, channels: range) -> Tensor:
    """Return some channels: by a kernel of zeros and ones, which is not trained."""
    length = x.stored[-1]
    kernel = np.zeros((length, len(channels)), np.float32)
    kernel[list(channels), range(len(channels))] = 1
    if len(x.shape) == 4:
        arguments: JsonObject = {"filters": len(channels), "kernel_size": 1}
        weights, kind = {"kernel": kernel[None, None]}, "Conv2D"
    else:
        arguments, weights, kind = {"units": len(channels)}, {"kernel": kernel}, "Dense"
    return reading.add(kind, {**arguments, "use_bias": False, "trainable": False}, x, weights=weights)


@reads("Pad")
def pad(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Zeros around images; below 0: cut off."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    if node.attributes.get("mode", "constant") != "constant":
        raise Refused(f"mode {node.attributes['mode']!r}: needs a layer that pads with something else than zeros")
    value = node.attributes.get("value", 0.0)
    if len(inputs) > 2 and inputs[2] is not None:
        value = constant(inputs[2], "value").reshape(-1)
        value = float(value[0]) if len(value) else 0.0
    if "pads" in node.attributes:
        pads = [int(n) for n in node.attributes["pads"]]
    elif len(inputs) > 1:
        pads = integers(inputs[1], "pads")
    else:
        raise Refused("has no pads")
    axes = list(range(len(x.shape)))
    if len(inputs) > 3 and inputs[3] is not None:
        axes = [axis % len(x.shape) for axis in integers(inputs[3], "axes")]
    if len(pads) != 2 * len(axes) or any(abs(n) > 1 << 20 for n in pads):
        raise Refused(f"pads {pads} for the axes {axes}")
    if not any(pads):
        return x
    if value != 0.0:
        raise Refused(f"value {value}: needs a layer that pads with something else than zeros")
    x = reading.image(x)
    around = [(0, 0)] * 4
    for k, axis in enumerate(axes):
        around[x.order.index(axis)] = (pads[k], pads[k + len(axes)])
    if around[0] != (0, 0) or around[3] != (0, 0):
        raise Refused(f"pads {pads}: needs a layer that pads the batch or the channels")
    cut = tuple((max(-before, 0), max(-after, 0)) for before, after in around[1:3])
    new = tuple((max(before, 0), max(after, 0)) for before, after in around[1:3])
    if cut != ((0, 0), (0, 0)):
        x = reading.add("Cropping2D", {"cropping": cut}, x)
    return x if new == ((0, 0), (0, 0)) else reading.add("ZeroPadding2D", {"padding": new}, x)
