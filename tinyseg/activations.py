"""Activation functions by name, each a forward beside its backward.

ReLU, leaky ReLU, sigmoid, tanh and softmax are operations of their own; all others come from the table of
`tinyseg_kernels.activation.table`, where value and slope of each stand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import Parameter, Signature
from math import inf
from typing import Any, TypeAlias

from tinyseg_kernels.activation import (
    elementwise_backward,
    elementwise_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from tinyseg_kernels.activation.table import TABLE
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
    options: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    """What Keras's function of this name takes beside x, such as 'alpha', and the defaults."""
    with_options: Callable[..., ActivationFunction] | None = field(default=None, repr=False, compare=False)
    """Makes the activation with other options."""

    def __call__(self, x: FloatArray, *values: object, **options: object) -> FloatArray:
        """Compute the function alone, with Keras's options where it has any; an InvalidInput says which."""
        if not values and not options:
            return self.forward(x)[0]
        given = {**dict(zip(self.options, values, strict=False)), **options}
        if self.with_options is None or len(values) > len(self.options) or not {*given} <= {*self.options}:
            raise InvalidInput(
                f"activation {self.name!r}: expected x{''.join(f', {name}' for name in self.options)}, got also "
                f"{', '.join([*map(repr, values), *options])}"
            )
        return self.with_options(**given).forward(x)[0]

    @property
    def __signature__(self) -> Signature:
        """What help() shows."""
        kind = Parameter.POSITIONAL_OR_KEYWORD
        return Signature([Parameter("x", kind), *(Parameter(k, kind, default=v) for k, v in self.options.items())])

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


def relu_with(
    negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> ActivationFunction:
    """Return the general ReLU of Keras.

    max_value from there on, x above the threshold, negative_slope * (x - threshold) below.
    """
    most = inf if max_value is None else max_value
    if threshold:
        options = {"max_value": most, "negative_slope": negative_slope, "threshold": threshold}
        return _of_table("relu", "threshold_relu", **options)
    if max_value is not None:
        return _of_table("relu", "capped_relu", max_value=most, negative_slope=negative_slope)
    return leaky_relu_with(negative_slope) if negative_slope else _KNOWN["relu"]


def leaky_relu_with(negative_slope: float = 0.2) -> ActivationFunction:
    """Return leaky ReLU with a slope."""
    return ActivationFunction(
        "leaky_relu", partial(leaky_relu_forward, negative_slope=negative_slope), leaky_relu_backward
    )


def _softmax_with(axis: int = -1) -> ActivationFunction:
    return ActivationFunction("softmax", partial(softmax_forward, axis=axis), softmax_backward)


def _gelu_with(approximate: bool = False) -> ActivationFunction:
    return _of_table("gelu", "gelu_tanh" if approximate else "gelu")


def _of_table(name: str, entry: str | None = None, /, **options: Any) -> ActivationFunction:
    """Return an activation for a function of the kernels' table, with the options that Keras's function has."""
    entry = entry or name
    return ActivationFunction(
        name,
        partial(elementwise_forward, function=entry, **options),
        elementwise_backward,
        TABLE[entry].options,
        partial(_of_table, name, entry),
    )


_RELU_OPTIONS = {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}

_KNOWN = {
    function.name: function
    for function in (
        ActivationFunction("linear", _same, _pass),
        ActivationFunction("relu", relu_forward, relu_backward, _RELU_OPTIONS, relu_with),
        ActivationFunction(
            "leaky_relu",
            lambda x: leaky_relu_forward(x, negative_slope=0.2),
            leaky_relu_backward,
            {"negative_slope": 0.2},
            leaky_relu_with,
        ),
        ActivationFunction("sigmoid", sigmoid_forward, sigmoid_backward),
        ActivationFunction("tanh", tanh_forward, tanh_backward),
        ActivationFunction("softmax", softmax_forward, softmax_backward, {"axis": -1}, _softmax_with),
        ActivationFunction(
            "gelu",
            partial(elementwise_forward, function="gelu"),
            elementwise_backward,
            {"approximate": False},
            _gelu_with,
        ),
        ActivationFunction("relu6", partial(elementwise_forward, function="capped_relu"), elementwise_backward),
        *map(_of_table, sorted(TABLE.keys() - {"gelu", "gelu_tanh", "capped_relu", "threshold_relu"})),
    )
}

_ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}
"""Keras's other names."""

_KNOWN |= {alias: _KNOWN[name] for alias, name in _ALIASES.items()}

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
