"""Connected regions, against scikit-image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from skimage import measure

import tinyseg
from tinyseg.segmentation import Region, find_regions, label_regions

MASKS = {
    "sparse": ((23, 31), 2, 0.3),
    "dense": ((31, 17), 2, 0.6),
    "many classes": ((26, 29), 5, 0.7),
    "one row": ((1, 40), 3, 0.6),
    "one column": ((40, 1), 3, 0.6),
    "full": ((6, 7), 2, 1.0),
    "empty": ((6, 7), 2, 0.0),
}  # fmt: skip


def make_mask(name: str, dtype: Any = np.uint8) -> Any:
    """Return a random mask: how large, how many classes, how much of it is not background."""
    size, classes, share = MASKS[name]
    rng = np.random.default_rng(len(name))
    return np.where(rng.random(size) < share, rng.integers(1, classes, size), 0).astype(dtype)


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("name", MASKS)
def test_labels_are_scikit_images(name: str, connectivity: int) -> None:
    """The regions are the same; their numbers run from 1 without gaps, the smallest class first."""
    mask = make_mask(name)
    labels, count = label_regions(mask, connectivity)
    expected, expected_count = measure.label(mask, background=0, connectivity=connectivity // 4, return_num=True)
    assert (labels.dtype, labels.shape, count) == (np.int32, mask.shape, expected_count)
    pairs = np.unique(np.stack([labels.ravel(), expected.ravel()]), axis=1)
    assert pairs.shape[1] == len(np.unique(labels)) == len(np.unique(expected))
    np.testing.assert_array_equal(labels == 0, mask == 0)
    np.testing.assert_array_equal(np.unique(labels[labels > 0]), np.arange(1, count + 1))
    classes = [mask[labels == k][0] for k in range(1, count + 1)]
    assert classes == sorted(classes)


@pytest.mark.parametrize("min_area", [1, 3])
@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("name", MASKS)
def test_regions_are_measured_as_by_scikit_image(name: str, connectivity: int, min_area: int) -> None:
    mask = make_mask(name)
    regions = find_regions(mask, connectivity, min_area)
    labels, _ = label_regions(mask, connectivity)
    expected = {p.label: p for p in measure.regionprops(labels) if p.area >= min_area}
    assert {region.label for region in regions} == set(expected)
    for region in regions:
        properties = expected[region.label]
        assert region.area == properties.area
        assert region.box == properties.bbox
        assert region.centroid == pytest.approx(properties.centroid)
        assert region.class_id == mask[labels == region.label][0]
    assert regions == sorted(regions, key=lambda region: (-region.area, region.label))


def test_corners_count_for_8_alone() -> None:
    mask = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 2]])
    assert label_regions(mask, 8)[1] == 2
    assert label_regions(mask, 4)[1] == 3
    assert label_regions(mask)[1] == 2


def test_a_region_by_hand() -> None:
    mask = np.zeros((5, 6), np.uint8)
    mask[1:3, 2:5] = 3
    mask[4, 0] = 1
    assert find_regions(mask) == [
        Region(label=2, class_id=3, area=6, box=(1, 2, 3, 5), centroid=(1.5, 3.0)),
        Region(label=1, class_id=1, area=1, box=(4, 0, 5, 1), centroid=(4.0, 0.0)),
    ]


@pytest.mark.parametrize("dtype", [bool, np.int64, np.uint16])
def test_any_kind_of_mask(dtype: Any) -> None:
    mask = make_mask("dense")
    assert find_regions(mask.astype(dtype)) == find_regions(mask)
    view = np.repeat(mask, 2, axis=0)[::2].astype(dtype)  # not contiguous
    np.testing.assert_array_equal(label_regions(view)[0], label_regions(mask)[0])


def test_a_mask_without_pixels() -> None:
    labels, count = label_regions(np.zeros((0, 4), np.uint8))
    assert (labels.shape, count) == ((0, 4), 0)
    assert find_regions(np.zeros((0, 4), np.uint8)) == []


@pytest.mark.parametrize("mask", [np.zeros((2, 3)), np.zeros(4, int), np.zeros((2, 3, 1), int)])
@pytest.mark.parametrize("function", [label_regions, find_regions])
def test_what_is_no_mask_is_refused(function: Any, mask: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="expected a mask"):
        function(mask)


@pytest.mark.parametrize("connectivity", [1, 6, "8"])
def test_other_neighbourhoods_are_refused(connectivity: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="connectivity: expected 4 or 8"):
        label_regions(np.ones((2, 2), int), connectivity)
