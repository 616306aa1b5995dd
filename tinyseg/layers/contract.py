"""The contract of a layer that somebody brings along, held against each call.

What its forward and backward return, and what to write when that is wrong.

tinyseg's own layers are held to it by their tests; of these only dx is compared with x at each step
(`Network.backward`), which costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.device import is_array, to_backend
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, DType

if TYPE_CHECKING:
    from .layer import Gradients, Layer

TRIAL_SIZES = ((12, 20), (64, 96))
"""Lengths to try a layer with where an axis may have any: what differs in the two outputs may have any, too."""


class _Broken(InvalidInput):
    """A layer that returns what it may not."""


def checked_forward(layer: Layer, x: Any, training: bool, **options: object) -> tuple[Array, Any]:
    """Run a layer forward; raises InvalidInput when it returns anything but (y, cache) with a y that it may."""
    results: Any = layer.forward(x, training, **options)
    if not isinstance(results, tuple) or len(results) != 2:
        hint = "; return y, None if backward needs nothing" if is_array(results) else ""
        raise _Broken(f"{layer.label}: forward: expected (y, cache), got {described(results)}{hint}")
    y, cache = results
    inputs = x if layer.several_inputs else [x]
    if not is_array(y):
        raise _Broken(f"{layer.label}: forward: expected an array as y in (y, cache), got {described(y)}")
    if y.dtype != inputs[0].dtype:
        raise _Broken(
            f"{layer.label}: forward: expected y of dtype {inputs[0].dtype}, as x has, got {y.dtype}; "
            "a NumPy number of float64 in the formula does that: return y.astype(x.dtype)"
        )
    if not hasattr(type(layer).compute_output_shape, "infers"):
        shapes = [tuple(a.shape) for a in inputs]
        said = layer.compute_output_shape(shapes if layer.several_inputs else shapes[0])
        if len(said) != y.ndim or any(a not in (None, b) for a, b in zip(said, y.shape, strict=True)):
            raise _Broken(
                f"{layer.label}: forward: expected y of shape {tuple(said)}, as compute_output_shape says for x of shape "
                f"{shapes if layer.several_inputs else shapes[0]}, got {y.shape}"
            )
    return y, cache


def checked_backward(layer: Layer, results: object, inputs: int) -> tuple[Any, Gradients]:
    """Return (dx, gradients by the names of the parameters) from what a layer's backward returned.

    dx alone will do where there are no parameters.
    """
    dx, given = _pair(layer, results)
    gradients = _by_name(layer, given)
    for name, array in layer.trainable_parameters.items():
        if name not in gradients:
            raise InvalidInput(
                f"{layer.label}: backward: no gradient for the parameter {name!r}; return dx, {_example(layer)}"
            )
        gradient = gradients[name]
        if not is_array(gradient) or gradient.shape != array.shape or gradient.dtype != array.dtype:
            raise InvalidInput(
                f"{layer.label}: backward: gradient of {name!r}: expected {_shown(array)}, got {described(gradient)}"
            )
    for part in _dx_of_each(layer, dx, inputs):
        if not (part is None or is_array(part)):
            raise InvalidInput(
                f"{layer.label}: backward: expected dx as an array of its x's shape, got {described(part)}"
            )
    return dx, gradients


def wrong_dx(layer: Layer, dx: object, expected: tuple[tuple[int, ...], DType]) -> InvalidInput:
    """Return the error for a dx that does not have its x's shape and dtype."""
    shape, dtype = expected
    return InvalidInput(
        f"{layer.label}: backward: expected dx of its x's shape {tuple(shape)} and {dtype}, got {described(dx)}"
    )


def _dx_of_each(layer: Layer, dx: object, inputs: int) -> Sequence[Any]:
    if not layer.several_inputs:
        return [dx]
    if not isinstance(dx, (list, tuple)) or len(dx) != inputs:
        raise InvalidInput(
            f"{layer.label}: backward: expected a list with a dx for each of {inputs} inputs, got {described(dx)}"
        )
    return dx


def no_backward(layer: Layer) -> InvalidInput:
    """Return the error for a layer that can compute but not learn."""
    return InvalidInput(
        f"{layer.label}: there is no backward, so the layer can predict but not be trained; write\n"
        "    def backward(self, dy, cache):\n"
        f"        return dx{', ' + _example(layer) if layer.parameters else ''}\n"
        f"for its forward; cache is what forward returned beside y (x where there is only `call`)"
    )


def inferred_shape(layer: Layer, input_shape: Any) -> tuple[int | None, ...]:
    """Return the output's shape of a layer that does not say it: what its forward makes of zeros.

    An axis of any length is tried with two.
    """
    shapes = input_shape if layer.several_inputs else [input_shape]
    layer.to_backend()
    for sizes in TRIAL_SIZES:
        try:
            one, other = (_trial(layer, shapes, size) for size in sizes)
        except _Broken:
            raise
        except Exception as error:  # whatever somebody's formula raises; larger images may do
            failure = error
            continue
        if len(one) != len(other):
            raise InvalidInput(
                f"{layer.label}: write compute_output_shape: the number of the output's axes depends on the size"
            )
        return (shapes[0][0], *(a if a == b else None for a, b in zip(one[1:], other[1:], strict=True)))
    raise InvalidInput(
        f"{layer.label}: forward fails on zeros in the shape of its input, {input_shape} ({type(failure).__name__}: {failure}); "
        "write compute_output_shape(self, input_shape) if it cannot be tried"
    ) from failure


def _trial(layer: Layer, shapes: Sequence[Any], size: int) -> tuple[int, ...]:
    x = [
        to_backend(np.zeros((1, *(size if n is None else n for n in s[1:])), layer.dtype or "float32")) for s in shapes
    ]
    with np.errstate(all="ignore"):
        return tuple(checked_forward(layer, x if layer.several_inputs else x[0], False)[0].shape)


def described(value: object) -> str:
    """Return what a value is: the shape and dtype of an array, the kinds of things in a tuple."""
    if is_array(value):
        return _shown(value)
    if isinstance(value, (tuple, list)) and len(value) <= 4:
        return f"a {type(value).__name__} of {', '.join(described(item) for item in value) or 'nothing'}"
    return "None" if value is None else f"{type(value).__name__} {value!r}"[:80]


def _shown(array: Array) -> str:
    return f"shape {array.shape} and {array.dtype}"


def _example(layer: Layer) -> str:
    return "{" + ", ".join(f"{name!r}: d{name.rpartition('/')[2]}" for name in layer.parameters) + "}"


def _pair(layer: Layer, results: object) -> tuple[Any, Any]:
    """Tell dx and gradients apart."""
    if isinstance(results, tuple) and len(results) == 2:
        dx, second = results
        if second is None or isinstance(second, Mapping) or (isinstance(second, Sequence) and layer.parameters):
            return dx, second
    if layer.trainable_parameters:
        raise InvalidInput(
            f"{layer.label}: backward: expected (dx, gradients) with {_example(layer)}, got {described(results)}"
        )
    if is_array(results) or results is None or (layer.several_inputs and isinstance(results, (list, tuple))):
        return results, {}
    raise InvalidInput(f"{layer.label}: backward: expected dx, or (dx, gradients), got {described(results)}")


def _by_name(layer: Layer, given: Any) -> Gradients:
    """Bring gradients by attributes, by sublayers, or in the order of the parameters to the names of the parameters."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        if len(given) != len(layer.parameters):
            raise InvalidInput(
                f"{layer.label}: backward: expected {len(layer.parameters)} gradients ({', '.join(layer.parameters)}), got {len(given)}"
            )
        given = dict(zip(layer.parameters, given, strict=True))
    found: Gradients = {}
    for key, value in given.items():
        if isinstance(value, Mapping):
            found |= {f"{key}/{name}": gradient for name, gradient in value.items()}
        else:
            found[layer.attribute_names.get(key, key)] = np.asarray(value) if isinstance(value, np.generic) else value
    for name in found:
        if name not in layer.parameters and name not in layer.state:
            made = f"; make it by self.{name} = self.add_weight(...)" if hasattr(layer, str(name)) else ""
            raise InvalidInput(
                f"{layer.label}: backward: a gradient for {name!r}, which is not a parameter of the layer; there are {list(layer.parameters)}{made}"
            )
    return found
