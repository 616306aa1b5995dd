"""MaxPooling2D and AveragePooling2D."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Unpack

from tinyseg_kernels.avg_pool2d import avg_pool2d_backward, avg_pool2d_forward
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import as_padding, as_pair
from tinyseg_kernels.max_pool2d import max_pool2d_backward, max_pool2d_forward
from tinyseg_kernels.types import FloatArray, Padding, Pair

from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last, window_output_shape
from .layer import Gradients, Layer
from .symbolic import Shape


class Pooling2D(Layer):
    """One number per window and channel; the subclasses say which.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, OH, OW, C)
    """

    expected_rank: ClassVar[int | None] = 4
    operation_forward: ClassVar[Callable[..., tuple[FloatArray, Kept]]]
    operation_backward: ClassVar[Callable[..., FloatArray]]

    def __init__(
        self,
        pool_size: int | Pair = (2, 2),
        strides: int | Pair | None = None,
        padding: Padding = "valid",
        data_format: str | None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer.

        Args:
            pool_size: Height and width of the window.
            strides: Steps between windows; pool_size when None.
            padding: 'valid', 'same' or explicit pairs. Padded positions never win a maximum and are not counted in an
                average.
            data_format: None or 'channels_last'.
            **common: name, dtype, input_shape (see `Layer`).
        """
        super().__init__(**common)
        require_channels_last(data_format)
        self.pool_size = as_pair(f"{self.label}: pool_size", pool_size)
        self.strides = self.pool_size if strides is None else as_pair(f"{self.label}: strides", strides)
        self.padding = as_padding(f"{self.label}: padding", padding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, OH, OW, C)."""
        return window_output_shape(
            self, input_shape, self.pool_size, self.strides, self.padding, (1, 1), input_shape[-1]
        )

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Pool every window."""
        return type(self).operation_forward(x, pool_size=self.pool_size, strides=self.strides, padding=self.padding)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Hand dy back to the pixels that it came from."""
        return type(self).operation_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        padding = self.padding if isinstance(self.padding, str) else [list(pair) for pair in self.padding]
        return {
            **super().get_config(),
            "pool_size": list(self.pool_size),
            "strides": list(self.strides),
            "padding": padding,
        }


class MaxPooling2D(Pooling2D):
    """The largest number of each window; the gradient goes to where it stood (the first one of a tie).

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import MaxPooling2D
        >>> x = np.arange(16.0).reshape(1, 4, 4, 1)
        >>> MaxPooling2D(2)(x)[0, :, :, 0]
        array([[ 5.,  7.],
               [13., 15.]])
    """

    operation_forward = staticmethod(max_pool2d_forward)
    operation_backward = staticmethod(max_pool2d_backward)


class AveragePooling2D(Pooling2D):
    """The mean of each window; the gradient is shared equally among the pixels that were counted.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import AveragePooling2D
        >>> x = np.arange(16.0).reshape(1, 4, 4, 1)
        >>> AveragePooling2D(2)(x)[0, :, :, 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]])
    """

    operation_forward = staticmethod(avg_pool2d_forward)
    operation_backward = staticmethod(avg_pool2d_backward)
