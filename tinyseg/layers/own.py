"""Layers that somebody brings along, in Keras's manner.

`build`, `add_weight`, `call`, weights as attributes, methods with or without `training` and `need_dx`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.device import is_array, like
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.utils.dtypes import floatx

from .contract import described, no_backward

if TYPE_CHECKING:
    from .layer import Layer

KERAS_3 = ("shape", "initializer", "dtype", "trainable", "autocast", "regularizer", "constraint", "aggregation", "overwrite_with_gradient", "name")  # fmt: skip
KERAS_2 = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint", "use_resource", "synchronization", "aggregation")  # fmt: skip
"""Orders of the arguments of `add_weight`."""

WITHOUT_EFFECT = {
    "autocast": (True,), "aggregation": (None, "none", "mean", "sum", "only_first_replica"), "use_resource": (None, True),
    "overwrite_with_gradient": (False,), "synchronization": (None, "auto"),
}  # fmt: skip
"""Arguments that ask for what is so anyway, with the values that do."""

PROVISIONAL = "#"
"""Begins the name of a weight until an attribute gives it one."""


def fit_in(cls: type[Layer]) -> None:
    """Bring the methods that a class defines to what a network calls.

    forward(x, training) and backward(dy, cache, need_dx).
    """
    own = vars(cls)
    if inspect.isfunction(own.get("call")) and "forward" not in own:
        cls.forward = _through_call(own["call"])  # type: ignore[method-assign]
        if "backward" not in own:
            cls.backward = _refused  # type: ignore[method-assign]
    elif inspect.isfunction(own.get("forward")):
        cls.forward = _with_arguments(own["forward"], ("training",), "forward(self, x, training=False)")  # type: ignore[method-assign]
    if inspect.isfunction(own.get("backward")):
        cls.backward = _with_arguments(own["backward"], ("cache", "need_dx"), "backward(self, dy, cache)")  # type: ignore[method-assign]
    if not hasattr(cls, "__getattr__"):
        cls.__getattr__ = weight_of_attribute  # type: ignore[attr-defined]
        cls.__setattr__ = set_attribute  # type: ignore[method-assign, assignment]
    for name in ("to_backend", "__setstate__", "trainable_parameters"):
        if getattr(cls, name, None) is getattr(cls.root, name, None):
            setattr(cls, name, vars(Composite)[name])


def call_of(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Return Keras's `call` for a forward: y alone."""

    def call(self: Layer, x: Any, training: bool = False) -> Any:
        """Compute y, as `forward` does."""
        return forward(self, x, training)[0]

    return call


def _through_call(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return forward for a layer with `call` alone: the cache is x."""
    takes_training = "training" in inspect.signature(call).parameters

    def forward(self: Layer, x: Any, training: bool = False) -> tuple[Any, Any]:
        """Compute y by `call`, and keep x for backward."""
        y = call(self, x, training=training) if takes_training else call(self, x)
        return y if isinstance(y, tuple) else (y, x)

    return forward


def _refused(self: Layer, dy: object, cache: object, need_dx: bool = True) -> Any:
    """Say that there is no backward."""
    raise no_backward(self)


def _with_arguments(method: Callable[..., Any], names: tuple[str, ...], expected: str) -> Callable[..., Any]:
    """Let a method be called with all arguments that a network gives, though it takes only some of those in `names`.

    The first of the names is `training`, or `cache`, which must be taken under whatever name.
    """
    parameters = list(inspect.signature(method).parameters.values())
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return method
    needs_cache = names[0] == "cache"
    optional = names[-1]
    if len(positional) < 2 + needs_cache:

        @functools.wraps(method)
        def refuse(self: Layer, *arguments: object, **options: object) -> Any:
            given = ", ".join(p.name for p in parameters)
            raise InvalidInput(
                f"{self.label}: {method.__name__}: expected {expected}, got {method.__name__}({given}); what backward needs of the forward pass "
                "travels in the cache, since a layer keeps nothing of the last batch"
            )

        return refuse
    place = 2 + needs_cache
    if len(positional) > place and positional[place].name == optional:
        return method
    by_name = any(p.name == optional and p.kind == p.KEYWORD_ONLY for p in parameters)

    @functools.wraps(method)
    def run(self: Layer, *arguments: object, **options: object) -> Any:
        given = list(arguments)
        if len(given) >= place:
            options[optional] = given.pop(place - 1)
        if not by_name:
            options.pop(optional, None)
        return method(self, *given, **options)

    return run


def then_built(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let `build` end as Keras's does: the layer is built, also when somebody calls it directly."""

    @functools.wraps(build)
    def run(self: Layer, *arguments: object, **options: object) -> None:
        self.dtype = self.dtype or floatx()
        for inner in sublayers(self).values() if self.checked else ():
            inner.dtype = inner.dtype or self.dtype
        build(self, *arguments, **options)
        self.adopt()
        self.built = True

    return run


# Weights --------------------------------------------------------------------------------------------------------------


def weight_arguments(label: str, positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return shape, initializer, trainable and name of a weight from the arguments of `add_weight`, in the order of Keras 3 or of Keras 2.

    Raises:
        InvalidInput: An argument that is not known, or asks for what there is not.
    """
    order = KERAS_2 if positional and (isinstance(positional[0], str) or positional[0] is None) else KERAS_3
    if len(positional) > len(order):
        raise InvalidInput(f"{label}: add_weight: expected at most {len(order)} arguments, got {len(positional)}")
    given = dict(zip(order, positional, strict=False))
    for key, value in named.items():
        if key in given:
            raise InvalidInput(f"{label}: add_weight: got two values for {key!r}")
        if key not in {*KERAS_3, *KERAS_2}:
            raise InvalidInput(f"{label}: add_weight: unknown argument {key!r}; there are {', '.join(KERAS_3)}")
        given[key] = value
    if given.get("constraint") is not None:
        raise InvalidInput(
            f"{label}: add_weight: constraint: there is none in tinyseg, expected None, got {given['constraint']!r}"
        )
    for key, allowed in WITHOUT_EFFECT.items():
        value = given.get(key, allowed[0])
        if value not in allowed and getattr(value, "name", str(value)).lower() not in allowed:
            raise InvalidInput(f"{label}: add_weight: {key}: expected {allowed[0]!r}, got {value!r}")
    shape = given.get("shape")
    lengths = () if shape is None else (shape,) if hasattr(shape, "__index__") else tuple(shape)
    if any(not hasattr(n, "__index__") or n < 0 for n in lengths):
        raise InvalidInput(
            f"{label}: add_weight: shape: expected known lengths, got {shape!r}; the batch, and axes of any size, are None in build's input_shape"
        )
    name = given.get("name")
    if name is not None and (not str(name) or "/" in str(name)):
        raise InvalidInput(f"{label}: add_weight: name: expected a text without '/', got {name!r}")
    trainable = given.get("trainable")
    initializer = given.get("initializer")
    return {
        "shape": tuple(int(n) for n in lengths),
        "initializer": "glorot_uniform" if initializer is None else initializer,
        "dtype": given.get("dtype"),
        "trainable": trainable is None or bool(trainable),
        "regularizer": given.get("regularizer"),
        "name": None if name is None else str(name),
    }


def free_name(label: str, name: str | None, taken: Mapping[str, Any]) -> str:
    """Return a weight's name, or a provisional one."""
    if name in taken:
        raise InvalidInput(f"{label}: add_weight: there is a weight named {name!r} already")
    return f"{PROVISIONAL}{len(taken)}" if name is None else name


def weight_of_attribute(self: Layer, name: str) -> Any:
    """Return the weight that an attribute stands for: the array that is trained, wherever it is by now."""
    key = self.__dict__.get("attribute_names", {}).get(name)
    for arrays in (self.__dict__.get("parameters", {}), self.__dict__.get("state", {})):
        if key is not None and key in arrays:
            return arrays[key]
    if name in ("name", "trainable", "dtype", "parameters", "state", "built", "drawn", "given_input_shape"):
        raise _Unprepared(f"{type(self).__name__}: call super().__init__() in __init__ before the layer is used")
    raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class _Unprepared(InvalidInput, AttributeError):
    """A layer whose base was not initialised; hasattr must go on to see that something is missing."""


def set_attribute(self: Layer, name: str, value: Any) -> None:
    """Set an attribute; one that stands for a weight takes the values, so that what is computed with stays what is trained."""
    if name in self.__dict__.get("attribute_names", {}):
        weight = getattr(self, name)
        if value is weight:  # self.w += ...
            return
        if np.shape(value) != weight.shape:
            raise InvalidInput(
                f"{self.label}: {name} is a weight: expected values of shape {weight.shape}, got {described(value)}"
            )
        weight[...] = like(weight, value)
        return
    if name == "trainable" and name in self.__dict__:
        for inner in sublayers(self).values():
            inner.trainable = value
    object.__setattr__(self, name, value)


def adopt(layer: Layer, inside_built: bool = True) -> None:
    """Take note of the attributes of a layer that hold its weights, which so get names, and of the layers that it is made of, which should have their weights by now.

    Raises:
        InvalidInput: A layer within has no parameters yet, or weights are kept in a list.
    """
    for attribute, value in list(vars(layer).items()):
        if isinstance(value, (list, tuple)) and any(_key_of(layer, item) for item in value):
            raise InvalidInput(
                f"{layer.label}: {attribute}: expected each weight in an attribute of its own, got a list of weights"
            )
        key = _key_of(layer, value)
        if key is None:
            continue
        if key.startswith(PROVISIONAL):
            _rename(layer, key, attribute)
            key = attribute
        if getattr(type(layer), "__getattr__", None) is weight_of_attribute:
            layer.attribute_names[attribute] = key
            del layer.__dict__[attribute]
    for key in [key for key in (*layer.parameters, *layer.state) if key.startswith(PROVISIONAL)]:
        _rename(layer, key, f"weight_{key.removeprefix(PROVISIONAL)}")
    for path, inner in sublayers(layer).items():
        if not inner.built and inside_built and type(inner).build is not inner.root.build:
            raise InvalidInput(
                f"{layer.label}: {inner.label} in it has no parameters yet; in build(self, input_shape) write self.{path}.build(the shape of its input)"
            )
    take_sublayers(layer)


def _key_of(layer: Layer, value: object) -> str | None:
    """Return the name of the weight that a value is, if it is one."""
    if not is_array(value):
        return None
    return next((key for arrays in (layer.parameters, layer.state) for key, a in arrays.items() if a is value), None)


def _rename(layer: Layer, old: str, new: str) -> None:
    """Give a weight another name, in its place."""
    if new in layer.parameters or new in layer.state:
        raise InvalidInput(f"{layer.label}: two weights have the name {new!r}")
    for arrays in (layer.parameters, layer.state):
        renamed = {new if key == old else key: array for key, array in arrays.items()}
        arrays.clear()
        arrays.update(renamed)
    layer.regularizers = {new if key == old else key: r for key, r in layer.regularizers.items()}


def sublayers(layer: Layer) -> dict[str, Layer]:
    """Return the layers that a layer keeps as attributes, alone or in lists, by the attribute's name."""
    found: dict[str, Layer] = {}
    for attribute, value in vars(layer).items():
        items: Any = {attribute: value}
        if isinstance(value, (list, tuple)):
            items = {f"{attribute}/{k}": item for k, item in enumerate(value)}
        elif isinstance(value, dict):
            items = {f"{attribute}/{k}": item for k, item in value.items()}
        found |= {path: item for path, item in items.items() if isinstance(item, layer.root)}
    return found


def take_sublayers(layer: Layer) -> None:
    """Take the arrays of the layers within, under their attributes' names: the same arrays."""
    for path, inner in sublayers(layer).items():
        layer.parameters |= {f"{path}/{key}": array for key, array in inner.parameters.items()}
        layer.state |= {f"{path}/{key}": array for key, array in inner.state.items()}
        within = {f"{path}/{key}": regularizer for key, regularizer in inner.regularizers.items()}
        layer.regularizers = {**layer.regularizers, **within}


class Composite:
    """What a layer does differently when it may be made of others: their arrays are its own, under 'attribute/name'."""

    parameters: dict[str, Array]

    def to_backend(self: Any) -> None:
        """Bring all arrays to where the backend in use computes."""
        for inner in sublayers(self).values():
            inner.to_backend()
        self.root.to_backend(self)
        take_sublayers(self)

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        """Become a copy."""
        self.__dict__.update(state)
        take_sublayers(self)

    @property
    def trainable_parameters(self: Any) -> dict[str, Array]:
        """The parameters that the optimizer may change now: not those of a layer within that is frozen."""
        within = sublayers(self)
        frozen = [f"{path}/" for path, inner in within.items() if not inner.trainable]
        return {key: a for key, a in self.parameters.items() if self.trainable and not key.startswith(tuple(frozen))}
