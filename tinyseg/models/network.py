"""The network itself: forward along the calls of its plan, backward against them.

Training stands in `training.py`, files in `saving.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any, TypeAlias

import numpy as np
from tinyseg_kernels.arrange import add_forward
from tinyseg_kernels.device import is_device_array, to_backend
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, DType

from tinyseg.layers.contract import checked_backward, wrong_dx
from tinyseg.layers.layer import Gradients, Layer
from tinyseg.layers.symbolic import Shape, SymbolicTensor

from .copying import drawn_again, flat_state
from .graph import Graph
from .ownership import with_ownership
from .plan import Call, plan
from .wrong_input import narrowed, wrong_input

OfArray: TypeAlias = tuple[tuple[int, ...], DType]
"""Shape and dtype of an array."""


@dataclass
class Done:
    """A call that was made, its cache, and shape and dtype of each of its inputs."""

    call: Call
    cache: Any
    of_x: list[OfArray]

    def keep(self) -> Any:
        """Return the cache."""
        return self.cache

    def take(self) -> Any:
        """Hand the cache out, for good: the layer may drop it before its own work is done."""
        cache, self.cache = self.cache, None
        return cache


Trace: TypeAlias = list[Done]
"""The cache of a network: the calls of a forward, in their order."""


class Network(Layer):
    """A graph of layers that is a layer itself, so that a whole network can be a part of another one."""

    watch: Callable[[Call], Call] | None = None
    """Looks at each call before it is made, to measure it; may return another one in its place."""

    def __init__(self, inputs: Any = (), outputs: Any = (), *, name: str | None = None, trainable: bool = True) -> None:
        """Collect the layers between symbolic inputs and outputs, each one tensor or a list.

        A list of one output is that output, as in Keras.
        """
        super().__init__(name=name)
        self._set_graph(inputs, outputs)
        if not trainable:
            self.trainable = False

    def _set_graph(self, inputs: Any, outputs: Any) -> None:
        self.inputs: list[SymbolicTensor] = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        self.outputs: list[SymbolicTensor] = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        self.single_output = len(self.outputs) == 1
        if not self.inputs or not self.outputs:
            raise InvalidInput(
                f"{self.label}: expected at least one input and one output, as Model(inputs, outputs); "
                "what a class with a `call` of its own would do belongs into layers"
            )
        self.graph = Graph(self.inputs, self.outputs)
        self.several_inputs = len(self.inputs) > 1  # type: ignore[misc]  # known only now, unlike for other layers
        self.dtype = self.inputs[0].dtype
        self._take_arrays()
        self.regularizers = {f"{x.name}/{key}": r for x in self.graph.layers for key, r in x.regularizers.items()}
        self.built = True

    def _take_arrays(self) -> None:
        """Take the layers' arrays under their layers' names: the same arrays, so whoever changes one changes both."""
        self.parameters = {
            f"{layer.name}/{key}": a for layer in self.graph.layers for key, a in layer.parameters.items()
        }
        self.state = {f"{layer.name}/{key}": a for layer in self.graph.layers for key, a in layer.state.items()}

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy of the network is made from."""
        return flat_state(super().__getstate__())

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become a copy."""
        if "flat_steps" not in state:  # a chain whose input's shape is not known yet
            self.__dict__.update(state)
            return
        attributes, inputs, outputs = drawn_again(dict(state))
        self.__dict__.update(attributes, inputs=inputs, outputs=outputs, graph=Graph(inputs, outputs))
        self._take_arrays()

    def adopt(self, inside_built: bool = True) -> None:
        """Do nothing: the layers of a network are those of its graph."""

    def to_backend(self) -> None:
        """Bring all layers' parameters and state to where the backend in use computes."""
        for layer in self.graph.layers:
            layer.to_backend()
        self._take_arrays()

    # Forward and backward ------------------------------------------------------------------------------------------

    def forward(self, x: Any, training: bool = False) -> tuple[Any, Trace]:
        """Run all layers; x is one array, or a list of as many as there are inputs."""
        caches: Trace = []
        outputs = self._run(x, training, caches)
        return (outputs[0] if self.single_output else outputs), caches

    def _run(self, x: Any, training: bool, caches: Trace | None) -> list[Array]:
        """Do the plan's calls; keep each, its cache and inputs' shapes in `caches`; drop results after their last use."""
        values: dict[int, Any] = dict(zip(self.graph.inputs, self._as_inputs(x), strict=True))
        calls = self._calls(learns=training or caches is not None)
        for call in calls if self.watch is None else map(self.watch, calls):
            arguments = [values[i] for i in call.inputs]
            given = arguments if call.layer.several_inputs else arguments[0]
            values[call.result], cache = call.forward(given, training, **call.options)
            if caches is not None:
                caches.append(Done(call, cache, [(x.shape, x.dtype) for x in arguments]))
            del arguments, given, cache  # held during the next call, their memory could not be used for it
            for i in call.done_with:
                del values[i]
        return [values[k] for k in self.graph.outputs]

    def _calls(self, learns: bool) -> Iterable[Call]:
        """Return the plan; that of a training step is remembered until a layer has another method or activation."""
        if not learns:
            return plan(self.graph, learns)
        now: list[object] = []
        for layer in self.graph.layers:
            kind, own = type(layer), vars(layer)
            now += kind.forward, kind.backward, own.get("forward"), own.get("backward"), own.get("activation")
        known = self.graph.planned
        if known is None or not all(map(is_, now, known[0])):
            known = self.graph.planned = (now, with_ownership(list(plan(self.graph, learns)), self.graph.outputs))
        return known[1]

    def backward(self, dy: Any, cache: Trace, need_dx: bool = True, *, release: bool = False) -> tuple[Any, Gradients]:
        """Go through the calls in reverse: each layer turns its output's gradient into its input's and parameters'.

        Where a result was used by several layers, or a layer stands in several places, the gradients add up.

        Args:
            dy: Gradient of the loss by the output, or a list of them.
            cache: What forward returned.
            need_dx: Whether to compute the gradient by the inputs.
            release: Drop each layer's cache once it was used, which halves the peak of memory; it is then spent.

        Returns:
            dx (an array, a list for several inputs, or None), and the parameters' gradients by 'layer/parameter'.
        """
        wanted, upstream = self._wanted(need_dx), dict[int, Array]()
        gradients: Gradients = {}
        for k, d in zip(self.graph.outputs, [dy] if self.single_output else dy, strict=True):
            _add(upstream, k, d)
        for n in reversed(range(len(cache))):
            call, of_x = cache[n].call, cache[n].of_x
            k = call.result
            if k not in upstream or not wanted[k]:
                continue
            # Nothing is held here that the layer could drop before it is done: `**options` would, in a tuple.
            taken = Done.take if release else Done.keep
            need = any(wanted[i] for i in call.inputs)
            if release and call.overwrites:
                results = call.backward(upstream.pop(k), taken(cache[n]), need, overwrite_dy=True)
            else:
                results = call.backward(upstream.pop(k), taken(cache[n]), need)
            self._hand_on(call, results, of_x, wanted, upstream, gradients)
            del results  # dx must not be held here either, when its turn comes
        dxs = [upstream.get(k) for k in self.graph.inputs]
        return ((dxs if self.several_inputs else dxs[0]) if need_dx else None), gradients

    def _hand_on(
        self, call: Call, results: tuple[Any, Gradients], of_x: list[OfArray], wanted: list[bool], upstream: dict[int, Array], gradients: Gradients
    ) -> None:  # fmt: skip
        """Add the gradients that a call's backward gave: of inputs, of shape and dtype `of_x`, and of parameters."""
        layer = call.layer
        dx, own = checked_backward(layer, results, len(of_x)) if layer.checked else results
        for name in layer.trainable_parameters:
            key = f"{layer.name}/{name}"
            gradients[key] = own[name] if key not in gradients else add_forward([gradients[key], own[name]])[0]
        for i, d, expected in zip(call.inputs, dx if layer.several_inputs else [dx], of_x, strict=True):
            if wanted[i]:
                if d is None or (d.shape, d.dtype) != expected:
                    raise wrong_dx(layer, d, expected)
                _add(upstream, i, d)

    def _wanted(self, need_dx: bool) -> list[bool]:
        """For each step: whether anything before it, or itself, wants the gradient of its result."""
        wanted: list[bool] = []
        for k, step in enumerate(self.graph.steps):
            before = need_dx if k in self.graph.inputs else any(wanted[i] for i in step.inputs)
            wanted.append(before or bool(step.layer.trainable_parameters))
        return wanted

    def update_state(self, cache: Trace) -> None:
        """Let each layer take up what it saw, such as batch statistics."""
        for done in cache:
            done.call.layer.update_state(done.cache)

    def _as_inputs(self, x: Any) -> list[Array]:
        """Take one array, a list, or a dict by input names; check shapes and give all the model's dtype."""
        group = self._by_name(x) if isinstance(x, dict) else as_sequence(x)
        if len(group) != len(self.inputs):
            names = [tensor.name for tensor in self.inputs]
            raise InvalidInput(f"{self.label}: expected {len(self.inputs)} input arrays ({names}), got {len(group)}")
        return [_as_input(self, tensor, array) for tensor, array in zip(self.inputs, group, strict=True)]

    def _by_name(self, x: dict[str, Any]) -> list[Any]:
        """Return the arrays of a dict in the order of the inputs."""
        names = [tensor.name for tensor in self.inputs]
        if set(x) != set(names):
            raise InvalidInput(f"{self.label}: expected inputs named {names}, got {sorted(x)}")
        return [x[name] for name in names]

    # Layers and their parameters -------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """Each layer once, in order."""
        return self.graph.layers

    @property
    def input(self) -> Any:
        """The symbolic input, or a list of them."""
        return self.inputs if self.several_inputs else self.inputs[0]

    @property
    def output(self) -> Any:
        """The symbolic output, or a list of them."""
        return self.outputs[0] if self.single_output else self.outputs

    @property
    def input_shape(self) -> Any:
        """The input's shape, with None for the batch; or a list of them."""
        return [tensor.shape for tensor in self.inputs] if self.several_inputs else self.inputs[0].shape

    @property
    def output_shape(self) -> Any:
        """The output's shape, or a list of them."""
        return self.outputs[0].shape if self.single_output else [tensor.shape for tensor in self.outputs]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its position."""
        if name is None:
            if index is None or not -len(self.layers) <= index < len(self.layers):
                raise InvalidInput(
                    f"{self.label}: expected a name or an index below {len(self.layers)}, got index {index}"
                )
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise unknown_name(f"layer of {self.label}", name, [layer.name for layer in self.layers])

    @property
    def trainable(self) -> bool:
        """Whether the network may be trained; setting it sets every layer's."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for layer in getattr(self, "layers", ()):  # there are none yet while the network is being made
            layer.trainable = value

    @property
    def trainable_parameters(self) -> dict[str, Array]:
        """The parameters of all layers that are not frozen, by name 'layer/parameter'."""
        return {
            f"{layer.name}/{key}": a for layer in self.graph.layers for key, a in layer.trainable_parameters.items()
        }

    @property
    def weights(self) -> list[Array]:
        """All arrays of `get_weights`: layer by layer, parameters then state."""
        return [array for layer in self.graph.layers for array in layer.weights]

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the output's shape for inputs of this shape."""
        if not self.single_output:
            raise InvalidInput(f"{self.label}: only a network with one output can be a part of another one")
        shapes = dict(zip(self.graph.inputs, input_shape if self.several_inputs else [input_shape], strict=True))
        for k, step in enumerate(self.graph.steps):
            if k not in shapes:
                arguments = [shapes[i] for i in step.inputs]
                shapes[k] = step.layer.compute_output_shape(arguments if step.layer.several_inputs else arguments[0])
        return shapes[self.graph.outputs[0]]


def _as_input(network: Network, tensor: SymbolicTensor, array: object) -> Array:
    array = array if is_device_array(array) else np.asarray(array)
    expected = tensor.shape
    if array.dtype.kind not in "fiub":
        raise InvalidInput(f"{network.label}: input {tensor.name!r}: expected numbers, got dtype {array.dtype}")
    fits = array.ndim == len(expected) and all(
        e in (None, n) for e, n in zip(expected[1:], array.shape[1:], strict=True)
    )
    if not fits:
        raise wrong_input(network.label, tensor, array.shape)
    if array.dtype.kind == "f" and array.dtype.itemsize > 4 and tensor.dtype == "float32":
        array = narrowed(f"{network.label}: input {tensor.name!r}", array)
    return to_backend(array).astype(tensor.dtype, copy=False)  # images are mostly bytes: smaller before the conversion


def _add(upstream: dict[int, Array], k: int, d: Array) -> None:
    """Add a gradient by the result of step k to what others gave for it."""
    upstream[k] = add_forward([upstream[k], d])[0] if k in upstream else d


def as_sequence(value: object) -> Sequence[Any]:
    """Return a list or tuple as it is, anything else as a list of one."""
    return value if isinstance(value, (list, tuple)) else [value]
