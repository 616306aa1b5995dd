"""The rectifiers: ReLU, LeakyReLU, PReLU, ELU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from tinyseg_kernels.activation import (
    elementwise_backward,
    elementwise_forward,
    leaky_relu_backward,
    leaky_relu_forward,
)
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg import activations, initializers
from tinyseg.activations import ActivationCache
from tinyseg.regularizers import configs, regularizers_of
from tinyseg.utils.types import InitializerLike, JsonObject, LayerOptions, RegularizerLike

from .convolution import known_lengths
from .layer import Gradients, Layer
from .symbolic import Shape
from .weight_attributes import Weight


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


class PReLU(Layer):
    """y = x where x is positive, else alpha * x with a learned alpha.

    dx = dy where x is positive, else alpha * dy; dalpha is the sum of dy * x over all places with this alpha where x is
    below 0. Source: He et al., "Delving Deep into Rectifiers", ICCV 2015.

    Parameters:
        alpha: of the input's shape without the batch, with 1 for each of `shared_axes`. shared_axes=(1, 2) gives one
        for each channel of images, of any size.

    Example:
        >>> from tinyseg.layers import Input, PReLU
        >>> layer = PReLU(shared_axes=(1, 2))
        >>> layer(Input((None, None, 8))).shape, layer.alpha.shape
        ((None, None, None, 8), (1, 1, 8))
    """

    alpha = Weight()

    def __init__(
        self,
        alpha_initializer: InitializerLike = "Zeros",
        alpha_regularizer: RegularizerLike = None,
        shared_axes: int | Sequence[int] | None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer; `shared_axes` counts the batch as 0 and cannot hold it."""
        super().__init__(**common)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.regularizers = regularizers_of(self.label, {"alpha": alpha_regularizer})
        axes = () if shared_axes is None else shared_axes if isinstance(shared_axes, (tuple, list)) else (shared_axes,)
        if not all(isinstance(axis, int) and not isinstance(axis, bool) and axis > 0 for axis in axes):
            raise InvalidInput(f"{self.label}: shared_axes: expected integers of at least 1, got {shared_axes!r}")
        self.shared_axes = tuple(axes)

    def build(self, input_shape: Shape) -> None:
        """Create alpha."""
        if any(axis >= len(input_shape) for axis in self.shared_axes):
            raise InvalidInput(f"{self.label}: shared_axes: {self.shared_axes} are not all axes of {input_shape}")
        own = [k for k in range(1, len(input_shape)) if k not in self.shared_axes]
        advice = "; shared_axes=(1, 2) gives one alpha for each channel"
        known = dict(zip(own, known_lengths(self, input_shape, own, advice), strict=True))
        self.add_parameter("alpha", [known.get(k, 1) for k in range(1, len(input_shape))], self.alpha_initializer)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, FloatArray]:
        """Compute x or alpha * x: the positive part and alpha times the rest."""
        expected = self.parameters["alpha"].shape
        if x.ndim != len(expected) + 1:
            raise InvalidInput(f"{self.label}: expected an input with {len(expected) + 1} axes, got shape {x.shape}")
        for k, (n, own) in enumerate(zip(x.shape[1:], expected, strict=True), 1):
            if own not in (1, n) or (own == 1 != n and k not in self.shared_axes):
                raise InvalidInput(f"{self.label}: expected {own} numbers along axis {k}, got shape {x.shape}")
        return array_module(x).where(x > 0, x, self.parameters["alpha"] * x), x

    def backward(self, dy: FloatArray, cache: FloatArray, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Multiply dy by 1 or alpha, and by x for alpha's gradient."""
        x, alpha = cache, self.parameters["alpha"]
        positive = x > 0
        where = array_module(x).where
        axes = (0, *(k + 1 for k, n in enumerate(alpha.shape) if n == 1 != x.shape[k + 1]))
        dalpha = where(positive, x.dtype.type(0), dy * x).sum(axis=axes, keepdims=True)[0]
        return where(positive, dy, alpha * dy), {"alpha": dalpha}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        shared = list(self.shared_axes) or None
        initializer = initializers.serialize(self.alpha_initializer)
        return {
            **super().get_config(),
            "alpha_initializer": initializer,
            **configs(self.regularizers, ("alpha",)),
            "shared_axes": shared,
        }


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
