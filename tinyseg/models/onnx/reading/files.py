"""An ONNX file as plain Python: nodes with their attributes, constants as arrays, inputs and outputs.

A file comes from anywhere. Its size bounds what is read, arrays in files beside it are taken only from its own folder,
and whatever is damaged or unknown ends in an `InvalidInput` that names the file.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.files import existing_file
from tinyseg.utils.types import JsonObject

from ..packages import onnx_package

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

LARGEST_FILE = 2**31 - 1
"""Bytes of a file, which is one protobuf message, and of all arrays in files beside it."""

MOST_AXES = 16
DOMAINS = ("", "ai.onnx")


@dataclass(frozen=True)
class Node:
    """One node of the file."""

    name: str
    operation: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: JsonObject
    """Numbers, lists, texts, arrays; None for what cannot be read, such as a subgraph."""
    proto: NodeProto

    @property
    def label(self) -> str:
        """How errors name the node."""
        domain = "" if self.domain in DOMAINS else f"{self.domain}."
        return f"{domain}{self.operation} {self.name or (self.outputs[0] if self.outputs else '')!r}"


@dataclass(frozen=True)
class GraphInput:
    """An input: its name, its lengths (None where free), and whether it holds floats or bytes."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True)
class OnnxFile:
    """What a file holds."""

    path: Path
    opset: int
    nodes: tuple[Node, ...]
    constants: dict[str, Array]
    inputs: tuple[GraphInput, ...]
    outputs: tuple[str, ...]
    metadata: dict[str, str]


def read_file(path: str | os.PathLike[str]) -> OnnxFile:
    """Read a file.

    Raises:
        InvalidInput: No such file, no ONNX, damaged, or larger than 2 GB; the text names the file.
    """
    path = existing_file(path)
    onnx = onnx_package()
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidInput(f"{path}: expected at most 2 GB, as ONNX has it, got {path.stat().st_size:,} bytes")
        model = onnx.ModelProto.FromString(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path}: not readable ({error.strerror or error})") from error
    except Exception as error:  # protobuf's DecodeError is not the same class in each of its implementations
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"{path}: not an ONNX file, or damaged ({error})") from error
    try:
        return _plain(onnx, path, model)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from error
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RuntimeError) as error:
        raise InvalidInput(f"{path}: damaged: {type(error).__name__}: {error}") from error


def _plain(onnx: ModuleType, path: Path, model: ModelProto) -> OnnxFile:
    graph = model.graph
    if not graph.node or not graph.output:
        raise InvalidInput("not an ONNX file: it holds no graph")
    opsets = [entry.version for entry in model.opset_import if entry.domain in DOMAINS]
    if len(opsets) != 1 or not 1 <= opsets[0] <= onnx.defs.onnx_opset_version():
        raise InvalidInput(
            f"expected one set of operators up to {onnx.defs.onnx_opset_version()}, which the installed onnx "
            f"{onnx.__version__} knows, got {opsets}"
        )
    if graph.sparse_initializer:
        raise InvalidInput("it has sparse constants, which are not read")
    tensors = Tensors(onnx, path.parent)
    constants = {tensor.name: tensors.array(tensor) for tensor in graph.initializer}
    nodes = tuple(_node(onnx, node, tensors) for node in graph.node)
    inputs = tuple(_input(onnx, item) for item in graph.input if item.name not in constants)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    return OnnxFile(path, opsets[0], nodes, constants, inputs, tuple(item.name for item in graph.output), metadata)


def _input(onnx: ModuleType, item: ValueInfoProto) -> GraphInput:
    kind = item.type.tensor_type
    if not item.type.HasField("tensor_type") or len(kind.shape.dim) > MOST_AXES:
        raise InvalidInput(f"input {item.name!r}: expected a tensor of at most {MOST_AXES} axes")
    shape = tuple(dim.dim_value if dim.dim_value > 0 else None for dim in kind.shape.dim)
    dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
    return GraphInput(item.name, shape, str(np.dtype(dtype)))


def _node(onnx: ModuleType, node: NodeProto, tensors: Tensors) -> Node:
    attributes: JsonObject = {}
    kinds = onnx.AttributeProto
    for item in node.attribute:
        if item.type == kinds.TENSOR:
            attributes[item.name] = tensors.array(item.t)
        elif item.type == kinds.STRING:
            attributes[item.name] = item.s.decode("utf-8", "replace")
        elif item.type in (kinds.FLOAT, kinds.INT, kinds.FLOATS, kinds.INTS):
            value = onnx.helper.get_attribute_value(item)
            attributes[item.name] = value if isinstance(value, (int, float)) else list(value)
        else:
            attributes[item.name] = None
    return Node(node.name, node.op_type, node.domain, tuple(node.input), tuple(node.output), attributes, node)


class Tensors:
    """Arrays of a file, and of files in its folder."""

    def __init__(self, onnx: ModuleType, folder: Path) -> None:
        """Begin with nothing read."""
        self.onnx, self.folder, self.left = onnx, folder, LARGEST_FILE

    def array(self, tensor: TensorProto) -> Array:
        """Return the array, floats as float32.

        Raises:
            InvalidInput: A kind of numbers that is not read, or as many as are not there.
        """
        onnx = self.onnx
        shape = tuple(tensor.dims)
        if len(shape) > MOST_AXES or any(n < 0 for n in shape) or math.prod(shape) > LARGEST_FILE:
            raise InvalidInput(f"constant {tensor.name!r}: damaged: shape {shape}")
        if tensor.data_type in (onnx.TensorProto.UNDEFINED, onnx.TensorProto.STRING):
            raise InvalidInput(f"constant {tensor.name!r}: expected numbers")
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            tensor = self._from_beside(tensor)
        array = np.asarray(onnx.numpy_helper.to_array(tensor))
        if array.dtype.kind == "f" or array.dtype.name == "bfloat16":
            array = array.astype(np.float32)
        elif array.dtype.kind not in "iub":
            raise InvalidInput(f"constant {tensor.name!r}: numbers of the kind {array.dtype} are not read")
        return array

    def _from_beside(self, tensor: TensorProto) -> TensorProto:
        """Return the tensor with its bytes, which lie in a file of the same folder."""
        about = {entry.key: entry.value for entry in tensor.external_data}
        name = about.get("location", "")
        path = self.folder / name
        plain = bool(name) and not Path(name).is_absolute() and path.resolve().parent == self.folder.resolve()
        if not plain or path.is_symlink() or not path.is_file():
            raise InvalidInput(
                f"constant {tensor.name!r}: expected its numbers in a file of the same folder, got {name!r}"
            )
        begin = int(about.get("offset", 0))
        length = int(about.get("length", path.stat().st_size - begin))
        if begin < 0 or length < 0 or begin + length > path.stat().st_size or length > self.left:
            raise InvalidInput(f"constant {tensor.name!r}: {name} does not hold bytes {begin} to {begin + length}")
        self.left -= length
        with path.open("rb") as file:
            file.seek(begin)
            content = file.read(length)
        inside = self.onnx.TensorProto()
        inside.CopyFrom(tensor)
        del inside.external_data[:]
        inside.data_location = self.onnx.TensorProto.DEFAULT
        inside.raw_data = content
        return inside


def needed_nodes(file: OnnxFile, outputs: tuple[str, ...]) -> list[Node]:
    """Return the nodes that these outputs depend on, each after those whose results it takes.

    Raises:
        InvalidInput: A tensor that nothing gives, one that two nodes give, or a circle.
    """
    known = {*file.constants, *(item.name for item in file.inputs), ""}
    makers: dict[str, Node] = {}
    for node in file.nodes:
        for given in node.outputs:
            if given and (given in makers or given in known):
                raise InvalidInput(f"{node.label}: gives {given!r}, which there is already")
            makers[given] = node
    if "" in outputs:
        raise InvalidInput("an output without a name")
    order: list[Node] = []
    state: dict[int, bool] = {}  # id -> done
    stack: list[tuple[Node | None, Iterator[str]]] = [(None, iter(outputs))]
    while stack:
        current, names = stack[-1]
        name = next(names, None)
        if name is None:
            stack.pop()
            if current is not None:
                state[id(current)] = True
                order.append(current)
            continue
        if name in known:
            continue
        maker = makers.get(name)
        if maker is None:
            raise InvalidInput(f"there is no tensor {name!r}")
        if state.get(id(maker)) is False:
            raise InvalidInput(f"{maker.label}: depends on itself")
        if id(maker) not in state:
            state[id(maker)] = False
            stack.append((maker, iter(maker.inputs)))
    return order
