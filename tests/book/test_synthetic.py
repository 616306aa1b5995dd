"""The images that chapter 8 asks its networks: their masks are where the objects are, and of the size that is said."""

import numpy as np
import pytest
from scipy.ndimage import label

from tinyseg.book.synthetic import dots, lines


@pytest.mark.parametrize("make", [lines, dots])
def test_shapes_seeds_and_standardised_images(make):
    """Same seed, same images; another seed, others; each image has mean 0 and standard deviation 1."""
    x, y = make(3, seed=4, size=40)
    assert x.shape == (3, 40, 40, 1)
    assert x.dtype == np.float32
    assert y.shape == (3, 40, 40)
    assert y.dtype == np.uint8
    assert set(np.unique(y)) == {0, 1}
    np.testing.assert_array_equal(x, make(3, seed=4, size=40)[0])
    assert not np.array_equal(y, make(3, seed=5, size=40)[1])
    np.testing.assert_allclose(x.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(axis=(1, 2, 3)), 1, atol=1e-5)


@pytest.mark.parametrize("make", [lines, dots])
def test_objects_are_brighter_than_the_rest(make):
    """The mask lies on the objects of its own image, and not on those of the next one."""
    x, y = make(20, seed=0)
    bright = [image[mask == 1].mean() - image[mask == 0].mean() for image, mask in zip(x[..., 0], y, strict=True)]
    other = [image[mask == 1].mean() - image[mask == 0].mean() for image, mask in zip(x[..., 0], y[::-1], strict=True)]
    assert min(bright) > 0.3
    assert np.mean(bright) > np.mean(other) + 0.5


def test_dots_are_few_and_rare():
    """One to three of them in an image, of about one pixel in a hundred."""
    _, y = dots(60, seed=1)
    assert 0.005 < y.mean() < 0.02
    assert {label(mask)[1] for mask in y} == {1, 2, 3}
