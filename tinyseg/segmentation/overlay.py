"""Masks in colour, over the images they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.datasets.palette import Color, default_colors, void_color
from tinyseg.utils.types import ArrayLike


def color_mask(mask: ArrayLike, colors: Sequence[Color] | None = None) -> Array:
    """Return the classes' colours (H, W, 3) uint8.

    Ids without a colour, void (255) among them, get one that no class has: mid-grey if it is free.

    Example:
        >>> from tinyseg.segmentation import color_mask
        >>> color_mask([[0, 1]], colors=[(0, 0, 0), (255, 128, 0)])[0].tolist()
        [[0, 0, 0], [255, 128, 0]]
    """
    mask = _ids(mask)
    chosen = default_colors(32) if colors is None else colors
    table = np.full((256, 3), void_color(chosen), np.uint8)
    table[: len(chosen)] = np.array(chosen, np.uint8).reshape(-1, 3)
    return table[mask]


def as_rgb(image: ArrayLike) -> Array:
    """Return an image for the eye, (H, W, 3) uint8.

    Bytes as they are, floats from 0 to 1, anything beyond stretched to its range.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import as_rgb
        >>> as_rgb(np.array([[0.0, 1.0]]))[0].tolist()
        [[0, 0, 0], [255, 255, 255]]
    """
    image = np.asarray(image)
    if image.ndim == 2:
        image = image[:, :, None]
    if image.ndim != 3 or image.shape[2] not in (1, 3):
        raise InvalidInput(f"expected an image (H, W), (H, W, 1) or (H, W, 3), got shape {image.shape}")
    if image.dtype != np.uint8:
        low, high = float(image.min(initial=0.0)), float(image.max(initial=0.0))
        if low < 0.0 or high > 1.0:
            image = (image - low) / max(high - low, 1e-12)
        image = np.rint(image * 255).astype(np.uint8)
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


def brighten(image: Array) -> Array:
    """Stretch an image (H, W, C) of floats so that its 0.5 and 99.5 percentiles become 0 and 1.

    Dark micrographs become visible.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import brighten
        >>> dark = np.linspace(0.1, 0.2, 1000).reshape(10, 100, 1)
        >>> bright = brighten(dark)
        >>> float(bright.min()), float(bright.max())
        (0.0, 1.0)
    """
    low, high = np.percentile(image, (0.5, 99.5))
    return np.clip((image - low) / max(float(high - low), 1e-12), 0.0, 1.0).astype(np.float32)


def boundaries(mask: ArrayLike) -> Array:
    """Return which pixels have a right or lower neighbour of another class, (H, W) bool.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import boundaries
        >>> boundaries(np.array([[0, 0, 1], [0, 0, 1]])).astype(int)
        array([[0, 1, 0],
               [0, 1, 0]])
    """
    mask = _ids(mask)
    edges = np.zeros(mask.shape, bool)
    edges[:, :-1] |= mask[:, :-1] != mask[:, 1:]
    edges[:-1] |= mask[:-1] != mask[1:]
    return edges


def overlay(image: ArrayLike, mask: ArrayLike, colors: Sequence[Color] | None = None, alpha: float = 0.45) -> Array:
    """Lay a mask's colours over an image; the background stays clear, boundaries are drawn full.

    The background is class 0, when its colour is black.

    Args:
        image: (H, W), (H, W, 1) or (H, W, 3); bytes, or floats from 0 to 1.
        mask: Class ids (H, W).
        colors: One per class.
        alpha: Share of the colour, 0 to 1.

    Returns:
        (H, W, 3) uint8.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import overlay
        >>> overlay(np.zeros((4, 4)), np.zeros((4, 4), int)).shape
        (4, 4, 3)
    """
    rgb, mask = as_rgb(image), _ids(mask)
    if rgb.shape[:2] != mask.shape:
        raise InvalidInput(f"overlay: expected a mask of the image's size {rgb.shape[:2]}, got {mask.shape}")
    paint = color_mask(mask, colors)
    share = np.where(paint.any(axis=2) & (mask != 255), alpha, 0.0)
    share[boundaries(mask) & (share > 0)] = 1.0
    return np.rint(rgb * (1 - share[..., None]) + paint * share[..., None]).astype(np.uint8)


def _ids(mask: ArrayLike) -> Array:
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype.kind not in "iub" or mask.min(initial=0) < 0 or mask.max(initial=0) > 255:
        raise InvalidInput(f"expected a mask (H, W) of class ids from 0 to 255, got shape {mask.shape} of {mask.dtype}")
    return mask.astype(np.uint8)
