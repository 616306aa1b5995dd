"""GlobalMaxPooling2D and GlobalAveragePooling2D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.global_pool2d import (
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
    global_max_pool2d_backward,
    global_max_pool2d_forward,
)
from tinyseg_kernels.types import Array

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
    operation_forward: ClassVar[Callable[..., tuple[Array, Kept]]]
    operation_backward: ClassVar[Callable[..., Array]]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **common: Any) -> None:
        """Make the layer; `keepdims` keeps height and width as axes of length 1."""
        super().__init__(**common)
        require_channels_last(data_format)
        self.keepdims = bool(keepdims)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, C) or (N, 1, 1, C)."""
        middle = (1, 1) if self.keepdims else ()
        return (input_shape[0], *middle, input_shape[3])

    def forward(self, x: Array, training: bool = False) -> tuple[Array, Kept]:
        """Pool each image."""
        return type(self).operation_forward(x, keepdims=self.keepdims)

    def backward(self, dy: Array, cache: Kept, need_dx: bool = True) -> tuple[Array, Gradients]:
        """Hand dy back to the pixels that it came from."""
        return type(self).operation_backward(dy, cache), {}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "keepdims": self.keepdims}


class GlobalMaxPooling2D(GlobalPooling2D):
    """The largest number of each channel."""

    operation_forward = staticmethod(global_max_pool2d_forward)
    operation_backward = staticmethod(global_max_pool2d_backward)


class GlobalAveragePooling2D(GlobalPooling2D):
    """The mean of each channel."""

    operation_forward = staticmethod(global_avg_pool2d_forward)
    operation_backward = staticmethod(global_avg_pool2d_backward)
