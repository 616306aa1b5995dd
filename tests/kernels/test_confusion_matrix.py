"""confusion_counts: every rung against loops written here, for ids and scores, with weights and ignored classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.confusion_matrix import confusion_counts
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.errors import InvalidInput


def count(truth: Any, prediction: Any, **options: Any) -> np.ndarray:
    """Count where the backend in use computes, fetching nothing before the end."""
    weight = options.pop("weight", None)
    there = [to_backend(truth), to_backend(prediction)]
    given = None if weight is None else to_backend(weight)
    before = TRANSFERS.to_host
    counts = confusion_counts(*there, weight=given, **options)
    assert TRANSFERS.to_host == before
    return to_host(counts)


def expected(truth: Any, classes: Any, k: int, ignored: int | None, weight: Any = None) -> np.ndarray:
    """Count pair by pair."""
    counts = np.zeros((k, k))
    weights = np.ones(truth.shape) if weight is None else weight
    for t, p, w in zip(truth.ravel().tolist(), classes.ravel().tolist(), weights.ravel().tolist(), strict=True):
        if t != ignored and 0 <= t < k and 0 <= p < k:
            counts[t, p] += w
    return counts


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [None, 1, 255])
@pytest.mark.parametrize(
    ("dtype", "classes"), [("float32", 5), ("float64", 5), ("float32", 2), ("ids", 5), ("ids", 40)]
)
def test_counts(
    rung: str, dtype: str, classes: int, ignored: int | None, weighted: bool, rng: np.random.Generator
) -> None:
    truth = rng.integers(0, classes, (2, 13, 17))
    if ignored == 255:
        truth[rng.random(truth.shape) < 0.3] = 255
    scores = rng.standard_normal((*truth.shape, classes))
    found = scores.argmax(axis=-1)
    weight = rng.uniform(0, 2, truth.shape) if weighted else None
    prediction = found if dtype == "ids" else scores.astype(dtype)
    counts = count(truth, prediction, num_classes=classes, ignore_class=ignored, weight=weight)
    assert counts.dtype == (np.float64 if weighted else np.int64)
    np.testing.assert_allclose(counts, expected(truth, found, classes, ignored, weight), rtol=1e-12)
    again = count(truth, prediction, num_classes=classes, ignore_class=ignored, weight=weight)
    np.testing.assert_array_equal(again, counts)


@pytest.mark.parametrize("kind", ["uint8", "int8", "int32", "uint16", "int64", "bool"])
def test_any_integer_dtype(rung: str, kind: str, rng: np.random.Generator) -> None:
    truth, found = rng.integers(0, 2, (3, 50)), rng.integers(0, 2, (3, 50))
    counts = count(truth.astype(kind), found.astype(kind), num_classes=2)
    np.testing.assert_array_equal(counts, expected(truth, found, 2, None))


@pytest.mark.parametrize("classes", [33, 120])
def test_matrices_too_large_for_shared_memory(rung: str, classes: int, rng: np.random.Generator) -> None:
    truth, found = rng.integers(0, classes, 700), rng.integers(0, classes, 700)
    np.testing.assert_array_equal(count(truth, found, num_classes=classes), expected(truth, found, classes, None))


def test_ids_out_of_range_are_left_out(rung: str) -> None:
    truth, found = np.array([0, -1, 3, 1, 2, 2]), np.array([0, 0, 1, 3, -2, 1])
    np.testing.assert_array_equal(count(truth, found, num_classes=3), [[1, 0, 0], [0, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.uint32])
def test_wide_ids_do_not_wrap_around(rung: str, dtype: Any) -> None:
    """2**32 is 0 in 32 bits."""
    far = [2**32 - 1] if dtype == np.uint32 else [2**32, 2**32 + 1, 2**63 - 1]
    truth, found = np.array([0, 1, *far, 1, 1], dtype), np.array([0, 1, *[1] * len(far), far[0], 0], dtype)
    np.testing.assert_array_equal(count(truth, found, num_classes=2, ignore_class=255), [[1, 0], [1, 1]])


def test_equal_scores_and_nan(rung: str) -> None:
    """As np.argmax: the first of equals, and NaN counts as largest, the first one of several."""
    nan = np.nan
    scores = np.array([[1.0, 1, 0], [0, 2, 2], [5, nan, 9], [nan, nan, 1], [-np.inf] * 3, [1, 2, nan]], np.float32)
    truth = np.zeros(6, int)
    np.testing.assert_array_equal(count(truth, scores, num_classes=3)[0], np.bincount(scores.argmax(-1), minlength=3))


def test_a_single_score_is_cut_at_one_half(rung: str) -> None:
    scores = np.array([[0.5], [0.50001], [0.2], [np.nan], [3]], np.float32)
    np.testing.assert_array_equal(count(np.array([0, 0, 1, 1, 1]), scores, num_classes=2), [[1, 1], [2, 1]])


@pytest.mark.parametrize("weighted", [False, True])
def test_no_positions(rung: str, weighted: bool) -> None:
    weight = np.zeros((0, 4)) if weighted else None
    counts = count(np.zeros((0, 4), int), np.zeros((0, 4, 3), np.float32), num_classes=3, weight=weight)
    np.testing.assert_array_equal(counts, np.zeros((3, 3)))


def test_arrays_with_gaps(rung: str, rng: np.random.Generator) -> None:
    truth, scores = rng.integers(0, 3, (6, 8)), rng.standard_normal((6, 8, 6))
    there, predicted = to_backend(truth)[::2, ::-1], to_backend(scores)[::2, ::-1, ::2]
    counts = to_host(confusion_counts(there, predicted, num_classes=3))
    found = scores[::2, ::-1, ::2].argmax(axis=-1)
    np.testing.assert_array_equal(counts, expected(truth[::2, ::-1], found, 3, None))


@pytest.mark.parametrize(
    ("truth", "prediction", "weight", "message"),
    [
        (np.zeros(3), np.zeros(3, int), None, "expected truth of an integer dtype, got float64"),
        (np.zeros(3, int), np.zeros(3, complex), None, ("expected prediction of an integer dtype, or scores, got "
                                                       "complex128")),
        (np.zeros(3, int), np.zeros(4, int), None, r"expected prediction of shape \(3,\).* got \(4,\)"),
        (np.zeros(3, int), np.zeros((4, 2)), None, r"expected prediction of shape .* got \(4, 2\)"),
        (np.zeros(3, int), np.zeros((3, 0)), None, r"expected scores of at least one class, got shape \(3, 0\)"),
        (np.zeros(3, int), np.zeros(3, int), np.ones(3, "f4"), (r"expected weight of shape \(3,\) and float64, got "
                                                               r".* float32")),
    ],
)  # fmt: skip
def test_what_does_not_fit(rung: str, truth: Any, prediction: Any, weight: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"confusion_counts: {message}"):
        count(truth, prediction, num_classes=3, weight=weight)
