"""What a file is: its operators, its words, whole or not at all; and files that are damaged or ask for too much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput, activations, layers
from tinyseg.layers import Input, Layer
from tinyseg.models import Model, from_onnx
from tinyseg.models.onnx import export as exporting
from tinyseg.models.onnx.drawing import Drawing, Value
from tinyseg.models.onnx.files import NEWEST_OPSET, OLDEST_OPSET
from tinyseg.models.onnx.nodes import NODES
from tinyseg.models.onnx.verifying import ExportMismatch

from .runtimes import by_onnxruntime, onnx
from .test_operations import some, write


class Cubed(Layer):
    """x^3: a layer of somebody's own."""

    def forward(self, x: Any, training: bool = False) -> Any:
        """Compute."""
        return x**3, x

    def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> Any:
        """Differentiate."""
        return 3 * cache**2 * dy, {}


def cubed(d: Drawing, layer: Cubed, x: Value) -> Value:
    """Draw it."""
    return d.apply("Mul", d.apply("Mul", x, x.name), x.name)


def small(**end: Any) -> Model:
    """Return a network for images of any size."""
    x = Input((None, None, 2), name="image")
    return Model(x, layers.Conv2D(3, 3, padding="same", strides=2, name="classes", **end)(x))


# Operators and words --------------------------------------------------------------------------------------------------


def test_the_operators_are_the_newest_that_onnx_runtime_calls_official(tmp_path: Path) -> None:
    ort = pytest.importorskip("onnxruntime")
    if ort.__version__ != "1.32.0":
        pytest.skip("says it of version 1.32.0")
    assert small().export(tmp_path / "net.onnx").opset == NEWEST_OPSET
    nodes = [("Relu", "x", "y")]
    write(tmp_path / "old.onnx", nodes, {}, (1, 2), opset=NEWEST_OPSET)
    ort.InferenceSession(tmp_path / "old.onnx")
    write(tmp_path / "new.onnx", nodes, {}, (1, 2), opset=NEWEST_OPSET + 1)
    with pytest.raises(Exception, match=rf"official support for domain ai.onnx is till opset {NEWEST_OPSET}"):
        ort.InferenceSession(tmp_path / "new.onnx")


@pytest.mark.parametrize("opset", [OLDEST_OPSET, 20, NEWEST_OPSET])
def test_every_set_of_operators_that_can_be_asked_for(opset: int, tmp_path: Path) -> None:
    x = Input((None, None, 2))
    y = layers.Activation("gelu")(layers.Cropping2D(1)(layers.ZeroPadding2D(2)(x)))
    y = layers.GroupNormalization(1)(layers.MaxPooling2D(2, strides=3, padding="same")(y))
    written = Model(x, layers.GlobalAveragePooling2D()(y)).export(tmp_path / "net.onnx", opset_version=opset)
    assert onnx.load(tmp_path / "net.onnx").opset_import[0].version == opset
    assert written.verified is None or written.verified.error < 1e-5


@pytest.mark.parametrize("opset", [OLDEST_OPSET - 1, NEWEST_OPSET + 1, "20", True, 20.0])
def test_other_sets_are_refused(opset: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"opset_version: expected an integer from {OLDEST_OPSET} to"):
        small().export(tmp_path / "net.onnx", opset_version=opset)


def test_names_shapes_and_words(tmp_path: Path) -> None:
    names = ["Wand", "Tür", "天"]
    small().export(tmp_path / "net.onnx", class_names=names, metadata={"made for": "a test"})
    model = onnx.load(tmp_path / "net.onnx")
    ends = [
        (end.name, [d.dim_param or d.dim_value for d in end.type.tensor_type.shape.dim])
        for end in (model.graph.input[0], model.graph.output[0])
    ]
    assert ends == [("image", ["N", "H", "W", 2]), ("classes", ["N", "classes_H", "classes_W", 3])]
    words = {entry.key: entry.value for entry in model.metadata_props}
    assert json.loads(words["class_names"]) == names
    assert words["made for"] == "a test"
    assert model.producer_name == "tinyseg"


def test_channels_first_turns_inputs_and_outputs(tmp_path: Path) -> None:
    model, x = small(), some(2, 7, 10, 2)
    model.export(tmp_path / "net.onnx", data_format="channels_first")
    given = {"image": np.ascontiguousarray(x.transpose(0, 3, 1, 2))}
    y = by_onnxruntime((tmp_path / "net.onnx").read_bytes(), given)[0]
    np.testing.assert_allclose(y.transpose(0, 2, 3, 1), model.predict(x, verbose=0), atol=1e-6)
    assert "Transpose" not in [node.op_type for node in onnx.load(tmp_path / "net.onnx").graph.node]


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    model = small()
    for name in ("a.onnx", "b.onnx"):
        model.export(tmp_path / name)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_a_float64_model_is_written_as_float32(tmp_path: Path) -> None:
    x = Input((5, 4, 1), dtype="float64")
    model = Model(x, layers.Conv2D(2, 3)(x))
    written = model.export(tmp_path / "net.onnx")
    assert written.verified is not None
    assert written.verified.error < 1e-5


# Refused --------------------------------------------------------------------------------------------------------------


def test_everything_without_nodes_is_named_at_once(tmp_path: Path) -> None:
    x = Input((4, 4, 2))
    wave = activations.from_function(np.sin, np.cos)
    y = layers.Conv2D(2, 1, activation=wave, name="wavy")(Cubed(name="own")(x))
    changed = layers.ReLU(name="changed")
    changed.forward = lambda x, training=False: (x, None)  # type: ignore[method-assign]
    model = Model(x, layers.Lambda(np.abs, name="absolute")(Cubed(name="again")(changed(y))))
    with pytest.raises(InvalidInput) as caught:
        model.export(tmp_path / "net.onnx")
    for name in (
        "Cubed 'own'",
        "Conv2D 'wavy': the activation 'sin'",
        "ReLU 'changed'",
        "Cubed 'again'",
        "Lambda 'absolute'",
    ):
        assert name in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_layer_of_ones_own_with_nodes(tmp_path: Path) -> None:
    x = Input((4, 4, 2))
    model = Model(x, Cubed()(layers.Conv2D(2, 3)(x)))
    written = model.export(tmp_path / "net.onnx", nodes={Cubed: cubed})
    assert written.verified is not None
    assert written.verified.error < 1e-5


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("net.pb", {}, "expected a name that ends in .onnx"),
        ("net.onnx", {"data_format": "NCHW"}, "channels_first"),
        ("net.onnx", {"format": "tflite"}, "onnx"),
        ("net.onnx", {"input_signature": [1]}, "input_signature"),
    ],
)
def test_wrong_arguments(name: str, options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=said):
        small().export(tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []


def test_nodes_that_compute_something_else_are_noticed_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setitem(NODES, layers.ReLU, lambda d, layer, x: d.apply("Abs", x))
    x = Input((4, 4, 2))
    with pytest.raises(ExportMismatch, match="away from the network"):
        Model(x, layers.ReLU()(x)).export(tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_a_runtime_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "runtime", lambda: None)
    assert "not verified, since onnxruntime is not installed" in str(small().export(tmp_path / "net.onnx"))


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    write(tmp_path / "net.onnx", [("Relu", "x", "y")], {}, (1, 2))
    monkeypatch.setitem(sys.modules, "onnx", None)
    for act in (lambda: small().export(tmp_path / "other.onnx"), lambda: from_onnx(tmp_path / "net.onnx")):
        with pytest.raises(InvalidInput, match=r"pip install 'tinyseg\[onnx\]'"):
            act()


# Files of others ------------------------------------------------------------------------------------------------------


def with_numbers_beside(path: Path, location: str, **about: int) -> None:
    """Write a file whose kernel lies in another file."""
    write(path, [("Conv", "x,k", "y")], {"k": some(2, 3, 2, 2)}, (1, 3, 5, 5))
    model = onnx.load(path)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, **about}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    path.write_bytes(model.SerializeToString())


def test_numbers_in_a_file_of_the_same_folder_are_read(tmp_path: Path) -> None:
    kernel = some(2, 3, 2, 2)
    (tmp_path / "weights.bin").write_bytes(b"####" + kernel.tobytes() + b"####")
    with_numbers_beside(tmp_path / "net.onnx", "weights.bin", offset=4, length=kernel.nbytes)
    layer = from_onnx(tmp_path / "net.onnx").layers[1]
    np.testing.assert_array_equal(layer.parameters["kernel"], kernel.transpose(2, 3, 1, 0))


@pytest.mark.parametrize("location", ["../outside.bin", "{folder}/../outside.bin", "sub/../../outside.bin", "link.bin",
                                      "sub", "", "nothing.bin", "/etc/hostname"])  # fmt: skip
def test_numbers_of_other_folders_are_refused(location: str, tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "outside.bin").write_bytes(some(2, 3, 2, 2).tobytes())
    (folder / "link.bin").symlink_to(tmp_path / "outside.bin")
    with_numbers_beside(folder / "net.onnx", location.format(folder=folder))
    with pytest.raises(InvalidInput, match="same folder"):
        from_onnx(folder / "net.onnx")


@pytest.mark.parametrize(
    "about", [{"offset": -4}, {"offset": 90}, {"length": 1 << 40}, {"length": 40}, {"offset": 10**30}]
)
def test_places_that_are_not_in_the_file_are_refused(about: dict[str, int], tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(some(2, 3, 2, 2).tobytes())
    with_numbers_beside(tmp_path / "net.onnx", "weights.bin", **about)
    with pytest.raises(InvalidInput, match=r"net\.onnx"):
        from_onnx(tmp_path / "net.onnx")


HUGE = {
    "constant of a shape": ([("ConstantOfShape", "s", "c"), ("Add", "x,c", "y")], {"s": np.array([1 << 20, 1 << 20])}),
    "expanded": (
        [("Expand", "o,s", "c"), ("Add", "x,c", "y")], {"o": np.float32(1), "s": np.array([1 << 20, 1 << 20])},
    ),
    "repeated": ([("Tile", "v,s", "c"), ("Add", "x,c", "y")], {"v": some(1, 9), "s": np.array([1 << 30, 1])}),
    "counted": (
        [("Range", "a,b,c", "r"), ("Add", "x,r", "y")],
        {"a": np.float32(0), "b": np.float32(1e12), "c": np.float32(1)},
    ),
    "of every pair": ([("Add", "a,b", "c"), ("Add", "x,c", "y")], {"a": some(9000, 1), "b": some(1, 9000)}),
    "enlarged": ([("Resize", "x,,s", "y", {"mode": "nearest"})], {"s": np.array([1, 1, 1e9, 1e9], np.float32)}),
    "padded": ([("Pad", "x,p", "y")], {"p": np.array([0, 0, 1 << 40, 0, 0, 0, 0, 0])}),
    "reshaped": ([("Reshape", "x,s", "y")], {"s": np.array([1, 1 << 40, 1 << 40])}),
}  # fmt: skip


@pytest.mark.parametrize("name", HUGE)
def test_what_asks_for_more_memory_than_there_is_is_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path / "net.onnx", *HUGE[name], (1, 3, 5, 5))
    with pytest.raises(InvalidInput, match="nodes cannot be computed"):
        from_onnx(tmp_path / "net.onnx")


def test_circles_and_names_that_are_not_there(tmp_path: Path) -> None:
    for nodes, said in (
        ([("Add", "x,b", "a"), ("Relu", "a", "b"), ("Relu", "b", "y")], "depends on itself"),
        ([("Relu", "nothing", "y")], "no tensor 'nothing'"),
        ([("Relu", "x", "y"), ("Relu", "x", "y")], "there is already"),
    ):
        write(tmp_path / "net.onnx", nodes, {}, (1, 3, 5, 5))
        with pytest.raises(InvalidInput, match=said):
            from_onnx(tmp_path / "net.onnx")


def test_long_chains_are_no_recursion(tmp_path: Path) -> None:
    count = 3000
    nodes = [("Identity", "x" if k == 0 else f"t{k}", f"t{k + 1}") for k in range(count)]
    write(tmp_path / "net.onnx", [*nodes, ("Relu", f"t{count}", "y")], {}, (1, 3, 5, 5))
    assert len(from_onnx(tmp_path / "net.onnx").layers) == 2
