"""Dense."""

from __future__ import annotations

from typing import TypeAlias, Unpack

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.dense import dense_backward, dense_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg import activations, initializers
from tinyseg.activations import ActivationCache
from tinyseg.regularizers import configs, regularizers_of
from tinyseg.utils.arguments import Count
from tinyseg.utils.types import ActivationLike, InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .convolution import as_count
from .layer import Gradients, Layer
from .symbolic import Shape
from .weight_attributes import Weight

DenseCache: TypeAlias = tuple[Kept, ActivationCache]
"""Of the matrix product, and of the activation."""


class Dense(Layer):
    """Every output sees every input: y = activation(x @ kernel + bias).

    Input shape:
        (N, D), or (N, ..., D): applied to the last axis
    Output shape:
        (N, units), or (N, ..., units)
    Parameters:
        kernel (D, units) and, with use_bias, bias (units,).

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense
        >>> layer = Dense(2, kernel_initializer="ones")
        >>> layer(np.array([[1.0, 2.0, 3.0]]))
        array([[6., 6.]])
        >>> layer.kernel.shape, layer.bias.shape
        ((3, 2), (2,))
    """

    kernel, bias = Weight(), Weight()

    def __init__(
        self,
        units: Count,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; the parameters are created at the first use."""
        super().__init__(**common)
        self.units = as_count(f"{self.label}: units", units)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.regularizers = regularizers_of(self.label, {"kernel": kernel_regularizer, "bias": bias_regularizer})

    def build(self, input_shape: Shape) -> None:
        """Create kernel and bias."""
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise InvalidInput(
                f"{self.label}: the length of the last axis must be known, got shape {input_shape}; "
                "give Input a fixed height and width, or use GlobalAveragePooling2D instead of Flatten"
            )
        self.add_parameter("kernel", (input_shape[-1], self.units), self.kernel_initializer)
        if self.use_bias:
            self.add_parameter("bias", (self.units,), self.bias_initializer)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape with `units` in the last axis."""
        return (*input_shape[:-1], self.units)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, DenseCache]:
        """Compute activation(x @ kernel + bias)."""
        kernel = self.parameters["kernel"]
        if x.shape[-1] != kernel.shape[0]:
            raise InvalidInput(
                f"{self.label}: expected {kernel.shape[0]} numbers in the last axis, got shape {x.shape}"
            )
        relu = self.activation is activations.RELU
        y, dense = dense_forward(x, kernel, self.parameters.get("bias"), relu=relu)
        y, activation = (y, None) if relu else self.activation.forward(y)
        return y, (dense, activation)

    def backward(self, dy: FloatArray, cache: DenseCache, need_dx: bool = True) -> tuple[FloatArray | None, Gradients]:
        """Go back through the activation, then through the matrix product."""
        dense, activation = cache
        if self.activation is not activations.RELU:  # the operation did a ReLU's part itself
            dy = self.activation.backward(dy, activation)
        dx, dkernel, dbias = dense_backward(dy, dense, need_dx=need_dx)
        return dx, {"kernel": dkernel} if dbias is None else {"kernel": dkernel, "bias": dbias}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            **configs(self.regularizers, ("kernel", "bias")),
        }
