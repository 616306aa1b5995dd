"""Batches: what is in them, in which order, and that both depend on (seed, epoch, sample) alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.datasets import VOID, Augmentation, SegmentationBatches, standardize

STRONG = Augmentation(flip_vertical=True, rotate=30, scale=0.3, brightness=0.2)
SIZES = [(12, 10), (7, 16), (12, 10), (9, 9), (15, 8), (8, 8), (11, 13)]


def samples(sizes: Any = SIZES, channels: int = 2) -> list[tuple[Any, Any]]:
    """Return random samples of given sizes; the ids of sample k hold k in one corner."""
    pairs = []
    for k, size in enumerate(sizes):
        rng = np.random.default_rng([5, k])
        ids = rng.integers(0, 4, size, dtype=np.uint8)
        ids[0, 0] = 100 + k
        pairs.append((rng.random((*size, channels), dtype=np.float32) * (k + 1), ids))
    return pairs


def whole(batches: SegmentationBatches, epoch: int) -> list[tuple[Any, Any]]:
    """Return the batches of an epoch without the missing weights."""
    found = list(batches.epoch(epoch))
    assert all(weight is None for _, _, weight in found)
    return [(x, y) for x, y, _ in found]


def assert_equal(actual: list[tuple[Any, Any]], expected: list[tuple[Any, Any]]) -> None:
    """Compare batches to the bit."""
    assert len(actual) == len(expected)
    for one, other in zip(actual, expected, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def order(batches: SegmentationBatches, epoch: int) -> list[int]:
    """Return which samples came when."""
    return [int(corner) - 100 for _, y in whole(batches, epoch) for corner in y[:, 0, 0]]


@pytest.mark.parametrize("channels", [1, 3])
def test_standardize(channels: int, rng: np.random.Generator) -> None:
    image = rng.random((9, 14, channels)) * 300 + 1000
    result = standardize(image)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, (image - image.mean()) / image.std(), atol=2e-4)
    np.testing.assert_array_equal(standardize(np.full((3, 4, 1), 0.7)), np.zeros((3, 4, 1)))


@pytest.mark.parametrize("batch_size", [1, 3, 7, 50])
@pytest.mark.parametrize("multiple_of", [1, 4, 8])
def test_images_of_a_batch_are_filled_up(batch_size: int, multiple_of: int) -> None:
    """Every batch is as large as its largest image needs, rounded up; the rest is 0 and void."""
    data = samples()
    batches = SegmentationBatches(data, batch_size, multiple_of=multiple_of)
    found = whole(batches, 0)
    assert len(found) == len(batches) == -(-len(data) // batch_size)
    for start, (x, y) in zip(range(0, len(data), batch_size), found, strict=True):
        group = data[start : start + batch_size]
        tallest, widest = np.max([ids.shape for _, ids in group], axis=0)
        size = tuple(int(np.ceil(n / multiple_of)) * multiple_of for n in (tallest, widest))
        assert (x.shape, y.shape) == ((len(group), *size, 2), (len(group), *size))
        assert (x.dtype, y.dtype) == (np.float32, np.uint8)
        for k, (image, ids) in enumerate(group):
            height, width = ids.shape
            np.testing.assert_array_equal(x[k, :height, :width], standardize(image))
            np.testing.assert_array_equal(y[k, :height, :width], ids)
            filled = np.ones(size, bool)
            filled[:height, :width] = False
            assert (x[k][filled] == 0).all()
            assert (y[k][filled] == VOID).all()


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    data = samples()
    batches = SegmentationBatches(data, 2, shuffle=True, seed=4)
    third = order(batches, 3)  # before any other epoch was drawn
    orders = [order(batches, epoch) for epoch in range(6)]
    assert orders[3] == third
    assert all(sorted(one) == list(range(len(data))) for one in orders)
    assert len({tuple(one) for one in orders}) == 6
    assert order(SegmentationBatches(data, 3, shuffle=True, seed=4), 3) == third
    assert order(SegmentationBatches(data, 2, shuffle=True, seed=5), 3) != third
    assert order(SegmentationBatches(data, 2, seed=5), 3) == list(range(len(data)))


def test_changes_depend_on_seed_epoch_and_sample_alone() -> None:
    """A sample is changed in the same way whatever is in its batch, and whatever was drawn before."""
    data = samples([(12, 12)] * 5)
    options: dict[str, Any] = {"augmentation": STRONG, "crop": (8, 6), "seed": 9}
    single, double = SegmentationBatches(data, 1, **options), SegmentationBatches(data, 2, **options)
    last = whole(double, 2)
    assert_equal(whole(double, 2), last)
    one_by_one = whole(single, 2)
    np.testing.assert_array_equal(np.concatenate([x for x, _ in last]), np.concatenate([x for x, _ in one_by_one]))
    np.testing.assert_array_equal(np.concatenate([y for _, y in last]), np.concatenate([y for _, y in one_by_one]))
    for other in (whole(double, 1), whole(SegmentationBatches(data, 2, **{**options, "seed": 8}), 2)):
        assert all((a != b).any() for (a, _), (b, _) in zip(last, other, strict=True))


def test_an_augmented_sample_is_what_the_augmentation_gives() -> None:
    data = samples([(12, 12)] * 3)
    x, y = whole(SegmentationBatches(data, 3, augmentation=STRONG, seed=6), 5)[0]
    for k, (image, ids) in enumerate(data):
        expected = STRONG(standardize(image), ids, np.random.default_rng([6, 5, k]))
        np.testing.assert_array_equal(x[k], expected[0])
        np.testing.assert_array_equal(y[k], expected[1])


@pytest.mark.parametrize("augmentation", [None, Augmentation(flip=False), STRONG])
def test_crops_are_windows_of_the_sample(augmentation: Augmentation | None) -> None:
    data = samples([(12, 10), (9, 16)])
    batches = SegmentationBatches(data, 2, crop=(8, 4), multiple_of=4, augmentation=augmentation, seed=1)
    assert batches.shape == (None, 8, 4, 2)
    corners = set()
    for epoch in range(30):
        ((x, y),) = whole(batches, epoch)
        assert (x.shape, y.shape) == ((2, 8, 4, 2), (2, 8, 4))
        if augmentation is STRONG:
            continue
        for k, (image, ids) in enumerate(data):
            windows = np.lib.stride_tricks.sliding_window_view(ids, (8, 4))
            ((top, left),) = np.argwhere((windows == y[k]).all(axis=(2, 3)))
            np.testing.assert_array_equal(x[k], standardize(image)[top : top + 8, left : left + 4])
            corners.add((k, top, left))
    assert augmentation is STRONG or len(corners) > 20


@pytest.mark.parametrize("augmentation", [None, STRONG])
def test_samples_are_not_changed(augmentation: Augmentation | None) -> None:
    data = samples()
    for image, ids in data:
        image.flags.writeable = ids.flags.writeable = False
    for x, y in whole(SegmentationBatches(data, 3, augmentation=augmentation, shuffle=True), 0):
        x += 1
        y += 1
    for (image, ids), (image_before, ids_before) in zip(data, samples(), strict=True):
        np.testing.assert_array_equal(image, image_before)
        np.testing.assert_array_equal(ids, ids_before)


def test_the_shape_tells_what_is_known() -> None:
    assert SegmentationBatches(samples()).shape == (None, None, None, 2)


@pytest.mark.parametrize("augmentation", [None, STRONG])
def test_a_crop_larger_than_an_image_names_the_sample(augmentation: Augmentation | None) -> None:
    batches = SegmentationBatches(samples(), 2, crop=(9, 9), augmentation=augmentation)
    with pytest.raises(tinyseg.InvalidInput, match=r"sample 1: crop: 9 x 9 .* 7 x 16"):
        list(batches.epoch(0))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": True}, "batch_size"),
        ({"batch_size": 2.5}, "batch_size"),
        ({"crop": (8, 6), "multiple_of": 4}, "multiples of 4"),
        ({"crop": (0, 8)}, "crop"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        SegmentationBatches(samples(), **options)


def test_no_samples_are_refused() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="at least one sample"):
        SegmentationBatches([])
