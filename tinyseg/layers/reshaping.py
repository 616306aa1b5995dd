"""Flatten and Reshape: the same numbers in another shape."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Unpack

from tinyseg_kernels.arrange import flatten_backward, flatten_forward, reshape_backward, reshape_forward
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.types import JsonObject, LayerOptions

from .convolution import require_channels_last
from .layer import Gradients, Layer
from .symbolic import Shape


class Flatten(Layer):
    """(N, ...) -> (N, product of the others), channels last: pixel by pixel, row by row.

    Example:
        >>> from tinyseg.layers import Flatten, Input
        >>> Flatten()(Input((7, 5, 3))).shape
        (None, 105)
    """

    def __init__(self, data_format: str | None = None, **common: Unpack[LayerOptions]) -> None:
        """Make the layer."""
        super().__init__(**common)
        require_channels_last(data_format)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, D); D is unknown when any axis is."""
        known = [n for n in input_shape[1:] if n is not None]
        return (input_shape[0], prod(known) if len(known) == len(input_shape) - 1 else None)

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Lay the numbers of each sample in one row."""
        return flatten_forward(x)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Give dy the input's shape."""
        return flatten_backward(dy, cache), {}


class Reshape(Layer):
    """(N, ...) -> (N, *target_shape) with as many numbers; one length may be -1 and follows from the others.

    Example:
        >>> from tinyseg.layers import Input, Reshape
        >>> Reshape((4, -1))(Input((8, 3))).shape
        (None, 4, 6)
    """

    def __init__(self, target_shape: Sequence[int], **common: Unpack[LayerOptions]) -> None:
        """Make the layer."""
        super().__init__(**common)
        try:
            self.target_shape = tuple(int(n) for n in target_shape)
            whole = all(type(n) is not bool and n == m for n, m in zip(target_shape, self.target_shape, strict=True))
        except (TypeError, ValueError, OverflowError):
            whole = False
        if not whole or isinstance(target_shape, (str, bytes, dict)):
            raise InvalidInput(f"{self.label}: target_shape: expected a tuple of integers, got {target_shape!r}")
        if self.target_shape.count(-1) > 1 or any(n < 1 and n != -1 for n in self.target_shape):
            raise InvalidInput(
                f"{self.label}: target_shape: expected lengths of at least 1 and at most one -1, got {target_shape!r}"
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (N, *target_shape), with -1 worked out."""
        known = [n for n in input_shape[1:] if n is not None]
        if len(known) < len(input_shape) - 1:
            return (input_shape[0], *(None if n == -1 else n for n in self.target_shape))
        total, given = prod(known), prod(n for n in self.target_shape if n != -1)
        fits = total % given == 0 if -1 in self.target_shape else total == given
        if not fits:
            raise InvalidInput(
                f"{self.label}: {total} numbers of an input of shape {tuple(input_shape[1:])} do not fit into "
                f"target_shape {self.target_shape}"
            )
        return (input_shape[0], *(total // given if n == -1 else n for n in self.target_shape))

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, Kept]:
        """Give each sample the target shape."""
        shape = self.compute_output_shape(x.shape)
        return reshape_forward(x, shape=[n for n in shape if n is not None])

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Give dy the input's shape."""
        return reshape_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "target_shape": list(self.target_shape)}
