"""Class ids to one-hot vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .arguments import checks_arguments


@checks_arguments("utils.to_categorical")
def to_categorical(x: Any, num_classes: int | None = None) -> Array:
    """Turn class ids into one-hot vectors, float32.

    Args:
        x: Integers of any shape; a last axis of length 1 is dropped, as Keras does.
        num_classes: Number of classes; the largest id plus one when None.

    Returns:
        Shape (..., num_classes) with a single 1 in each vector.

    Raises:
        InvalidInput: Ids that are no whole numbers, or not from 0 to num_classes - 1.

    Example:
        >>> from tinyseg.utils import to_categorical
        >>> to_categorical([0, 2], 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    ids = np.asarray(x)
    whole = ids.astype(np.int64) if ids.dtype.kind in "iubf" and np.isfinite(ids).all() else None
    if whole is None or (whole != ids).any():
        raise InvalidInput(f"to_categorical: expected whole numbers, got dtype {ids.dtype}")
    if whole.ndim > 1 and whole.shape[-1] == 1:
        whole = whole[..., 0]
    if num_classes is None:
        num_classes = int(whole.max()) + 1 if whole.size else 0
    if whole.size and (whole.min() < 0 or whole.max() >= num_classes):
        raise InvalidInput(
            f"to_categorical: expected class ids from 0 to {num_classes - 1}, got from {whole.min()} to {whole.max()}"
        )
    return (whole[..., None] == np.arange(num_classes)).astype(np.float32)
