"""A word about a softmax over a single number, which is 1 whatever comes in."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .layer import Layer
    from .symbolic import Shape


def warn_of_constant_softmax(layer: Layer, shape: Shape) -> None:
    """Warn, as Keras does, when a layer with an output of this shape computes a softmax along an axis of length 1."""
    axis = getattr(layer, "softmax_axis", None)
    if getattr(getattr(layer, "activation", None), "name", None) == "softmax":
        axis = -1
    if axis is not None and -len(shape) <= axis < len(shape) and shape[axis] == 1:
        warnings.warn(
            f"{layer.label}: a softmax over axis {axis} of an output of shape {shape} is always 1, since that axis has length 1: "
            "use activation='sigmoid' for one class, or two channels",
            UserWarning,
            stacklevel=4,
        )
