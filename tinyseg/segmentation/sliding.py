"""A classifier of patches at every place of an image: by sliding it, and by the network that it is made into."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.checks import as_pair
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray, Pair

if TYPE_CHECKING:
    from tinyseg.models.model import Model

PATCHES_AT_ONCE = 256


def slide_classifier(
    model: Model, image: Array, step: int | Pair = 1, progress: Callable[[int, int], None] | None = None
) -> FloatArray:
    """Return a classifier's scores for the patch at every `step` pixels: the slow way, patch by patch.

    Args:
        model: From patches (N, h, w, C) to (N, K).
        image: (H, W, C) of at least the patch's size.
        step: Pixels between patches, down and to the right.
        progress: Called with (done, all) patches.

    Returns:
        (R, S, K), R = (H - h) // step + 1: place (r, s) is of the patch that begins at (r * step, s * step).

    Raises:
        InvalidInput: An image that is smaller than a patch, or of other channels.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Flatten, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.segmentation import slide_classifier
        >>> slide_classifier(Sequential([Input((4, 4, 1)), Flatten(), Dense(2)]), np.zeros((7, 6, 1)), step=3).shape
        (2, 1, 2)
    """
    height, width = _patch(model, image)
    down, right = as_pair("slide_classifier: step", step)
    views = np.lib.stride_tricks.sliding_window_view(image, (height, width), axis=(0, 1))[::down, ::right]
    rows, columns = views.shape[:2]
    found = []
    for first in range(0, rows * columns, PATCHES_AT_ONCE):
        places = np.unravel_index(np.arange(first, min(first + PATCHES_AT_ONCE, rows * columns)), (rows, columns))
        part = np.ascontiguousarray(views[places].transpose(0, 2, 3, 1))  # the windows' axes stand last
        found.append(np.asarray(model.predict_on_batch(part)))
        if progress is not None:
            progress(min(first + PATCHES_AT_ONCE, rows * columns), rows * columns)
    return np.concatenate(found).reshape(rows, columns, -1)


def dense_scores(convolutional: Model, image: Array, patch: int | Pair) -> FloatArray:
    """Return the scores of a convolutionalized classifier for the patch at every pixel.

    The network gives a score every `stride` pixels; run on the image moved by each offset below the stride, it gives
    those between as well (shift and stitch), which are put in their places.

    Source: Sermanet et al., "OverFeat", ICLR 2014, section 3.3; Long, Shelhamer, Darrell, CVPR 2015, section 3.2.

    Args:
        convolutional: From `tinyseg.models.convolutionalize`.
        image: (H, W, C) of at least the patch's size.
        patch: Height and width of the classifier's patch.

    Returns:
        (H - h + 1, W - w + 1, K): what `slide_classifier` gives with step 1.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Flatten, Input, MaxPooling2D
        >>> from tinyseg.models import Sequential, convolutionalize
        >>> from tinyseg.segmentation import dense_scores, slide_classifier
        >>> model = Sequential([Input((4, 4, 1)), MaxPooling2D(2), Flatten(), Dense(2)])
        >>> image = np.random.default_rng(0).random((9, 8, 1), dtype="float32")
        >>> found = dense_scores(convolutionalize(model), image, 4)
        >>> found.shape, bool(np.allclose(found, slide_classifier(model, image), atol=1e-6))
        ((6, 5, 2), True)
    """
    height, width = as_pair("dense_scores: patch", patch)
    if image.ndim != 3 or image.shape[0] < height or image.shape[1] < width:
        raise InvalidInput(f"dense_scores: expected an image of at least {height} x {width}, got shape {image.shape}")
    down, right = (_stride(convolutional, (height, width), axis) for axis in (0, 1))
    rows, columns = image.shape[0] - height + 1, image.shape[1] - width + 1
    result: FloatArray | None = None
    for top in range(min(down, rows)):
        for left in range(min(right, columns)):
            y = np.asarray(convolutional.predict_on_batch(np.ascontiguousarray(image[None, top:, left:])))[0]
            if result is None:
                result = np.empty((rows, columns, y.shape[2]), y.dtype)
            place = result[top::down, left::right]
            place[:] = y[: place.shape[0], : place.shape[1]]
    assert result is not None
    return result


def _stride(convolutional: Model, patch: Pair, axis: int) -> int:
    """Return how many pixels further the third score is than the second one.

    Not from the first to the second: a patch may have pixels at its end that no pooling takes.
    """
    channels, extra, beginnings = convolutional.inputs[0].shape[3], 0, list[int]()
    while len(beginnings) < 2:
        extra += 1
        size = [n + (extra if k == axis else 0) for k, n in enumerate(patch)]
        if convolutional.compute_output_shape((1, *size, channels))[1 + axis] == len(beginnings) + 2:
            beginnings.append(extra)
    return beginnings[1] - beginnings[0]


def _patch(model: Model, image: Array) -> Pair:
    shape = model.inputs[0].shape
    if len(shape) != 4 or None in shape[1:] or len(model.outputs[0].shape) != 2:
        raise InvalidInput(f"slide_classifier: expected a classifier (N, h, w, C) -> (N, K), got {shape}")
    height, width, channels = (int(n or 0) for n in shape[1:])
    if image.ndim != 3 or image.shape[2] != channels or image.shape[0] < height or image.shape[1] < width:
        raise InvalidInput(
            f"slide_classifier: expected an image of at least {height} x {width} x {channels}, got {image.shape}"
        )
    return height, width
