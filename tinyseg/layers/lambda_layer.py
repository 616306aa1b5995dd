"""Lambda: a function of somebody's own as a layer, with its gradient."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Unpack

from tinyseg_kernels.device import is_array
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.brought import called, read_only, shown
from tinyseg.utils.custom_objects import find_custom, missing, saved_name
from tinyseg.utils.types import JsonObject, LayerOptions

from .contract import inferred_shape
from .layer import Gradients, Layer
from .symbolic import Shape, as_shape


def json_arguments(label: str, arguments: Mapping[str, object]) -> JsonObject:
    """Return arguments that a file can hold, as it would give them back."""
    try:
        found: JsonObject = json.loads(json.dumps(dict(arguments), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{label}: arguments: expected finite numbers, texts, lists and dicts ({error})") from None
    return found


class Lambda(Layer):
    """y = function(x), and dx = gradient(dy, x).

    Keras differentiates the function itself. Here every gradient is written by hand, so this one, too: `gradient` takes
    the upstream gradient dy and x, and returns dx. Without it the layer can predict, and be trained over as long as
    nothing below it is; backward says so in words.

    A file holds the functions' names; loading finds them by `register_keras_serializable` or `custom_objects`.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Lambda
        >>> square = Lambda(lambda x: x * x, gradient=lambda dy, x: 2 * x * dy)
        >>> y, cache = square.forward(np.array([[3.0]]))
        >>> y, square.backward(np.array([[1.0]]), cache)[0]
        (array([[9.]]), array([[6.]]))
    """

    def __init__(
        self,
        function: Callable[..., FloatArray] | str,
        output_shape: Callable[[Shape], Shape] | Sequence[int | None] | None = None,
        mask: None = None,
        arguments: Mapping[str, object] | None = None,
        gradient: Callable[..., FloatArray] | str | None = None,
        **common: Unpack[LayerOptions],
    ) -> None:
        """Make the layer.

        Args:
            function: Of an array x (N, ...), and of `arguments` by name; it must not change x.
            output_shape: Shape of y without the batch, or a function of x's shape; tried out on zeros when None.
            mask: None; tinyseg has no masks.
            arguments: Further arguments of both functions: numbers, texts, lists.
            gradient: Of dy and x, and of `arguments` by name: returns dx.
            **common: name, trainable, dtype, input_shape (see `Layer`).

        Raises:
            InvalidInput: Something that is no function, or a name that is not registered.
        """
        super().__init__(**common)
        if mask is not None:
            raise InvalidInput(f"{self.label}: mask: expected None, got {mask!r}; tinyseg has no masks")
        if arguments is not None and not (
            isinstance(arguments, Mapping) and all(isinstance(k, str) for k in arguments)
        ):
            raise InvalidInput(f"{self.label}: arguments: expected a dict of names and values, got {arguments!r}")
        self.function = self._function("function", function)
        self.gradient = None if gradient is None else self._function("gradient", gradient)
        self.arguments = json_arguments(self.label, arguments or {})
        self.given_shape = (
            output_shape
            if output_shape is None or callable(output_shape)
            else as_shape(f"{self.label}: output_shape", output_shape)
        )

    def _function(self, name: str, given: object) -> Callable[..., FloatArray]:
        found = given
        if isinstance(given, str):
            found = find_custom(given)
            if found is None:
                raise missing(f"{self.label}: {name}", given)
        if not callable(found) or isinstance(found, type):
            raise InvalidInput(f"{self.label}: {name}: expected a function or its registered name, got {given!r}")
        return found

    @property
    def functions(self) -> list[Callable[..., FloatArray]]:
        """Those that a file names."""
        return [self.function] if self.gradient is None else [self.function, self.gradient]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return what was given, or the shape of what the function makes of zeros."""
        if self.given_shape is None:
            return inferred_shape(self, input_shape)
        if callable(self.given_shape):
            return as_shape(f"{self.label}: output_shape", tuple(self.given_shape(input_shape)))
        return (input_shape[0], *self.given_shape)

    compute_output_shape.infers = True  # type: ignore[attr-defined]

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, FloatArray]:
        """Call the function; x is kept."""
        y = self._called("function", self.function, x)
        if not is_array(y) or y.ndim == 0 or y.shape[0] != x.shape[0] or y.dtype.kind not in "fb":
            raise InvalidInput(f"{self.label}: function: expected an array (N, ...) for x {x.shape}, got {shown(y)}")
        return y.astype(x.dtype, copy=False), x

    def backward(self, dy: FloatArray, cache: FloatArray, need_dx: bool = True) -> tuple[FloatArray | None, Gradients]:
        """Call the gradient."""
        if not need_dx:
            return None, {}
        if self.gradient is None:
            raise InvalidInput(
                f"{self.label}: there is no gradient, so the layer can predict, but nothing below it can be trained; "
                "give Lambda(function, gradient=...), a function of dy and x that returns dx"
            )
        dx = self._called("gradient", self.gradient, dy, cache)
        if not is_array(dx) or dx.shape != cache.shape or dx.dtype.kind not in "fb":
            raise InvalidInput(f"{self.label}: gradient: expected dx of x's shape {cache.shape}, got {shown(dx)}")
        return dx.astype(cache.dtype, copy=False), {}

    def _called(self, name: str, function: Callable[..., FloatArray], *arrays: FloatArray) -> FloatArray:
        def with_arguments(*given: FloatArray) -> FloatArray:
            return function(*given, **self.arguments)

        return called(f"{self.label}: {name}", with_arguments, *map(read_only, arrays))

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types: functions by their names."""
        shape = self.given_shape
        if callable(shape):
            raise InvalidInput(f"{self.label}: output_shape: a file cannot hold a function; give the shape itself")
        return {
            **super().get_config(),
            "function": saved_name(self.function),
            "output_shape": None if shape is None else list(shape),
            "arguments": self.arguments,
            "gradient": None if self.gradient is None else saved_name(self.gradient),
        }
