"""Operations that change shapes, or what the axes are called."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..files import Node
from ..values import Reading, Refused, Tensor, Value, integers, tensor
from .table import reads


@reads("Transpose")
def transpose(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Call the axes by other numbers; nothing moves."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    rank = len(x.shape)
    permutation = node.attributes.get("perm") or list(range(rank))[::-1]
    if sorted(permutation) != list(range(rank)) or permutation[0] != 0 or x.columns is not None:
        raise Refused(f"axes {permutation} of shape {x.shape}: the batch stays first")
    shape = tuple(x.shape[axis] for axis in permutation)
    return Tensor(x.step, shape, tuple(permutation.index(axis) for axis in x.order))


@reads("Reshape")
def reshape(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Another shape with the same numbers in the same order."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    if len(inputs) > 1:
        target = integers(inputs[1], "shape")
    else:
        target = [int(n) for n in node.attributes.get("shape") or []]
    if not node.attributes.get("allowzero"):
        target = [x.shape[axis] if n == 0 and axis < len(x.shape) else n for axis, n in enumerate(target)]
    return reshaped(reading, x, target)


@reads("Flatten")
def flatten(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """One row for each sample."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    axis = int(node.attributes.get("axis", 1))
    if axis % max(len(x.shape), 1) != 1:
        raise Refused(f"axis {axis}: the batch stays an axis of its own")
    return reshaped(reading, x, [x.shape[0], -1])


@reads("Squeeze", "Unsqueeze")
def squeeze(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Drop or add axes of length 1."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    axes = node.attributes.get("axes")
    if axes is None and len(inputs) > 1 and inputs[1] is not None:
        axes = integers(inputs[1], "axes")
    if node.operation == "Squeeze":
        gone = [a for a, n in enumerate(x.shape) if n == 1 and a] if axes is None else [a % len(x.shape) for a in axes]
        if any(x.shape[axis] != 1 for axis in gone):
            raise Refused(f"axes {gone} of shape {x.shape}")
        return reshaped(reading, x, [n for axis, n in enumerate(x.shape) if axis not in gone])
    rank = len(x.shape) + len(axes or [])
    new = sorted(axis % rank for axis in axes or [])
    shape = list(x.shape)
    for axis in new:
        shape.insert(axis, 1)
    return reshaped(reading, x, shape)


def reshaped(reading: Reading, x: Tensor, target: list[int]) -> Tensor:
    """Return x in a shape whose first length is the batch's."""
    total, given = math.prod(x.shape), math.prod(n for n in target if n != -1)
    if target.count(-1) > 1 or any(n < 1 and n != -1 for n in target) or not target or given < 1 or total % given:
        raise Refused(f"from shape {x.shape} to {target}")
    shape = [total // given if n == -1 else n for n in target]
    if math.prod(shape) != total or shape[0] != x.shape[0]:
        raise Refused(f"from shape {x.shape} to {target}: the batch stays the first axis")
    if tuple(shape) == x.shape:
        return x
    if x.columns is not None:
        raise Refused(f"from a flattened image to {target}")
    if x.order == tuple(range(len(x.shape))):
        return reading.reshaped(x, shape, shape, tuple(range(len(shape))))
    kept = [axis for axis, n in enumerate(x.shape) if n > 1 and axis]
    new = [axis for axis, n in enumerate(shape) if n > 1 and axis]
    if [x.shape[axis] for axis in kept] == [shape[axis] for axis in new]:
        return _with_ones(reading, x, shape, kept, new)
    if len(x.shape) == 4 and x.order[-1] == 1 and shape == [x.shape[0], x.shape[1], x.shape[2] * x.shape[3]]:
        return reading.reshaped(x, shape, [shape[0], shape[2], shape[1]], (0, 2, 1))
    if len(x.shape) == 3 and x.order == (0, 2, 1) and len(shape) == 4 and shape[1] == x.shape[1]:
        return reading.reshaped(x, shape, [shape[0], shape[2], shape[3], shape[1]], (0, 2, 3, 1))
    if len(shape) == 2:
        places = np.arange(math.prod(x.shape[1:])).reshape(x.stored[1:])  # where each number is stored
        back = [axis - 1 for axis in (x.order.index(a) for a in range(1, len(x.shape)))]
        flat = reading.reshaped(x, shape, shape, (0, 1))
        return Tensor(flat.step, flat.shape, flat.order, places.transpose(back).reshape(-1))
    raise Refused(f"from images of shape {x.shape} to {target}: needs a layer that transposes")


def _with_ones(reading: Reading, x: Tensor, shape: list[int], kept: list[int], new: list[int]) -> Tensor:
    """Add or drop axes of length 1: the others keep the order in which they are stored."""
    renamed = dict(zip(kept, new, strict=True))
    order = [0, *(renamed[axis] for axis in x.order if axis in renamed)]
    ones = [axis for axis in range(1, len(shape)) if axis not in new]
    if len(shape) == 4 and 1 in ones:  # the channels come last
        order = [*order, *(axis for axis in ones if axis != 1)]
        order = [0, *sorted((axis for axis in order if axis), key=lambda a: (a == 1, a)), 1]
    elif len(shape) == 4 and [axis for axis in (2, 3, 1) if axis in new] == order[1:]:
        order = [0, 2, 3, 1]
    else:
        order += ones
    return reading.reshaped(x, shape, [shape[axis] for axis in order], tuple(order))
