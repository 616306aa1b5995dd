"""Activations as layers of their own: Activation, Softmax."""

from __future__ import annotations

from typing import Unpack

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.softmax import softmax_backward, softmax_forward
from tinyseg_kernels.types import FloatArray

from tinyseg import activations
from tinyseg.activations import ActivationCache
from tinyseg.utils.types import ActivationLike, JsonObject, LayerOptions

from .layer import Gradients, Layer
from .symbolic import Shape


class Activation(Layer):
    """An activation by its name; the shape stays.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Activation
        >>> Activation("relu")(np.array([[-1.0, 0.0, 2.0]]))
        array([[0., 0., 2.]])
    """

    def __init__(self, activation: ActivationLike, **common: Unpack[LayerOptions]) -> None:
        """Make the layer for 'relu', 'softmax', ... or an `ActivationFunction`."""
        super().__init__(**common)
        self.activation = activations.get(activation)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, ActivationCache]:
        """Compute activation(x)."""
        return self.activation.forward(x)

    def backward(self, dy: FloatArray, cache: ActivationCache, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Multiply dy by the activation's derivative."""
        return self.activation.backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class Softmax(Layer):
    """y = exp(x) / sum of exp(x) over an axis: numbers to probabilities.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Softmax
        >>> Softmax()(np.array([[1.0, 1.0, 1.0, 1.0]]))
        array([[0.25, 0.25, 0.25, 0.25]])
    """

    def __init__(self, axis: int = -1, **common: Unpack[LayerOptions]) -> None:
        """Make the layer."""
        super().__init__(**common)
        self.axis = self.softmax_axis = int(axis)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise InvalidInput(
                f"{self.label}: axis: expected from {-len(input_shape)} to {len(input_shape) - 1} for an input of shape {input_shape}, got {self.axis}"
            )
        return input_shape

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Compute the probabilities."""
        return softmax_forward(x, axis=self.axis)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Return y * (dy - sum of dy * y)."""
        return softmax_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "axis": self.axis}
