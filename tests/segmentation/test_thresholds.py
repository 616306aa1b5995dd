"""Otsu's threshold: against its definition in exact fractions, against scikit-image, and on real micrographs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.filters import threshold_otsu

import tinyseg
from tests.datasets.real import real_data
from tinyseg.datasets import SegmentationFolder
from tinyseg.segmentation import histogram, otsu_threshold, threshold, variance_between_classes

DTYPES = {
    "uint8": st.integers(0, 255),
    "uint16": st.integers(0, 65535),
    "int16": st.integers(-300, 300),
    "int64": st.integers(-5, 40),
}  # fmt: skip
SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12)
integer_images = st.sampled_from(sorted(DTYPES)).flatmap(lambda name: hnp.arrays(name, SHAPES, elements=DTYPES[name]))


def exact_variances(counts: Any, levels: Any) -> dict[float, Fraction]:
    """Return w0 w1 (m0 - m1)^2 without rounding, for a threshold after each level that occurs but the last.

    With n pixels and the sum s of their levels on each side it is (s0 n1 - s1 n0)^2 / (n0 n1 n^2).
    """
    occupied = [(int(counts[k]), Fraction(float(levels[k]))) for k in np.flatnonzero(counts)]
    pixels, total = sum(n for n, _ in occupied), sum(n * level for n, level in occupied)
    variances, n0, s0 = {}, 0, Fraction(0)
    for n, level in occupied[:-1]:
        n0, s0 = n0 + n, s0 + n * level
        n1, s1 = pixels - n0, total - s0
        variances[float(level)] = (s0 * n1 - s1 * n0) ** 2 / (n0 * n1 * pixels**2)
    return variances


def assert_best(image: Any) -> None:
    """Check that no other level separates better than ours, exactly, and that scikit-image's is the same one, or as
    good to the float32 it counts in.
    """
    variances = exact_variances(*histogram(image))
    best = max(variances.values())
    ours, theirs = otsu_threshold(image), float(threshold_otsu(image))
    assert float((best - variances[ours]) / best) < 1e-12
    if theirs != ours:
        before = max(level for level in variances if level <= theirs + 1e-9)
        assert float((best - variances[before]) / best) < 1e-5


@settings(derandomize=True, deadline=None, max_examples=150)
@given(integer_images)
def test_otsu_of_integers(image: Any) -> None:
    if image.min() == image.max():
        assert otsu_threshold(image) == image.flat[0]
    else:
        assert_best(image)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(hnp.arrays(np.float64, SHAPES, elements=st.floats(-8, 8, width=16)))
def test_otsu_of_floats(image: Any) -> None:
    if image.min() == image.max():
        assert otsu_threshold(image) == image.flat[0]
    else:
        assert_best(image)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("seed", range(4))
def test_otsu_of_larger_images_is_scikit_images(dtype: Any, seed: int) -> None:
    """Two overlapping humps have one clear optimum, so that the numbers are the same."""
    rng = np.random.default_rng(seed)
    humps = np.where(
        rng.random((61, 47)) < rng.uniform(0.1, 0.6), rng.normal(70, 12, (61, 47)), rng.normal(160, 25, (61, 47))
    )
    image = np.clip(humps, 0, 255)
    image = (image * 200 if dtype == np.uint16 else image).astype(dtype)
    assert otsu_threshold(image) == pytest.approx(float(threshold_otsu(image)), rel=1e-6)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(hnp.arrays(np.uint8, SHAPES, elements=st.integers(3, 17)))
def test_between_is_total_minus_within(image: Any) -> None:
    """The identity that the method rests on, with both parts computed from the pixels."""
    variance, levels = variance_between_classes(image)
    assert len(variance) == len(levels) == int(image.max()) - int(image.min())
    for value, level in zip(variance, levels, strict=True):
        parts = [image[image <= level], image[image > level]]
        within = sum(part.size * part.var() for part in parts) / image.size
        assert value == pytest.approx(image.var() - within, abs=1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_the_number_of_bins_is_for_floats_alone(dtype: Any, rng: np.random.Generator) -> None:
    image = (rng.random((30, 20)) * 250).astype(dtype)
    counts, levels = histogram(image, bins=10)
    assert counts.sum() == image.size
    assert counts.dtype == np.int64
    if dtype == np.uint8:
        np.testing.assert_array_equal(levels, np.arange(image.min(), image.max() + 1))
        np.testing.assert_array_equal(counts, [(image == level).sum() for level in levels])
    else:
        edges = np.linspace(image.min(), image.max(), 11)
        np.testing.assert_allclose(levels, (edges[:-1] + edges[1:]) / 2, rtol=1e-5)
        assert otsu_threshold(image, bins=10) in levels


@pytest.mark.parametrize("value", [0, 7, 255])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64, np.int32])
def test_an_image_of_one_level_gives_that_level(value: int, dtype: Any) -> None:
    image = np.full((3, 5), value, dtype)
    assert otsu_threshold(image) == value
    assert not threshold(image, otsu_threshold(image)).any()


def test_truth_values_are_split_between_them() -> None:
    image = np.array([[True, False, True]])
    assert otsu_threshold(image) == 0
    np.testing.assert_array_equal(threshold(image, 0), image)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("base", [1.0, 1e-30, 3e5])
def test_levels_that_almost_coincide_are_split(dtype: Any, base: float) -> None:
    """There is no room for 256 bins between neighbouring floats."""
    low = dtype(base)
    high = np.nextafter(low, dtype(np.inf))
    image = np.array([[low, high, high], [low, low, high]])
    np.testing.assert_array_equal(threshold(image, otsu_threshold(image)), image == high)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_brighter_means_above_the_value(dtype: Any) -> None:
    image = np.array([[3, 4, 5], [4, 0, 9]], dtype)
    np.testing.assert_array_equal(threshold(image, 4), [[False, False, True], [False, False, True]])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("fill", [0.5, None], ids=["one pixel", "every pixel"])
def test_nan_and_infinity_are_refused(bad: float, fill: float | None) -> None:
    image = np.full((4, 5), bad if fill is None else fill)
    image[2, 1] = bad
    with pytest.raises(tinyseg.InvalidInput, match="NaN or infinity"):
        otsu_threshold(image)


@pytest.mark.parametrize(
    "image",
    [np.zeros((0, 4)), np.array([["a"]]), np.array([[1j]]), np.array([[None]])],
    ids=["empty", "text", "complex", "objects"],
)
@pytest.mark.parametrize("function", [otsu_threshold, histogram, lambda image: threshold(image, 1)])
def test_what_is_no_image_is_refused(function: Any, image: Any) -> None:
    with pytest.raises(tinyseg.InvalidInput, match="image of numbers"):
        function(image)


def test_a_range_too_wide_to_count_is_refused() -> None:
    with pytest.raises(tinyseg.InvalidInput, match="grey levels"):
        histogram(np.array([0, 1 << 24]))


def test_dice_on_real_nuclei() -> None:
    """Per-image Otsu reaches 0.854 on the test images, pixels pooled, and 0.886 as a mean over images."""
    samples = SegmentationFolder(real_data("nuclei256")).samples("test")
    both, total, single = 0, 0, []
    for k in range(len(samples)):
        image, ids = samples[k]
        grey = np.rint(image[..., 0] * 255).astype(np.uint8)
        mask, truth = threshold(grey, otsu_threshold(grey)), ids == 1
        overlap, size = int((mask & truth).sum()), int(mask.sum() + truth.sum())
        single.append(2 * overlap / size)
        both, total = both + overlap, total + size
    assert len(samples) == 50
    assert 2 * both / total == pytest.approx(0.854, abs=0.001)
    assert np.mean(single) == pytest.approx(0.886, abs=0.001)
