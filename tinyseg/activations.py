"""Activation functions by name, each a forward beside its backward."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.softmax import softmax_backward, softmax_forward
from tinyseg_kernels.types import Array, Cache

from tinyseg.utils.absent import absent_from, refusal


@dataclass(frozen=True)
class ActivationFunction:
    """A function of arrays and its gradient, both pure."""

    name: str
    forward: Callable[[Array], tuple[Array, Cache]]
    backward: Callable[[Array, Cache], Array]

    def __call__(self, x: Array, **options: Any) -> Array:
        """Compute the function alone; it has no options, and an InvalidInput says so."""
        if options:
            raise InvalidInput(
                f"activation {self.name!r}: expected x alone, got {', '.join(options)}; "
                "layers have options: LeakyReLU(negative_slope=...), Softmax(axis=...)"
            )
        return self.forward(x)[0]

    def __reduce__(self) -> Any:
        """Stay what it is when copied or sent to another process: layers are computed together where an activation is tinyseg's own."""
        if _KNOWN.get(self.name) == self:
            return get, (self.name,)
        return type(self), (self.name, self.forward, self.backward)


def _same(x: Array) -> tuple[Array, Cache]:
    return x, None


def _pass(dy: Array, cache: Cache) -> Array:
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


def get(identifier: Any) -> ActivationFunction:
    """Return an activation for a name, None (linear) or an `ActivationFunction` of your own."""
    if identifier is None:
        return _KNOWN["linear"]
    if isinstance(identifier, ActivationFunction):
        known = _KNOWN.get(identifier.name)
        return known if known is not None and known == identifier else identifier
    if isinstance(identifier, str):
        if identifier.lower() in _KNOWN:
            return _KNOWN[identifier.lower()]
        told = absent_from("activation", identifier)
        raise (
            InvalidInput(f"activation {identifier!r}: {told}")
            if told
            else unknown_name("activation", identifier, _KNOWN)
        )
    raise InvalidInput(
        f"activation: expected a name, None or an ActivationFunction (a forward with its backward), got {identifier!r}"
    )


def __getattr__(name: str) -> ActivationFunction:
    """Give `tinyseg.activations.relu` and the others."""
    if name in _KNOWN:
        return _KNOWN[name]
    raise refusal("activations", name, [*_KNOWN, "ActivationFunction", "get"], sys._getframe(1))
