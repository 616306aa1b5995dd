"""Connected regions: from pixels of a class to things that can be counted and measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.types import ArrayLike


@dataclass(frozen=True)
class Region:
    """A connected group of pixels of one class.

    Attributes:
        label: Its number in the label image, from 1.
        class_id: Its class.
        area: Number of pixels.
        box: (top, left, bottom, right); bottom and right are the first row and column outside.
        centroid: Mean (row, column).

    Example:
        >>> from tinyseg.segmentation import find_regions
        >>> (region,) = find_regions([[0, 1, 1], [0, 1, 1]])
        >>> region.area, region.box, region.centroid
        (4, (0, 1, 2, 3), (0.5, 1.5))
    """

    label: int
    class_id: int
    area: int
    box: tuple[int, int, int, int]
    centroid: tuple[float, float]


def label_regions(mask: ArrayLike, connectivity: int = 8) -> tuple[Array, int]:
    """Number the connected regions of a mask.

    Args:
        mask: bool or class ids (H, W); 0 is the background. Neighbours belong together when they have the same class.
        connectivity: 4 (neighbours share an edge) or 8 (or a corner).

    Returns:
        labels (H, W) int32, 0 for the background and 1 to n for the regions, and n. The regions of the smallest class
        come first.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import label_regions
        >>> labels, count = label_regions(np.array([[1, 1, 0, 1]]))
        >>> labels, count
        (array([[1, 1, 0, 2]], dtype=int32), 2)
    """
    from scipy.ndimage import generate_binary_structure, label

    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype.kind not in "iub":
        raise InvalidInput(f"expected a mask (H, W) of class ids or bool, got shape {mask.shape} of {mask.dtype}")
    if connectivity not in (4, 8):
        raise InvalidInput(f"connectivity: expected 4 or 8, got {connectivity!r}")
    structure = generate_binary_structure(2, 1 if connectivity == 4 else 2)
    labels, total = np.zeros(mask.shape, np.int32), 0
    for class_id in np.unique(mask[mask != 0]):
        own, count = label(mask == class_id, structure)
        labels += np.where(own > 0, own + total, 0).astype(np.int32)
        total += count
    return labels, total


def find_regions(mask: ArrayLike, connectivity: int = 8, min_area: int = 1) -> list[Region]:
    """Return the connected regions of a mask, largest first; those below `min_area` pixels are left out.

    Example:
        >>> import numpy as np
        >>> from tinyseg.segmentation import find_regions
        >>> [r.area for r in find_regions(np.array([[1, 1, 0], [0, 0, 0], [0, 1, 0]]))]
        [2, 1]
    """
    from scipy.ndimage import find_objects

    mask = np.asarray(mask)
    labels, count = label_regions(mask, connectivity)
    if count == 0:
        return []
    regions = []
    for k, window in enumerate(find_objects(labels), start=1):
        rows, columns = np.nonzero(labels[window] == k)
        top, left = window[0].start, window[1].start
        class_id = int(mask[window][rows[0], columns[0]])
        centroid = (float(rows.mean() + top), float(columns.mean() + left))
        box = (top, left, window[0].stop, window[1].stop)
        regions.append(Region(k, class_id, len(rows), box, centroid))
    return sorted((r for r in regions if r.area >= min_area), key=lambda r: (-r.area, r.label))
