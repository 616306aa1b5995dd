"""The confusion matrix, and IoU and Dice from it: against scikit-learn, Keras, and sets of pixels counted by hand."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.device import is_device_array, to_backend, to_host

import tinyseg
from tinyseg import metrics
from tinyseg.metrics import ConfusionMatrix, Dice, MeanIoU, MetricCollection, PixelAccuracy, confusion_matrix
from tinyseg.utils import to_categorical

CLASSES = 5


def masks(rng: np.random.Generator, ignored: int | None = None, dtype: str = "int64") -> tuple[np.ndarray, np.ndarray]:
    """Draw masks in which class 3 never occurs; predictions are right more often than not."""
    present = np.array([0, 1, 2, 4])
    truth = rng.choice(present, (3, 7, 5))
    prediction = np.where(rng.random(truth.shape) < 0.6, truth, rng.choice(present, truth.shape))
    if ignored is not None:
        truth[rng.random(truth.shape) < 0.25] = ignored
    return truth.astype(dtype), prediction.astype(dtype)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "int32"])
@pytest.mark.parametrize("ignored", [None, 255, 1, 0])
@pytest.mark.parametrize("weighted", [False, True])
def test_confusion_matrix_against_scikit_learn(
    ignored: int | None, weighted: bool, dtype: str, computing: str, rng: np.random.Generator
) -> None:
    truth, prediction = masks(rng, ignored, dtype)
    weight = rng.uniform(0, 2, truth.shape) if weighted else None
    valid = truth != ignored if ignored is not None else np.ones(truth.shape, bool)
    expected = sklearn_confusion_matrix(
        truth[valid],
        prediction[valid],
        labels=np.arange(CLASSES),
        sample_weight=None if weight is None else weight[valid],
    )
    there = to_backend(prediction)
    counted = confusion_matrix(truth, there, CLASSES, ignore_class=ignored, sample_weight=weight)
    assert is_device_array(counted) == is_device_array(there)
    counted = to_host(counted)
    np.testing.assert_allclose(counted, expected, rtol=1e-12)
    assert counted.dtype == (np.float64 if weighted else np.int64)


def test_weights_per_image_spread_over_its_pixels(rng: np.random.Generator) -> None:
    truth, prediction = masks(rng)
    weight = np.array([0.5, 2.0, 0.0])
    spread = np.broadcast_to(weight[:, None, None], truth.shape)
    np.testing.assert_array_equal(
        confusion_matrix(truth, prediction, CLASSES, sample_weight=weight),
        confusion_matrix(truth, prediction, CLASSES, sample_weight=spread),
    )


def by_hand(truth: np.ndarray, prediction: np.ndarray, kind: str) -> list[float | None]:
    """Count each class as sets of pixels; None where a class does not occur."""
    values: list[float | None] = []
    for k in range(CLASSES):
        a, b = set(np.flatnonzero(truth == k)), set(np.flatnonzero(prediction == k))
        if kind == "iou":
            values.append(len(a & b) / len(a | b) if a | b else None)
        else:
            values.append(2 * len(a & b) / (len(a) + len(b)) if a or b else None)
    return values


@pytest.mark.parametrize(("cls", "kind"), [(MeanIoU, "iou"), (Dice, "dice")])
def test_per_class_and_policies_for_empty_classes(cls: Any, kind: str, rng: np.random.Generator) -> None:
    truth, prediction = masks(rng)
    expected = by_hand(truth, prediction, kind)
    assert expected[3] is None
    metric = cls(CLASSES)
    metric.update_state(truth, prediction)
    np.testing.assert_allclose(metric.per_class(), [np.nan if v is None else v for v in expected], rtol=1e-12)
    known = [v for v in expected if v is not None]
    for empty, values in (("skip", known), ("zero", [*known, 0.0]), ("one", [*known, 1.0])):
        metric = cls(CLASSES, empty=empty)
        metric.update_state(truth, prediction)
        assert metric.result() == pytest.approx(np.mean(values), rel=1e-12)
    for k, value in enumerate(expected):
        metric = cls(CLASSES, class_id=k)
        metric.update_state(truth, prediction)
        assert metric.result() == pytest.approx(value if value is not None else np.nan, rel=1e-12, nan_ok=True)


def test_functions_and_metrics_agree(rng: np.random.Generator) -> None:
    truth, prediction = masks(rng)
    cm = confusion_matrix(truth, prediction, CLASSES)
    accuracy = PixelAccuracy(CLASSES)
    assert np.isnan(accuracy.result())
    assert accuracy(truth, prediction) == metrics.pixel_accuracy(cm) == pytest.approx((truth == prediction).mean())
    for cls, function, per_class in (
        (MeanIoU, metrics.mean_iou, metrics.iou_per_class),
        (Dice, metrics.mean_dice, metrics.dice_per_class),
    ):
        metric = cls(CLASSES, empty="one")
        metric.update_state(truth, prediction)
        assert metric.result() == function(cm, empty="one")
        np.testing.assert_array_equal(metric.per_class(), per_class(cm))


@pytest.mark.parametrize("ignored", [None, 0])
def test_mean_iou_against_keras(ignored: int | None, rng: np.random.Generator) -> None:
    ours, theirs = MeanIoU(CLASSES, ignore_class=ignored), keras.metrics.MeanIoU(CLASSES, ignore_class=ignored)
    for _ in range(3):
        truth, prediction = masks(rng)
        ours.update_state(truth, prediction)
        theirs.update_state(truth, prediction)
        assert ours.result() == pytest.approx(float(theirs.result()), rel=1e-6)


@pytest.mark.parametrize("form", ["ids", "ids with a last axis", "probabilities", "one-hot truth"])
def test_forms_of_labels_and_predictions(form: str, computing: str, rng: np.random.Generator) -> None:
    truth, prediction = masks(rng)
    expected = confusion_matrix(truth, prediction, CLASSES)
    p = (to_categorical(prediction, CLASSES) + rng.uniform(0, 0.9, (*truth.shape, CLASSES))).astype(np.float32)
    given = {
        "ids": (truth, prediction),
        "ids with a last axis": (truth[..., None], p),
        "probabilities": (truth, p),
        "one-hot truth": (to_categorical(truth, CLASSES), p),
    }[form]
    metric = ConfusionMatrix(CLASSES)
    metric.update_state(given[0], to_backend(given[1]))
    np.testing.assert_array_equal(metric.matrix, expected)


@pytest.mark.parametrize("last_axis", [False, True])
def test_sigmoid_output_is_cut_at_one_half(last_axis: bool, computing: str, rng: np.random.Generator) -> None:
    truth, p = rng.integers(0, 2, (2, 6, 5)), rng.uniform(0, 1, (2, 6, 5, 1)).astype(np.float32)
    metric = ConfusionMatrix(2)
    metric.update_state(truth[..., None] if last_axis else truth, to_backend(p))
    np.testing.assert_array_equal(metric.matrix, confusion_matrix(truth, (p[..., 0] > 0.5).astype(int), 2))


@pytest.mark.parametrize("ignored", [None, 255])
@pytest.mark.parametrize("sizes", [[1] * 10, [3, 3, 4], [9, 1]])
def test_batches_add_up_to_the_whole(
    sizes: list[int], ignored: int | None, computing: str, rng: np.random.Generator
) -> None:
    """Counts are pooled: neither the number nor the sizes of the batches matter.

    Nothing is fetched before a result is.
    """
    truth = rng.integers(0, CLASSES, (10, 4, 3))
    p = to_backend(rng.uniform(0, 1, (10, 4, 3, CLASSES)).astype(np.float32))
    if ignored is not None:
        truth[rng.random(truth.shape) < 0.3] = ignored
    made = [cls(CLASSES, ignore_class=ignored) for cls in (ConfusionMatrix, PixelAccuracy, MeanIoU, Dice)] + [
        metrics.SparseCategoricalAccuracy(ignore_class=ignored)
    ]
    for metric in made:
        metric.update_state(truth, p)
        whole = metric.result()
        metric.reset_state()
        start, before = 0, TRANSFERS.to_host
        for size in sizes:
            metric.update_state(truth[start : start + size], p[start : start + size])
            start += size
        assert TRANSFERS.to_host == before
        assert metric.result() == pytest.approx(whole, rel=1e-12)


def test_metrics_share_one_matrix_when_they_count_the_same(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth, prediction = masks(rng, ignored=1)
    alone = [MeanIoU(CLASSES), Dice(CLASSES), Dice(CLASSES, ignore_class=1, name="dice_1")]
    for metric in alone:
        metric.update_state(truth, prediction)
    together = [MeanIoU(CLASSES), Dice(CLASSES), Dice(CLASSES, ignore_class=1, name="dice_1"), PixelAccuracy(6)]
    collection = MetricCollection(together)
    assert together[0].counts is together[1].counts
    assert len({id(metric.counts) for metric in together}) == 3
    counted = []
    original = tinyseg.metrics.segmentation.confusion_matrix
    monkeypatch.setattr(
        tinyseg.metrics.segmentation, "confusion_matrix", lambda *a: counted.append(a[2:4]) or original(*a)
    )
    collection.update(truth, prediction)
    assert sorted(counted, key=str) == [(5, 1), (5, None), (6, None)]
    results = collection.results()
    assert [results[m.name] for m in alone] == [m.result() for m in alone]
    collection.reset()
    assert not any(metric.matrix.any() for metric in together)


def test_config_makes_the_same_metric() -> None:
    for metric in (
        MeanIoU(4, name="m", ignore_class=2, class_id=1, empty="zero"),
        Dice(3),
        PixelAccuracy(2, ignore_class=255),
        ConfusionMatrix(7),
        metrics.BinaryAccuracy(threshold=0.3),
        metrics.SparseCategoricalAccuracy("s", ignore_class=9),
    ):
        copy = metrics.get(json.loads(json.dumps(metrics.serialize(metric))))
        assert type(copy) is type(metric)
        assert copy.get_config() == metric.get_config()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: confusion_matrix([0, 5], [0, 1], 5), "class ids from 0 to 4 in the truth, got from 0 to 5"),
        (lambda: confusion_matrix([0, 1], [0, -1], 5), "in the prediction, got from -1 to 0"),
        (lambda: confusion_matrix([0, 1], [0], 5), r"truth \(2,\) and prediction \(1,\)"),
        (lambda: MeanIoU(1), "num_classes: expected an integer of at least 2, got 1"),
        (lambda: MeanIoU(3, class_id=3), "class_id: expected 0 to 2, got 3"),
        (lambda: Dice(3, empty="skp"), "did you mean 'skip'"),
        (lambda: metrics.mean_iou(np.eye(3), empty="none"), "unknown policy"),
    ],
)
def test_bad_input(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()
