"""The arrays of a layer under Keras's names: `layer.kernel`, `layer.bias`, `layer.gamma`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.variable import Variable

if TYPE_CHECKING:
    from .layer import Layer


class WeightError(InvalidInput, AttributeError):
    """A weight that is not there yet, or cannot be set like this; an AttributeError too, so that `hasattr` works."""


class Weight:
    """A parameter or an array of the state as an attribute: the array itself, None where the layer has none.

    On the host it comes with Keras's `assign`, which changes it in place.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the attribute's name, which is that of the array."""
        self.name = name

    def __get__(self, layer: Layer | None, owner: type | None = None) -> Any:
        """Return the array."""
        if layer is None:
            return self
        if self.name in layer.__dict__:  # a class derived from this one has one of its own
            return layer.__dict__[self.name]
        array = layer.parameters.get(self.name, layer.state.get(self.name))
        if array is None and not layer.built:
            raise WeightError(f"{layer.label}: {self.name} is made when the layer is built: give it an input first")
        return array.view(Variable) if isinstance(array, np.ndarray) else array

    def __set__(self, layer: Layer, value: object) -> None:
        """Let `layer.kernel += ...` be, which has changed the array in place; anything else would not be obeyed."""
        array = layer.parameters.get(self.name, layer.state.get(self.name))
        if layer.checked:
            layer.__dict__[self.name] = value
        elif array is None or (value is not array and getattr(value, "base", None) is not array):
            raise WeightError(
                f"{layer.label}: {self.name} is one of the layer's weights: write layer.{self.name}[...] = values, "
                f"layer.{self.name}.assign(values) or layer.set_weights(...)"
            )
