"""Weighted sums of losses, and the overlap family's relations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.device import to_backend

import tinyseg
from tests.models.networks import CLASSES, masks, segmenter
from tests.support.errors import ErrorLog
from tests.utils.backends import loss_and_gradient
from tests.utils.comparing import LIMITS, assert_agrees, assert_differentiates
from tinyseg import losses
from tinyseg.losses import Dice, Jaccard, Loss, Tversky, WeightedSum
from tinyseg.models import load_model
from tinyseg.utils import to_categorical

from .cases import PIXELS, Case
from .test_dice import region_weights
from .test_parity_with_keras import run_keras


def one_hot(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels and probabilities."""
    return np.eye(5)[rng.integers(0, 5, PIXELS[:-1])], rng.uniform(0.05, 0.95, PIXELS)


def test_a_sum_is_the_sum(rng: np.random.Generator, computing: str) -> None:
    t, p = one_hot(rng)
    first, second, third = (
        Dice(axis=-1),
        losses.CategoricalCrossentropy(class_weight=[1, 2, 0.5, 3, 1]),
        Jaccard(axis=-1),
    )
    weight = rng.uniform(0, 2, len(p))
    made = 2 * (0.25 * first + second) + third
    assert isinstance(made, WeightedSum)
    assert made.weights == [0.5, 2.0, 1.0]
    value, gradient = loss_and_gradient(made, t, p, weight, -1.7)
    parts = [loss_and_gradient(loss, t, p, weight, -1.7) for loss in (first, second, third)]
    assert value == pytest.approx(0.5 * parts[0][0] + 2 * parts[1][0] + parts[2][0], rel=1e-12)
    np.testing.assert_allclose(gradient, 0.5 * parts[0][1] + 2 * parts[1][1] + parts[2][1], rtol=1e-10)


def test_ways_to_write_it(rng: np.random.Generator, record_error: ErrorLog) -> None:
    t, p = one_hot(rng)
    for made in (
        0.5 * Dice() + losses.CategoricalCrossentropy(),
        losses.CategoricalCrossentropy() + Dice() * 0.5,
        sum([0.5 * Dice(), losses.CategoricalCrossentropy()]),
        WeightedSum(["dice", "categorical_crossentropy"], [0.5, 1]),
        WeightedSum([0.5 * Dice(), "categorical_crossentropy"]),
    ):
        assert made(t, p) == pytest.approx(0.5 * Dice()(t, p) + losses.CategoricalCrossentropy()(t, p), rel=1e-12)
        _, gradient = loss_and_gradient(made, t, p)
        assert_differentiates(record_error, lambda made=made: made(t, p), {"p": p}, {"p": gradient})
    assert (3 * Dice())(t, p) == pytest.approx(3 * Dice()(t, p))
    assert (0 * Dice() + Jaccard())(t, p) == Jaccard()(t, p)
    assert (np.float32(0.5) * Dice()).weights == [0.5]
    named = WeightedSum(["dice", "jaccard"], name="overlap")
    assert (2 * named + Dice()).losses[0] is named


def test_a_model_with_a_sum_trains_saves_and_loads(tmp_path: Path) -> None:
    tinyseg.utils.set_random_seed(3)
    x, y = masks(16)
    model = segmenter()
    loss = 0.5 * losses.SparseDice(ignore_class=255) + losses.SparseCategoricalCrossentropy(ignore_class=255)
    model.compile(tinyseg.optimizers.Adam(0.02), loss, metrics=["accuracy"])
    y = y.copy()
    y[:, :1] = 255
    history = model.fit(x, y, batch_size=8, epochs=6, verbose=0).history["loss"]
    assert history[-1] < 0.8 * history[0]
    before = model.evaluate(x, y)
    model.save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    assert again.evaluate(x, y) == before
    assert again.losses[0].get_config() == loss.get_config()
    assert losses.get(losses.serialize(loss)).get_config() == loss.get_config()


class Mine(Loss):
    """A reader's own."""

    def __init__(self, name: str = "mine") -> None:
        super().__init__(name)

    def get_config(self) -> Any:
        """Return the name."""
        return {"name": self.name}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the mean square and its gradient."""
        return ((y_pred - y_true) ** 2).mean(axis=-1), 2 * (y_pred - y_true) / y_pred.shape[-1]


class Wrong(Loss):
    """One whose gradient has another shape."""

    def positions(self, target: Any, y_pred: Any) -> Any:
        """Return zeros."""
        return 0 * y_pred[..., 0], None

    def positions_backward(self, dl: Any, cache: Any) -> Any:
        """Return too little."""
        return dl


def test_somebodys_own_in_a_sum(rng: np.random.Generator, tmp_path: Path) -> None:
    t, p = one_hot(rng)
    own, ours = loss_and_gradient(Mine() + Mine(), t, p), loss_and_gradient(2 * losses.MeanSquaredError(), t, p)
    assert own[0] == pytest.approx(ours[0], rel=1e-12)
    np.testing.assert_allclose(own[1], ours[1], rtol=1e-12)
    with pytest.raises(tinyseg.InvalidInput, match="gradient by y_pred"):
        loss_and_gradient(Wrong() + Dice(), t, p)
    model = segmenter()
    model.compile("sgd", Mine() + Dice())
    model.save(tmp_path / "m.safetensors")
    assert isinstance(load_model(tmp_path / "m.safetensors", {"Mine": Mine}).losses[0].losses[0], Mine)


def test_compile_looks_into_a_sum() -> None:
    model = segmenter()
    with pytest.warns(UserWarning, match="from_logits=True expects logits"):
        model.compile("sgd", Dice() + losses.CategoricalCrossentropy(from_logits=True))


def test_sample_weights_go_to_every_loss_of_the_sum(rng: np.random.Generator) -> None:
    t, p = one_hot(rng)
    with pytest.raises(tinyseg.InvalidInput, match="dice: expected no sample_weight"):
        (Dice() + losses.CategoricalCrossentropy())(t, p, np.ones(len(p)))
    x, y = masks(4)
    model = segmenter()
    model.compile("sgd", Dice(axis=(1, 2, 3)) + losses.CategoricalCrossentropy())
    model.fit(x, to_categorical(y, CLASSES), sample_weight=np.ones(4), verbose=0)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: WeightedSum([]), "losses: expected a list of losses"),
        (lambda: WeightedSum("dice"), "losses: expected a list of losses"),
        (lambda: WeightedSum(["dice", None]), "losses: expected a list of losses"),
        (lambda: WeightedSum(["dise"]), "did you mean 'dice'"),
        (lambda: WeightedSum(["dice", "mse"], [1.0]), "weights: expected 2 finite numbers"),
        (lambda: WeightedSum(["dice"], [-1.0]), "weights: expected 1 finite .* got -1.0"),
        (lambda: -0.5 * Dice(), "weights: expected 1 finite .* got -0.5"),
        (lambda: float("nan") * Dice(), "weights: expected"),
        (lambda: True * Dice(), "weights: expected"),
        (lambda: "2" * Dice(), "weights: expected"),
    ],
)
def test_what_is_no_sum(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()


@pytest.mark.parametrize("other", [1, "dice", None, [Dice()]])
def test_what_cannot_be_added(other: Any) -> None:
    with pytest.raises(TypeError):
        Dice() + other
    with pytest.raises(TypeError):
        Dice() * Dice()


# The overlap family ---------------------------------------------------------------------------------------------------


def test_alpha_weighs_what_was_missed() -> None:
    """Against the docstring of Keras 3.15.1, and as it computes."""
    truth = np.array([[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]])
    missed, extra = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]), np.array([[1.0, 1.0, 1.0, 1.0, 1.0, 0.0]])
    assert Tversky(1.0, 0.0)(truth, missed) == pytest.approx(1 - 1 / 3, abs=1e-6)
    assert Tversky(1.0, 0.0)(truth, extra) == pytest.approx(0, abs=1e-6)
    assert Tversky(0.0, 1.0)(truth, missed) == pytest.approx(0, abs=1e-6)
    assert Tversky(0.0, 1.0)(truth, extra) == pytest.approx(1 - 3 / 5, abs=1e-6)


@pytest.mark.parametrize(
    "case",
    [
        Case("Tversky", {}, PIXELS),
        Case("Tversky", {"alpha": 0.9, "beta": 0.3, "axis": (1, 2, 3)}, PIXELS),
        Case("Tversky", {"alpha": 0.0, "beta": 2.0, "axis": [0, 1, 2], "reduction": "sum"}, PIXELS),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", LIMITS)
def test_tversky_as_keras(case: Case, dtype: str, compiled_backend: str, record_error: ErrorLog) -> None:
    for weight in region_weights(case):
        expected, expected_gradient = run_keras(case, dtype, None if weight is None else weight.astype(dtype))
        value, gradient = loss_and_gradient(case.loss(), case.labels(), case.predictions(dtype), weight)
        assert_agrees(record_error, f"Keras {dtype}", value, expected, LIMITS[dtype], "value")
        assert_agrees(record_error, f"Keras {dtype}", gradient, expected_gradient, LIMITS[dtype], "gradient")


def test_relations_within_the_family(rng: np.random.Generator, record_error: ErrorLog) -> None:
    t, p = one_hot(rng)
    d = Dice()(t, p)
    assert Tversky()(t, p) == pytest.approx(d, abs=1e-8)
    assert Tversky(1.0, 1.0)(t, p) == Jaccard()(t, p) == pytest.approx(2 * d / (1 + d), abs=1e-8)
    truth, found = rng.random((2, 6, 5, 1)) < 0.4, rng.random((2, 6, 5, 1)) < 0.4
    assert Jaccard()(truth, found.astype(float)) == pytest.approx(1 - (truth & found).sum() / (truth | found).sum())
    _, gradient = loss_and_gradient(Jaccard(axis=(0, 1, 2)), t, p)
    assert_differentiates(record_error, lambda: Jaccard(axis=(0, 1, 2))(t, p), {"p": p}, {"p": gradient})


@pytest.mark.parametrize(
    ("sparse", "dense"),
    [
        (losses.SparseTversky(0.8, 0.3, ignore_class=255), Tversky(0.8, 0.3, axis=0)),
        (losses.SparseJaccard(ignore_class=255), Jaccard(axis=0)),
    ],
)
def test_class_ids_give_what_one_hot_labels_give(
    sparse: Any, dense: Any, rng: np.random.Generator, computing: str
) -> None:
    p, ids = rng.uniform(0.05, 0.95, (2, 5, 3, 4)), rng.integers(0, 4, (2, 5, 3))
    ids[rng.random(ids.shape) < 0.3] = 255
    counts = ids != 255
    expected, expected_gradient = loss_and_gradient(dense, np.eye(4)[ids[counts]], p[counts], None, 1.7)
    p[~counts] = np.nan
    value, gradient = loss_and_gradient(sparse, ids, p, None, 1.7)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient[counts], expected_gradient, rtol=1e-10, atol=1e-15)
    assert (gradient[~counts] == 0).all()
    assert losses.get(losses.serialize(sparse)).get_config() == sparse.get_config()


# Extremes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_losses_of_saturated_predictions(dtype: str, gamma: float, computing: str) -> None:
    size = 1e4
    logits, right, wrong = np.array([[size, -size, 0]], dtype), np.array([0]), np.array([1])
    loss = losses.SparseCategoricalFocalCrossentropy(alpha=1.0, gamma=gamma, from_logits=True)
    value, gradient = loss_and_gradient(loss, right, logits)
    assert value == 0
    assert (gradient == 0).all()
    value, gradient = loss_and_gradient(loss, wrong, logits)
    assert value == pytest.approx(2 * size, rel=1e-6)
    np.testing.assert_allclose(gradient, [[1, -1, 0]], atol=1e-6)
    binary = losses.BinaryFocalCrossentropy(gamma=gamma, from_logits=True)
    z = np.array([[size], [-size]], dtype)
    value, gradient = loss_and_gradient(binary, [1, 0], z)
    assert value == pytest.approx(0, abs=1e-10)
    np.testing.assert_allclose(gradient, 0, atol=1e-10)
    value, gradient = loss_and_gradient(binary, [0, 1], z)
    assert value == pytest.approx(size, rel=1e-6)
    np.testing.assert_allclose(gradient, [[0.5], [-0.5]], atol=1e-6)
    for p in ([[0.0], [1.0]], [[1.0], [0.0]]):
        value, gradient = loss_and_gradient(losses.BinaryFocalCrossentropy(gamma=gamma), [1, 0], np.array(p, dtype))
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()
    value, gradient = loss_and_gradient(
        losses.SparseCategoricalFocalCrossentropy(gamma=gamma), [0, 1], np.array([[1, 0], [1, 0]], dtype)
    )
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_confidently_wrong_still_learns_behind_a_softmax() -> None:
    p, cache = tinyseg.activations.softmax.forward(np.array([[40.0, -20.0, 0.0]]))
    for loss, labels in (
        (losses.KLDivergence(), np.array([[0.0, 1.0, 0.0]])),
        (losses.SparseCategoricalFocalCrossentropy(alpha=1.0), np.array([1])),
    ):
        dz = tinyseg.activations.softmax.backward(loss.backward(1.0, loss.forward(labels, p)[1]), cache)
        np.testing.assert_allclose(dz, [[1.0, -1.0, 0.0]], atol=1e-5)


def test_far_away_numbers_do_not_overflow() -> None:
    p = np.array([[1e38, -1e38]], np.float32)
    value, gradient = loss_and_gradient(losses.Huber(), np.zeros((1, 2)), p)
    assert value == pytest.approx(1e38, rel=1e-6)
    np.testing.assert_array_equal(gradient, [[0.5, -0.5]])
    value, gradient = loss_and_gradient(losses.LogCosh(), np.zeros((1, 2)), p)
    assert value == pytest.approx(1e38, rel=1e-6)
    np.testing.assert_array_equal(gradient, [[0.5, -0.5]])


def test_keras_functions_are_the_positions_of_the_losses(rng: np.random.Generator, computing: str) -> None:
    """On the host and where the backend computes; as losses and as metrics."""
    t, p = one_hot(rng)
    for name, function in vars(losses).items():
        if name in losses.__all__ and name.islower() and name not in ("get", "serialize"):
            loss = losses.get(function)
            labels = t.argmax(-1) if name.startswith("sparse") else t
            values = function(labels, p)
            assert values.mean() == pytest.approx(loss(labels, p), rel=1e-10), name
            if name not in ("dice", "tversky"):
                metric = tinyseg.metrics.get(function)
                metric.update_state(labels, to_backend(p))
                assert metric.result() == pytest.approx(loss(labels, p), rel=1e-10), name


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Tversky(alpha=-0.1), "alpha: expected a number of at least 0"),
        (lambda: losses.SparseTversky(beta=-1.0), "beta: expected a number of at least 0"),
        (lambda: losses.Huber(delta=0.0), "delta: expected a number above 0"),
        (lambda: losses.BinaryFocalCrossentropy(alpha=1.5), "alpha: expected a number from 0 to 1"),
        (lambda: losses.BinaryFocalCrossentropy(gamma=-1.0), "gamma: expected a number of at least 0"),
        (
            lambda: losses.CategoricalFocalCrossentropy(alpha=[0.5, -1]),
            "alpha: expected a number of at least 0, or one",
        ),
        (
            lambda: losses.CategoricalFocalCrossentropy([1.0, 2.0])([[1, 0, 0]], np.ones((1, 3)) / 3),
            "each of 3 classes",
        ),
        (lambda: losses.Hinge()([[0.5]], np.ones((1, 1))), "labels of -1 and 1, or of 0 and 1, got 0.5"),
        (lambda: losses.KLDivergence()([0], np.ones((1, 3)) / 3), "shape"),
    ],
)
def test_bad_arguments(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()
