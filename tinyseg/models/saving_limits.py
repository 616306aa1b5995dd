"""A model file may not ask for more memory than it fills: a few letters in it can make a layer of any size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg import layers as all_layers
from tinyseg.layers.layer import Layer
from tinyseg.utils.types import InitializerLike

from .architecture import from_architecture

SLACK = 1 << 24
"""Numbers that are not missed: a model with a few too many is made, and then it can be said which arrays do not fit."""


def check_size(description: Any, tensors: Mapping[str, Array], custom_objects: Mapping[str, object]) -> None:
    """Draw the network once with layers that count their parameters instead of creating them.

    Layers of the caller's own are left as they are: they may do something else with an array than to keep it.

    Raises:
        InvalidInput: The layers have many more parameters than there are numbers in the file.
    """
    left = SLACK + sum(array.size for array in tensors.values())

    def count(layer: Layer, name: str, shape: Sequence[int], initializer: InitializerLike) -> None:
        nonlocal left
        left -= math.prod(shape)
        if left < 0:
            raise InvalidInput(f"{layer.label}: {name} of shape {tuple(shape)}: more than there is in the file")

    counting = {
        name: type(name, (cls,), {"add_parameter": count, "add_state": count})
        for name, cls in vars(all_layers).items()
        if name in all_layers.__all__ and isinstance(cls, type) and issubclass(cls, Layer)
    }
    from_architecture(description, counting | dict(custom_objects))
