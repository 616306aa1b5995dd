"""Writing a network as an ONNX file: drawn, checked, run once, and only then in its place."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TypedDict

import numpy as np
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.layers.layer import Layer
from tinyseg.utils.files import as_path, atomic_path

from ..network import Network
from ..training import Trainer
from .drawing import Drawing, OnnxNode, Value
from .files import Tensor, free_lengths, serialized
from .images import Images, cut_back, draw_images, mask_of, prepared
from .network import draw_network
from .nodes import LayerNodes
from .packages import runtime
from .verifying import LIMIT, ExportMismatch, Verified, difference, samples, session

LAYOUTS = ("channels_last", "channels_first")


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        path: The file.
        opset: The set of operators that it is written for.
        nodes: How many nodes it has.
        inputs: Names of the inputs.
        outputs: Names of the outputs.
        verified: How far ONNX Runtime is from the network; None where it is not installed.
    """

    path: str
    opset: int
    nodes: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    verified: Verified | None

    def __str__(self) -> str:
        """Say it in a line."""
        told = f"{self.path}: {self.nodes} nodes of ONNX's operators {self.opset}"
        if self.verified is None:
            return f"{told}; not verified, since onnxruntime is not installed"
        return f"{told}; {self.verified.runtime} agrees to {self.verified.error:.1e}"


@dataclass(frozen=True)
class Drawn:
    """A network as a graph with named ends."""

    drawing: Drawing
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def draw(
    network: Network,
    data_format: str = "channels_last",
    images: Images | None = None,
    mask: bool = False,
    nodes: Mapping[type[Layer], LayerNodes] | None = None,
) -> Drawn:
    """Draw a network with its inputs and outputs; arguments as for `export_onnx`."""
    if data_format not in LAYOUTS:
        raise unknown_name("data_format", data_format, LAYOUTS)
    if images is not None and (len(network.inputs) > 1 or len(network.inputs[0].shape) != 4):
        raise InvalidInput(f"{network.label}: images inside need one input (N, H, W, C), got {network.input_shape}")
    if mask and len(network.outputs) > 1:
        raise InvalidInput(f"{network.label}: a mask needs one output, got {len(network.outputs)}")
    d, inputs, given, size = Drawing(), list[Tensor](), list[Value](), ""
    for k, tensor in enumerate(network.inputs):
        first = data_format == "channels_first" and len(tensor.shape) == 4 and images is None
        shape = tensor.shape if images is None else (None, None, None, tensor.shape[3])
        inputs.append(Tensor(tensor.name, "float32" if images is None else "uint8", free_lengths(shape, k, first)))
        given.append(Value(tensor.name, shape, first))
    d.taken |= {tensor.name for tensor in inputs}
    if images is not None:
        given[0], size = draw_images(d, images, given[0])
    results = draw_network(d, network, given, nodes)
    if images is not None and images.multiple_of > 1:
        results = [cut_back(d, result, size) for result in results]
    first = data_format == "channels_first" and images is None
    outputs = [
        _output(d, tensor.name, result, first, "float32", images is not None)
        for tensor, result in zip(network.outputs, results, strict=True)
    ]
    if mask:
        outputs.append(_output(d, "mask", mask_of(d, results[0]), first, "uint8", images is not None))
    return Drawn(d, tuple(inputs), tuple(outputs))


def _output(d: Drawing, name: str, value: Value, channels_first: bool, dtype: str, any_size: bool) -> Tensor:
    """Give a result the name that users see, and the layout that they asked for."""
    value = d.first(value) if channels_first and len(value.shape) == 4 else d.last(value)
    while name in d.taken:
        name = f"{name}_output"
    d.taken.add(name)
    d.nodes.append(OnnxNode("Identity", (value.name,), (name,), {}))
    shape = (None, None, None, *value.shape[3:]) if any_size and len(value.shape) >= 3 else value.shape
    free = free_lengths(shape, 0, value.channels_first)
    return Tensor(name, dtype, tuple(f"{name}_{n}" if isinstance(n, str) and n != "N" else n for n in free))


class ExportOptions(TypedDict, total=False):
    """What `export_onnx` takes beside a network and a path; see `Model.export`."""

    opset_version: int | None
    data_format: str
    images: Images | None
    mask: bool
    class_names: Sequence[str] | None
    metadata: Mapping[str, str] | None
    nodes: Mapping[type[Layer], LayerNodes] | None
    verify: bool


def export_onnx(
    network: Trainer,
    filepath: str | os.PathLike[str],
    *,
    opset_version: int | None = None,
    data_format: str = "channels_last",
    images: Images | None = None,
    mask: bool = False,
    class_names: Sequence[str] | None = None,
    metadata: Mapping[str, str] | None = None,
    nodes: Mapping[type[Layer], LayerNodes] | None = None,
    verify: bool = True,
) -> Exported:
    """Write a network as an ONNX file; see `Model.export`."""
    path = as_path(filepath, "export: filepath")
    if path.suffix.lower() != ".onnx":
        raise InvalidInput(f"{path}: expected a name that ends in .onnx")
    drawn = draw(network, data_format, images, mask, nodes)
    texts = described(class_names, images, metadata)
    content, opset = serialized(drawn.drawing, drawn.inputs, drawn.outputs, opset_version, network.name, texts)
    ort, verified = runtime() if verify else None, None
    if ort is not None:
        verified = _verified(ort, content, network, drawn, data_format == "channels_first" and images is None, images)
        if not verified.error <= LIMIT:
            raise ExportMismatch(
                f"{path}: not written: {verified.runtime} is {verified.error:.1e} away from the network, for inputs "
                f"{verified.shape}"
            )
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    names = tuple(t.name for t in drawn.inputs), tuple(t.name for t in drawn.outputs)
    return Exported(str(path), opset, len(drawn.drawing.nodes), *names, verified)


def described(
    class_names: Sequence[str] | None, images: Images | None, metadata: Mapping[str, str] | None
) -> dict[str, str]:
    """Return what the file says about itself: class names as JSON, and what happens to images inside."""
    texts = {str(key): str(value) for key, value in (metadata or {}).items()}
    if class_names is not None:
        texts["class_names"] = json.dumps([str(name) for name in class_names], ensure_ascii=False)
    if images is not None:
        texts["images"] = json.dumps({"standardize": images.standardize, "multiple_of": images.multiple_of})
    return texts


def _verified(
    ort: ModuleType, content: bytes, network: Trainer, drawn: Drawn, first: bool, images: Images | None
) -> Verified:
    """Compute the same random inputs by the network and by ONNX Runtime."""

    def computed(xs: list[Array]) -> list[Array]:
        size = xs[0].shape[1:3]
        if images is not None:
            xs = [prepared(images, xs[0])]
        y = network.predict_on_batch(xs if network.several_inputs else xs[0])
        results = [to_host(item) for item in (y if isinstance(y, list) else [y])]
        return results if images is None else [item[:, : size[0], : size[1]] for item in results]

    shapes = [tensor.shape for tensor in network.inputs]
    xs, expected = samples(shapes, images is not None, computed)
    given = xs
    if first:
        given, expected = [channels_first(x) for x in xs], [channels_first(y) for y in expected]
    results = session(ort, content).run(None, dict(zip((t.name for t in drawn.inputs), given, strict=True)))
    error = difference(results[: len(expected)], expected)
    if len(results) > len(expected) and (results[-1] != results[0].argmax(-1)).any():
        raise ExportMismatch(f"{network.label}: the mask is not the class of the largest number")
    return Verified(f"ONNX Runtime {ort.__version__}", xs[0].shape, error)


def channels_first(x: Array) -> Array:
    """Return images (N, C, H, W); anything else as it is."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x
