"""The computed receptive field is the smallest box around the inputs that have a gradient."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.explain.networks import geometries
from tinyseg.explain import effective_receptive_field, receptive_field, receptive_fields
from tinyseg.layers import Conv2D, Dense, Flatten, Input, Layer, MaxPooling2D
from tinyseg.models import Model, Sequential

GEOMETRIES = geometries()


@pytest.mark.parametrize("name", GEOMETRIES)
def test_box_is_what_has_a_gradient(name: str) -> None:
    """For outputs in the corners, at edges and inside: no gradient outside of the box, and its sides are reached."""
    model = GEOMETRIES[name]
    _, height, width, _ = model.output_shape
    for pixel in ((0, 0), (height - 1, width - 1), (height // 2, width // 2), (1, width - 2)):
        field = receptive_field(model, pixel=pixel)
        # Many images: a maximum pooling hands the gradient to one of its inputs at a time.
        seen = effective_receptive_field(model, pixel=pixel, samples=40) > 0
        assert not seen[~field.mask].any(), pixel
        if not field.mask.any():  # nothing but zeros of the padding
            continue
        rows, columns = np.flatnonzero(field.mask.any(axis=1)), np.flatnonzero(field.mask.any(axis=0))
        found = [np.flatnonzero(seen.any(axis=1 - axis)) for axis in (0, 1)]
        assert (found[0][0], found[0][-1], found[1][0], found[1][-1]) == (rows[0], rows[-1], columns[0], columns[-1])


def test_known_sizes_and_strides() -> None:
    """VGG's first blocks, by hand: 3, 5, 6, 10, 14, 16; strides 1, 1, 2, 2, 2, 4."""
    layers = []
    for _ in range(2):
        layers += [Conv2D(1, 3, padding="same"), Conv2D(1, 3, padding="same"), MaxPooling2D(2)]
    model = Sequential([Input((None, None, 1)), *layers])
    fields = receptive_fields(model, image_size=(64, 64))[1:]
    assert [field.size for field in fields] == [(n, n) for n in (3, 5, 6, 10, 14, 16)]
    assert [field.stride for field in fields] == [(n, n) for n in (1, 1, 2, 2, 2, 4)]


def test_padding_counts_in_the_box_and_not_in_the_mask() -> None:
    """The first output of a padded convolution sees one row and one column of zeros."""
    field = receptive_field(Sequential([Input((5, 6, 1)), Conv2D(1, 3, padding="same")]), pixel=(0, -1))
    assert field.box == ((-1, 1), (4, 6))
    assert field.mask.sum() == 4
    assert field.pixel == (0, 5)


class Mirror(Layer):
    """A layer of somebody's own, without a rule: rows in reverse order."""

    def forward(self, x, training=False):  # type: ignore[no-untyped-def]
        """Turn over."""
        return x[:, ::-1], None

    def backward(self, dy, cache, need_dx=True):  # type: ignore[no-untyped-def]
        """Turn back."""
        return dy[:, ::-1], {}


def test_own_layers_are_asked_by_their_backward() -> None:
    """Row 0 of the output is row 8 of the input."""
    model = Sequential([Input((9, 7, 2)), Mirror(), Conv2D(2, 3, padding="same")])
    assert receptive_field(model, pixel=(0, 3)).box == ((7, 8), (2, 4))


def test_after_flatten_all_is_seen() -> None:
    """A dense layer sees the whole image."""
    model = Sequential([Input((9, 7, 2)), Conv2D(2, 3), Flatten(), Dense(3)])
    assert receptive_field(model).box == ((0, 8), (0, 6))
    assert receptive_field(model).pixel is None
    with pytest.raises(InvalidInput, match="no rows and columns"):
        receptive_field(model, pixel=(0, 0))


def test_layers_and_sizes_that_there_are_not() -> None:
    """Each is told."""
    model = Sequential([Input((9, 7, 2)), Conv2D(2, 3, name="first")])
    assert receptive_field(model, "first").size == (3, 3)
    for options, words in (
        ({"layer": "frist"}, "first"),
        ({"pixel": (7, 0)}, "7 x 5"),
        ({"image_size": (10, 7)}, "takes alone"),
    ):
        with pytest.raises(InvalidInput, match=words):
            receptive_field(model, **options)  # type: ignore[arg-type]
    x = Input((4,))
    with pytest.raises(InvalidInput, match="N, H, W, C"):
        receptive_field(Model(x, Dense(2)(x)))


def test_effective_field_of_equal_weights_is_the_number_of_paths() -> None:
    """Three convolutions of ones: the numbers of paths to a pixel are those of (1 1 1) convolved three times."""
    convolutions = [Conv2D(1, 3, kernel_initializer="ones", use_bias=False) for _ in range(3)]
    seen = effective_receptive_field(Sequential([Input((7, 7, 1)), *convolutions]))
    paths = np.convolve(np.convolve([1, 1, 1], [1, 1, 1]), [1, 1, 1])
    np.testing.assert_allclose(seen, np.outer(paths, paths) / paths.max() ** 2, rtol=1e-5)
