"""Concatenate and Add: several inputs, one output. These are what skip connections are made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, ClassVar, TypeAlias, Unpack

from tinyseg_kernels.arrange import add_backward, add_forward, concatenate_backward, concatenate_forward
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import check_float
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray
from tinyseg_kernels.types import Shape as ArrayShape

from tinyseg.utils.types import JsonObject, LayerOptions

from .arithmetic import broadcast_shape, summed_to
from .layer import Gradients, Layer
from .symbolic import Shape, SymbolicTensor

AddCache: TypeAlias = Kept | list[ArrayShape]
"""What the kernel kept; of inputs that broadcast, their shapes."""


def _common(layer: Layer, shapes: Sequence[Shape], free_axis: int) -> list[int | None]:
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
            raise InvalidInput(
                f"{layer.label}: expected inputs of the same shape on every axis but {free_axis}, got "
                f"{[tuple(s) for s in shapes]}; "
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
    """Add inputs; backward gives dy to each, summed over the axes along which the input was repeated.

    Inputs broadcast as those of `Multiply` do: a length of 1 stands for any.

    Example:
        >>> from tinyseg.layers import Add, Input
        >>> Add()([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """

    several_inputs: ClassVar[bool] = True

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the common shape."""
        return broadcast_shape(self, input_shape)

    def forward(self, x: Sequence[FloatArray], training: bool = False) -> tuple[FloatArray, AddCache]:
        """Add."""
        shapes = [array.shape for array in x]
        broadcast_shape(self, shapes)
        if shapes.count(shapes[0]) == len(shapes):
            return add_forward(list(x))
        check_float(self.label, **{f"x[{k}]": array for k, array in enumerate(x)})
        return reduce(lambda a, b: a + b, x), shapes

    def backward(self, dy: FloatArray, cache: AddCache, need_dx: bool = True) -> tuple[list[FloatArray], Gradients]:
        """Hand dy to each input."""
        if isinstance(cache, list):
            return [summed_to(dy, shape) for shape in cache], {}
        return add_backward(dy, cache), {}


def add(inputs: Sequence[FloatArray | SymbolicTensor], **common: Unpack[LayerOptions]) -> Any:
    """Add inputs: `Add(**common)(inputs)`.

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
