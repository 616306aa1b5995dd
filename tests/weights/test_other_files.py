"""safetensors, Keras's and ONNX's files, NumPy's archives: what is in them comes out, and links lead nowhere."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.models.test_saving import message
from tests.weights import files
from tinyseg import InvalidInput, layers, weights
from tinyseg.models import Model, Sequential

RNG = np.random.default_rng(5)
Input = layers.Input


@pytest.fixture(autouse=True)
def by_numpy() -> Iterator[None]:
    before = tinyseg.get_backend()
    tinyseg.set_backend("numpy")
    yield
    tinyseg.set_backend(before)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def numbers(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("f4")


def same_as(tensors: weights.Tensors, arrays: Any) -> None:
    assert set(tensors) == set(arrays)
    for name, array in arrays.items():
        assert tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(tensors[name], array)


# NumPy and safetensors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compressed", [False, True])
def test_npz(compressed: bool, tmp_path: Path) -> None:
    odd = {"turned": numbers(3, 4).T, "big-endian": numbers(5).astype(">f4"), "scalar": np.array(3.0), "no": numbers(0)}
    arrays = {**files.ARRAYS, **odd}
    tensors = weights.read(written(tmp_path / "a.npz", files.npz(arrays, compressed)))
    assert tensors.layout == "torch"
    same_as(tensors, {name: a.astype(a.dtype.newbyteorder("=")) for name, a in arrays.items()})
    assert all(tensors[name].flags["C_CONTIGUOUS"] for name in tensors)


def test_npz_of_objects_and_texts(tmp_path: Path) -> None:
    for array in (np.array([{}], object), np.array(["a"]), np.zeros(2, [("a", "f4")])):
        assert "are no numbers" in message(weights.read, written(tmp_path / "a.npz", files.npz({"a": array})))


def test_safetensors_of_others(tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.numpy")
    path = written(tmp_path / "m.safetensors", package.save(dict(files.ARRAYS), {"format": "pt"}))
    tensors = weights.read(path)
    assert (tensors.layout, tensors.metadata) == ("torch", {"format": "pt"})
    same_as(tensors, files.ARRAYS)
    path = written(tmp_path / "other", package.save({"a.kernel": numbers(2, 3)}))
    assert weights.read(path).layout == "keras"


def test_bfloat16_in_safetensors(tmp_path: Path) -> None:
    from tests.fuzz.mutations import join_safetensors

    values = np.array([1.0, -2.5, 0.0], np.float32)
    content = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    header = {"a": {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}}
    tensors = weights.read(written(tmp_path / "m.safetensors", join_safetensors(header, content)))
    assert tensors.info["a"].stored == "BF16"
    same_as(tensors, {"a": values})


def test_a_file_of_tinyseg(tmp_path: Path) -> None:
    """By names that were given, by order where none was, and the optimizer's arrays are left."""

    def network(name: str | None = None) -> Model:
        return Sequential([Input((6, 5, 2)), layers.Conv2D(3, 3, name=name), layers.Flatten(), layers.Dense(2)])

    one = network("stem")
    one.compile("adam", "mse")
    one.fit(numbers(2, 6, 5, 2), numbers(2, 2), verbose=0)
    one.save(tmp_path / "m.safetensors")
    for name, by in (("stem", ["name", "name", "order", "order"]), (None, ["order"] * 4)):
        other = network(name)
        report = weights.load(other, tmp_path / "m.safetensors")
        assert [row.by for row in report.rows] == by
        assert report.complete
        assert len(report.ignored) == 9
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("content", [b"", b"abc", b"\x08", b"\x80", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"{}" * 40])
def test_what_is_no_file_of_weights(content: bytes, tmp_path: Path) -> None:
    text = message(weights.read, written(tmp_path / "what", content))
    assert str(tmp_path / "what") in text


# Keras ----------------------------------------------------------------------------------------------------------------

h5py = pytest.importorskip("h5py")


def test_keras_3_names_are_in_attributes(tmp_path: Path) -> None:
    for options in ({}, {"compression": "gzip", "chunks": True, "shuffle": True}):
        path = written(tmp_path / "m.weights.h5", files.keras3(files.LAYERS, **options))
        tensors = weights.read(path)
        arrays = {f"{name}/{k}": a for name, group in files.LAYERS.values() for k, a in enumerate(group)}
        same_as(tensors, arrays)
        assert tensors.layout == "keras"
    twice = {path: ("same", arrays) for path, (_, arrays) in files.LAYERS.items()}
    tensors = weights.read(written(tmp_path / "m.weights.h5", files.keras3(twice)))
    assert "layers/conv2d_1/vars/0" in tensors


def test_two_layers_of_one_shape_in_another_order(tmp_path: Path) -> None:
    """Keras goes by the order alone, and puts each into the other's place."""
    a, b = numbers(3, 3, 2, 2), numbers(3, 3, 2, 2)
    path = written(
        tmp_path / "m.weights.h5", files.keras3({"layers/conv2d": ("a", [a]), "layers/conv2d_1": ("b", [b])})
    )

    def model(*names: str | None) -> Model:
        return Sequential([Input((9, 8, 2)), *(layers.Conv2D(2, 3, use_bias=False, name=name) for name in names)])

    turned = model("b", "a")
    report = weights.load(turned, path)
    assert [(row.target, row.source, row.by) for row in report.rows] == [
        ("b/kernel", "b/0", "name"), ("a/kernel", "a/0", "name")
    ]  # fmt: skip
    np.testing.assert_array_equal(turned.get_layer("a").kernel, a)
    nameless = model(None, None)
    report = weights.load(nameless, path)
    assert {row.by for row in report.rows} == {"order"}
    assert "The order alone tells 2 of them apart, whose shapes are alike" in report.notes[0]
    np.testing.assert_array_equal(nameless.layers[1].kernel, b)


def test_counters_are_numbers(tmp_path: Path) -> None:
    """conv2d_10 comes after conv2d_2; and each class has its own order, since the file knows no other."""
    kernels = [numbers(1, 1, 2, 2) for _ in range(12)]
    group = {f"layers/conv2d{f'_{k}' if k else ''}": (f"conv2d_{k + 40}", [a]) for k, a in enumerate(kernels)}
    group["layers/dense"] = ("dense_9", [numbers(2, 3)])
    path = written(tmp_path / "m.weights.h5", files.keras3(group))
    chain = [layers.Conv2D(2, 1, use_bias=False) for _ in kernels]
    model = Sequential([Input((3, 3, 2)), layers.Dense(3, use_bias=False), layers.Dense(2), *chain])
    text = message(weights.load, model, path)
    assert "14 layers here, 13 in the file" in text
    model = Sequential([Input((3, 3, 2)), *chain, layers.Dense(3, use_bias=False)])
    weights.load(model, path)
    for layer, kernel in zip(chain, kernels, strict=True):
        np.testing.assert_array_equal(layer.kernel, kernel)


def test_keras_2(tmp_path: Path) -> None:
    """Names as paths; the attribute says the order."""
    group = {
        "z": {"depthwise_kernel": numbers(3, 3, 2, 1), "bias": numbers(2)},
        "a": {"gamma": numbers(2), "beta": numbers(2), "moving_mean": numbers(2), "moving_variance": numbers(2) ** 2},
    }
    path = written(tmp_path / "m.h5", files.keras2(group, keras_version="2.15.0"))
    tensors = weights.read(path)
    assert list(tensors)[:3] == ["z/depthwise_kernel", "z/bias", "a/gamma"]
    assert tensors.metadata == {"keras_version": "2.15.0", "backend": "tensorflow"}
    for names in (("z", "a"), (None, None)):
        model = Sequential(
            [Input((6, 5, 2)), layers.DepthwiseConv2D(3, name=names[0]), layers.BatchNormalization(name=names[1])]
        )
        assert weights.load(model, path).complete
        np.testing.assert_array_equal(model.layers[0].kernel, group["z"]["depthwise_kernel"])
        np.testing.assert_array_equal(model.layers[1].moving_variance, group["a"]["moving_variance"])


def test_epsilon_and_momentum_of_an_architecture(tmp_path: Path) -> None:
    content = files.keras3({"layers/batch_normalization": ("norm", [numbers(2) ** 2 for _ in range(4)])})
    config = {"config": {"layers": [{"config": {"name": "norm", "epsilon": 1e-4, "momentum": 0.8}}]}}
    path = written(tmp_path / "m.keras", files.keras_archive(content, config))
    model = Sequential([Input((3, 3, 2)), layers.BatchNormalization(name="norm")])
    report = weights.load(model, path)
    assert report.notes == [
        "BatchNormalization: epsilon 0.001 -> 0.0001, as the file says: norm",
        "BatchNormalization: momentum 0.99 -> 0.8, as the file says: norm",
    ]
    assert (model.layers[0].epsilon, model.layers[0].momentum) == (1e-4, 0.8)
    for value in (-1.0, 0.0, float("inf"), 1e300):
        bad = {"config": {"layers": [{"config": {"name": "norm", "epsilon": value}}]}}
        weights.load(model, written(tmp_path / "x.keras", files.keras_archive(content, bad)))
        assert model.layers[0].epsilon == 1e-4


@pytest.mark.parametrize("ending", ["weights.h5", "keras", "h5"])
def test_what_keras_writes(ending: str, tmp_path: Path) -> None:
    """A layer in two places, names in another order than those of the classes, a network within, statistics."""
    keras = pytest.importorskip("keras")

    def network(of: Any, model: Any, sequential: Any, epsilon: float) -> Any:
        inputs = of.Input((9, 7, 3))
        shared = of.Conv2D(3, 3, padding="same", name="shared")
        x = of.Conv2D(4, 3, name="z")(shared(shared(inputs)))
        x = of.Conv2D(4, 3, padding="same", name="a")(x)
        x = of.Dropout(0.3)(of.BatchNormalization(epsilon=epsilon, name="norm")(x))
        inner = sequential([of.Input((7, 5, 4)), of.DepthwiseConv2D(3, name="inside"), of.Conv2D(2, 1)], name="inner")
        return model(inputs, of.Dense(3)(of.Flatten()(inner(x))))

    theirs = network(keras.layers, keras.Model, keras.Sequential, 1e-3 if ending == "weights.h5" else 1e-2)
    for layer in theirs.layers:
        if layer.name not in ("dropout", "flatten") and layer.get_weights():
            layer.set_weights([RNG.uniform(0.1, 0.6, a.shape) for a in layer.get_weights()])
    path = tmp_path / f"m.{ending}"
    with warnings.catch_warnings(action="ignore"):
        (theirs.save_weights if ending == "weights.h5" else theirs.save)(path)
    mine = network(layers, Model, Sequential, 1e-3)
    report = weights.load(mine, path)
    assert report.complete
    assert {row.target: row.by for row in report.rows if row.by == "name"}.keys() >= {"z/kernel", "inner/inside/bias"}
    x = numbers(2, 9, 7, 3)
    np.testing.assert_allclose(mine.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=1e-3, atol=1e-3)


def test_links_are_not_followed(tmp_path: Path) -> None:
    other = written(tmp_path / "other.h5", files.keras3(files.LAYERS))
    cases: dict[str, Any] = {
        "soft": lambda file: file.__setitem__("layers/dense", h5py.SoftLink("/layers/conv2d")),
        "external": lambda file: file.__setitem__("layers/dense", h5py.ExternalLink(str(other), "/layers")),
        "itself": lambda file: file.__setitem__("layers/conv2d/again", file["layers"]),
    }
    for kind, change in cases.items():
        path = written(tmp_path / f"{kind}.weights.h5", files.keras3({"layers/conv2d": ("a", [numbers(2)])}))
        with h5py.File(path, "a") as file:
            change(file)
        with pytest.raises(InvalidInput, match=r"link is refused|in themselves"):
            weights.read(path)
    for old in (True, False):
        path = written(tmp_path / "raw.h5", files.keras2({}) if old else files.keras3({}))
        with h5py.File(path, "a") as file:
            group = file.create_group("a" if old else "layers/dense/vars")
            group.create_dataset("0", (4,), "f4", external=[("/etc/hostname", 0, 16)])
            if old:
                file.attrs["layer_names"] = [b"a"]
                group.attrs["weight_names"] = [b"0"]
        assert "no plain array" in message(weights.read, path)


def test_h5_that_asks_for_much(tmp_path: Path) -> None:
    for options in ({}, {"chunks": (1 << 20, 16)}, {"chunks": (1 << 10,), "compression": "gzip"}):
        path = tmp_path / "m.weights.h5"
        with h5py.File(path, "w") as file:
            shape = (1 << 40,) if len(options.get("chunks", (1,))) == 1 else (1 << 36, 16)
            file.create_group("layers/dense/vars").create_dataset("0", shape, "f4", **options)
        assert "more than" in message(weights.read, path)
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/dense/vars")
        group.create_dataset("0", (4, 4), "f4", chunks=(1 << 14, 1 << 14), maxshape=(None, None))
    assert "chunks" in message(weights.read, path)


# ONNX -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [True, False])
def test_onnx(raw: bool, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    kinds = ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "u2", "u4", "u8", "b1")
    odd = {f"odd {kind}": (RNG.integers(0, 2, (3, 2)) * 3).astype(kind) for kind in kinds}
    arrays = {**files.ARRAYS, **odd}
    tensors = weights.read(written(tmp_path / "m.onnx", files.onnx_model(arrays, raw).SerializeToString()))
    same_as(tensors, arrays)
    assert tensors.metadata["producer"] == "tests"
    assert tensors.layout == "torch"


def test_bfloat16_and_unknown_dtypes_in_onnx(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = files.onnx_model()
    bits = [0x3F80, 0xC020]
    model.graph.initializer.append(onnx.TensorProto(name="b", data_type=16, dims=[2], int32_data=bits))
    model.graph.initializer.append(onnx.TensorProto(name="s", data_type=8, dims=[1], string_data=[b"x"]))
    tensors = weights.read(written(tmp_path / "m.onnx", model.SerializeToString()))
    np.testing.assert_array_equal(tensors["b"], np.array([1.0, -2.5], "f4"))
    assert "s" not in tensors
    assert "s" in tensors.metadata["not read"]


def test_names_that_an_exporter_made_up(tmp_path: Path) -> None:
    """The node says what a tensor is: a kernel, a dense kernel of either direction, and epsilon."""
    onnx = pytest.importorskip("onnx")
    from onnx import helper, numpy_helper

    arrays = {
        "onnx::Conv_7": numbers(4, 2, 3, 3), "onnx::Conv_8": numbers(4), "1": numbers(4), "2": numbers(4),
        "3": numbers(4), "4": numbers(4) ** 2 + 0.1, "5": numbers(4, 3), "6": numbers(3, 2), "7": numbers(2),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["x", "onnx::Conv_7", "onnx::Conv_8"], ["a"]),
        helper.make_node("BatchNormalization", ["a", "1", "2", "3", "4"], ["b"], epsilon=1e-2, momentum=0.75),
        helper.make_node("GlobalAveragePool", ["b"], ["c"]),
        helper.make_node("MatMul", ["c", "5"], ["d"]),
        helper.make_node("Gemm", ["d", "6", "7"], ["e"]),
    ]
    graph = helper.make_graph(
        nodes, "g", [], [], [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    )
    path = written(tmp_path / "m.onnx", helper.make_model(graph).SerializeToString())
    model = Sequential(
        [
            Input((6, 5, 2)),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, use_bias=False),
            layers.Dense(2),
        ]
    )
    report = weights.load(model, path)
    assert report.complete
    np.testing.assert_array_equal(model.layers[0].kernel, arrays["onnx::Conv_7"].transpose(2, 3, 1, 0))
    np.testing.assert_array_equal(model.layers[3].kernel, arrays["5"])
    np.testing.assert_array_equal(model.layers[4].kernel, arrays["6"])
    assert (model.layers[1].epsilon, model.layers[1].momentum) == (0.01, 0.75)
    assert onnx.load(path).graph.name == "g"


def test_tensors_of_onnx_in_another_file(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    array = numbers(3, 4)
    (tmp_path / "inside").mkdir()
    written(tmp_path / "secret.bin", bytes(100))
    data = written(tmp_path / "inside" / "m.data", b"\0" * 16 + array.tobytes())

    def model(**about: str) -> Path:
        made = files.onnx_model()
        tensor = onnx.TensorProto(name="far", data_type=1, dims=[3, 4], data_location=1)
        for key, value in about.items():
            tensor.external_data.add(key=key, value=value)
        made.graph.initializer.append(tensor)
        return written(tmp_path / "inside" / "m.onnx", made.SerializeToString())

    tensors = weights.read(model(location="m.data", offset="16", length="48"))
    np.testing.assert_array_equal(tensors["far"], array)
    (tmp_path / "inside" / "link.bin").symlink_to(tmp_path / "secret.bin")
    for about in (
        {"location": "../secret.bin"},
        {"location": str(tmp_path / "secret.bin")},
        {"location": "link.bin"},
        {"location": "nowhere"},
        {"location": ""},
        {},
        {"location": "m.data", "offset": "17", "length": "48"},
        {"location": "m.data", "offset": "-1"},
        {"location": "m.data", "length": "99"},
        {"location": "m.data", "offset": "x"},
    ):
        with pytest.raises(InvalidInput):
            weights.read(model(**about))
    tensors = weights.read(model(location="m.data", offset="16"))
    data.write_bytes(bytes(64))
    data.write_bytes(bytes(65))
    with pytest.raises(InvalidInput, match="changed after"):
        tensors["far"]
