"""Files of weights as other programs write them, made here."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from .torch_format import file_of

ARRAYS: Mapping[str, np.ndarray] = {
    "features.0.weight": np.random.default_rng(0).normal(size=(4, 3, 3, 2)).astype("f4"),
    "features.0.bias": np.arange(4, dtype="f4"),
    "features.1.running_mean": np.linspace(-1, 1, 4).astype("f4"),
    "features.1.num_batches_tracked": np.array(7),
    "head.weight": np.random.default_rng(1).normal(size=(5, 4)).astype("f2"),
}


def npz(arrays: Mapping[str, np.ndarray] = ARRAYS, compressed: bool = False) -> bytes:
    """Return NumPy's archive."""
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def keras3(layers: Mapping[str, tuple[str, list[np.ndarray]]], **options: Any) -> bytes:
    """Return a .weights.h5: path of a layer -> (the name that somebody gave, its arrays)."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, (name, arrays) in layers.items():
            group = file.create_group(f"{path}/vars")
            group.attrs["name"] = name
            for k, array in enumerate(arrays):
                group.create_dataset(str(k), data=array, **options)
        file.create_group("vars").attrs["name"] = "model"
    return buffer.getvalue()


def keras2(layers: Mapping[str, Mapping[str, np.ndarray]], **attributes: str) -> bytes:
    """Return a .h5 of Keras 2: layer -> array by name."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs.update({"layer_names": [name.encode() for name in layers], "backend": "tensorflow", **attributes})
        for layer, arrays in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/{name}:0".encode() for name in arrays]
            for name, array in arrays.items():
                group.create_dataset(f"{layer}/{name}:0", data=array)
    return buffer.getvalue()


def keras_archive(weights: bytes, config: Any) -> bytes:
    """Return a .keras."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr("model.weights.h5", weights)
    return buffer.getvalue()


LAYERS: Mapping[str, tuple[str, list[np.ndarray]]] = {
    "layers/conv2d": ("stem", [np.ones((3, 3, 2, 4), "f4"), np.zeros(4, "f4")]),
    "layers/conv2d_1": ("deep", [np.full((1, 1, 4, 4), 2, "f4")]),
    "layers/dense": ("dense", [np.eye(4, 3, dtype="f8")]),
}


def torch_files() -> dict[str, bytes]:
    """Return both of PyTorch's formats."""
    return {"legacy.pth": file_of(ARRAYS, True), "zip.pt": file_of(ARRAYS, False)}


def keras_files() -> dict[str, bytes]:
    """Return all three kinds."""
    old = keras2({"stem": {"kernel": np.ones((3, 3, 2, 4), "f4"), "bias": np.zeros(4, "f4")}}, model_config="{}")
    config = {"config": {"layers": [{"config": {"name": "stem", "epsilon": 0.5}}]}}
    return {
        "new.weights.h5": keras3(LAYERS),
        "packed.weights.h5": keras3(LAYERS, compression="gzip", chunks=True),
        "old.h5": old,
        "model.keras": keras_archive(keras3(LAYERS), config),
    }


def onnx_model(arrays: Mapping[str, np.ndarray] = ARRAYS, raw: bool = True) -> Any:
    """Return a graph of a convolution and a matrix product with these initializers."""
    import onnx
    from onnx import helper, numpy_helper

    tensors = []
    for name, array in arrays.items():
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        if raw:
            tensors.append(numpy_helper.from_array(array, name))
        else:
            tensors.append(helper.make_tensor(name, kind, array.shape, array.reshape(-1).tolist()))
    nodes = [
        helper.make_node("Conv", ["x", "features.0.weight", "features.0.bias"], ["y"], name="first"),
        helper.make_node("MatMul", ["y", "head.weight"], ["z"]),
    ]
    image = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3, 9, 9])
    out = helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "g", [image], [out], tensors)
    return helper.make_model(graph, producer_name="tests")


def onnx_files() -> dict[str, bytes]:
    """Return numbers as bytes, and in lists."""
    return {
        "raw.onnx": onnx_model().SerializeToString(),
        "lists.onnx": onnx_model(raw=False).SerializeToString(),
    }
