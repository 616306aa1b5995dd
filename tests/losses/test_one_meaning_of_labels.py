"""The same labels mean the same to every loss and every metric, whatever their dtype, byte order, layout and trailing
axis of one; bad ones are refused by all alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg import losses, metrics

N, H, W, K = 2, 5, 3, 3
RNG = np.random.default_rng(11)
CLASSES = RNG.integers(0, K, (N, H, W))
CLASSES[0, 0, :2] = 0, K - 1
TRUTH = RNG.integers(0, 2, (N, H, W))
SCORES = RNG.random((N, H, W, K), np.float32)
SCORES /= SCORES.sum(axis=-1, keepdims=True)
SIGMOID = RNG.random((N, H, W, 1), np.float32)

INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
FLOATS = ("f2", "f4", "f8", "g")

IDS: dict[str, Any] = {
    "SparseCategoricalCrossentropy": losses.SparseCategoricalCrossentropy(),
    "SparseCategoricalCrossentropy, logits": losses.SparseCategoricalCrossentropy(from_logits=True,
        class_weight=[1, 2, 3]),
    "SparseCategoricalCrossentropy, ignore": losses.SparseCategoricalCrossentropy(ignore_class=1),
    "SparseDice": losses.SparseDice(),
    "SparseTversky": losses.SparseTversky(0.7, 0.3),
    "SparseJaccard": losses.SparseJaccard(),
    "LovaszSoftmax": losses.LovaszSoftmax(),
    "SparseCategoricalFocalCrossentropy": losses.SparseCategoricalFocalCrossentropy(),
    "WeightedSum": losses.SparseCategoricalCrossentropy() + 0.5 * losses.SparseDice(),
    "metric SparseCategoricalCrossentropy": metrics.SparseCategoricalCrossentropy(),
    "SparseTopKCategoricalAccuracy": metrics.SparseTopKCategoricalAccuracy(k=2),
    "IoU": metrics.IoU(K, [0, 2]),
    "SparseCategoricalAccuracy": metrics.SparseCategoricalAccuracy(),
    "SparseCategoricalAccuracy, ignore": metrics.SparseCategoricalAccuracy(ignore_class=1),
    "MeanIoU": metrics.MeanIoU(K),
    "MeanIoU, ignore": metrics.MeanIoU(K, ignore_class=1),
    "metric Dice": metrics.Dice(K),
    "PixelAccuracy": metrics.PixelAccuracy(K),
    "ConfusionMatrix": metrics.ConfusionMatrix(K),
}  # fmt: skip
"""For class ids and scores with an axis of classes."""

YES_OR_NO: dict[str, Any] = {
    "BinaryCrossentropy": losses.BinaryCrossentropy(),
    "BinaryCrossentropy, logits": losses.BinaryCrossentropy(from_logits=True, class_weight=[1, 4]),
    "BinaryCrossentropy, ignore": losses.BinaryCrossentropy(ignore_class=255),
    "Dice": losses.Dice(),
    "Tversky": losses.Tversky(0.7, 0.3),
    "Jaccard": losses.Jaccard(),
    "LovaszHinge": losses.LovaszHinge(),
    "BinaryFocalCrossentropy": losses.BinaryFocalCrossentropy(),
    **{
        name: getattr(metrics, name)()
        for name in (
            "AUC",
            "BinaryCrossentropy",
            "FalseNegatives",
            "FalsePositives",
            "Precision",
            "Recall",
            "TrueNegatives",
            "TruePositives",
        )
    },
    "BinaryIoU": metrics.BinaryIoU(),
    "F1Score": metrics.F1Score(average="macro", threshold=0.5),
    "FBetaScore": metrics.FBetaScore(average="macro", threshold=0.5, beta=2.0),
    "BinaryAccuracy": metrics.BinaryAccuracy(),
    "MeanIoU": metrics.MeanIoU(2),
    "metric Dice": metrics.Dice(2, class_id=1),
}
"""For 0 and 1 and a last axis of 1."""

NUMBERS: dict[str, Any] = {
    "MeanSquaredError": losses.MeanSquaredError(),
    "MeanAbsoluteError": losses.MeanAbsoluteError(),
    **{
        name: getattr(losses, name)()
        for name in ("Huber", "LogCosh", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson")
    },
    **{
        f"metric {name}": getattr(metrics, name)()
        for name in (
            "LogCoshError",
            "MeanAbsolutePercentageError",
            "MeanSquaredLogarithmicError",
            "Poisson",
            "RootMeanSquaredError",
        )
    },
    "metric MeanSquaredError": metrics.MeanSquaredError(),
    "metric MeanAbsoluteError": metrics.MeanAbsoluteError(),
    "Accuracy": metrics.Accuracy(),
}
"""For any numbers, and a last axis of 1."""

ONE_HOT: dict[str, Any] = {
    "CategoricalCrossentropy": losses.CategoricalCrossentropy(),
    "Dice": losses.Dice(axis=(1, 2)),
    "CategoricalFocalCrossentropy": losses.CategoricalFocalCrossentropy(),
    "CategoricalHinge": losses.CategoricalHinge(),
    "KLDivergence": losses.KLDivergence(),
    "metric CategoricalCrossentropy": metrics.CategoricalCrossentropy(),
    "metric CategoricalHinge": metrics.CategoricalHinge(),
    "metric KLDivergence": metrics.KLDivergence(),
    "TopKCategoricalAccuracy": metrics.TopKCategoricalAccuracy(k=2),
    "OneHotIoU": metrics.OneHotIoU(K, [0, 2]),
    "OneHotMeanIoU": metrics.OneHotMeanIoU(K),
    "CategoricalAccuracy": metrics.CategoricalAccuracy(),
    "MeanIoU": metrics.MeanIoU(K),
}


SIGNS = {"Hinge", "SquaredHinge"}
"""For -1 and 1, or 0 and 1, and nothing else."""


def test_every_loss_and_metric_is_swept() -> None:
    used = {type(item) for group in (IDS, YES_OR_NO, NUMBERS, ONE_HOT) for item in group.values()}
    for module, base in ((losses, losses.Loss), (metrics, metrics.Metric)):
        known = {item for item in vars(module).values() if isinstance(item, type) and issubclass(item, base)}
        named = {item.__name__ for item in known - used}
        assert named <= {"Loss", "Metric", "Mean", "FunctionLoss", "FunctionMetric"} | SIGNS, named


def forms(ids: Any, trailing: bool) -> Iterator[tuple[str, Any]]:
    """Yield the same labels in all forms."""
    for dtype in INTEGERS + FLOATS + (("?",) if ids.max() <= 1 else ()):
        for order in "<>" if np.dtype(dtype).itemsize > 1 and dtype != "g" else "=":
            yield f"{order}{dtype}", ids.astype(np.dtype(dtype).newbyteorder(order))
    apart = np.zeros((*ids.shape, 2), np.int16)
    apart[..., 0] = ids
    still = ids.astype(np.uint8)
    still.flags.writeable = False
    yield "strided", apart[..., 0]
    yield "Fortran", np.asfortranarray(ids.astype(np.int32))
    yield "read-only", still
    yield "list", ids.tolist()
    yield "list of floats", ids.astype(float).tolist()
    if trailing:
        for name, form in forms(ids[..., None], False):
            yield f"{name}, axis of 1", form


def value(item: Any, labels: Any, predictions: Any) -> Any:
    """Return the number, and of a loss the gradient too."""
    if isinstance(item, losses.Loss):
        loss, cache = item.forward(labels, predictions)
        return float(loss), item.backward(1.0, cache)
    item.reset_state()
    item.update_state(labels, predictions)
    return item.result(), None


CASES = [
    *((name, item, CLASSES, SCORES, True) for name, item in IDS.items()),
    *((name, item, TRUTH, SIGMOID, True) for name, item in (YES_OR_NO | NUMBERS).items()),
    *((name, item, np.eye(K, dtype=int)[CLASSES], SCORES, False) for name, item in ONE_HOT.items()),
]


@pytest.mark.parametrize("backend", ["naive", "numpy", "numba"])
@pytest.mark.parametrize(("name", "item", "labels", "predictions", "trailing"), CASES, ids=[case[0] for case in CASES])
def test_labels_mean_the_same_in_every_form(
    name: str, item: Any, labels: Any, predictions: Any, trailing: bool, backend: str
) -> None:
    with tinyseg.backend(backend):
        expected, gradient = value(item, labels, predictions)
        for form, given in forms(labels, trailing):
            found, again = value(item, given, predictions)
            assert found == expected, form
            if gradient is not None:
                np.testing.assert_array_equal(again, gradient, form)


def marked(labels: Any, bad: Any, dtype: Any) -> Any:
    """Return labels with one other value."""
    array = labels.astype(dtype)
    array[1, 2, 1] = bad
    return array


BEYOND = [
    (-1, "i1"),
    (-1, "i8"),
    (-1, "f4"),
    (254, "u1"),
    (K, "i8"),
    (2**53 + 2, "i8"),
    (2**63 + 1, "u8"),
    (1e30, "f8"),
]
NO_NUMBERS = [(np.nan, "f4"), (np.inf, "f8"), (-np.inf, "f4"), (np.nan, "f2")]


@pytest.mark.parametrize("name", IDS)
def test_class_ids_that_are_none_are_refused_by_all(name: str) -> None:
    for bad, dtype in (*BEYOND, *NO_NUMBERS, (0.5, "f4"), (1.0000001, "f8")):
        for labels in (marked(CLASSES, bad, dtype), marked(CLASSES, bad, dtype)[..., None]):
            with pytest.raises(tinyseg.InvalidInput, match="expected"):
                value(IDS[name], labels, SCORES)
    for labels in (CLASSES.astype(str), CLASSES.astype(complex), CLASSES.astype(object), CLASSES[:, :2], CLASSES[None]):
        with pytest.raises(tinyseg.InvalidInput, match="expected"):
            value(IDS[name], labels, SCORES)


@pytest.mark.parametrize("name", YES_OR_NO)
def test_what_is_neither_yes_nor_no_is_refused_by_all(name: str) -> None:
    for bad, dtype in (*BEYOND, *NO_NUMBERS):
        for labels in (marked(TRUTH, bad, dtype), marked(TRUTH, bad, dtype)[..., None]):
            with pytest.raises(tinyseg.InvalidInput, match="expected"):
                value(YES_OR_NO[name], labels, SIGMOID)


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_floats_do_not_hold_are_refused(name: str) -> None:
    if "Error" in name:
        for bad, dtype in ((2**53 + 2, "i8"), (-(2**60), "i8"), (2**63 + 1, "u8")):
            with pytest.raises(tinyseg.InvalidInput, match=r"2\*\*53"):
                value(NUMBERS[name], marked(TRUTH, bad, dtype), SIGMOID)
    if not isinstance(NUMBERS[name], losses.Loss):
        with pytest.raises(tinyseg.InvalidInput, match="NaN"):
            value(NUMBERS[name], marked(TRUTH, np.nan, "f4"), SIGMOID)


def test_predicted_ids_do_not_wrap_and_are_not_cut() -> None:
    labels, found = np.array([[0, 200], [3, 1]], np.uint8), np.array([[1, 3], [2, 1]], np.uint8)
    difference = labels.astype(float) - found
    assert value(metrics.MeanSquaredError(), labels, found)[0] == np.square(difference).mean()
    assert value(metrics.MeanAbsoluteError(), labels, found)[0] == np.abs(difference).mean()
    assert value(metrics.Accuracy(), labels[..., None], found)[0] == 0.25
    assert value(metrics.MeanIoU(4), found, found.astype(">f4"))[0] == 1.0
    with pytest.raises(tinyseg.InvalidInput, match="expected whole numbers as prediction, or scores with an axis"):
        metrics.MeanIoU(2)(TRUTH, np.full(TRUTH.shape, 0.7))
