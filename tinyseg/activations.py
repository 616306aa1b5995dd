"""Activation functions by name, each a forward beside its backward."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tinyseg_kernels.activation import (
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from tinyseg_kernels.device import is_array
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.softmax import softmax_backward, softmax_forward
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.absent import absent_from, refusal
from tinyseg.utils.brought import called, read_only, shown
from tinyseg.utils.custom_objects import find_custom, missing, plain_name, saved_name

ActivationCache: TypeAlias = object
"""What the forward of an activation keeps; its own backward names the type, others only hand it on."""


@dataclass(frozen=True)
class ActivationFunction:
    """A function of arrays and its gradient, both pure.

    Example:
        >>> from tinyseg.activations import ActivationFunction
        >>> square = ActivationFunction("square", lambda x: (x * x, x), lambda dy, x: 2 * x * dy)
        >>> square(3.0)
        9.0
        >>> square.backward(1.0, 3.0)
        6.0
    """

    name: str
    forward: Callable[[FloatArray], tuple[FloatArray, ActivationCache]]
    backward: Callable[[FloatArray, Any], FloatArray]

    def __call__(self, x: FloatArray, **options: object) -> FloatArray:
        """Compute the function alone; it has no options, and an InvalidInput says so."""
        if options:
            raise InvalidInput(
                f"activation {self.name!r}: expected x alone, got {', '.join(options)}; "
                "layers have options: LeakyReLU(negative_slope=...), Softmax(axis=...)"
            )
        return self.forward(x)[0]

    def __reduce__(self) -> Any:
        """Stay what it is when copied or sent to another process.

        Layers are computed together where an activation is tinyseg's own.
        """
        if _KNOWN.get(self.name) == self:
            return get, (self.name,)
        return type(self), (self.name, self.forward, self.backward)


def _same(x: FloatArray) -> tuple[FloatArray, None]:
    return x, None


def _pass(dy: FloatArray, cache: None) -> FloatArray:
    return dy


_KNOWN = {
    function.name: function
    for function in (
        ActivationFunction("linear", _same, _pass),
        ActivationFunction("relu", relu_forward, relu_backward),
        ActivationFunction("leaky_relu", lambda x: leaky_relu_forward(x, negative_slope=0.2), leaky_relu_backward),
        ActivationFunction("sigmoid", sigmoid_forward, sigmoid_backward),
        ActivationFunction("tanh", tanh_forward, tanh_backward),
        ActivationFunction("softmax", softmax_forward, softmax_backward),
    )
}

LINEAR, RELU = _KNOWN["linear"], _KNOWN["relu"]


@dataclass(frozen=True)
class _Computed:
    """The forward of a plain function: y, and x for the derivative."""

    name: str
    function: Callable[[FloatArray], FloatArray]

    def __call__(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Compute the function."""
        return _like(self.name, called(self.name, self.function, read_only(x)), x), x


@dataclass(frozen=True)
class _Differentiated:
    """The backward of a plain function: dy times its derivative at x."""

    name: str
    derivative: Callable[[FloatArray], FloatArray] | None

    def __call__(self, dy: FloatArray, cache: FloatArray) -> FloatArray:
        """Multiply."""
        if self.derivative is None:
            raise InvalidInput(
                f"activation {self.name!r}: there is no derivative, so it can predict but not be trained; give the "
                "pair (function, derivative), both of x, or an ActivationFunction(name, forward, backward)"
            )
        name = f"derivative of {self.name}"
        return dy * _like(name, called(name, self.derivative, read_only(cache)), cache)


def _like(name: str, values: object, x: FloatArray) -> FloatArray:
    """Return values as an array of x's dtype; they must have its shape."""
    if not is_array(values) or values.shape != x.shape or values.dtype.kind not in "fb":
        raise InvalidInput(
            f"activation {name}: expected an array of x's shape {x.shape} and {x.dtype}, got {shown(values)}"
        )
    return values.astype(x.dtype, copy=False)


def from_function(function: Any, derivative: Any = None) -> ActivationFunction:
    """Return the activation for a plain function of x and, to train it, its derivative.

    The derivative, too, is a function of x, of each number by itself.

    Example:
        >>> import numpy as np
        >>> from tinyseg.activations import from_function
        >>> sine = from_function(np.sin, np.cos)
        >>> y, cache = sine.forward(np.zeros(2))
        >>> y, sine.backward(np.ones(2), cache)
        (array([0., 0.]), array([1., 1.]))
    """
    name = plain_name(function)
    return ActivationFunction(name, _Computed(name, function), _Differentiated(name, derivative))


def get(identifier: object) -> ActivationFunction:
    """Return an activation for a name, None (linear), a function of x, or a pair (function, derivative).

    An `ActivationFunction` is returned as it is.

    Example:
        >>> import numpy as np
        >>> from tinyseg import activations
        >>> activations.get("relu")(np.array([-1.0, 2.0]))
        array([0., 2.])
        >>> activations.get(None).name
        'linear'
    """
    if identifier is None:
        return _KNOWN["linear"]
    if isinstance(identifier, ActivationFunction):
        known = _KNOWN.get(identifier.name)
        return known if known is not None and known == identifier else identifier
    known = _KNOWN.get(identifier.lower()) if isinstance(identifier, str) else None
    return _brought(identifier) if known is None else known


def _unknown(name: str) -> InvalidInput:
    told = absent_from("activation", name)
    return InvalidInput(f"activation {name!r}: {told}") if told else unknown_name("activation", name, _KNOWN)


def _brought(identifier: object) -> ActivationFunction:
    """Return the activation for what somebody brings along."""
    name = identifier.get("function") if isinstance(identifier, Mapping) else identifier
    if isinstance(name, str):
        custom = find_custom(name)
        if custom is None:
            raise _unknown(name) if name is identifier else missing("activation", name)
        return get(custom)
    if isinstance(identifier, (tuple, list)) and len(identifier) == 2 and all(callable(item) for item in identifier):
        return from_function(*identifier)
    if hasattr(identifier, "trainable_parameters"):
        raise InvalidInput(f"activation: expected a function, got the layer {identifier!r}; put it behind this one")
    if callable(identifier) and not isinstance(identifier, type):
        return from_function(identifier)
    raise InvalidInput(
        "activation: expected a name, None, a function of x, a pair (function, derivative), or an "
        f"ActivationFunction, got {identifier!r}"
    )


def serialize(activation: ActivationFunction) -> Any:
    """Return the name of one of tinyseg's, or {'function': name} for somebody's own.

    Loading needs that one in `custom_objects`.

    Example:
        >>> from tinyseg import activations
        >>> activations.serialize(activations.relu)
        'relu'
    """
    return activation.name if _KNOWN.get(activation.name) is activation else {"function": function_name(activation)}


def function_name(activation: ActivationFunction) -> str:
    """Return the name in files of the function that an activation was made of."""
    made = activation.forward
    return saved_name(made.function) if isinstance(made, _Computed) else activation.name


def __getattr__(name: str) -> ActivationFunction:
    """Give `tinyseg.activations.relu` and the others."""
    if name in _KNOWN:
        return _KNOWN[name]
    raise refusal("activations", name, [*_KNOWN, "ActivationFunction", "get"], sys._getframe(1))
