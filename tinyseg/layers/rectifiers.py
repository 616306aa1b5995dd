"""The rectifiers: ReLU, LeakyReLU, ELU."""

from __future__ import annotations

from typing import Unpack

from tinyseg_kernels.activation import (
    elementwise_backward,
    elementwise_forward,
    leaky_relu_backward,
    leaky_relu_forward,
)
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg import activations
from tinyseg.activations import ActivationCache
from tinyseg.utils.types import JsonObject, LayerOptions

from .layer import Gradients, Layer


class ReLU(Layer):
    """y = max(x, 0), and with the arguments more than that.

        y = max_value                            from max_value on
        y = x                                    above the threshold
        y = negative_slope * (x - threshold)     below it

    The gradient at a kink is that of the flat side: at exactly 0 it is 0. ReLU6 of MobileNet is `ReLU(max_value=6)`.
    Source: Nair and Hinton, ICML 2010; Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", 2010 (ReLU6).

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import ReLU
        >>> ReLU()(np.array([[-1.0, 0.0, 2.0]]))
        array([[0., 0., 2.]])
        >>> ReLU(max_value=6)(np.array([[-1.0, 3.0, 9.0]]))
        array([[0., 3., 6.]])
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer.

        Args:
            max_value: The largest y; None for no limit.
            negative_slope: The slope below the threshold.
            threshold: Where the slope 1 begins.
            **common: name, trainable, dtype, input_shape (see `Layer`).

        Raises:
            InvalidInput: A negative number.
        """
        super().__init__(**common)
        given = {"max_value": max_value, "negative_slope": negative_slope, "threshold": threshold}
        for name, value in given.items():
            if value is not None and not value >= 0:
                raise InvalidInput(f"{self.label}: {name}: expected a number of at least 0, got {value!r}")
        self.max_value = None if max_value is None else float(max_value)
        self.negative_slope, self.threshold = float(negative_slope), float(threshold)
        self.activation = activations.relu_with(self.negative_slope, self.max_value, self.threshold)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, ActivationCache]:
        """Compute the function."""
        return self.activation.forward(x)

    def backward(self, dy: FloatArray, cache: ActivationCache, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Multiply dy by the slope."""
        return self.activation.backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        own = {"max_value": self.max_value, "negative_slope": self.negative_slope, "threshold": self.threshold}
        return {**super().get_config(), **own}


class LeakyReLU(Layer):
    """y = x where x is positive, else negative_slope * x. Source: Maas et al., ICML 2013.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import LeakyReLU
        >>> LeakyReLU(negative_slope=0.5)(np.array([[-2.0, 0.0, 3.0]]))
        array([[-1.,  0.,  3.]])
    """

    def __init__(self, negative_slope: float = 0.3, **common: Unpack[LayerOptions]) -> None:
        """Make the layer."""
        super().__init__(**common)
        self.negative_slope = float(negative_slope)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Compute x or negative_slope * x."""
        return leaky_relu_forward(x, negative_slope=self.negative_slope)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Multiply dy by 1 or the slope."""
        return leaky_relu_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


class ELU(Layer):
    """y = x where x is positive, else alpha * (exp(x) - 1).

    Source: Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", ICLR 2016.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import ELU
        >>> ELU(alpha=2.0)(np.array([[-50.0, 0.0, 3.0]]))
        array([[-2.,  0.,  3.]])
    """

    def __init__(self, alpha: float = 1.0, **common: Unpack[LayerOptions]) -> None:
        """Make the layer; y goes to -alpha for small x."""
        super().__init__(**common)
        self.alpha = float(alpha)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Compute x or alpha * (exp(x) - 1)."""
        return elementwise_forward(x, function="elu", alpha=self.alpha)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Multiply dy by 1 or alpha * exp(x)."""
        return elementwise_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "alpha": self.alpha}
