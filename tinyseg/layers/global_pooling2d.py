"""GlobalMaxPooling2D and GlobalAveragePooling2D."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Unpack

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.global_pool2d import (
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
    global_max_pool2d_backward,
    global_max_pool2d_forward,
)
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last
from .layer import Gradients, Layer
from .symbolic import Shape


class GlobalPooling2D(Layer):
    """One number per image and channel; the subclasses say which.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, C), or (N, 1, 1, C) with keepdims
    """

    expected_rank: ClassVar[int | None] = 4
    operation_forward: ClassVar[Callable[..., tuple[FloatArray, Kept]]]
    operation_backward: ClassVar[Callable[..., FloatArray]]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **common: Unpack[LayerOptions]) -> None:
        """Make the layer; `keepdims` keeps height and width as axes of length 1."""
        super().__init__(**common)
        require_channels_last(data_format)
        self.keepdims = bool(keepdims)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, C) or (N, 1, 1, C)."""
        middle = (1, 1) if self.keepdims else ()
        return (input_shape[0], *middle, input_shape[3])

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Pool each image."""
        return type(self).operation_forward(x, keepdims=self.keepdims)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Hand dy back to the pixels that it came from."""
        return type(self).operation_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "keepdims": self.keepdims}


class GlobalMaxPooling2D(GlobalPooling2D):
    """The largest number of each channel.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import GlobalMaxPooling2D
        >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
        >>> GlobalMaxPooling2D()(x)
        array([[6., 7.]])
    """

    operation_forward = staticmethod(global_max_pool2d_forward)
    operation_backward = staticmethod(global_max_pool2d_backward)


class GlobalAveragePooling2D(GlobalPooling2D):
    """The mean of each channel.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import GlobalAveragePooling2D
        >>> x = np.arange(8.0).reshape(1, 2, 2, 2)
        >>> GlobalAveragePooling2D()(x)
        array([[3., 4.]])
    """

    operation_forward = staticmethod(global_avg_pool2d_forward)
    operation_backward = staticmethod(global_avg_pool2d_backward)
