"""A drawing as a file of ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.layers.symbolic import Shape
from tinyseg.utils.types import JsonObject

from .drawing import Attribute, Drawing
from .packages import onnx_package

if TYPE_CHECKING:
    from onnx import NodeProto, ValueInfoProto

NEWEST_OPSET, OLDEST_OPSET = 28, 18
"""The newest set of operators that ONNX Runtime 1.32.0 calls official (it refuses a later one by naming this), and the
oldest with which all nodes that are drawn here are valid."""

LARGEST_IR = 10
"""Version of the file format that is asked for at most: nothing of a later one is used, and older runtimes read it."""

LARGEST_FILE = 2**31 - 1
"""Bytes of one protobuf message."""


@dataclass(frozen=True)
class Tensor:
    """An input or output of the graph: name, dtype, and shape with texts for lengths that are free."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


def free_lengths(shape: Shape, k: int, channels_first: bool) -> tuple[int | str, ...]:
    """Return a shape as the graph has it, each unknown length with a name of its own."""
    names = ("N", "H", "W") if len(shape) == 4 else ("N", *(f"L{axis}" for axis in range(1, len(shape))))
    suffix = "" if k == 0 else str(k)
    lengths: list[int | str] = [
        n if n is not None else names[axis] if axis == 0 else f"{names[axis]}{suffix}" for axis, n in enumerate(shape)
    ]
    return (lengths[0], lengths[3], lengths[1], lengths[2]) if channels_first else tuple(lengths)


def serialized(
    drawing: Drawing,
    inputs: Sequence[Tensor],
    outputs: Sequence[Tensor],
    opset: int | None,
    name: str,
    metadata: Mapping[str, str],
) -> tuple[bytes, int]:
    """Return the file's content, checked by the package onnx, and the set of operators that was taken.

    Raises:
        InvalidInput: A set of operators out of range, or a network of more than 2 GB.
    """
    onnx = onnx_package()
    opset = chosen_opset(onnx, opset)
    if sum(array.nbytes for array in drawing.constants.values()) > LARGEST_FILE - (1 << 20):
        raise InvalidInput("export: the parameters fill more than 2 GB, the most that one ONNX file can hold")
    helper, used = onnx.helper, {name for node in drawing.nodes for name in node.inputs}
    graph = helper.make_graph(
        [_node(onnx, node.operation, node.inputs, node.outputs, node.attributes) for node in drawing.nodes],
        name,
        [_described(onnx, tensor) for tensor in inputs],
        [_described(onnx, tensor) for tensor in outputs],
        [onnx.numpy_helper.from_array(_little(array), k) for k, array in drawing.constants.items() if k in used],
    )
    ids = [helper.make_opsetid("", opset)]
    model = helper.make_model(
        graph,
        opset_imports=ids,
        producer_name="tinyseg",
        ir_version=max(helper.find_min_ir_version_for(ids), min(LARGEST_IR, onnx.IR_VERSION)),
    )
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True), opset


def chosen_opset(onnx: ModuleType, opset: int | None) -> int:
    """Return the set of operators to write for: the newest official one that the package knows, unless one is asked."""
    newest = min(NEWEST_OPSET, onnx.defs.onnx_opset_version())
    if opset is None:
        return int(newest)
    if isinstance(opset, bool) or not isinstance(opset, int) or not OLDEST_OPSET <= opset <= newest:
        raise InvalidInput(f"opset_version: expected an integer from {OLDEST_OPSET} to {newest}, got {opset!r}")
    return opset


def _node(
    onnx: ModuleType, operation: str, inputs: Sequence[str], outputs: Sequence[str], attributes: Mapping[str, Attribute]
) -> NodeProto:
    given: JsonObject = {
        key: list(value) if isinstance(value, (tuple, list)) else value for key, value in attributes.items()
    }
    if operation == "Cast":
        given["to"] = _dtype(onnx, given["to"])
    return onnx.helper.make_node(operation, list(inputs), list(outputs), name=outputs[0], **given)


def _dtype(onnx: ModuleType, name: str) -> int:
    return int(onnx.helper.np_dtype_to_tensor_dtype(np.dtype(name)))


def _described(onnx: ModuleType, tensor: Tensor) -> ValueInfoProto:
    return onnx.helper.make_tensor_value_info(tensor.name, _dtype(onnx, tensor.dtype), list(tensor.shape))


def _little(array: Array) -> Array:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
