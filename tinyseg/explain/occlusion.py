"""Explanation by covering parts of the image: no gradient, but one prediction for each place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from tinyseg_kernels.checks import as_pair
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, Pair

from tinyseg.models.model import Model

from .scores import Explanation, at_once, question


def occlusion(
    model: Model,
    image: Array,
    class_index: int | None = None,
    *,
    pixel: Pair | None = None,
    region: Array | None = None,
    size: int | Pair = 16,
    stride: int | Pair | None = None,
    fill: Array | float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Explanation:
    """Return how much the score falls when a part of the image is covered.

    A patch is moved over the image, also over its edges, so that pixels near them are covered as often as others; a
    pixel's value
    is the mean of S(image) - S(covered image) over all patches that cover it. Where the patch is smaller than what the
    network looks for, little happens.

    Source: Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2.

    Args:
        model: From (N, H, W, C) to (N, H, W, K), or to (N, K).
        image: (H, W, C), as the network takes it.
        class_index: The class; that of the highest score when None.
        pixel: (row, column) of the output whose score is explained.
        region: (H, W), True where the score counts; without pixel and region, all pixels that get this class.
        size: Height and width of the patch.
        stride: Steps between patches; half of the size when None.
        fill: What the patch is filled with: a number, (C,), or an image (H, W, C); the image's mean colour when None.
        progress: Called with (done, all).

    Returns:
        Signed values (H, W), in units of the score.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.explain import occlusion
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1)
        >>> occlusion(model, np.ones((8, 6, 1)), 2, size=4, fill=0.0).map.shape
        (8, 6)
    """
    asked = question(model, image, class_index, pixel, region)
    x = asked.x[0]
    size = as_pair("occlusion: size", size)
    steps = as_pair("occlusion: stride", tuple(max(n // 2, 1) for n in size) if stride is None else stride)
    if any(step > n for step, n in zip(steps, size, strict=True)):
        raise InvalidInput(
            f"occlusion: expected strides of at most the size {size}, or pixels are left out; got {steps}"
        )
    paint = np.asarray(x.mean(axis=(0, 1)) if fill is None else fill, x.dtype)
    try:
        cover = np.broadcast_to(paint, x.shape)
    except ValueError:
        raise InvalidInput(f"occlusion: expected a fill for an image of {x.shape}, got {paint.shape}") from None
    places = list(
        product(*(range(step - n, length, step) for n, step, length in zip(size, steps, x.shape, strict=False)))
    )
    total, times = np.zeros(x.shape[:2], np.float64), np.zeros(x.shape[:2], np.int64)
    batch = at_once(x.shape)
    for first in range(0, len(places), batch):
        part = places[first : first + batch]
        windows = [(slice(max(i, 0), i + size[0]), slice(max(j, 0), j + size[1])) for i, j in part]
        covered = np.repeat(asked.x, len(part), axis=0)
        for k, window in enumerate(windows):
            covered[k][window] = cover[window]
        for window, score in zip(windows, asked.scores(covered), strict=True):
            total[window] += asked.score - float(score)
            times[window] += 1
        if progress is not None:
            progress(min(first + batch, len(places)), len(places))
    details = {"patches": len(places), "largest fall": float((total / times).max())}
    return Explanation("occlusion", (total / times).astype(x.dtype), True, asked.target, asked.score, details)
