"""Concatenate and Add: several inputs, one output. These are what skip connections are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

from tinyseg_kernels.arrange import add_backward, add_forward, concatenate_backward, concatenate_forward
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.types import JsonObject, LayerOptions

from .layer import Gradients, Layer
from .symbolic import Shape, SymbolicTensor


def _common(layer: Layer, shapes: Sequence[Shape], free_axis: int | None) -> list[int | None]:
    """Check that the shapes agree on every axis but `free_axis`; unknown lengths agree with any."""
    if len(shapes) < 2:
        raise InvalidInput(f"{layer.label}: expected a list of at least two inputs, got {len(shapes)}")
    result = list(shapes[0])
    for shape in shapes[1:]:
        agrees = len(shape) == len(result) and all(
            axis == free_axis or a is None or b is None or a == b
            for axis, (a, b) in enumerate(zip(result, shape, strict=True))
        )
        if not agrees:
            but = "" if free_axis is None else f" on every axis but {free_axis}"
            raise InvalidInput(
                f"{layer.label}: expected inputs of the same shape{but}, got {[tuple(s) for s in shapes]}; "
                "for a skip connection, use sizes that divide evenly, ZeroPadding2D or Cropping2D"
            )
        result = [b if a is None else a for a, b in zip(result, shape, strict=True)]
    return result


class Concatenate(Layer):
    """Join inputs along an axis, the channels by default; backward cuts dy apart at the same places.

    Example:
        >>> from tinyseg.layers import Concatenate, Input
        >>> Concatenate()([Input((8, 8, 4)), Input((8, 8, 6))]).shape
        (None, 8, 8, 10)
    """

    several_inputs: ClassVar[bool] = True

    def __init__(self, axis: int = -1, **common: Unpack[LayerOptions]) -> None:
        """Make the layer; the axis counts the batch as 0 and cannot be it."""
        super().__init__(**common)
        self.axis = int(axis)
        if self.axis == 0:
            raise InvalidInput(f"{self.label}: axis: cannot join along the batch, got 0")

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the inputs' shape with the lengths along the axis added up."""
        rank = len(input_shape[0])
        if not -rank < self.axis < rank:
            raise InvalidInput(f"{self.label}: axis {self.axis} does not exist in inputs of shape {input_shape[0]}")
        axis = self.axis % rank
        result = _common(self, input_shape, axis)
        lengths = [shape[axis] for shape in input_shape]
        known = [n for n in lengths if n is not None]
        result[axis] = sum(known) if len(known) == len(lengths) else None
        return tuple(result)

    def forward(self, x: Sequence[FloatArray], training: bool = False) -> tuple[FloatArray, Kept]:
        """Join."""
        self.compute_output_shape([array.shape for array in x])
        return concatenate_forward(list(x), axis=self.axis)

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[list[FloatArray], Gradients]:
        """Cut apart."""
        return concatenate_backward(dy, cache), {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "axis": self.axis}


class Add(Layer):
    """Add inputs of the same shape; backward gives dy to each.

    Example:
        >>> from tinyseg.layers import Add, Input
        >>> Add()([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """

    several_inputs: ClassVar[bool] = True

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the common shape."""
        return tuple(_common(self, input_shape, None))

    def forward(self, x: Sequence[FloatArray], training: bool = False) -> tuple[FloatArray, Kept]:
        """Add."""
        self.compute_output_shape([array.shape for array in x])
        return add_forward(list(x))

    def backward(self, dy: FloatArray, cache: Kept, need_dx: bool = True) -> tuple[list[FloatArray], Gradients]:
        """Hand dy to each input."""
        return add_backward(dy, cache), {}


def add(inputs: Sequence[FloatArray | SymbolicTensor], **common: Unpack[LayerOptions]) -> Any:
    """Add inputs of the same shape: `Add(**common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Conv2D, Input, add
        >>> x = Input((8, 8, 4))
        >>> add([x, Conv2D(4, 3, padding="same")(x)]).shape
        (None, 8, 8, 4)
    """
    return Add(**common)(inputs)


def concatenate(inputs: Sequence[FloatArray | SymbolicTensor], axis: int = -1, **common: Unpack[LayerOptions]) -> Any:
    """Join inputs along an axis: `Concatenate(axis, **common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Input, concatenate
        >>> concatenate([Input((8, 8, 4)), Input((8, 8, 6))]).shape
        (None, 8, 8, 10)
    """
    return Concatenate(axis, **common)(inputs)


SymbolicTensor.plus = staticmethod(lambda a, b: Add()([a, b]))
