"""The Dice loss over every choice of axes: Keras, central differences, known values, weights, saving, bad input."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyseg
from tests.models.networks import CLASSES, masks, segmenter
from tests.support.errors import ErrorLog
from tests.utils.backends import loss_and_gradient
from tests.utils.comparing import LIMITS, assert_agrees, assert_differentiates
from tinyseg import losses
from tinyseg.losses import Dice
from tinyseg.models import load_model
from tinyseg.utils import to_categorical

from .cases import PIXELS, Case
from .test_parity_with_keras import run_keras

CASES = [
    Case("Dice", {}, PIXELS),
    Case("Dice", {}, (7, 3)),
    Case("Dice", {"reduction": "sum"}, (3, 5, 2, 1)),
    Case("Dice", {"axis": (1, 2, 3)}, PIXELS),
    Case("Dice", {"axis": (-1, 1, 2), "reduction": "sum"}, (3, 2, 6, 4)),
    Case("Dice", {"axis": (1, 2)}, PIXELS),
    Case("Dice", {"axis": [1, 2], "reduction": "sum"}, PIXELS),
    Case("Dice", {"axis": (0, 1, 2)}, PIXELS),
    Case("Dice", {"axis": (0, 1, 2, 3), "reduction": "sum"}, PIXELS),
    Case("Dice", {"axis": 0}, (5, 4)),
    Case("Dice", {"axis": 1}, (5, 4)),
    Case("Dice", {"axis": (0, 3)}, PIXELS),
]
every_axis = pytest.mark.parametrize("case", CASES, ids=str)


def region_weights(case: Case) -> list[np.ndarray | None]:
    """Return the weights that the case takes: none, and one for each sample if its losses have samples."""
    taken = case.loss().axes(case.predictions())
    return [None] if 0 in taken else [None, case.sample_weights()["per sample"]]


@pytest.mark.parametrize("dtype", LIMITS)
@every_axis
def test_value_and_gradient_as_keras(case: Case, dtype: str, computing: str, record_error: ErrorLog) -> None:
    loss, p = case.loss(), case.predictions(dtype)
    left = p.ndim - len(loss.axes(p))
    for weight in region_weights(case):
        # Keras has no rule to broadcast a weight of each sample from the left.
        spread = None if weight is None else weight.astype(dtype).reshape(-1, *[1] * (left - 1))
        expected, expected_gradient = run_keras(case, dtype, spread)
        value, gradient = loss_and_gradient(loss, case.labels(), p, weight)
        assert gradient.dtype == dtype
        assert_agrees(record_error, f"Keras {dtype}", value, expected, LIMITS[dtype], "value")
        assert_agrees(record_error, f"Keras {dtype}", gradient, expected_gradient, LIMITS[dtype], "gradient")


@every_axis
def test_gradient_agrees_with_central_differences(
    case: Case, compiled_backend: str, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    """Also for labels between 0 and 1, and any upstream gradient."""
    loss, p = case.loss(), case.predictions()
    for weight in region_weights(case):
        for labels in (case.labels(), rng.uniform(0, 1, case.shape)):
            _, gradient = loss_and_gradient(loss, labels, p, weight, -1.7)
            assert_differentiates(
                record_error,
                lambda labels=labels, weight=weight: -1.7 * loss(labels, p, weight),
                {"p": p},
                {"p": gradient},
            )


@every_axis
def test_inputs_stay(case: Case) -> None:
    loss, labels, p = case.loss(), case.labels().astype(np.float64), case.predictions()
    for weight in region_weights(case):
        before = [None if a is None else a.copy() for a in (labels, p, weight)]
        _, cache = loss.forward(labels, p, weight)
        np.testing.assert_array_equal(loss.backward(2.0, cache), loss.backward(2.0, cache))
        for array, copy in zip((labels, p, weight), before, strict=True):
            np.testing.assert_array_equal(array, copy)


def test_the_example_of_keras_documentation() -> None:
    labels = np.array([[[[1.0], [1.0]], [[0.0], [0.0]]]] * 2)
    p = np.array([[[[0.0], [1.0]], [[0.0], [1.0]]], [[[0.4], [0.0]], [[0.0], [0.9]]]])
    assert Dice()(labels, p) == pytest.approx(0.6164384, abs=1e-7)
    assert Dice(axis=(1, 2, 3))(labels, p) == pytest.approx((0.5 + 0.75757575) / 2, abs=1e-7)
    assert Dice(axis=(1, 2, 3))(labels[:1], p[:1]) == pytest.approx(0.5, abs=1e-7)


def test_of_sets_it_is_one_minus_the_dice_coefficient(rng: np.random.Generator) -> None:
    truth, found = rng.random((2, 3, 7, 5, 1)) < 0.4
    coefficient = 2 * (truth & found).sum() / (truth.sum() + found.sum())
    assert 0.1 < coefficient < 0.9
    assert Dice()(truth, found.astype(np.float64)) == pytest.approx(1 - coefficient, abs=1e-8)
    assert Dice()(truth, truth.astype(np.float64)) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("dtype", LIMITS)
def test_nothing_labelled_and_nothing_predicted_costs_one(dtype: str, rng: np.random.Generator, computing: str) -> None:
    """As in Keras. Only one of the two images is empty; the gradient of that one is 0."""
    labels = (rng.random((2, 4, 3, 1)) < 0.5).astype(dtype)
    p = rng.uniform(0.1, 0.9, labels.shape).astype(dtype)
    labels[0] = p[0] = 0
    loss = Dice(axis=(1, 2, 3))
    value, gradient = loss_and_gradient(loss, labels, p)
    assert value == pytest.approx((1 + Dice()(labels[1:], p[1:])) / 2, rel=1e-6)
    assert (gradient[0] == 0).all()
    assert (gradient[1] != 0).all()


def test_a_million_pixels_in_float32(rng: np.random.Generator, compiled_backend: str) -> None:
    p = rng.uniform(0, 1, (1, 1000, 1000, 2)).astype(np.float32)
    labels = (rng.random(p.shape) < p).astype(np.float32)
    loss = Dice(axis=(1, 2))
    assert loss(labels, p) == pytest.approx(loss(labels, p.astype(np.float64)), rel=1e-7)


@pytest.mark.parametrize("name", ["dice", "Dice"])
def test_its_names(name: str) -> None:
    assert type(losses.get(name)) is Dice
    assert losses.get(name).name == "dice"


def test_axes_survive_saving(tmp_path: Path) -> None:
    x, y = masks(6)
    model = segmenter()
    model.compile("sgd", Dice(axis=(0, 1, 2), reduction="sum"))
    before = model.evaluate(x, to_categorical(y, CLASSES))
    model.save(tmp_path / "model.safetensors")
    loaded = load_model(tmp_path / "model.safetensors")
    assert loaded.losses[0].axis == (0, 1, 2)
    assert loaded.evaluate(x, to_categorical(y, CLASSES)) == before


def test_a_network_learns_from_it() -> None:
    tinyseg.utils.set_random_seed(2)
    x, y = masks(24)
    model = segmenter()
    model.compile(tinyseg.optimizers.Adam(0.02), Dice(axis=(0, 1, 2)))
    history = model.fit(x, to_categorical(y, CLASSES), batch_size=8, epochs=8, verbose=0).history["loss"]
    assert history[-1] < 0.7 * history[0]


ONE_HOT = np.eye(5)[np.zeros(PIXELS[:-1], int)]


@pytest.mark.parametrize(
    ("arguments", "labels", "weight", "expected"),
    [
        ({}, np.zeros(PIXELS[:-1], int), None, "class ids: use to_categorical"),
        ({}, np.zeros((*PIXELS[:-1], 1), int), None, "class ids: use to_categorical"),
        ({}, ONE_HOT[..., :4], None, r"shape \(2, 4, 3, 5\), got \(2, 4, 3, 4\)"),
        ({}, 255 * ONE_HOT, None, "labels from 0 to 1, got from 0.0 to 255.0"),
        ({}, -ONE_HOT, None, "got from -1.0"),
        ({}, np.full(PIXELS, np.nan), None, "got from nan"),
        ({}, ONE_HOT.astype(str), None, "numbers, got dtype"),
        ({}, ONE_HOT, np.ones(2), r"no sample_weight or class_weight, since axis=None .* axis=\(1, 2, 3\)"),
        ({"axis": (0, 1, 2)}, ONE_HOT, np.ones(2), r"no sample_weight or class_weight, since axis=\(0, 1, 2\)"),
        ({"axis": (1, 2, 3)}, ONE_HOT, np.ones((2, 4, 3)), r"sample_weight of shape \(2,\) .* got \(2, 4, 3\)"),
        ({"axis": (1, 2)}, ONE_HOT, np.ones(3), r"sample_weight of shape \(2,\) or \(2, 5\) .* got \(3,\)"),
        ({"axis": (1, 4)}, ONE_HOT, None, r"axis: expected different axes .* \(2, 4, 3, 5\), got \(1, 4\)"),
        ({"axis": -5}, ONE_HOT, None, r"axis: .* got \(-5,\)"),
        ({"axis": (1, -3)}, ONE_HOT, None, "axis: expected different axes"),
    ],
)  # fmt: skip
def test_what_does_not_fit(arguments: dict[str, Any], labels: Any, weight: Any, expected: str) -> None:
    p = np.random.default_rng(0).uniform(0.1, 0.9, PIXELS)
    with pytest.raises(tinyseg.InvalidInput) as caught:
        Dice(**arguments).forward(labels, p, weight)
    assert str(caught.value).startswith("dice: ")
    assert re.search(expected, str(caught.value)), caught.value


def test_class_weights_in_fit_are_refused() -> None:
    x, y = masks(4)
    model = segmenter()
    model.compile("sgd", "dice")
    with pytest.raises(tinyseg.InvalidInput, match="dice: expected no sample_weight or class_weight"):
        model.fit(x, to_categorical(y, CLASSES), class_weight={1: 2.0}, verbose=0)


@pytest.mark.parametrize("axis", ["1", (1, "2"), (), (1.0,), True, np.array([1, 2])])
def test_bad_axes(axis: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="dice: axis: expected None, an integer or a tuple of integers"):
        Dice(axis=axis)


def test_bad_reduction() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="did you mean 'sum'"):
        Dice(reduction="summ")


@pytest.mark.parametrize("shape", [(2, 5, 3, 4), (7, 3), (1, 1, 6, 2)])
@pytest.mark.parametrize("ignore", [None, 255, 1])
def test_class_ids_give_what_one_hot_labels_give(
    shape: tuple[int, ...], ignore: int | None, rng: np.random.Generator, computing: str
) -> None:
    """Per class of the batch, over the positions that count, whatever stands at the others."""
    p, ids = rng.uniform(0.05, 0.95, shape), rng.integers(0, shape[-1], shape[:-1])
    if ignore == 255:
        ids[rng.random(ids.shape) < 0.3] = 255
    counts = np.ones(ids.shape, bool) if ignore is None else ids != ignore
    expected, expected_gradient = loss_and_gradient(
        losses.Dice(axis=0), np.eye(shape[-1])[ids[counts]], p[counts], None, 1.7
    )
    p[~counts] = np.nan
    value, gradient = loss_and_gradient(losses.SparseDice(ignore_class=ignore), ids, p, None, 1.7)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient[counts], expected_gradient, rtol=1e-10, atol=1e-15)
    assert (gradient[~counts] == 0).all()


def test_class_ids_are_checked_and_weights_refused(computing: str) -> None:
    loss, p = losses.SparseDice(ignore_class=255), np.full((2, 3, 2), 0.5, np.float32)
    assert losses.get(losses.serialize(loss)).get_config() == loss.get_config()
    assert losses.get("sparse_dice").ignore_class is None
    with pytest.raises(tinyseg.InvalidInput, match="class ids from 0 to 1"):
        loss(np.full((2, 3), 2), p)
    with pytest.raises(tinyseg.InvalidInput, match="no sample_weight"):
        loss(np.zeros((2, 3), int), p, np.ones(2))
    assert loss(np.full((2, 3), 255), p) == 1.0
