"""Multiply, Subtract, Average, Maximum and Minimum: several inputs, number by number.

Inputs broadcast as in Keras: a length of 1 stands for any, so that weights of channels (N, 1, 1, C) multiply images
(N, H, W, C). The gradient by an input that was repeated is the sum over its repetitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import ClassVar, TypeAlias, Unpack

from tinyseg_kernels.checks import check_float
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import LayerOptions

from .layer import Gradients, Layer
from .symbolic import Shape, SymbolicTensor

Inputs: TypeAlias = Sequence[FloatArray]


def broadcast_shape(layer: Layer, shapes: Sequence[Shape]) -> Shape:
    """Return the shape that inputs of these shapes have together; unknown lengths agree with any."""
    if len(shapes) < 2:
        raise InvalidInput(f"{layer.label}: expected a list of at least two inputs, got {len(shapes)}")
    result = list(shapes[0])
    for shape in shapes[1:]:
        agrees = len(shape) == len(result) and all(
            a == b or a in (1, None) or b in (1, None) for a, b in zip(result, shape, strict=True)
        )
        if not agrees:
            advice = "for a skip connection, use sizes that divide evenly, ZeroPadding2D or Cropping2D"
            if len(shape) != len(result):
                advice = "give all as many axes: Reshape((1, 1, C)) for (N, C) beside images, or keepdims=True"
            raise InvalidInput(
                f"{layer.label}: expected inputs of the same shape, or with 1 where one is to be repeated, got "
                f"{[tuple(s) for s in shapes]}; {advice}"
            )
        result = [b if a == 1 or (a is None and b != 1) else a for a, b in zip(result, shape, strict=True)]
    return tuple(result)


def summed_to(gradient: FloatArray, shape: Shape) -> FloatArray:
    """Return the gradient by an input of this shape: summed over the axes along which it was repeated."""
    axes = tuple(k for k, (n, own) in enumerate(zip(gradient.shape, shape, strict=True)) if own == 1 != n)
    return gradient.sum(axis=axes, keepdims=True) if axes else gradient


class Merge(Layer):
    """The base: y of several inputs x, and the gradient by each of them before repetitions are summed."""

    several_inputs: ClassVar[bool] = True

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the common shape."""
        return broadcast_shape(self, input_shape)

    def merged(self, x: Inputs) -> FloatArray:
        """Compute y."""
        raise NotImplementedError

    def parts(self, dy: FloatArray, x: Inputs) -> list[FloatArray]:
        """Return the gradient by each input, of y's shape."""
        raise NotImplementedError

    def forward(self, x: Inputs, training: bool = False) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Merge; the inputs are kept."""
        check_float(self.label, **{f"x[{k}]": array for k, array in enumerate(x)})
        broadcast_shape(self, [array.shape for array in x])
        return self.merged(x), tuple(x)

    def backward(
        self, dy: FloatArray, cache: tuple[FloatArray, ...], need_dx: bool = True
    ) -> tuple[list[FloatArray], Gradients]:
        """Return the gradient by each input."""
        gradients = self.parts(dy, cache)
        return [summed_to(gradient, x.shape) for gradient, x in zip(gradients, cache, strict=True)], {}


class Multiply(Merge):
    """y = x_1 * x_2 * ...; the gradient by each is dy times the product of the others.

    Squeeze-and-excitation is this: `Multiply()([images, weights])` with weights (N, 1, 1, C).

    Example:
        >>> from tinyseg.layers import Input, Multiply
        >>> Multiply()([Input((8, 8, 4)), Input((1, 1, 4))]).shape
        (None, 8, 8, 4)
    """

    def merged(self, x: Inputs) -> FloatArray:
        """Compute the product."""
        return reduce(lambda a, b: a * b, x)

    def parts(self, dy: FloatArray, x: Inputs) -> list[FloatArray]:
        """Return dy times the product of the other inputs; nothing is divided, since an input may be 0."""
        return [reduce(lambda a, b: a * b, [other for j, other in enumerate(x) if j != k], dy) for k in range(len(x))]


class Subtract(Merge):
    """y = x_1 - x_2; the gradients are dy and -dy.

    Example:
        >>> from tinyseg.layers import Input, Subtract
        >>> Subtract()([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the common shape of exactly two inputs."""
        if len(input_shape) != 2:
            raise InvalidInput(f"{self.label}: expected a list of two inputs, got {len(input_shape)}")
        return super().compute_output_shape(input_shape)

    def merged(self, x: Inputs) -> FloatArray:
        """Compute the difference."""
        self.compute_output_shape([array.shape for array in x])
        return x[0] - x[1]

    def parts(self, dy: FloatArray, x: Inputs) -> list[FloatArray]:
        """Return dy and -dy."""
        return [dy, -dy]


class Average(Merge):
    """y = (x_1 + x_2 + ...) / n; the gradient by each is dy / n.

    Example:
        >>> from tinyseg.layers import Average, Input
        >>> Average()([Input((8, 8, 4)), Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """

    def merged(self, x: Inputs) -> FloatArray:
        """Compute the mean."""
        return reduce(lambda a, b: a + b, x) / len(x)

    def parts(self, dy: FloatArray, x: Inputs) -> list[FloatArray]:
        """Return dy / n to each."""
        return [dy / len(x)] * len(x)


class _Extreme(Merge):
    """The base of Maximum and Minimum: pairs one after the other, so that ties are shared as JAX shares them."""

    function: ClassVar[str]

    def merged(self, x: Inputs) -> FloatArray:
        """Compare one input after the other; NaN wins."""
        return reduce(getattr(array_module(x[0]), self.function), x)

    def parts(self, dy: FloatArray, x: Inputs) -> list[FloatArray]:
        """Hand dy to the input that won; of two equal ones each gets half, the mean of a step to either side."""
        best = [x[0]]
        for other in x[1:]:
            best.append(self.merged((best[-1], other)))
        found: list[FloatArray] = []
        for other, before, y in zip(x[:0:-1], best[-2::-1], best[:0:-1], strict=True):
            share = self._share(before, other, y)
            found.append(dy * (1 - share))
            dy = dy * share
        return [dy, *found[::-1]]

    @staticmethod
    def _share(a: FloatArray, b: FloatArray, y: FloatArray) -> FloatArray:
        """Return 1 where y comes from a, 0 where from b, 1/2 where they are equal."""
        from_a: Array = (a == y).astype(y.dtype)
        return from_a * (1 - 0.5 * (b == y).astype(y.dtype))


class Maximum(_Extreme):
    """y = max(x_1, x_2, ...); dy goes to the largest, and in halves to two equal ones (as in JAX; Keras on it alike).

    Example:
        >>> from tinyseg.layers import Input, Maximum
        >>> Maximum()([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """

    function = "maximum"


class Minimum(_Extreme):
    """y = min(x_1, x_2, ...); dy goes to the smallest, and in halves to two equal ones (as in JAX; Keras on it alike).

    Example:
        >>> from tinyseg.layers import Input, Minimum
        >>> Minimum()([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """

    function = "minimum"


Merged: TypeAlias = FloatArray | SymbolicTensor
Tensors: TypeAlias = Sequence[Merged]


def multiply(inputs: Tensors, **common: Unpack[LayerOptions]) -> Merged:
    """Multiply inputs: `Multiply(**common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Input, multiply
        >>> multiply([Input((8, 8, 4)), Input((1, 1, 4))]).shape
        (None, 8, 8, 4)
    """
    return Multiply(**common)(inputs)


def subtract(inputs: Tensors, **common: Unpack[LayerOptions]) -> Merged:
    """Subtract the second input from the first: `Subtract(**common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Input, subtract
        >>> subtract([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """
    return Subtract(**common)(inputs)


def average(inputs: Tensors, **common: Unpack[LayerOptions]) -> Merged:
    """Return the mean of inputs: `Average(**common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Input, average
        >>> average([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """
    return Average(**common)(inputs)


def maximum(inputs: Tensors, **common: Unpack[LayerOptions]) -> Merged:
    """Return the largest of inputs: `Maximum(**common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Input, maximum
        >>> maximum([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """
    return Maximum(**common)(inputs)


def minimum(inputs: Tensors, **common: Unpack[LayerOptions]) -> Merged:
    """Return the smallest of inputs: `Minimum(**common)(inputs)`.

    Example:
        >>> from tinyseg.layers import Input, minimum
        >>> minimum([Input((8, 8, 4)), Input((8, 8, 4))]).shape
        (None, 8, 8, 4)
    """
    return Minimum(**common)(inputs)
