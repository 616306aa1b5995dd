"""Precision, Recall, F scores, AUC, top k, IoU and losses as metrics, against Keras's, batch by batch."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest
from tinyseg_kernels.device import to_backend

import tinyseg
from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_agrees
from tinyseg import metrics
from tinyseg.metrics import MetricCollection
from tinyseg.utils import to_categorical

PIXELS = (2, 5, 3, 4)


def drawn(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels and predictions."""
    scores = rng.uniform(0, 1, shape).astype(np.float32)
    labels = {
        "yes or no": lambda: rng.integers(0, 2, shape).astype(np.float32),
        "some on thresholds": lambda: rng.integers(0, 2, shape).astype(np.float32),
        "ids": lambda: rng.integers(0, shape[-1], shape[:-1]),
        "one-hot": lambda: to_categorical(rng.integers(0, shape[-1], shape[:-1]), shape[-1]),
        "positive": lambda: rng.uniform(0.1, 2, shape).astype(np.float32),
        "shares": lambda: rng.dirichlet(np.ones(shape[-1]), shape[:-1]).astype(np.float32),
        "binary ids": lambda: rng.integers(0, 2, shape),
    }[kind]()
    if kind == "some on thresholds":
        scores = scores.round(1)
    if kind == "shares":
        scores /= scores.sum(axis=-1, keepdims=True)
    return labels, scores


COUNTS = [
    (name, arguments, "some on thresholds", shape)
    for name in ("Precision", "Recall", "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
    for arguments, shape in (({}, PIXELS), ({"thresholds": 0.8}, (9, 3)), ({"thresholds": [0.2, 0.5, 0.9]}, (11,)))
]
RATIOS = [
    (name, arguments, "one-hot", (30, 4))
    for name in ("Precision", "Recall")
    for arguments in ({"class_id": 2}, {"top_k": 2}, {"top_k": 2, "class_id": 1}, {"thresholds": 0.5, "top_k": 3})
]
SCORES = [
    ("F1Score", {"average": "macro"}, "one-hot", (12, 4)),
    ("F1Score", {"threshold": 0.4}, "yes or no", (12, 3)),
    ("FBetaScore", {"beta": 2.0, "average": "micro", "threshold": 0.5}, "yes or no", (12, 3)),
    ("FBetaScore", {"beta": 0.5, "average": "weighted"}, "one-hot", (12, 3)),
    ("AUC", {}, "yes or no", (40,)),
    ("AUC", {"num_thresholds": 7}, "yes or no", PIXELS),
    ("AUC", {"curve": "PR"}, "yes or no", (40, 1)),
    ("AUC", {"curve": "PR", "summation_method": "minoring", "num_thresholds": 20}, "yes or no", (40, 1)),
    ("AUC", {"summation_method": "majoring", "num_thresholds": 20}, "yes or no", (40, 1)),
    ("AUC", {"thresholds": [0.9, 0.1, 0.35]}, "yes or no", (40, 1)),
    ("AUC", {"multi_label": True, "num_labels": 3, "curve": "PR"}, "yes or no", (20, 3)),
    ("AUC", {"multi_label": True, "label_weights": [1.0, 2.0, 0.5]}, "yes or no", (20, 3)),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5]}, "yes or no", (20, 3)),
    ("AUC", {"from_logits": True}, "yes or no", (40, 1)),
    ("TopKCategoricalAccuracy", {"k": 2}, "one-hot", (12, 6)),
    ("TopKCategoricalAccuracy", {}, "one-hot", (2, 3, 4, 7)),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "ids", (2, 3, 4, 7)),
]
OVERLAPS = [
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, "binary ids", (2, 5, 3, 1)),
    ("BinaryIoU", {}, "binary ids", (11,)),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 2]}, "one-hot", PIXELS),
    ("OneHotMeanIoU", {"num_classes": 4, "ignore_class": 1}, "one-hot", PIXELS),
]
OF_LOSSES = [
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "yes or no", (9, 3)),
    ("CategoricalCrossentropy", {}, "one-hot", PIXELS),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "ids", PIXELS),
    ("KLDivergence", {}, "shares", PIXELS),
    ("Poisson", {}, "positive", (9, 3)),
    ("LogCoshError", {}, "positive", PIXELS),
    ("Hinge", {}, "yes or no", (9, 3)),
    ("SquaredHinge", {}, "yes or no", (9, 3)),
    ("CategoricalHinge", {}, "one-hot", PIXELS),
    ("MeanAbsolutePercentageError", {}, "positive", (9, 3)),
    ("MeanSquaredLogarithmicError", {}, "positive", (9, 3)),
    ("RootMeanSquaredError", {}, "positive", (9, 3)),
]
CASES = [*COUNTS, *RATIOS, *SCORES, *OVERLAPS, *OF_LOSSES]
IDS = [f"{name}-{'-'.join(f'{k}={v}' for k, v in arguments.items())}-{shape}" for name, arguments, _, shape in CASES]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("name", "arguments", "kind", "shape"), CASES, ids=IDS)
def test_parity_with_keras(
    name: str, arguments: dict[str, Any], kind: str, shape: tuple[int, ...], weighted: bool,
    rng: np.random.Generator, record_error: ErrorLog,
) -> None:  # fmt: skip
    ours, theirs = getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)
    positions = shape[:-1] if len(shape) > 1 else shape
    if weighted and (name.endswith("IoU") or (arguments.get("multi_label") and "label_weights" in arguments)):
        pytest.skip("Keras cuts weights to integers")
    for _ in range(2):
        labels, scores = drawn(kind, shape, rng)
        if arguments.get("from_logits"):
            scores = 4 * scores - 2
        weight = rng.uniform(0.2, 2, positions).astype(np.float32) if weighted else None
        ours.update_state(labels, scores, weight)
        theirs.update_state(labels, scores, weight)
        assert_agrees(record_error, "Keras float32", ours.result(), np.asarray(theirs.result()), 3e-6, name)
    assert np.any(ours.result() != 0)
    again = metrics.get(json.loads(json.dumps(metrics.serialize(ours))))
    assert again.get_config() == ours.get_config()
    labels, scores = drawn(kind, shape, rng)
    ours.reset_state()
    for metric in (ours, again):
        metric.update_state(labels, scores)
    np.testing.assert_array_equal(again.result(), ours.result())


def test_iou_of_ids_as_keras(rng: np.random.Generator) -> None:
    ours = metrics.IoU(4, [1, 3], ignore_class=2)
    theirs = keras.metrics.IoU(4, [1, 3], ignore_class=2)
    for _ in range(2):
        t, p = rng.integers(0, 4, (2, 5, 6)), rng.integers(0, 4, (2, 5, 6))
        ours.update_state(t, p)
        theirs.update_state(t, p)
    assert ours.result() == pytest.approx(float(theirs.result()), rel=1e-6)


ON_A_DEVICE = [CASES[k] for k in (0, 1, 12, 18, 20, 26, 28, 29, 38, 41, 43, 44, 46, 48, 50, 56)]


@pytest.mark.parametrize(("name", "arguments", "kind", "shape"), ON_A_DEVICE)
def test_the_same_on_every_backend(
    name: str, arguments: dict[str, Any], kind: str, shape: tuple[int, ...], computing: str, rng: np.random.Generator
) -> None:
    labels, scores = drawn(kind, shape, rng)
    scores = scores.astype(np.float64)
    weight = rng.uniform(0, 2, shape[:1])
    there, here = getattr(metrics, name)(**arguments), getattr(metrics, name)(**arguments)
    there.update_state(labels, to_backend(scores), weight)
    with tinyseg.backend("numpy"):
        here.update_state(labels, scores, weight)
    np.testing.assert_allclose(there.result(), here.result(), rtol=1e-12)


def exact_auc(truth: np.ndarray, scores: np.ndarray) -> float:
    """How often a positive has the larger score of two; half of ties."""
    above = (scores[truth][:, None] > scores[~truth][None]).mean()
    return float(above + (scores[truth][:, None] == scores[~truth][None]).mean() / 2)


def test_many_thresholds_give_the_exact_area(rng: np.random.Generator) -> None:
    truth = rng.random(300) < 0.3
    scores = rng.choice(rng.random(60), 300) * 0.7 + truth * 0.2
    assert metrics.AUC(20_000)(truth, scores) == pytest.approx(exact_auc(truth, scores), abs=1e-9)
    assert metrics.AUC(thresholds=np.unique(scores).tolist())(truth, scores) == pytest.approx(
        exact_auc(truth, scores), abs=1e-9
    )


def test_from_sorted_ids() -> None:
    metric = metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    metric.update_state([3, 0, 7], [[3, 1, 0], [2, 1, 0], [5, 7, 1]])
    assert metric.result() == pytest.approx(2 / 3)


def test_nothing_seen_and_one_kind_only() -> None:
    for name in ("Precision", "Recall", "AUC", "TopKCategoricalAccuracy", "KLDivergence", "TruePositives"):
        assert getattr(metrics, name)().result() == 0
    assert np.isnan(metrics.IoU(3, [0]).result())
    for curve in ("ROC", "PR"):
        for labels in (np.zeros(4), np.ones(4)):
            ours, theirs = metrics.AUC(curve=curve), keras.metrics.AUC(curve=curve)
            scores = np.array([0.1, 0.5, 0.7, 0.3])
            assert ours(labels, scores) == pytest.approx(float(theirs(labels, scores)), abs=1e-6)
    metric = metrics.F1Score(average="macro")
    metric.update_state(np.zeros((2, 3)), np.zeros((2, 3)))
    assert metric.result() == 0
    assert metrics.Precision()(np.zeros((0, 1)), np.zeros((0, 1))) == 0
    assert metrics.Recall()([1, 1], [0.9, 0.8], [0, 0]) == 0  # weights of zero


@pytest.mark.parametrize(
    "metric",
    [
        metrics.BinaryAccuracy(), metrics.Accuracy(), metrics.SparseCategoricalAccuracy(ignore_class=0),
        metrics.SparseCategoricalAccuracy(), metrics.MeanSquaredError(), metrics.Precision(), metrics.MeanIoU(3),
        metrics.ConfusionMatrix(3), metrics.BinaryCrossentropy(),
    ],
    ids=lambda metric: metric.name,
)  # fmt: skip
@pytest.mark.parametrize("weight", [np.ones(5), np.ones((2, 5)), np.ones((3, 4, 1))], ids=lambda w: str(w.shape))
def test_weights_that_do_not_fit_are_told(metric: Any, weight: np.ndarray) -> None:
    p = np.full((2, 4, 3), 0.3)
    of_ids = metric.name.startswith(("sparse", "mean_io", "confusion"))
    with pytest.raises(tinyseg.InvalidInput, match="sample_weight of shape"):
        metric.update_state(np.ones((2, 4) if of_ids else (2, 4, 3), int), p, weight)


def test_nan_is_never_among_the_top() -> None:
    assert metrics.SparseTopKCategoricalAccuracy(k=1)([0], [[np.nan, 0.3]]) == 0


def test_ignored_positions_may_hold_anything(rng: np.random.Generator) -> None:
    p, ids = rng.uniform(0.1, 1, (2, 4, 3)), rng.integers(0, 3, (2, 4))
    ids[:, 1] = 255
    expected = metrics.SparseCategoricalCrossentropy()(ids[:, [0, 2, 3]], p[:, [0, 2, 3]])
    p[:, 1] = np.nan
    assert metrics.SparseCategoricalCrossentropy(ignore_class=255)(ids, p) == pytest.approx(expected, rel=1e-12)


def test_in_compile(rng: np.random.Generator) -> None:
    names = ["precision", "recall", "auc", "binary_iou", "kld", "top_k_categorical_accuracy", "bce", "rmse", "msle"]
    collection = MetricCollection([*names, metrics.F1Score(average="macro")])
    t, p = rng.integers(0, 2, (6, 3)).astype(float), rng.uniform(0, 1, (6, 3))
    collection.update(t, p)
    assert list(collection.results()) == [*names, "f1_score"]
    assert all(isinstance(value, float) and np.isfinite(value) for value in collection.results().values())
    assert collection.results()["binary_iou"] == metrics.BinaryIoU()(t, p)
    assert collection.directions()["auc"] == "max"
    assert collection.directions()["kld"] == "min"
    for several in ("f1_score", metrics.Precision(thresholds=[0.2, 0.4])):
        with pytest.raises(tinyseg.InvalidInput, match="gives several numbers"):
            MetricCollection([several])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: metrics.Precision(thresholds=1.5), "thresholds: expected numbers from 0 to 1, got 1.5"),
        (lambda: metrics.Precision(thresholds=[]), "thresholds: expected"),
        (lambda: metrics.Precision(top_k=0), "top_k: expected"),
        (lambda: metrics.Recall(class_id=3)(np.ones((2, 3)), np.ones((2, 3))), "class_id: expected 0 to 2, got 3"),
        (lambda: metrics.Recall()([[0, 2]], [[0.1, 0.2]]), "labels from 0 to 1, got"),
        (lambda: metrics.Recall()([0, 1], np.ones((2, 3))), "use to_categorical"),
        (lambda: metrics.Recall()([[0, 1]], [[0.1, 0.2]], np.ones(3)), r"sample_weight of shape \(1,\)"),
        (lambda: metrics.AUC(1), "num_thresholds: expected an integer from 2"),
        (lambda: metrics.AUC(curve="rok"), "curve"),
        (lambda: metrics.AUC(summation_method="x"), "summation_method"),
        (lambda: metrics.AUC()([0, 1], [0.2, 1.7]), "scores from 0 to 1, got from 0.2 to 1.7; from_logits"),
        (lambda: metrics.AUC()([0, 1], [0.2, np.nan]), "scores from 0 to 1"),
        (lambda: metrics.AUC(multi_label=True, num_labels=2)(np.ones((2, 3)), np.ones((2, 3))), "expected 2 labels"),
        (lambda: metrics.AUC(label_weights=[1])(np.ones((2, 3)), np.ones((2, 3))), "label_weights: expected one for"),
        (lambda: metrics.F1Score(average="mean"), "average"),
        (lambda: metrics.F1Score(threshold=0.0), "threshold: expected"),
        (lambda: metrics.FBetaScore(beta=0.0), "beta: expected a number above 0"),
        (lambda: metrics.TopKCategoricalAccuracy(k=0), "k: expected"),
        (lambda: metrics.IoU(3, [3]), "target_class_ids: expected a list of ids from 0 to num_classes - 1 = 2"),
        (lambda: metrics.OneHotIoU(3, [1])([1, 2], np.ones((2, 3))), r"one-hot labels \(..., 3\), got shape \(2,\)"),
    ],
)
def test_bad_arguments(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()
