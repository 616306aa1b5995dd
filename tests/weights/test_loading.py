"""Tensors find their layers and their layouts: held against PyTorch's formulas written here, and PyTorch itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.models.test_saving import message
from tests.weights.files import npz
from tinyseg import layers, weights
from tinyseg.models import Model, Sequential

RNG = np.random.default_rng(11)
Input = layers.Input


@pytest.fixture(autouse=True)
def by_numpy() -> Any:
    before = tinyseg.get_backend()
    tinyseg.set_backend("numpy")
    yield
    tinyseg.set_backend(before)


def numbers(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("f4")


def saved(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    (folder / "w.npz").write_bytes(npz(arrays))
    return folder / "w.npz"


def values(model: Model) -> list[np.ndarray]:
    return [array.copy() for array in model.get_weights()]


def unchanged(model: Model, before: list[np.ndarray]) -> None:
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


# Layouts, by definition -----------------------------------------------------------------------------------------------


def convolved(x: np.ndarray, kernel: np.ndarray, groups: int = 1, stride: int = 1) -> np.ndarray:
    """PyTorch's convolution by its definition: images (N, C, H, W), kernels (F, C / groups, KH, KW)."""
    n, _, h, w = x.shape
    f, part, kh, kw = kernel.shape
    y = np.zeros((n, f, (h - kh) // stride + 1, (w - kw) // stride + 1))
    for o in range(f):
        first = o // (f // groups) * part
        for i in range(y.shape[2]):
            for j in range(y.shape[3]):
                at = x[:, first : first + part, i * stride : i * stride + kh, j * stride : j * stride + kw]
                y[:, o, i, j] = (at * kernel[o]).sum((1, 2, 3))
    return y


def transposed(x: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """PyTorch's transposed convolution by its definition: kernels (C, F, KH, KW) stamped onto the output."""
    n, _, h, w = x.shape
    _, f, kh, kw = kernel.shape
    y = np.zeros((n, f, (h - 1) * stride + kh, (w - 1) * stride + kw))
    for i in range(h):
        for j in range(w):
            stamp = np.einsum("nc,cfhw->nfhw", x[:, :, i, j], kernel)
            y[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += stamp
    return y


def first(x: np.ndarray) -> np.ndarray:
    return x.transpose(0, 3, 1, 2)


def last(x: np.ndarray) -> np.ndarray:
    return x.transpose(0, 2, 3, 1)


X = numbers(2, 7, 5, 3)


@pytest.mark.parametrize(
    ("layer", "kernel", "expected", "layout"),
    [
        (
            lambda: layers.Conv2D(4, (3, 2), strides=2, name="a"),
            numbers(4, 3, 3, 2),
            lambda k: convolved(first(X), k, stride=2),
            "(F, C, KH, KW) -> (KH, KW, C, F)",
        ),
        (
            lambda: layers.Conv2D(6, (3, 2), groups=3, name="a"),
            numbers(6, 1, 3, 2),
            lambda k: convolved(first(X), k, groups=3),
            "(F, C, KH, KW) -> (KH, KW, C, F)",
        ),
        (
            lambda: layers.DepthwiseConv2D((2, 3), depth_multiplier=2, name="a"),
            numbers(6, 1, 2, 3),
            lambda k: convolved(first(X), k, groups=3),
            "(C M, 1, KH, KW) -> (KH, KW, C, M)",
        ),
        (
            lambda: layers.Conv2DTranspose(4, (3, 2), strides=2, name="a"),
            numbers(3, 4, 3, 2),
            lambda k: transposed(first(X), k, 2),
            "(C, F, KH, KW) -> (KH, KW, F, C)",
        ),
        (
            lambda: layers.Conv2D(4, 1, name="a"),  # a dense layer at each pixel
            numbers(4, 3),
            lambda k: np.einsum("nchw,fc->nfhw", first(X), k),
            "(F, C, KH, KW) -> (KH, KW, C, F)",
        ),
    ],
    ids=["Conv2D", "groups", "DepthwiseConv2D", "Conv2DTranspose", "1 x 1 of a dense kernel"],
)
def test_kernels_of_images(layer: Any, kernel: np.ndarray, expected: Any, layout: str, tmp_path: Path) -> None:
    model = Sequential([Input(X.shape[1:]), layer()])
    bias = numbers(*model.layers[-1].bias.shape)
    report = weights.load(model, saved(tmp_path, {"a.weight": kernel, "a.bias": bias}))
    y = expected(kernel.astype("f8")) + bias[:, None, None]
    np.testing.assert_allclose(model.predict(X, verbose=0), last(y), rtol=1e-4, atol=1e-5)
    assert report.complete
    assert next((row.target, row.by, row.layout) for row in report.rows) == ("a/kernel", "name", layout)


def test_normalisation(tmp_path: Path) -> None:
    model = Sequential([Input((4, 5, 3)), layers.BatchNormalization(epsilon=1e-5, momentum=0.9, name="bn")])
    gamma, beta, mean, variance = (numbers(3) for _ in range(4))
    variance = variance**2 + 0.1
    arrays = {"bn.weight": gamma, "bn.bias": beta, "bn.running_mean": mean, "bn.running_var": variance}
    path = saved(tmp_path, {**arrays, "bn.num_batches_tracked": np.array(5)})
    report = weights.load(model, path)
    x = numbers(2, 4, 5, 3)
    expected = (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-5)
    assert report.ignored == ["bn.num_batches_tracked: PyTorch's count of batches, which is not needed here"]
    assert not report.notes
    other = Sequential([Input((4, 5, 3)), layers.BatchNormalization(name="bn")])
    text = str(weights.load(other, path))
    assert "epsilon is 0.001 in bn; the file does not say what it was, PyTorch's default is 1e-05" in text
    assert "momentum is 0.99 in bn; PyTorch's default 0.1 is 0.9 here" in text


@pytest.mark.parametrize("shared", [[1, 2], None])
@pytest.mark.parametrize("count", [1, 3])
def test_slopes(shared: list[int] | None, count: int, tmp_path: Path) -> None:
    """PyTorch has one for each channel, or one for all."""
    model = Sequential([Input((4, 5, 3)), layers.PReLU(shared_axes=shared, name="a")])
    slope, x = numbers(count), numbers(2, 4, 5, 3)
    report = weights.load(model, saved(tmp_path, {"a.weight": slope}))
    np.testing.assert_allclose(model.predict(x, verbose=0), np.where(x > 0, x, x * slope), rtol=1e-5)
    assert report.rows[0].layout == "(C,) -> shape here, repeated"


def test_slopes_behind_flatten(tmp_path: Path) -> None:
    model = Sequential([Input((2, 3, 4)), layers.Flatten(), layers.PReLU(name="a"), layers.Dense(2, name="b")])
    slope, kernel, bias = numbers(24), numbers(2, 24), numbers(2)
    weights.load(model, saved(tmp_path, {"a.weight": slope, "b.weight": kernel, "b.bias": bias}))
    x = numbers(2, 2, 3, 4)
    rows = first(x).reshape(2, -1)
    expected = np.where(rows > 0, rows, rows * slope) @ kernel.T + bias
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["LayerNormalization", "GroupNormalization"])
def test_other_normalisations(kind: str, tmp_path: Path) -> None:
    layer = getattr(layers, kind)(name="a", **({"groups": 2} if kind[0] == "G" else {}))
    model = Sequential([Input((4, 5, 6)), layer])
    arrays = {"a.weight": numbers(6), "a.bias": numbers(6)}
    assert weights.load(model, saved(tmp_path, arrays)).complete
    np.testing.assert_array_equal(model.layers[-1].gamma, arrays["a.weight"])
    np.testing.assert_array_equal(model.layers[-1].beta, arrays["a.bias"])


def flat_model(*between: Any, c: int = 4) -> Model:
    x = inputs = Input((3, 5, c))
    x = layers.Flatten()(x)
    for layer in between:
        x = layer(x)
    return Model(inputs, layers.Dense(2, name="top")(x))


@pytest.mark.parametrize("between", ["nothing", "dropout", "activation", "normalisation"])
def test_a_dense_layer_behind_flatten(between: str, tmp_path: Path) -> None:
    """PyTorch's rows are (C, H, W), also of what stands between the two."""
    layer = {
        "nothing": [],
        "dropout": [layers.Dropout(0.5)],
        "activation": [layers.Activation("relu"), layers.Dropout(0.5)],
        "normalisation": [layers.BatchNormalization(epsilon=1e-5, name="bn")],
    }[between]
    model, kernel, bias = flat_model(*layer), numbers(2, 60), numbers(2)
    arrays = {"top.weight": kernel, "top.bias": bias}
    x = numbers(3, 3, 5, 4)
    rows = first(x).reshape(3, -1).astype("f8")
    if between == "activation":
        rows = np.maximum(rows, 0)
    if between == "normalisation":
        gamma, beta, mean, variance = (numbers(60) for _ in range(4))
        arrays |= {"bn.weight": gamma, "bn.bias": beta, "bn.running_mean": mean, "bn.running_var": variance**2}
        rows = (rows - mean) / np.sqrt(variance**2 + 1e-5) * gamma + beta
    report = weights.load(model, saved(tmp_path, arrays))
    np.testing.assert_allclose(model.predict(x, verbose=0), rows @ kernel.T + bias, rtol=1e-3, atol=1e-4)
    assert [row.layout for row in report.rows if row.target == "top/kernel"] == [
        "(F, D) -> (D, F), rows (C, H, W) -> (H, W, C)"
    ]


def test_two_flattened_images_behind_one_another(tmp_path: Path) -> None:
    """And a row that never was an image, and a second dense layer, whose rows are nobody's."""
    a, b, c = Input((2, 3, 2), name="a"), Input((3, 1, 4), name="b"), Input((5,), name="c")
    x = layers.Concatenate()([layers.Flatten()(a), c, layers.Flatten()(b)])
    model = Model([a, b, c], layers.Dense(3, name="two")(layers.Dense(4, name="one")(x)))
    k1, k2 = numbers(4, 29), numbers(3, 4)
    arrays = {"one.weight": k1, "one.bias": numbers(4), "two.weight": k2, "two.bias": numbers(3)}
    weights.load(model, saved(tmp_path, arrays))
    xa, xb, xc = numbers(2, 2, 3, 2), numbers(2, 3, 1, 4), numbers(2, 5)
    rows = np.concatenate([first(xa).reshape(2, -1), xc, first(xb).reshape(2, -1)], 1)
    expected = (rows @ k1.T + arrays["one.bias"]) @ k2.T + arrays["two.bias"]
    np.testing.assert_allclose(model.predict([xa, xb, xc], verbose=0), expected, rtol=1e-3, atol=1e-4)


def test_flatten_in_a_network_within(tmp_path: Path) -> None:
    inner = Sequential([Input((3, 5, 4)), layers.Conv2D(2, 1, name="conv"), layers.Flatten()], name="inner")
    outer = Input((3, 5, 4))
    model = Model(outer, layers.Dense(2, name="top")(inner(outer)))
    k, b, t, s = numbers(2, 4, 1, 1), numbers(2), numbers(2, 30), numbers(2)
    arrays = {"inner.conv.weight": k, "inner.conv.bias": b, "top.weight": t, "top.bias": s}
    weights.load(model, saved(tmp_path, arrays))
    x = numbers(2, 3, 5, 4)
    rows = (convolved(first(x), k) + b[:, None, None]).reshape(2, -1)
    np.testing.assert_allclose(model.predict(x, verbose=0), rows @ t.T + s, rtol=1e-3, atol=1e-4)


def test_filters_last_are_left_as_they_are(tmp_path: Path) -> None:
    model = Sequential([Input((4, 5, 3)), layers.Conv2D(2, 3, name="a"), layers.Flatten(), layers.Dense(2, name="b")])
    arrays = {"a/kernel": numbers(3, 3, 3, 2), "a/bias": numbers(2), "b/kernel": numbers(12, 2), "b/bias": numbers(2)}
    report = weights.load(model, saved(tmp_path, arrays))
    assert {row.layout for row in report.rows} == {"as it is"}
    for name, array in arrays.items():
        layer, _, key = name.partition("/")
        np.testing.assert_array_equal(model.get_layer(layer).parameters[key], array)
    assert "a/kernel (a.weight in the file)" in message(weights.load, model, tmp_path / "w.npz", layout="torch")


# What belongs to what -------------------------------------------------------------------------------------------------


def two(*names: str | None) -> Model:
    return Sequential([Input((6, 6, 2)), *(layers.Conv2D(2, 3, name=name, use_bias=False) for name in names)])


KERNELS = {"body.0.weight": numbers(2, 2, 3, 3), "body.3.weight": numbers(2, 2, 3, 3)}


def test_a_table_decides(tmp_path: Path) -> None:
    model = two("one", "two")
    table = {"one": "body.3", "two": "body.0"}
    for mapping in (table, table.get, {"one/kernel": "body.3.weight", "two": "body.0"}):
        model.set_weights([a * 0 for a in model.get_weights()])
        report = weights.load(model, saved(tmp_path, KERNELS), mapping)
        assert {row.by for row in report.rows} == {"table"}
        np.testing.assert_array_equal(model.layers[0].kernel, KERNELS["body.3.weight"].transpose(2, 3, 1, 0))
        np.testing.assert_array_equal(model.layers[1].kernel, KERNELS["body.0.weight"].transpose(2, 3, 1, 0))


def test_a_table_that_is_wrong(tmp_path: Path) -> None:
    model, path = two("one", "two"), saved(tmp_path, KERNELS)
    before = values(model)
    assert "'three'" in message(weights.load, model, path, {"three": "body.0"})
    text = message(weights.load, model, path, {"one": "body.0", "two": "body.4"})
    assert "1 not in the file: two/kernel (body.4.weight in the file); 1 not in the model: body.3.weight" in text
    assert "expected a name in the file, got 3" in message(weights.load, model, path, {"one": 3})
    unchanged(model, before)
    report = weights.load(model, path, {"one": "body.0", "two": None}, strict=False)
    assert (report.missing, report.extra) == (["two/kernel"], ["body.3.weight"])
    report = weights.load(model, path, {"one": "body.0"}, strict=False, ignore=("body.3",))
    assert report.extra == []
    assert report.ignored == ["body.3.weight: as asked for"]


def test_the_order_decides_when_nothing_else_does_and_says_so(tmp_path: Path) -> None:
    model, path = two(None, None), saved(tmp_path, KERNELS)
    report = weights.load(model, path)
    assert {row.by for row in report.rows} == {"order"}
    assert "The order alone tells 2 of them apart" in report.notes[0]
    np.testing.assert_array_equal(model.layers[1].kernel, KERNELS["body.3.weight"].transpose(2, 3, 1, 0))


def test_an_order_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    model = Sequential([Input((6, 6, 2)), layers.Conv2D(2, 3, use_bias=False), layers.Conv2D(3, 3, use_bias=False)])
    before = values(model)
    text = message(weights.load, model, saved(tmp_path, KERNELS))
    assert "number 2 is" in text
    assert "(weight 3x2x3x3) here and body.3 (weight 2x2x3x3) there; give a mapping" in text
    unchanged(model, before)
    report = weights.load(model, tmp_path / "w.npz", skip_mismatch=True)
    assert [row.source for row in report.rows] == ["body.0.weight"]
    assert report.extra == ["body.3.weight"]
    np.testing.assert_array_equal(model.layers[1].kernel, before[1])


def test_given_names_that_differ_are_not_matched_by_order_beside_others_that_agree(tmp_path: Path) -> None:
    model = two("b", "c")
    arrays = {"a.weight": numbers(2, 2, 3, 3), "b.weight": numbers(2, 2, 3, 3)}
    text = message(weights.load, model, saved(tmp_path, arrays))
    assert "not in the file: c/kernel" in text
    assert "not in the model: a.weight" in text


def test_a_layer_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")])
    before = values(model)
    arrays = {"a.weight": numbers(3, 4), "a.bias": numbers(3), "b.weight": numbers(2, 5), "b.bias": numbers(2)}
    path = saved(tmp_path, arrays)
    text = message(weights.load, model, path)
    assert "b/kernel and b.weight: shape 2x5 in the file, expected 2x3 or 2x3x1x1 for 3x2 in the model" in text
    assert "nothing was changed; skip_mismatch=True loads the others" in text
    assert "skip_mismatch" in message(weights.load, model, path, strict=False)
    unchanged(model, before)
    report = weights.load(model, path, skip_mismatch=True)
    assert [row.target for row in report.rows] == ["a/kernel", "a/bias"]
    assert not report.complete
    unchanged(Sequential([Input((3,)), model.layers[-1]]), before[2:])


def test_nothing_is_changed_by_a_file_that_is_damaged_at_its_end(tmp_path: Path) -> None:
    model = two("one", "two")
    before, path = (
        values(model),
        saved(tmp_path, {"one.weight": numbers(2, 2, 3, 3), "two.weight": numbers(2, 2, 3, 3)}),
    )
    content = bytearray(path.read_bytes())
    at = content.index(b"two.weight")
    content[at + 200] ^= 1
    path.write_bytes(content)
    assert "checksum" in message(weights.load, model, path)
    unchanged(model, before)


def test_numbers_of_other_widths(tmp_path: Path) -> None:
    model = two("one", "two")
    arrays = {"one.weight": numbers(2, 2, 3, 3).astype("f2"), "two.weight": numbers(2, 2, 3, 3).astype("f8")}
    report = weights.load(model, saved(tmp_path, arrays))
    assert [row.layout.partition("; ")[2] for row in report.rows] == ["float16 -> float32", "float64 -> float32"]
    whole = {name: np.zeros((2, 2, 3, 3), "i4") for name in arrays}
    assert "int32 in the file, floating-point numbers in the model" in message(
        weights.load, model, saved(tmp_path, whole)
    )


def test_padding_that_other_programs_have_otherwise(tmp_path: Path) -> None:
    model = Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(2, 3, padding="same", use_bias=False, name="plain"),
            layers.Conv2D(2, 3, strides=2, padding="same", use_bias=False, name="strided"),
            layers.Conv2D(2, 3, strides=2, padding=((1, 1), (1, 1)), use_bias=False, name="explicit"),
        ]
    )
    arrays = {f"{name}.weight": numbers(2, 2, 3, 3) for name in ("plain", "strided", "explicit")}
    (note,) = weights.load(model, saved(tmp_path, arrays)).notes
    assert note.startswith("padding 'same' in strided puts")


def test_a_layer_in_several_places_and_one_file_for_a_model_on_two_backends(tmp_path: Path) -> None:
    shared, inputs = layers.Conv2D(2, 3, padding="same", use_bias=False, name="s"), Input((6, 6, 2))
    model = Model(inputs, shared(shared(inputs)))
    path = saved(tmp_path, {"s.weight": numbers(2, 2, 3, 3)})
    assert len(weights.load(model, path).rows) == 1
    model.compile("sgd", "mse")
    y = model.predict(numbers(1, 6, 6, 2), verbose=0)
    assert np.isfinite(y).all()


def test_a_layout_that_there_is_not(tmp_path: Path) -> None:
    assert "'caffe'" in message(weights.load, two("a", "b"), saved(tmp_path, KERNELS), layout="caffe")


def test_the_report_is_a_table(tmp_path: Path) -> None:
    text = str(weights.load(two("one", "two"), saved(tmp_path, KERNELS), {"one": "body.0"}, strict=False))
    assert text.splitlines()[1].startswith("array of the model  tensor of the file  its shape  by     layout")
    assert "one/kernel          body.0.weight       2x2x3x3    table  (F, C, KH, KW) -> (KH, KW, C, F)" in text
    assert "not in the file (1):\n  two/kernel" in text
    assert "not in the model (1):\n  body.3.weight" in text
