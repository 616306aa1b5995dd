"""The network itself: forward along the steps, backward against them. Training stands in `training.py`, files in `saving.py`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from tinyseg_kernels.arrange import add_forward
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.gpu.arrays import is_device_array, to_backend
from tinyseg_kernels.types import Array, Cache

from tinyseg.layers.contract import checked_backward, checked_forward, wrong_dx
from tinyseg.layers.input import InputLayer
from tinyseg.layers.layer import Gradients, Layer
from tinyseg.layers.symbolic import Shape, SymbolicTensor

from .copying import drawn_again, flat_state
from .fusion import takes_normalisation, takes_relu
from .graph import Graph
from .ownership import is_new, overwrites
from .wrong_input import wrong_input


class ComputedBefore:
    """In the place of the cache of a step that the step before it has computed too: the class itself, whose copies are itself."""


class Network(Layer):
    """A graph of layers that is a layer itself, so that a whole network can be a part of another one."""

    def __init__(self, inputs: Any = (), outputs: Any = (), *, name: str | None = None, trainable: bool = True) -> None:
        """Collect the layers between symbolic inputs and outputs, each one tensor or a list; a list of one output is that output, as in Keras."""
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
        self.built = True

    def _take_arrays(self) -> None:
        """Take the arrays of the layers, under the names of their layers: the same arrays, so whoever changes one changes both."""
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

    def forward(self, x: Any, training: bool = False) -> tuple[Any, Cache]:
        """Run all layers; x is one array, or a list of as many as there are inputs."""
        caches: list[Cache] = []
        outputs = self._run(x, training, caches)
        return (outputs[0] if self.single_output else outputs), caches

    def _run(self, x: Any, training: bool, caches: list[Cache] | None) -> list[Array]:
        """Run all layers and keep their caches in the list, if there is one. Results are dropped after their last use.

        A layer may compute the next one too (see `fusion.py`).
        """
        values: dict[int, Any] = dict(zip(self.graph.inputs, self._as_inputs(x), strict=True))
        steps = self.graph.steps
        before: set[int] = set()
        for k, step in enumerate(steps):
            cache, arguments = None, []
            if k in before:
                cache = ComputedBefore
            elif k not in values:
                arguments = [values[i] for i in step.inputs]
                layer, last, options = step.layer, k, {}
                following = step.only_user
                if following is not None and caches is None and not training:
                    normalisation = steps[following].layer
                    if takes_normalisation(layer, normalisation):
                        options["normalisation"] = normalisation.scale_and_shift()  # type: ignore[attr-defined]
                        before.add(last := following)
                        following = steps[following].only_user
                if following is not None and takes_relu(layer, steps[following].layer):
                    options["relu"] = True
                    before.add(last := following)
                given = arguments if layer.several_inputs else arguments[0]
                compute = partial(checked_forward, layer) if layer.checked else layer.forward
                values[last], cache = compute(given, training, **options)
            if caches is not None:
                caches.append((cache, [(x.shape, x.dtype) for x in arguments]))
            for i in step.done_with:
                values.pop(i, None)  # a result in between does not exist
        return [values[k] for k in self.graph.outputs]

    def backward(self, dy: Any, cache: Cache, need_dx: bool = True, *, release: bool = False) -> tuple[Any, Gradients]:
        """Go through the steps in reverse: each layer turns the gradient of its output into those of its input and parameters.

        Where a result was used by several layers, or a layer stands in several places, the gradients add up.

        Args:
            dy: Gradient of the loss by the output, or a list of them.
            cache: What forward returned.
            need_dx: Whether to compute the gradient by the inputs.
            release: Drop each layer's cache as soon as it was used, which halves the peak of memory; the cache is then spent.

        Returns:
            dx (an array, a list for several inputs, or None) and the gradients of the trainable parameters by name 'layer/parameter'.
        """
        steps, wanted = self.graph.steps, self._wanted(need_dx)
        upstream: dict[int, Array] = {}
        overwritable: set[int] = set()  # of those, which may be overwritten by the layer that takes them
        gradients: Gradients = {}
        for k, d in zip(self.graph.outputs, [dy] if self.single_output else dy, strict=True):
            upstream[k] = _added(upstream.get(k), d)
        for k in reversed(range(len(steps))):
            if k not in upstream or k in self.graph.inputs or not wanted[k]:
                continue
            if cache[k][0] is ComputedBefore:
                before = steps[k].inputs[0]
                upstream[before] = upstream.pop(k)
                if k in overwritable:
                    overwritable.add(before)
                continue
            # Nothing is held here that the layer could drop before it is done; the arguments of a call with `**options` would be, in a tuple.
            taken = _taken if release else _kept
            need, layer = any(wanted[i] for i in steps[k].inputs), steps[k].layer
            if release and k in overwritable and overwrites(layer):
                results = layer.backward(upstream.pop(k), taken(cache, k), need, overwrite_dy=True)  # type: ignore[call-arg]  # it takes it
            else:
                results = layer.backward(upstream.pop(k), taken(cache, k), need)
            self._hand_on(k, results, cache[k][1], wanted, upstream, overwritable, gradients)
            del results  # dx must not be held here either, when its turn comes
        if not need_dx:
            return None, gradients
        dxs = [upstream.get(k) for k in self.graph.inputs]
        return (dxs if self.several_inputs else dxs[0]), gradients

    def _hand_on(
        self,
        k: int,
        results: tuple[Any, Gradients],
        of_x: list[tuple[Any, Any]],
        wanted: list[bool],
        upstream: dict[int, Array],
        overwritable: set[int],
        gradients: Gradients,
    ) -> None:
        """Add what the backward of step k returned to the gradients of the steps before it, and of its parameters; `of_x` holds shape and dtype of its inputs."""
        step, layer = self.graph.steps[k], self.graph.steps[k].layer
        dx, own = checked_backward(layer, results, len(of_x)) if layer.checked else results
        for name in layer.trainable_parameters:
            key = f"{layer.name}/{name}"
            gradients[key] = _added(gradients.get(key), own[name])
        for i, d, expected in zip(step.inputs, dx if layer.several_inputs else [dx], of_x, strict=True):
            if wanted[i]:
                if d is None or (d.shape, d.dtype) != expected:
                    raise wrong_dx(layer, d, expected)
                if i in upstream or is_new(layer):
                    overwritable.add(i)  # a sum is new, too
                upstream[i] = _added(upstream.get(i), d)

    def _wanted(self, need_dx: bool) -> list[bool]:
        """For each step: whether anything before it, or itself, wants the gradient of its result."""
        wanted: list[bool] = []
        for k, step in enumerate(self.graph.steps):
            before = need_dx if k in self.graph.inputs else any(wanted[i] for i in step.inputs)
            wanted.append(before or bool(step.layer.trainable_parameters))
        return wanted

    def update_state(self, cache: Cache) -> None:
        """Let each layer take up what it saw, such as batch statistics."""
        for step, (inner, _) in zip(self.graph.steps, cache, strict=True):
            if not isinstance(step.layer, InputLayer):
                step.layer.update_state(inner)

    def _as_inputs(self, x: Any) -> list[Array]:
        """Take one array, a list, or a dict by input names; check shapes and give all the model's dtype."""
        if isinstance(x, dict):
            names = [tensor.name for tensor in self.inputs]
            if set(x) != set(names):
                raise InvalidInput(f"{self.label}: expected inputs named {names}, got {sorted(x)}")
            x = [x[name] for name in names]
        group = list(x) if isinstance(x, (list, tuple)) else [x]
        if len(group) != len(self.inputs):
            names = [tensor.name for tensor in self.inputs]
            raise InvalidInput(f"{self.label}: expected {len(self.inputs)} input arrays ({names}), got {len(group)}")
        return [_as_input(self.label, tensor, array) for tensor, array in zip(self.inputs, group, strict=True)]

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


def _kept(caches: list[Cache], k: int) -> Cache:
    """Return the cache of a step."""
    return caches[k][0]


def _taken(caches: list[Cache], k: int) -> Cache:
    """Take a cache out of the list."""
    cache, of_x = caches[k]
    caches[k] = None, of_x
    return cache


def _added(sum_so_far: Array | None, part: Array) -> Array:
    """Add a gradient to those that the other users of a result gave."""
    return part if sum_so_far is None else add_forward([sum_so_far, part])[0]


def _as_input(label: str, tensor: SymbolicTensor, array: Any) -> Array:
    array = array if is_device_array(array) else np.asarray(array)
    expected = tensor.shape
    if array.dtype.kind not in "fiub":
        raise InvalidInput(f"{label}: input {tensor.name!r}: expected numbers, got dtype {array.dtype}")
    fits = array.ndim == len(expected) and all(
        e in (None, n) for e, n in zip(expected[1:], array.shape[1:], strict=True)
    )
    if not fits:
        raise wrong_input(label, tensor, array.shape)
    return to_backend(array).astype(
        tensor.dtype, copy=False
    )  # smaller before than after the conversion: images are mostly bytes


def as_sequence(value: Any) -> Sequence[Any]:
    """Return a list or tuple as it is, anything else as a list of one."""
    return value if isinstance(value, (list, tuple)) else [value]
