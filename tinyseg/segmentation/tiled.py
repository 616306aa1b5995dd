"""Predictions for images of any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

if TYPE_CHECKING:
    from tinyseg.models.model import Model


def predict_image(model: Model, image: Array, *, multiple_of: int = 1, tile: int = 512, overlap: int = 64) -> Array:
    """Return a network's output for one image of any size.

    A small image is filled up to the next multiple of `multiple_of` by reflection at its edges, run whole, and cut
    back. A larger one is cut into tiles that overlap; where they do, their outputs are blended with weights that fall
    towards the tiles' edges, because a convolution near an edge has seen zeros instead of the image.

    Args:
        model: A network from (N, H, W, C) to (N, H, W, K), for any H and W or for one fixed size, which is then the
            tile's.
        image: (H, W, C), normalised as in training.
        multiple_of: What the network's height and width must be multiples of.
        tile: Largest height and width to run at once; bounds the memory.
        overlap: Pixels that neighbouring tiles share.

    Returns:
        (H, W, K).

    Raises:
        InvalidInput: An image with other axes or channels than the network's.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.segmentation import predict_image
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1)
        >>> predict_image(model, np.zeros((30, 21, 1), "float32"), multiple_of=2).shape
        (30, 21, 3)
    """
    expected = model.inputs[0].shape[1:]
    if image.ndim != 3 or (expected[2] is not None and image.shape[2] != expected[2]):
        raise InvalidInput(f"predict_image: expected an image (H, W, {expected[2]}), got shape {image.shape}")
    if tile < multiple_of or not 0 <= overlap < tile:
        raise InvalidInput(
            f"predict_image: expected 0 <= overlap < tile and tile >= {multiple_of}, got {overlap}, {tile}"
        )
    size = [
        fixed if fixed is not None else min(up_to_multiple(n, multiple_of), tile // multiple_of * multiple_of)
        for n, fixed in zip(image.shape[:2], expected[:2], strict=True)
    ]
    full = [max(up_to_multiple(n, multiple_of), s) for n, s in zip(image.shape[:2], size, strict=True)]
    filled = reflected(image, full)
    starts = [_starts(n, s, min(overlap, s // 2), multiple_of) for n, s in zip(full, size, strict=True)]
    if len(starts[0]) == len(starts[1]) == 1:
        return _run(model, filled)[: image.shape[0], : image.shape[1]]
    weight = np.minimum.outer(_ramp(size[0]), _ramp(size[1]))[..., None]
    total, weights = None, np.zeros((*full, 1), np.float32)
    for top in starts[0]:
        for left in starts[1]:
            window = (slice(top, top + size[0]), slice(left, left + size[1]))
            y = _run(model, filled[window])
            if total is None:
                total = np.zeros((*full, y.shape[2]), y.dtype)
            total[window] += y * weight
            weights[window] += weight
    assert total is not None
    return (total / weights)[: image.shape[0], : image.shape[1]]


def predict_mask(model: Model, image: Array, **options: int) -> Array:
    """Return the class of each pixel, (H, W) uint8; see `predict_image`.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import FCN
        >>> from tinyseg.segmentation import predict_mask
        >>> model = FCN((None, None, 1), classes=3, filters=4, depth=1)
        >>> mask = predict_mask(model, np.zeros((30, 21, 1), "float32"), multiple_of=2)
        >>> mask.shape, mask.dtype
        ((30, 21), dtype('uint8'))
    """
    return predict_image(model, image, **options).argmax(axis=-1).astype(np.uint8)


def _run(model: Model, image: Array) -> Array:
    y = np.asarray(model.predict_on_batch(image[None]))[0]
    if y.shape[:2] != image.shape[:2]:
        raise InvalidInput(
            f"predict_image: expected a network with the output's size equal to the input's, got {y.shape}"
        )
    return y


def up_to_multiple(n: int, multiple_of: int) -> int:
    """Return the next multiple, or the number itself if it is one."""
    return -(-n // multiple_of) * multiple_of


def reflected(image: Array, size: Sequence[int]) -> Array:
    """Fill an image (H, W, C) up to a height and width, below and to the right, by reflection at its edges."""
    # 'reflect' repeats as often as needed, but has nothing to reflect in an axis of one pixel.
    for axis in (0, 1):
        extra = size[axis] - image.shape[axis]
        if extra:
            widths = [(0, extra) if a == axis else (0, 0) for a in range(3)]
            image = np.pad(image, widths, mode="reflect" if image.shape[axis] > 1 else "edge")
    return image


def _starts(length: int, size: int, overlap: int, grid: int) -> list[int]:
    """Return where tiles begin so that they cover the length; the last one ends at its end.

    All begin on the grid of the network's poolings, or a tile would pool other pixels together than its neighbours do.
    """
    if length <= size:
        return [0]
    step = max((size - overlap) // grid, 1) * grid
    return [*range(0, length - size, step), length - size]


def _ramp(size: int) -> Array:
    """Return weights that rise from 1 at the edges to the middle."""
    return np.minimum(np.arange(1, size + 1), np.arange(size, 0, -1)).astype(np.float32)
