"""ZeroPadding2D and Cropping2D: rows and columns added or cut off at the border."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import as_padding, as_pair
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.pad2d import (
    cropping2d_backward,
    cropping2d_forward,
    zero_padding2d_backward,
    zero_padding2d_forward,
)
from tinyseg_kernels.types import FloatArray, Pair

from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last
from .layer import Gradients, Layer
from .symbolic import Shape


def as_borders(name: str, value: Any) -> tuple[Pair, Pair]:
    """Turn n, (vertical, horizontal) or ((top, bottom), (left, right)) into the last form."""
    if isinstance(value, (tuple, list)) and any(isinstance(item, (tuple, list)) for item in value):
        pairs = as_padding(name, value)
        assert not isinstance(pairs, str)
        return pairs
    vertical, horizontal = as_pair(name, value, 0)
    return ((vertical, vertical), (horizontal, horizontal))


class ZeroPadding2D(Layer):
    """Surround images with zeros.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, top + H + bottom, left + W + right, C)

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import ZeroPadding2D
        >>> ZeroPadding2D(1)(np.ones((1, 1, 2, 1)))[0, :, :, 0]
        array([[0., 0., 0., 0.],
               [0., 1., 1., 0.],
               [0., 0., 0., 0.]])
    """

    expected_rank: ClassVar[int | None] = 4

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **common: Unpack[LayerOptions]) -> None:
        """Make the layer; padding as n, (vertical, horizontal) or ((top, bottom), (left, right))."""
        super().__init__(**common)
        require_channels_last(data_format)
        self.padding = as_borders(f"{self.label}: padding", padding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the enlarged shape."""
        height, width = (None if n is None else n + sum(p) for n, p in zip(input_shape[1:3], self.padding, strict=True))
        return (input_shape[0], height, width, input_shape[3])

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Add the zeros."""
        return zero_padding2d_forward(x, padding=self.padding)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Cut them off again."""
        return zero_padding2d_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "padding": [list(pair) for pair in self.padding]}


class Cropping2D(Layer):
    """Cut rows and columns off the border.

    Input shape:
        (N, H, W, C)
    Output shape:
        (N, H - top - bottom, W - left - right, C)

    Example:
        >>> from tinyseg.layers import Cropping2D, Input
        >>> Cropping2D(((1, 2), (0, 3)))(Input((10, 10, 1))).shape
        (None, 7, 7, 1)
    """

    expected_rank: ClassVar[int | None] = 4

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **common: Unpack[LayerOptions]
    ) -> None:
        """Make the layer; cropping as n, (vertical, horizontal) or ((top, bottom), (left, right))."""
        super().__init__(**common)
        require_channels_last(data_format)
        self.cropping = as_borders(f"{self.label}: cropping", cropping)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the reduced shape."""
        lengths = []
        for n, pair in zip(input_shape[1:3], self.cropping, strict=True):
            if n is not None and n <= sum(pair):
                raise InvalidInput(f"{self.label}: cannot cut {pair} off {n} pixels of an input of shape {input_shape}")
            lengths.append(None if n is None else n - sum(pair))
        return (input_shape[0], lengths[0], lengths[1], input_shape[3])

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Cut the border off."""
        return cropping2d_forward(x, cropping=self.cropping)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Put zeros in its place."""
        return cropping2d_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "cropping": [list(pair) for pair in self.cropping]}
