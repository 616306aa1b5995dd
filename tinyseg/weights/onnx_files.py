"""ONNX: the initializers of a graph, and its constants, with the node that uses each.

An exporter may have called a kernel 'onnx::Conv_123'; the node says that it is the kernel of a convolution, and where
in the graph. A tensor that is kept in another file is read if that file lies in the same folder and is as long as it
must be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .tensors import Snapshot, TensorInfo, Tensors, shortened

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, TensorProto

DEEPEST = 32
"""Graphs within graphs."""

KINDS = {
    1: ("FLOAT", "f4"), 2: ("UINT8", "u1"), 3: ("INT8", "i1"), 4: ("UINT16", "u2"), 5: ("INT16", "i2"),
    6: ("INT32", "i4"), 7: ("INT64", "i8"), 9: ("BOOL", "b1"), 10: ("FLOAT16", "f2"), 11: ("DOUBLE", "f8"),
    12: ("UINT32", "u4"), 13: ("UINT64", "u8"), 16: ("BFLOAT16", "u2"),
}  # fmt: skip
"""Numbers of the format's dtypes, their names, and how they stand in raw data (little-endian)."""

ROLES: dict[str, tuple[str, ...]] = {
    "Conv": ("", "weight", "bias"),
    "ConvTranspose": ("", "weight", "bias"),
    "Gemm": ("", "weight", "bias"),
    "MatMul": ("", "weight"),
    "BatchNormalization": ("", "weight", "bias", "running_mean", "running_var"),
    "InstanceNormalization": ("", "weight", "bias"),
    "LayerNormalization": ("", "weight", "bias"),
    "GroupNormalization": ("", "weight", "bias"),
    "PRelu": ("", "weight"),
}
"""Operator -> what its inputs are called in PyTorch's modules."""


def read_onnx(path: Path) -> Tensors:
    """Read the tensors of a graph; raises ValueError when it is damaged."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise InvalidInput(f"{path}: reading ONNX needs the package onnx: pip install 'tinyseg[weights]'") from error
    try:
        model = onnx.load_model(str(path), load_external_data=False)
    except (DecodeError, RuntimeError) as error:
        raise ValueError(f"a damaged ONNX file ({error})") from error
    graph = model.graph
    if not graph.node and not graph.initializer:
        raise ValueError("an ONNX file without a graph")
    settings = _settings(graph.node)
    infos, left = [], []
    for name, tensor in _all(graph):
        if tensor.data_type in KINDS:
            infos.append(_info(name, tensor, path, settings.get(name, {})))
        else:
            left.append(name)
    metadata = {"producer": f"{model.producer_name} {model.producer_version}".strip()}
    metadata["opset"] = ", ".join(f"{item.domain or 'ai.onnx'} {item.version}" for item in model.opset_import)
    if left:
        metadata["not read"] = shortened(f"tensors of dtypes that NumPy does not have: {', '.join(left)}")
    return Tensors(path, "ONNX", "torch", infos, {key: text[:1000] for key, text in metadata.items() if text})


def _all(graph: GraphProto, path: str = "", depth: int = 0) -> Iterator[tuple[str, TensorProto]]:
    """Yield the tensors of a graph, and of those within it (the branches of If, the body of Loop), by their paths."""
    if depth > DEEPEST:
        raise ValueError("graphs that are nested too deeply")
    for tensor in graph.initializer:
        yield _text(path, tensor.name), tensor
    for k, node in enumerate(graph.node):
        for attribute in node.attribute:
            if node.op_type == "Constant" and node.output and attribute.name == "value" and attribute.t.dims:
                yield _text(path, node.output[0]), attribute.t
            if attribute.HasField("g"):
                inside = f"{path}{node.name or f'{node.op_type} {k}'}/{attribute.name}/"
                yield from _all(attribute.g, inside, depth + 1)


def _text(path: str, name: str) -> str:
    if not isinstance(name, str):  # protobuf gives bytes where they are no UTF-8
        raise ValueError(f"the name {name!r:.80} of a tensor, which is no text")
    return f"{path}{name}"


def _settings(nodes: Iterable[NodeProto]) -> dict[str, dict[str, str]]:
    """Return for each tensor the first node that uses it as a weight, and as which."""
    found: dict[str, dict[str, str]] = {}
    for k, node in enumerate(nodes):
        roles = ROLES.get(node.op_type, ())
        numbers = {item.name: item for item in node.attribute}
        for role, name in zip(roles, node.input, strict=False):
            if not role or not name or name in found:
                continue
            about = {"module": f"{node.op_type} {node.name or k}", "member": role, "op": node.op_type}
            if role == "weight" and (node.op_type == "MatMul" or _plain_gemm(node)):
                about["axes"] = "DF"
            if node.op_type == "BatchNormalization":
                about["epsilon"] = repr(numbers["epsilon"].f if "epsilon" in numbers else 1e-5)
                about["momentum"] = repr(numbers["momentum"].f if "momentum" in numbers else 0.9)
            found[name] = about
    return found


def _plain_gemm(node: NodeProto) -> bool:
    return node.op_type == "Gemm" and not any(item.name == "transB" and item.i for item in node.attribute)


def _info(name: str, tensor: TensorProto, path: Path, settings: dict[str, str]) -> TensorInfo:
    kind, raw = KINDS[tensor.data_type]
    shape = tuple(int(n) for n in tensor.dims)
    if any(n < 0 for n in shape) or not name:
        raise ValueError(f"tensor {name[:80]!r} of shape {shape}")
    size = math.prod(shape) * np.dtype(raw).itemsize
    if tensor.data_location == 1:
        place = _place(tensor, path, size)
        read = partial(_outside, *place, shape, kind, raw)
    elif tensor.HasField("raw_data") and len(tensor.raw_data) != size:
        raise ValueError(f"tensor {name[:80]!r}: {len(tensor.raw_data)} bytes, where {size} are expected")
    else:
        read = partial(_typed, tensor, shape, kind, raw)
    dtype = np.dtype("f4") if kind == "BFLOAT16" else np.dtype(raw)
    return TensorInfo(name, shape, dtype, kind, read, settings)


def _place(tensor: TensorProto, path: Path, size: int) -> tuple[Snapshot, int, int]:
    """Return the file beside this one in which a tensor is kept, and its bytes there."""
    about = {item.key: item.value for item in tensor.external_data}
    name = about.get("location", "")
    beside = path.parent / name
    if beside.resolve().parent != path.resolve().parent or not beside.is_file():  # wherever links lead
        raise ValueError(f"tensor {tensor.name[:80]!r} is kept in {name[:80]!r}, which is not in the file's folder")
    offset, length = int(about.get("offset", "0")), int(about.get("length", str(size)))
    snapshot = Snapshot.of(beside)
    if length != size or not 0 <= offset <= snapshot.size - size:
        raise ValueError(
            f"tensor {tensor.name[:80]!r}: bytes {offset} to {offset + length} of {name!r}, expected {size}"
        )
    return snapshot, offset, size


def _outside(snapshot: Snapshot, offset: int, size: int, shape: tuple[int, ...], kind: str, raw: str) -> Array:
    return _numbers(snapshot.bytes(offset, size), shape, kind, raw)


def _numbers(content: bytes, shape: tuple[int, ...], kind: str, raw: str) -> Array:
    numbers = np.frombuffer(content, np.dtype(raw).newbyteorder("<")).reshape(shape)
    if kind == "BFLOAT16":
        return (numbers.astype("u4") << 16).view("f4")
    return numbers.astype(raw)


def _typed(tensor: TensorProto, shape: tuple[int, ...], kind: str, raw: str) -> Array:
    """Return the numbers, which stand as bytes or in a list of numbers of a wider type."""
    if tensor.HasField("raw_data"):
        return _numbers(tensor.raw_data, shape, kind, raw)
    lists = {"FLOAT": tensor.float_data, "DOUBLE": tensor.double_data, "INT64": tensor.int64_data}
    wide = tensor.uint64_data if kind in ("UINT32", "UINT64") else tensor.int32_data
    numbers = np.array(lists.get(kind, wide))
    if kind in ("FLOAT16", "BFLOAT16"):  # the bits of each number, as an integer
        content = numbers.astype("<u2").tobytes()
        return _numbers(content, shape, kind, raw)
    return numbers.reshape(shape).astype(raw)
