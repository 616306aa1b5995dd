"""What Keras cannot tell of the losses.

Gradients by central differences, weights, ignored positions, extremes, bad labels.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.device import is_device_array, to_backend, to_host

import tinyseg
from tests.support.errors import ErrorLog
from tests.utils.backends import loss_and_gradient
from tests.utils.comparing import assert_differentiates
from tinyseg import losses
from tinyseg.utils import to_categorical

from .cases import CASES, OVER_CLASSES, PIXELS, YES_OR_NO, Case

IGNORING = [case for case in CASES if case.ignored is not None]
every_loss = pytest.mark.parametrize("case", CASES, ids=str)


@every_loss
@pytest.mark.parametrize("weights", [None, "per sample", "per position"])
def test_gradient_agrees_with_central_differences(
    case: Case, weights: str | None, compiled_backend: str, record_error: ErrorLog
) -> None:
    weight = None if weights is None else case.sample_weights()[weights]
    loss, labels, p = case.loss(), case.labels(), case.predictions()
    upstream = -1.7
    _, gradient = loss_and_gradient(loss, labels, p, weight, upstream)
    assert_differentiates(record_error, lambda: upstream * loss(labels, p, weight), {"p": p}, {"p": gradient})


@every_loss
def test_inputs_stay_and_dtypes_are_kept(case: Case, computing: str) -> None:
    for dtype in ("float32", "float64"):
        loss, labels, p = case.loss(), case.labels(), case.predictions(dtype)
        weight = case.sample_weights()["per position"]
        there = to_backend(p)
        _, cache = loss.forward(labels, there, weight)
        first, second = to_host(loss.backward(2.0, cache)), to_host(loss.backward(2.0, cache))
        assert first.dtype == p.dtype
        np.testing.assert_array_equal(to_host(there), case.predictions(dtype))
        np.testing.assert_array_equal(first, second)
        np.testing.assert_array_equal(labels, case.labels())
        np.testing.assert_array_equal(p, case.predictions(dtype))
        np.testing.assert_array_equal(weight, case.sample_weights()["per position"])


@every_loss
def test_config_makes_the_same_loss(case: Case) -> None:
    loss = case.loss()
    copy = losses.get(json.loads(json.dumps(losses.serialize(loss))))
    assert type(copy) is type(loss)
    assert copy(case.labels(), case.predictions()) == loss(case.labels(), case.predictions())


def by_hand(case: Case, weight: np.ndarray) -> float:
    """Compute a cross-entropy, plain or focal, pixel by pixel, from the definition."""
    p, labels = case.predictions(), case.labels()
    class_weight = case.arguments.get("class_weight", {})
    weights = dict(enumerate(class_weight)) if isinstance(class_weight, list) else class_weight
    binary, focal = case.name in YES_OR_NO, "Focal" in case.name
    gamma = case.arguments.get("gamma", 2.0) if focal else 0.0
    alpha = 1.0 if binary or not focal else case.arguments.get("alpha", 0.25)
    if case.arguments.get("from_logits"):
        p = 1 / (1 + np.exp(-p)) if binary else np.exp(p) / np.exp(p).sum(axis=-1, keepdims=True)
    elif not binary:
        p = p / p.sum(axis=-1, keepdims=True)
    ids = labels if case.name.startswith("Sparse") else labels[..., 0] if binary else labels.argmax(axis=-1)
    total, count = 0.0, 0
    for place in np.ndindex(ids.shape):
        label = int(ids[place])
        if label == case.ignored:
            continue
        right = (p[place][0] if label == 1 else 1 - p[place][0]) if binary else p[place][label]
        total -= weight[place] * weights.get(label, 1.0) * alpha * (1 - right) ** gamma * np.log(right)
        count += 1
    return total / count


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if ("class_weight" in c.arguments or c in IGNORING) and c.name != "KLDivergence"],
    ids=str,
)
def test_class_weights_and_ignored_classes_by_hand(case: Case, computing: str) -> None:
    weight = case.sample_weights()["per position"]
    expected = by_hand(case, weight) * (1 if case.loss().reduction != "sum" else (case.labels() != case.ignored).sum())
    assert case.loss()(case.labels(), case.predictions(), weight) == pytest.approx(expected, rel=1e-10)


def ignored_positions(case: Case) -> np.ndarray:
    """Return which positions are ignored."""
    labels = case.labels()
    if case.name in OVER_CLASSES:
        return labels.argmax(axis=-1) == case.ignored
    return labels == case.ignored if case.name.startswith("Sparse") else (labels == case.ignored).any(axis=-1)


@pytest.mark.parametrize("case", IGNORING, ids=str)
@pytest.mark.parametrize("rubbish", [np.nan, np.inf, -1e30])
def test_ignored_positions_may_hold_anything(case: Case, rubbish: float, computing: str) -> None:
    loss, labels, p = case.loss(), case.labels(), case.predictions()
    ignored = ignored_positions(case)
    assert 0 < ignored.sum() < ignored.size
    value, gradient = loss_and_gradient(loss, labels, p)
    assert (gradient[ignored] == 0).all()
    p[ignored] = rubbish
    with np.errstate(all="ignore"):
        changed, gradient_of_changed = loss_and_gradient(loss, labels, p)
    assert changed == value
    np.testing.assert_array_equal(gradient_of_changed, gradient)


@pytest.mark.parametrize("case", IGNORING, ids=str)
def test_nothing_but_ignored_positions_gives_zero(case: Case, computing: str) -> None:
    labels = np.full_like(case.labels(), case.ignored)
    if case.name in OVER_CLASSES:
        labels = np.broadcast_to(np.eye(case.shape[-1])[case.ignored], case.shape)
    value, gradient = loss_and_gradient(case.loss(), labels, case.predictions())
    assert value == 0
    assert (gradient == 0).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_extreme_logits(dtype: str, size: float, computing: str) -> None:
    """The right answer at these logits is known exactly: a class with all the probability."""
    logits = np.array([[size, -size, 0], [-size, size, 0]], dtype)
    right, wrong = np.array([0, 1]), np.array([1, 0])
    step = np.array([[1, -1, 0], [-1, 1, 0]]) / 2
    sparse = losses.SparseCategoricalCrossentropy(from_logits=True)
    one_hot = losses.CategoricalCrossentropy(from_logits=True)
    for loss, form in ((sparse, lambda ids: ids), (one_hot, lambda ids: to_categorical(ids, 3))):
        value, gradient = loss_and_gradient(loss, form(right), logits)
        assert value == 0
        np.testing.assert_array_equal(gradient, np.zeros((2, 3)))
        value, gradient = loss_and_gradient(loss, form(wrong), logits)
        assert value == pytest.approx(2 * size, rel=1e-6)
        np.testing.assert_allclose(gradient, step, atol=1e-12)
    binary = losses.BinaryCrossentropy(from_logits=True)
    z = np.array([[size], [-size]], dtype)
    value, gradient = loss_and_gradient(binary, np.array([1, 0]), z)
    assert value == 0
    np.testing.assert_array_equal(gradient, np.zeros((2, 1)))
    value, gradient = loss_and_gradient(binary, np.array([0, 1]), z)
    assert value == pytest.approx(size, rel=1e-6)
    np.testing.assert_array_equal(gradient, [[0.5], [-0.5]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_confidently_wrong_probabilities_still_learn(dtype: str, computing: str) -> None:
    """Behind a softmax, the gradient must be p - t however wrong p is; the clipped logarithm's own slope would be 0."""
    p, cache = tinyseg.activations.softmax.forward(to_backend(np.array([[40.0, -20.0, 0.0]], dtype)))
    assert 0 < float(p[0, 1]) < 1e-25
    for loss, labels in (
        (losses.SparseCategoricalCrossentropy(), np.array([1])),
        (losses.CategoricalCrossentropy(), np.array([[0, 1, 0]])),
    ):
        value, inner = loss.forward(labels, p)
        assert float(value) == pytest.approx(-np.log(1e-7), rel=1e-6)
        dz = tinyseg.activations.softmax.backward(loss.backward(1.0, inner), cache)
        np.testing.assert_allclose(to_host(dz), [[1.0, -1.0, 0.0]], atol=1e-6)


def test_class_ids_may_have_any_integer_dtype_and_a_last_axis_of_one(rng: np.random.Generator, computing: str) -> None:
    p = rng.uniform(0.1, 1, (2, 3, 4, 5))
    ids = rng.integers(0, 5, (2, 3, 4))
    loss = losses.SparseCategoricalCrossentropy()
    expected = loss(ids, p)
    for dtype in ("uint8", "int8", "int32", "uint64", "float32"):
        assert loss(ids.astype(dtype), p) == expected
    assert loss(ids[..., None], p) == expected
    assert loss(ids.tolist(), p) == expected
    assert losses.CategoricalCrossentropy()(to_categorical(ids, 5), p) == pytest.approx(expected, rel=1e-12)


def test_ignored_255_in_uint8_masks(rng: np.random.Generator, computing: str) -> None:
    p, ids = rng.uniform(0.1, 1, (1, 4, 4, 3)), rng.integers(0, 3, (1, 4, 4)).astype(np.uint8)
    ids[0, :2] = 255
    expected = losses.SparseCategoricalCrossentropy()(ids[:, 2:], p[:, 2:])
    assert losses.SparseCategoricalCrossentropy(ignore_class=255)(ids, p) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "labels", "shape", "expected"),
    [
        ("sparse_categorical_crossentropy", np.zeros(PIXELS), PIXELS, "one-hot: use CategoricalCrossentropy"),
        ("categorical_crossentropy", np.zeros(PIXELS[:-1], int), PIXELS, ("class ids: use "
            "SparseCategoricalCrossentropy")),
        ("categorical_crossentropy", np.zeros((*PIXELS[:-1], 1)), PIXELS, "class ids: use SparseCategoricalCross"),
        ("sparse_categorical_crossentropy", [0, 5], (2, 5), (r"class ids from 0 to 4 .* 5 classes\), got 5 at index "
                                                            r"\(1,\)")),
        ("sparse_categorical_crossentropy", [-1, 0], (2, 5), r"got -1 at index \(0,\)"),
        ("sparse_categorical_crossentropy", [0, 255], (2, 2), "y // 255"),
        ("sparse_categorical_crossentropy", [0.5, 1], (2, 5), "whole numbers as class ids, got 0.5"),
        ("sparse_categorical_crossentropy", [np.nan, 1], (2, 5), "whole numbers as class ids, got nan"),
        ("sparse_categorical_crossentropy", [0, 1, 2], (2, 5), r"class ids of shape \(2,\) .* got \(3,\)"),
        ("sparse_categorical_crossentropy", ["cat", "dog"], (2, 5), "numbers, got dtype"),
        ("categorical_crossentropy", np.zeros((2, 4)), (2, 5), r"shape \(2, 5\), got \(2, 4\)"),
        ("binary_crossentropy", [0, 255], (2, 1), "from 0 to 1, got from 0.* to 255.*y / 255"),
        ("binary_crossentropy", [-1, 1], (2, 1), "from 0 to 1, got from -1"),
        ("binary_crossentropy", [np.nan, 1], (2, 1), "from 0 to 1, got"),
        ("binary_crossentropy", [[0], [1], [1]], (2, 1), r"shape \(2, 1\), got \(3, 1\)"),
        ("mse", np.zeros((2, 3)), (2, 1), r"shape \(2, 1\), got \(2, 3\)"),
        ("mse", np.zeros((3, 1)), (3, 4), r"shape \(3, 4\), got \(3, 1\)"),
        ("mae", 1.0, (3, 4), r"got \(\)"),
    ],
)  # fmt: skip
def test_labels_that_cannot_be(loss: str, labels: Any, shape: tuple[int, ...], expected: str) -> None:
    made = losses.get(loss)
    p = np.random.default_rng(0).uniform(0.1, 1, shape)
    with pytest.raises(tinyseg.InvalidInput) as caught:
        made.forward(labels, p)
    assert str(caught.value).startswith(f"{made.name}: ")
    assert re.search(expected, str(caught.value)), caught.value


@pytest.mark.parametrize("shape", [(), (1, 4, 3), (3,), (2, 3), (2, 4, 3, 5)])
def test_sample_weights_that_do_not_fit(shape: tuple[int, ...]) -> None:
    case = Case("SparseCategoricalCrossentropy", {}, PIXELS)
    weight = np.ones(shape)
    if shape == (1, 4, 3):  # broadcasts over the samples, which is allowed
        assert case.loss()(case.labels(), case.predictions(), weight) == case.loss()(case.labels(), case.predictions())
        return
    with pytest.raises(tinyseg.InvalidInput, match=re.escape(f"got {shape}")):
        case.loss().forward(case.labels(), case.predictions(), weight)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: losses.get("categorical_crosentropy"), "did you mean 'categorical_crossentropy'"),
        (lambda: losses.get("MeanSquareError"), "did you mean 'MeanSquaredError'"),
        (lambda: losses.get(3), "loss: expected a name or an object of tinyseg's, or a function, got 3"),
        (lambda: losses.MeanSquaredError(reduction="summ"), "did you mean 'sum'"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=1.5), "label_smoothing: .* got 1.5"),
        (lambda: losses.CategoricalCrossentropy(axis=1), "axis: expected -1, got 1"),
        (lambda: losses.SparseCategoricalCrossentropy(class_weight=[1, -2]), "class_weight: .* at least 0"),
        (lambda: losses.SparseCategoricalCrossentropy(class_weight={0: "a"}), "class_weight: expected one number"),
        (lambda: losses.SparseCategoricalCrossentropy(class_weight={7: 1})([0], np.ones((1, 3))), "from 0 to 2, got 7"),
        (lambda: losses.BinaryCrossentropy(class_weight=[1, 2])([[0, 1]], np.ones((1, 2))), "last axis of 1"),
        (lambda: losses.get("mse").forward([1.0], np.ones(1)), r"predictions \(N, ..., C\), got shape \(1,\)"),
        (lambda: losses.get("mse").forward([[1]], np.ones((1, 1), np.float16)), "float32 or float64, got float16"),
    ],
)  # fmt: skip
def test_bad_arguments(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput) as caught:
        make()
    assert re.search(expected, str(caught.value)), caught.value


@every_loss
def test_a_step_fetches_nothing_and_its_loss_stays_where_the_predictions_are(case: Case, computing: str) -> None:
    p, weight = to_backend(case.predictions("float32")), case.sample_weights()["per sample"]
    before = TRANSFERS.to_host
    value, cache = case.loss().forward(case.labels(), p, weight)
    gradient = case.loss().backward(1.0, cache)
    assert TRANSFERS.to_host == before
    assert is_device_array(gradient) == is_device_array(value) == is_device_array(p)
    if not is_device_array(p):
        assert isinstance(value, float)
    else:
        assert (value.shape, value.dtype) == ((), np.float64)


class Cubes(losses.Loss):
    """A loss as a reader would write it, in NumPy."""

    def target(self, y_true: Any, y_pred: Any) -> tuple[np.ndarray, None, None]:
        """Take labels as they are."""
        return np.asarray(y_true, y_pred.dtype), None, None

    def positions(self, target: Any, y_pred: Any) -> tuple[Any, Any]:
        """Return the mean of |p - t|^3."""
        difference = y_pred - target
        return (np.abs(difference) ** 3).mean(axis=-1), difference

    def positions_backward(self, dl: Any, cache: Any) -> Any:
        """Return 3 * (p - t) * |p - t| / C * dl."""
        return 3 * cache * np.abs(cache) / cache.shape[-1] * dl[..., None]


def test_a_loss_written_in_numpy_works_everywhere(computing: str, rng: np.random.Generator) -> None:
    p, labels, weight = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 3, 2)), rng.uniform(0, 2, 4)
    value, gradient = loss_and_gradient(Cubes(), labels, p, weight)
    d = p - labels
    assert value == pytest.approx((np.abs(d) ** 3 * weight[:, None, None]).mean(), rel=1e-12)
    np.testing.assert_allclose(gradient, 3 * d * np.abs(d) * weight[:, None, None] / d.size, rtol=1e-12)


def test_labels_and_weights_may_be_on_the_device(computing: str) -> None:
    case = Case("SparseCategoricalCrossentropy", {"ignore_class": 3}, PIXELS)
    labels, weight, p = case.labels(), case.sample_weights()["per sample"], case.predictions()
    assert loss_and_gradient(case.loss(), to_backend(labels), p, to_backend(weight))[0] == pytest.approx(
        loss_and_gradient(case.loss(), labels, p, weight)[0], rel=1e-15
    )
