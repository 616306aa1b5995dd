"""A drawing as what `network.js` takes: nodes as JSON, and all constants in one row of bytes."""

from __future__ import annotations

import math

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.utils.types import JsonObject

from ..drawing import Attribute
from ..export import Drawn

LARGEST_INTEGER = 2**31 - 1


def as_graph(drawn: Drawn) -> tuple[JsonObject, bytes]:
    """Return nodes, names and shapes as JSON types, and the bytes of the constants, little-endian, each at a multiple
    of 4.
    """
    constants: JsonObject = {}
    parts: list[bytes] = []
    at = 0
    used = {name for node in drawn.drawing.nodes for name in node.inputs}
    for name, array in drawn.drawing.constants.items():
        if name in used:
            kind = "int32" if array.dtype.kind in "iu" else "float32"
            content = _numbers(array, kind)
            constants[name] = {"dims": list(array.shape), "kind": kind, "at": at}
            parts.append(content)
            at += len(content)
    nodes = [
        {
            "operation": node.operation,
            "inputs": list(node.inputs),
            "outputs": list(node.outputs),
            "attributes": {key: _plain(value) for key, value in node.attributes.items()},
        }
        for node in drawn.drawing.nodes
    ]
    names = {"inputs": [item.name for item in drawn.inputs], "outputs": [item.name for item in drawn.outputs]}
    return {"nodes": nodes, "constants": constants, **names}, b"".join(parts)


def _numbers(array: Array, kind: str) -> bytes:
    if kind == "int32":
        array = np.clip(array, -LARGEST_INTEGER, LARGEST_INTEGER)  # "to the end" is further than any length
    return np.ascontiguousarray(array, "<i4" if kind == "int32" else "<f4").tobytes()


def _plain(value: Attribute) -> object:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return math.copysign(3.4e38, value)
    return value
