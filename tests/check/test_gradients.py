"""The gradient checker finds what is wrong, says where, and lets what is right pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.dense import dense_backward, dense_forward
from tinyseg_kernels.max_pool2d import max_pool2d_backward, max_pool2d_forward

import tinyseg
from tinyseg import layers, losses
from tinyseg.check import GradientError, gradients, one_sided_slopes


def convolution_arguments() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.standard_normal((2, 5, 6, 3)), rng.standard_normal((3, 2, 3, 4)), rng.standard_normal(4)


NAMES = ("x", "kernel", "bias")


def check(backward: Callable[..., Any], **options: Any) -> Any:
    return gradients(conv2d_forward, *convolution_arguments(), backward=backward, names=NAMES, **options)


@pytest.mark.parametrize("backend", ["numba", "numpy", "naive"])
def test_what_is_right_passes_on_every_backend(backend: str) -> None:
    before = tinyseg.get_backend()
    report = check(conv2d_backward, backend=backend, limit=40)
    assert report.passed
    assert report.backend == backend
    assert report.error < 1e-8
    assert [(a.name, a.checked, a.excluded) for a in report.arguments] == [
        ("x", 40, 0),
        ("kernel", 40, 0),
        ("bias", 4, 0),
    ]
    assert all(0 < a.float32_error < 1e-5 for a in report.arguments)
    assert tinyseg.get_backend() == before


def damaged(change: Callable[[list[np.ndarray]], Any]) -> Callable[..., Any]:
    """Return a backward of conv2d whose results go through `change`."""

    def backward(dy: np.ndarray, cache: Any) -> Any:
        result = [np.array(part) for part in conv2d_backward(dy, cache)]
        return tuple(change(result) or result)

    return backward


def in_one_corner(parts: list[np.ndarray]) -> None:
    parts[0][1, 4, 5, 2] *= 1.001


@pytest.mark.parametrize(
    ("change", "wrong", "ratio"),
    [
        (lambda p: [p[0] * 2, p[1], p[2]], ["x"], 2.0),
        (lambda p: [p[0], -p[1], p[2]], ["kernel"], -1.0),
        (lambda p: [p[0], p[1], p[2] / 2], ["bias"], 0.5),
        (lambda p: [p[0], p[1][::-1].copy(), p[2]], ["kernel"], None),
        (lambda p: [p[0], p[1], p[2][::-1].copy()], ["bias"], None),
        (in_one_corner, ["x"], 1.001),
    ],
)
def test_what_is_wrong_is_named_with_its_ratio(change: Any, wrong: list[str], ratio: float | None) -> None:
    report = check(damaged(change))
    failed = [a for a in report.arguments if not a.passed]
    assert [a.name for a in failed] == wrong
    assert not report.passed
    assert ratio is None or failed[0].ratio == pytest.approx(ratio, rel=1e-5)
    with pytest.raises(GradientError, match="WRONG"):
        report.raise_on_failure()
    with pytest.raises(GradientError, match=f"{wrong[0]} .*WRONG"):
        check(damaged(change), raise_on_failure=True)


def test_the_worst_place_is_the_one_that_was_damaged() -> None:
    worst = check(damaged(in_one_corner)).arguments[0]
    assert worst.worst == (1, 4, 5, 2)
    assert np.unravel_index(np.nanargmax(np.abs(worst.differences)), worst.shape) == (1, 4, 5, 2)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda p: [p[0][:, :-1], p[1], p[2]], r"shape \(2, 4, 6, 3\) instead of \(2, 5, 6, 3\)"),
        (lambda p: [p[0].astype(np.float32), p[1], p[2]], "dtype float32 instead of float64"),
        (lambda p: [p[0] * np.nan, p[1], p[2]], "NaN or infinity"),
        (lambda p: [None, p[1], p[2]], "no gradient was returned"),
    ],
)
def test_shape_and_dtype_come_before_values(change: Any, problem: str) -> None:
    def backward(dy: np.ndarray, cache: Any) -> Any:
        return tuple(change([np.array(part) for part in conv2d_backward(dy, cache)]))

    report = check(backward)
    assert not report.passed
    with pytest.raises(GradientError, match=problem):
        report.raise_on_failure()
    assert [a.passed for a in report.arguments[1:]] == [True, True]


def test_a_changed_dy_is_reported() -> None:
    def backward(dy: np.ndarray, cache: Any) -> Any:
        result = conv2d_backward(dy, cache)
        dy /= len(dy)
        return result

    report = check(backward)
    assert [a.name for a in report.arguments if not a.passed] == ["dy"]
    assert "in place" in str(report)


def test_an_upstream_of_ones_would_hide_it() -> None:
    """Dividing by dy instead of multiplying by it: right wherever dy is 1."""
    x = np.random.default_rng(0).uniform(1, 2, (3, 4))
    report = gradients(lambda x: (x**2, x), x, backward=lambda dy, x: 2 * x / dy)
    assert not report.passed


def test_a_common_seed_does_not_make_dy_equal_x() -> None:
    x = np.random.default_rng(0).standard_normal((4, 3, 3, 2))
    report = gradients(layers.BatchNormalization(dtype="float64"), x, seed=0)
    assert report.passed
    assert all(a.checked == min(a.differences.size, 200) for a in report.arguments)


def test_kinks_are_left_out_with_a_count() -> None:
    report = gradients(layers.ReLU(), np.array([[0.0, 1.0, -2.0, 0.0, 3e-7]]))
    assert report.passed
    assert (report.arguments[0].checked, report.arguments[0].excluded) == (2, 3)
    assert np.isnan(report.arguments[0].differences[0, [0, 3, 4]]).all()


def test_ties_of_a_maximum_are_left_out() -> None:
    x = np.random.default_rng(1).standard_normal((1, 4, 4, 1))
    x[0, 0, 0, 0] = x[0, 0, 1, 0] = 9.0
    report = gradients(lambda x: max_pool2d_forward(x, pool_size=(2, 2)), x, backward=max_pool2d_backward)
    assert report.passed
    assert (report.arguments[0].checked, report.arguments[0].excluded) == (14, 2)


def test_nothing_but_kinks_does_not_pass() -> None:
    assert not gradients(layers.ReLU(), np.zeros((2, 3))).passed


def test_precision_lost_in_float32_is_reported() -> None:
    """Right in float64; in float32 the square of large numbers, less the same square, has no digits left."""
    x = np.random.default_rng(0).uniform(1, 2, (3, 4))

    def backward(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
        big = x.dtype.type(3e4)
        return dy * ((big + x) ** 2 - big**2 - x**2) / big

    report = gradients(lambda x: (x**2, x), x, backward=backward)
    assert report.arguments[0].error < 1e-6
    assert report.arguments[0].float32_error > 1e-4
    assert not report.passed


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Conv2D(3, 3, padding="same", activation="tanh", dtype="float64"),
        lambda: layers.DepthwiseConv2D(3, strides=2, dtype="float64"),
        lambda: layers.Conv2DTranspose(2, 3, strides=2, dtype="float64"),
        lambda: layers.AveragePooling2D(3, strides=2, padding="same"),
        lambda: layers.UpSampling2D(2, interpolation="bilinear"),
        lambda: layers.Softmax(axis=1),
        lambda: layers.Dropout(0.4),
    ],
)
def test_layers(make: Callable[[], Any]) -> None:
    layer = make()
    report = gradients(layer, np.random.default_rng(5).standard_normal((2, 5, 4, 3)), limit=30)
    assert report.passed, str(report)
    assert [a.name for a in report.arguments] == ["x", *layer.trainable_parameters]


@pytest.mark.parametrize(("factor", "passes"), [(2, True), (1, False)])
def test_a_layer_without_weights_gives_dx_alone(factor: int, passes: bool) -> None:
    from tinyseg.layers import Layer

    class Square(Layer):
        def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[override]
            return x * x, x

        def backward(self, dy: np.ndarray, cache: np.ndarray) -> np.ndarray:  # type: ignore[override]
            return factor * cache * dy

    assert gradients(Square(), np.array([[1.0, -2.0, 3.0]])).passed == passes


def test_a_layer_of_several_inputs_and_a_network() -> None:
    a, b = np.random.default_rng(6).standard_normal((2, 2, 3, 4))
    assert gradients(layers.Concatenate(), a, b).passed
    inputs = layers.Input((3, 4), dtype="float64")
    model = tinyseg.Model(inputs, layers.Dense(2, name="top")(layers.Dense(5, activation="sigmoid")(inputs)))
    report = gradients(model, a)
    assert report.passed
    assert "top/kernel" in [argument.name for argument in report.arguments]


@pytest.mark.parametrize("several", [False, True], ids=["one output", "two outputs"])
def test_a_model_with_its_loss(several: bool) -> None:
    rng = np.random.default_rng(16)
    x, ids, heights = (
        rng.standard_normal((3, 4, 5, 2)),
        rng.integers(0, 3, (3, 4, 5)),
        rng.standard_normal((3, 4, 5, 1)),
    )
    inputs = layers.Input((4, 5, 2), dtype="float64")
    features = layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same", activation="tanh")(inputs))
    classes = layers.Conv2D(3, 1, activation="softmax", name="classes")(features)
    height = layers.Conv2D(1, 1, name="height")(features)
    model = tinyseg.Model(inputs, [classes, height] if several else classes)
    with pytest.raises(tinyseg.InvalidInput, match="call compile"):
        gradients(model, x, y_true=ids)
    entropy = losses.SparseCategoricalCrossentropy(ignore_class=1)
    model.compile("sgd", [entropy, "mse"] if several else entropy, loss_weights=[0.3, 2.0] if several else None)
    labels = [ids, heights] if several else ids
    report = gradients(model, x, y_true=labels)
    assert report.passed, str(report)
    assert {"classes/kernel", "x"} < {argument.name for argument in report.arguments}
    assert any(np.abs(a.analytic) > 0 for a in report.arguments)

    class Doubled(losses.MeanSquaredError):
        def backward(self, dloss: float, cache: Any) -> Any:
            return 2 * super().backward(dloss, cache)

    if several:
        model.compile("sgd", [entropy, Doubled()], loss_weights=[0.3, 2.0])
        wrong = {a.name: a for a in gradients(model, x, y_true=labels).arguments if not a.passed}
        assert wrong["height/kernel"].ratio == pytest.approx(2.0)
        assert "classes/kernel" not in wrong


def test_losses() -> None:
    rng = np.random.default_rng(7)
    logits, ids = rng.standard_normal((3, 4, 5)), rng.integers(0, 5, (3, 4))
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2)
    assert gradients(loss, logits, y_true=ids).passed


def test_integers_are_handed_on() -> None:
    def forward(x: np.ndarray, rows: np.ndarray) -> Any:
        return x[rows], (x.shape, rows)

    def backward(dy: np.ndarray, cache: Any) -> np.ndarray:
        dx = np.zeros(cache[0], dy.dtype)
        np.add.at(dx, cache[1], dy)
        return dx

    report = gradients(forward, np.random.default_rng(0).random((4, 2)), np.array([0, 2, 2]), backward=backward)
    assert report.passed
    assert [a.name for a in report.arguments] == ["x0"]


def test_the_caller_keeps_its_arrays() -> None:
    arguments = convolution_arguments()
    before = [a.copy() for a in arguments]
    gradients(conv2d_forward, *arguments, backward=conv2d_backward)
    for a, b in zip(before, arguments, strict=True):
        np.testing.assert_array_equal(a, b)


def test_json_and_table_and_picture() -> None:
    report = check(damaged(lambda p: [p[0] * 2, p[1], p[2]]))
    content = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert content["passed"] is False
    assert [a["passed"] for a in content["arguments"]] == [False, True, True]
    assert content["arguments"][0]["ratio"] == pytest.approx(2)
    lines = str(report).splitlines()
    assert "FAILED" in lines[0]
    assert [line.split()[-1] for line in lines[2:]] == ["WRONG", "ok", "ok"]
    figure = report.plot()
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["x: WRONG", "kernel: ok", "bias: ok"]


def test_empty_arrays_pass() -> None:
    x = np.zeros((0, 3))
    kernel = np.random.default_rng(0).random((3, 2))
    report = gradients(dense_forward, x, kernel, backward=lambda dy, cache: dense_backward(dy, cache)[:2])
    assert report.passed, str(report)


def test_nothing_to_compare_is_no_pass() -> None:
    assert not gradients(lambda x: (x, None), np.zeros((0, 3)), backward=lambda dy, cache: dy).passed


@pytest.mark.parametrize(
    ("in_float32", "text"),
    [
        (lambda dy: dy * np.float32("nan"), "in float32: NaN or infinity in it"),
        (lambda dy: dy[:1], "in float32: shape (1, 2) instead of (3, 2)"),
        (lambda dy: None, "in float32: no gradient was returned"),
    ],
)
def test_what_goes_wrong_in_float32_alone(in_float32: Callable[[np.ndarray], Any], text: str) -> None:
    def backward(dy: np.ndarray, cache: None) -> Any:
        return 2 * dy if dy.dtype == np.float64 else in_float32(2 * dy)

    report = gradients(lambda x: (2 * x, None), np.arange(1.0, 7).reshape(3, 2), backward=backward)
    assert not report.passed
    assert text in str(report)
    assert gradients(lambda x: (2 * x, None), np.ones((3, 2)), backward=backward, float32_tolerance=None).passed


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: gradients(conv2d_forward, backward=conv2d_backward), "at least one array"),
        (lambda: gradients(conv2d_forward, np.ones(3)), "with backward="),
        (lambda: gradients("conv2d", np.ones(3), backward=len), "expected a layer"),
        (lambda: gradients(len, np.arange(3), backward=len), "floats"),
        (lambda: gradients(lambda x: x, np.ones(3), backward=len), r"forward to return \(y, cache\)"),
        (lambda: gradients(losses.MeanSquaredError(), np.ones((3, 2))), "y_true"),
        (lambda: gradients(layers.Dense(2, dtype="float32"), np.ones((3, 2))), "dtype='float64'"),
        (lambda: check(conv2d_backward, backend="nunpy"), "did you mean 'numpy'"),
        (lambda: gradients(layers.ReLU(), np.ones(3), names=["a", "b"]), "expected 1 names, got 2"),
    ],
)
def test_what_cannot_be_checked(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        call()


def test_slopes_on_both_sides() -> None:
    x = np.array([0.0, 2.0])
    left, right = one_sided_slopes(lambda: float(np.abs(x[0]) + x[1] ** 2), x, [0, 1])
    np.testing.assert_allclose(left, [-1, 4], atol=1e-4)
    np.testing.assert_allclose(right, [1, 4], atol=1e-4)
