"""Single nodes as other programs write them: what is read gives what ONNX Runtime gives, or is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.types import Array

from tinyseg import InvalidInput
from tinyseg.models import Model, from_onnx

from .runtimes import by_onnxruntime, onnx

RNG = np.random.default_rng(3)
LIMIT = 2e-5


def some(*shape: int) -> Array:
    """Draw numbers."""
    return RNG.standard_normal(shape).astype(np.float32)


def write(
    path: Path, nodes: list[tuple[Any, ...]], constants: dict[str, Any], shape: tuple[Any, ...], opset: int = 17
) -> bytes:
    """Write a file: nodes as (operation, inputs, outputs, attributes), from 'x' to 'y'."""
    helper = onnx.helper
    made = [
        helper.make_node(op, list(ins.split(",")), outs.split(","), **(more[0] if more else {}))
        for op, ins, outs, *more in nodes
    ]
    arrays = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(
        made, "test", [helper.make_tensor_value_info("x", 1, list(shape))],
        [helper.make_empty_tensor_value_info("y")], arrays,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    content = model.SerializeToString()
    path.write_bytes(content)
    return content


def as_stored(x: Array) -> Array:
    """Return images with their channels last."""
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)) if x.ndim == 4 else x


def compare(tmp_path: Path, nodes: list[tuple[Any, ...]], constants: dict[str, Any], x: Array, free: bool = True,
            opset: int = 17) -> Model:  # fmt: skip
    """Read a file and compare what it gives; with `free` also one that takes any size."""
    for shape in ([("n", x.shape[1], "h", "w")] if free and x.ndim == 4 else []) + [x.shape]:
        content = write(tmp_path / "net.onnx", nodes, constants, shape, opset)
        model = from_onnx(tmp_path / "net.onnx")
        y = np.asarray(model.predict_on_batch(as_stored(x)))
        right = by_onnxruntime(content, {"x": x})[0]
        if right.ndim == 4:
            right = as_stored(right)
        assert y.shape == right.shape
        np.testing.assert_allclose(y, right, rtol=LIMIT, atol=LIMIT)
    return model


IMAGE = some(2, 4, 9, 12)

CONVOLUTIONS = [
    {},
    {"pads": [1, 1, 1, 1]},
    {"pads": [0, 1, 2, 3], "strides": [2, 3]},
    {"pads": [1, 1, 1, 1], "strides": [2, 2]},
    {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    {"auto_pad": "SAME_LOWER"},
    {"auto_pad": "VALID", "dilations": [2, 1]},
    {"pads": [2, 2, 2, 2], "dilations": [2, 2]},
    {"group": 2, "pads": [1, 1, 1, 1]},
    {"group": 4, "strides": [1, 2]},
]


@pytest.mark.parametrize("attributes", CONVOLUTIONS, ids=str)
def test_conv(tmp_path: Path, attributes: dict[str, Any]) -> None:
    kernel = some(8, 4 // attributes.get("group", 1), 3, 3)
    compare(tmp_path, [("Conv", "x,k,b", "y", attributes)], {"k": kernel, "b": some(8)}, IMAGE)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_conv_transpose(tmp_path: Path, k: int, s: int) -> None:
    for pads, more in (((0, 0), 0), ((1, 1), 0), ((1, 1), 1), ((0, 1), 0), ((2, 1), 1)):
        if sum(pads) >= k or more >= s:
            continue
        attributes = {"strides": [s, s], "pads": [pads[0], pads[0], pads[1], pads[1]], "output_padding": [more, more]}
        constants = {"k": some(4, 3, k, k), "b": some(3)}
        compare(tmp_path, [("ConvTranspose", "x,k,b", "y", attributes)], constants, IMAGE)


def test_a_transposed_convolution_of_pytorch_is_one_pixel_off_that_of_keras(tmp_path: Path) -> None:
    """padding=1, output_padding=1 and SAME_UPPER give the same size, and other numbers."""
    constants = {"k": some(4, 3, 3, 3)}
    kinds = {"torch": {"pads": [1] * 4, "output_padding": [1, 1]}, "keras": {"auto_pad": "SAME_UPPER"}}
    found = {}
    for name, how in kinds.items():
        model = compare(tmp_path, [("ConvTranspose", "x,k", "y", {"strides": [2, 2], **how})], constants, IMAGE, False)
        found[name] = model.predict_on_batch(as_stored(IMAGE))
    assert found["torch"].shape == found["keras"].shape
    assert np.abs(found["torch"] - found["keras"]).max() > 1
    np.testing.assert_allclose(found["torch"][:, :-1, :-1], found["keras"][:, 1:, 1:], atol=LIMIT)


@pytest.mark.parametrize("operation", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("ceil", [0, 1])
@pytest.mark.parametrize(
    ("k", "s", "pads"), [(2, 2, 0), (3, 2, 1), (3, 2, 0), (2, 3, 0), (3, 1, 1), (2, 2, 1), (3, 3, 1)]
)
def test_pooling(tmp_path: Path, operation: str, ceil: int, k: int, s: int, pads: int) -> None:
    attributes = {"kernel_shape": [k, k], "strides": [s, s], "pads": [pads] * 4, "ceil_mode": ceil}
    for size in ((9, 12), (8, 8), (7, 11)):
        compare(tmp_path, [(operation, "x", "y", attributes)], {}, some(2, 3, *size), free=False)
    if operation == "AveragePool" and not ceil:
        compare(tmp_path, [(operation, "x", "y", {**attributes, "count_include_pad": 1})], {}, IMAGE)


def test_pooling_that_is_rounded_up_fits_any_size(tmp_path: Path) -> None:
    attributes = {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}
    model = compare(tmp_path, [("MaxPool", "x", "y", attributes)], {}, some(1, 3, 7, 9))
    write(tmp_path / "net.onnx", [("MaxPool", "x", "y", attributes)], {}, ("n", 3, "h", "w"))
    model = from_onnx(tmp_path / "net.onnx")
    assert model.layers[1].padding == "same"
    assert model.output_shape == (None, None, None, 3)


CHAINS: dict[str, tuple[list[tuple[Any, ...]], dict[str, Any]]] = {
    "hard swish in parts": (
        [("Add", "x,three", "a"), ("Clip", "a,zero,six", "c"), ("Mul", "x,c", "m"), ("Div", "m,six", "y")],
        {"three": np.float32(3), "zero": np.float32(0), "six": np.float32(6)},
    ),
    "squeeze and excitation": (
        [
            ("GlobalAveragePool", "x", "p"), ("Conv", "p,k,b", "c"),
            ("HardSigmoid", "c", "h", {"alpha": 0.2, "beta": 0.5}), ("Mul", "x,h", "y"),
        ],
        {"k": some(4, 4, 1, 1), "b": some(4)},
    ),
    "gelu in parts": (
        [("Div", "x,r", "d"), ("Erf", "d", "e"), ("Add", "e,one", "a"), ("Mul", "x,a", "m"), ("Mul", "m,h", "y")],
        {"r": np.float32(2**0.5), "one": np.float32(1), "h": np.float32(0.5)},
    ),
    "gelu, half first": (
        [("Mul", "x,h", "k"), ("Mul", "x,r", "d"), ("Erf", "d", "e"), ("Add", "one,e", "a"), ("Mul", "k,a", "y")],
        {"r": np.float32(0.5**0.5), "one": np.float32(1), "h": np.float32(0.5)},
    ),
    "clips": (
        [("Clip", "x,l,h", "a"), ("Clip", "a,,t", "y")],
        {"l": np.float32(-0.4), "h": np.float32(0.9), "t": np.float32(0.3)},
    ),
    "normalised in parts": (
        [("Sub", "x,m", "a"), ("Div", "a,d", "b"), ("Mul", "g,b", "c"), ("Add", "c,s", "y")],
        {"m": some(4, 1, 1), "d": some(1, 4, 1, 1) + 3, "g": some(4, 1, 1), "s": some(1, 4, 1, 1)},
    ),
    "batch normalisation": (
        [("BatchNormalization", "x,g,b,m,v", "y", {"epsilon": 1e-4})],
        {"g": some(4), "b": some(4), "m": some(4), "v": some(4) ** 2 + 0.1},
    ),
    "slopes": ([("PRelu", "x,s", "a"), ("LeakyRelu", "a", "b"), ("Elu", "b", "y")], {"s": some(4, 1, 1)}),
    "channels": (
        [("Split", "x,l", "a,b", {"axis": 1}), ("Concat", "b,a", "y", {"axis": 1})], {"l": np.array([1, 3], np.int64)},
    ),
    "every other pixel": (
        [("Slice", "x,s,e,a,t", "y")],
        {"s": np.array([1, 0]), "e": np.array([2**31, 2**31]), "a": np.array([2, 3]), "t": np.array([2, 2])},
    ),
    "padding and cutting": (
        [("Pad", "x,p", "a"), ("Pad", "a,q", "y")],
        {"p": np.array([0, 0, 1, 2, 0, 0, 3, 0]), "q": np.array([0, 0, -2, 0, 0, 0, 0, -1])},
    ),
    "means": ([("ReduceMean", "x", "a", {"axes": [2, 3]}), ("Sub", "x,a", "y")], {}),
    "means without axes": ([("ReduceMean", "x", "y", {"axes": [-1, -2], "keepdims": 0})], {}),
    "nearest": (
        [("Resize", "x,,s", "y",
          {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"})],
        {"s": np.array([1, 1, 2, 3], np.float32)},
    ),
    "nearest by half pixels": (
        [("Resize", "x,,s", "y", {"mode": "nearest"})], {"s": np.array([1, 1, 2, 3], np.float32)},
    ),
    "linear": ([("Resize", "x,,s", "y", {"mode": "linear"})], {"s": np.array([1, 1, 2, 3], np.float32)}),
    "linear of PyTorch": (
        [
            ("Shape", "x", "n"), ("Slice", "n,z,t", "head"), ("Slice", "n,t,f", "tail"), ("Mul", "tail,t", "double"),
            ("Concat", "head,double", "sizes", {"axis": 0}),
            ("Resize", "x,,,sizes", "y", {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"}),
        ],
        {"z": np.array([0]), "t": np.array([2]), "f": np.array([4])},
    ),
    "squares": (
        [("Mul", "x,x", "a"), ("Pow", "x,t", "b"), ("Max", "a,b", "c"), ("Sub", "c,x", "y")], {"t": np.float32(2)},
    ),
    "transposed and back": (
        [("Transpose", "x", "a", {"perm": [0, 2, 3, 1]}), ("MatMul", "a,k", "b"), ("Add", "b,s", "c"),
         ("Transpose", "c", "y", {"perm": [0, 3, 1, 2]})],
        {"k": some(4, 5), "s": some(5)},
    ),
    "softmax of channels": ([("Softmax", "x", "y", {"axis": 1})], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_chains(tmp_path: Path, name: str) -> None:
    compare(tmp_path, *CHAINS[name], IMAGE)


def test_what_is_right_for_multiples_of_32_alone_says_so(tmp_path: Path) -> None:
    nodes: list[tuple[Any, ...]] = [
        ("Conv", "x,k", "a", {"strides": [4, 4], "pads": [1, 1, 1, 1]}),
        ("Shape", "x", "n"), ("Slice", "n,f,e", "size"), ("Slice", "n,z,o", "batch"),
        ("Concat", "batch,c,size", "sizes", {"axis": 0}),
        ("Resize", "a,,,sizes", "y", {"mode": "linear"}),
    ]  # fmt: skip
    constants = {"k": some(3, 2, 3, 3), "f": [2], "e": [4], "z": [0], "o": [1], "c": [3]}
    content = write(tmp_path / "net.onnx", nodes, constants, ("n", 2, "h", "w"))
    with pytest.warns(UserWarning, match=r"only for heights and widths that are multiples of 32; .* give input_shape"):
        model = from_onnx(tmp_path / "net.onnx")
    x = some(2, 2, 64, 96)
    right = as_stored(by_onnxruntime(content, {"x": x})[0])
    np.testing.assert_allclose(np.asarray(model.predict_on_batch(as_stored(x))), right, rtol=LIMIT, atol=LIMIT)


def test_shrinking_by_half_pixels_needs_to_know_the_size(tmp_path: Path) -> None:
    nodes = [("Resize", "x,,s", "y", {"mode": "linear"})]
    constants = {"s": np.array([1, 1, 0.5, 1.25], np.float32)}
    compare(tmp_path, nodes, constants, some(2, 4, 10, 8), free=False)
    write(tmp_path / "net.onnx", nodes, constants, (2, 4, "h", "w"))
    with pytest.raises(InvalidInput, match=r"depends on the image's size; give input_shape"):
        from_onnx(tmp_path / "net.onnx")
    assert from_onnx(tmp_path / "net.onnx", input_shape=(10, 8, 4)).output_shape == (None, 5, 10, 4)


FLAT = {
    "flatten": [("Flatten", "x", "f")],
    "reshape": [("Reshape", "x,t", "f")],
    "worked out": [("Shape", "x", "n"), ("Gather", "n,zero", "first"), ("Unsqueeze", "first,ax", "u"),
                   ("Concat", "u,m", "t2", {"axis": 0}), ("Reshape", "x,t2", "f")],
}  # fmt: skip


@pytest.mark.parametrize("how", FLAT)
def test_flattened_images_keep_their_order_for_the_matrix(tmp_path: Path, how: str) -> None:
    constants = {
        "t": np.array([0, -1]), "zero": np.array(0), "ax": np.array([0]), "m": np.array([-1]),
        "k": some(4 * 9 * 12, 3), "b": some(3), "k2": some(2, 3),
    }  # fmt: skip
    nodes = [*FLAT[how], ("Relu", "f", "r"), ("Gemm", "r,k,b", "g"), ("Gemm", "g,k2", "y", {"transB": 1})]
    compare(tmp_path, nodes, constants, IMAGE, free=False)


def test_bias_of_its_own_node_is_taken_in(tmp_path: Path) -> None:
    nodes = [("Conv", "x,k", "c"), ("Add", "c,b", "d"), ("Relu", "d", "y")]
    model = compare(tmp_path, nodes, {"k": some(3, 4, 2, 2), "b": some(1, 3, 1, 1)}, IMAGE)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Conv2D", "ReLU"]
    nodes = [("Conv", "x,k", "c"), ("Add", "c,b", "d"), ("Add", "c,d", "y")]  # c is needed without it, too
    compare(tmp_path, nodes, {"k": some(3, 4, 2, 2), "b": some(1, 3, 1, 1)}, IMAGE)


def test_images_that_come_with_their_channels_last(tmp_path: Path) -> None:
    x = some(2, 9, 12, 4)
    nodes = [
        ("Transpose", "x", "a", {"perm": [0, 3, 1, 2]}),
        ("Conv", "a,k", "b"),
        ("Transpose", "b", "y", {"perm": [0, 2, 3, 1]}),
    ]
    content = write(tmp_path / "net.onnx", nodes, {"k": some(3, 4, 2, 2)}, ("n", "h", "w", 4))
    y = from_onnx(tmp_path / "net.onnx").predict_on_batch(x)
    np.testing.assert_allclose(y, by_onnxruntime(content, {"x": x})[0], atol=LIMIT)


def test_everything_that_is_refused_is_named_at_once(tmp_path: Path) -> None:
    nodes = [
        ("DepthToSpace", "x", "a", {"blocksize": 2}), ("LRN", "x", "b", {"size": 3}), ("Relu", "b", "c"),
        ("Conv", "x,k", "d", {"group": 3}), ("Resize", "x,,s", "e", {"mode": "cubic"}), ("Add", "c,d", "y"),
        ("Sin", "e", "f"), ("Tan", "x", "unused"),
    ]  # fmt: skip
    nodes[5] = ("Sum", "c,d,f,a", "y")
    constants = {"k": some(4, 4, 2, 2), "s": np.array([1, 1, 2, 2], np.float32)}
    write(tmp_path / "net.onnx", nodes, constants, (1, 4, 8, 8))
    with pytest.raises(InvalidInput) as caught:
        from_onnx(tmp_path / "net.onnx")
    text = str(caught.value)
    assert text.startswith(str(tmp_path / "net.onnx"))
    for name in ("DepthToSpace 'a'", "LRN 'b'", "Conv 'd'", "Resize 'e'", "Sin 'f'"):
        assert name in text
    assert "'cubic'" in text
    assert "unused" not in text
    model = from_onnx(tmp_path / "net2.onnx", outputs=["r"]) if write(
        tmp_path / "net2.onnx", [("Relu", "x", "r"), ("Det", "r", "y")], {}, (1, 4, 8, 8)
    ) else None  # fmt: skip
    assert model is not None
    assert model.output_shape == (None, 8, 8, 4)


def test_what_was_read_learns_and_is_saved(tmp_path: Path) -> None:
    nodes = [("Conv", "x,k,b", "c", {"pads": [1] * 4}), ("Relu", "c", "r"), ("Conv", "r,l", "y")]
    write(
        tmp_path / "net.onnx", nodes, {"k": some(5, 4, 3, 3), "b": some(5), "l": some(2, 5, 1, 1)}, ("n", 4, "h", "w")
    )
    model = from_onnx(tmp_path / "net.onnx")
    model.compile("sgd", "mse")
    x, y = as_stored(IMAGE), np.zeros((2, 9, 12, 2), np.float32)
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=3, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before
    model.save(tmp_path / "net.safetensors")
    from tinyseg.models import load_model

    again = load_model(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
