"""The base of all layers: hyper-parameters, parameters, and a forward beside a backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias, cast

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu.arrays import is_device_array, like, to_backend, to_host
from tinyseg_kernels.types import Array, Cache

from tinyseg.initializers import get as get_initializer
from tinyseg.utils.dtypes import as_float_dtype
from tinyseg.utils.naming import unique_name

from .symbolic import Node, Shape, SymbolicTensor

Gradients: TypeAlias = dict[str, Array]
"""Gradient of the loss by each parameter, under the parameter's name."""


class Layer:
    """A function with parameters, and its gradient.

    A layer holds its hyper-parameters and parameters, and nothing of the last batch: what backward needs travels in the cache. So one layer can
    stand in several places of a network, and two threads can use one model.

    To write your own layer, override `build` (if it has parameters), `compute_output_shape`, `forward`, `backward` and, to save it,
    `get_config`. `tinyseg.check` tells whether backward fits forward.

    Attributes:
        name: Unique within a model.
        trainable: Set to False to freeze the layer; this takes effect at once. Gradients still pass through it.
        parameters: What the optimizer trains: name -> array.
        state: What training changes without a gradient (moving averages): name -> array.
    """

    several_inputs: ClassVar[bool] = False
    """Whether forward takes a list of arrays (Add, Concatenate) and backward returns a list."""

    expected_rank: ClassVar[int | None] = None
    """Number of axes of the input, the batch included; None accepts any."""

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: str | None = None,
        input_shape: Sequence[int | None] | None = None,
    ) -> None:
        """Set what all layers have.

        Args:
            name: A unique name; made from the class name when not given.
            trainable: Whether the optimizer may change the parameters.
            dtype: 'float32' or 'float64'; that of the input when not given.
            input_shape: Shape of one input without the batch; lets the first layer of a `Sequential` do without an `Input`.
        """
        self.name = unique_name(type(self).__name__) if name is None else str(name)
        if not self.name or "/" in self.name:
            raise InvalidInput(f"layer name: expected a text without '/', got {name!r}")
        self.trainable = trainable
        self.dtype = None if dtype is None else as_float_dtype(dtype)
        self.given_input_shape = None if input_shape is None else tuple(input_shape)
        self.parameters: dict[str, Array] = {}
        self.state: dict[str, Array] = {}
        self.built = False
        self.drawn: list[SymbolicTensor] = []

    # What a layer is -----------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Create the parameters for inputs of this shape (N, ...); called once, before the first use."""

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the output's shape (N, ...) for an input's shape, unknown lengths being None."""
        return cast(Shape, input_shape)

    def forward(self, x: Any, training: bool = False) -> tuple[Any, Cache]:
        """Compute y and the cache that backward needs. `training` matters to Dropout and BatchNormalization only."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: Any, cache: Cache, need_dx: bool = True) -> tuple[Any, Gradients]:
        """Return (dx, gradients of the parameters) for the upstream gradient dy; dx may be None when it is not needed."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def update_state(self, cache: Cache) -> None:
        """Take what a forward in training saw into the state, such as moving averages; called once per training step.

        The state's arrays are changed in place, since a model that contains the layer refers to them.
        """

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer again, as JSON types; parameters are not among them."""
        return {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Layer:
        """Make a layer from `get_config`'s result."""
        return cls(**config)

    # Using a layer -------------------------------------------------------------------------------------------------

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """Draw this layer into a network (symbolic tensors), or compute it (arrays).

        Returns:
            A symbolic tensor for symbolic input; the output alone, without a cache, for arrays. Under a GPU backend the input is copied to the device,
            and the output stays there.
        """
        group = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if any(isinstance(item, SymbolicTensor) for item in group):
            return self._draw(group)
        arrays = [to_backend(item if is_device_array(item) else np.asarray(item)) for item in group]
        arrays = [a if a.dtype in (np.float32, np.float64) else a.astype(np.float32) for a in arrays]
        self.ensure_built([a.shape for a in arrays], str(arrays[0].dtype))
        self.to_backend()
        return self.forward(arrays if self.several_inputs else arrays[0], training)[0]

    def _draw(self, inputs: list[Any]) -> Any:
        for item in inputs:
            if not isinstance(item, SymbolicTensor):
                raise InvalidInput(f"{self.label}: expected symbolic tensors only, got also {type(item).__name__}")
        self.ensure_built([tensor.shape for tensor in inputs], inputs[0].dtype)
        shape = self.compute_output_shape(self._as_argument([tensor.shape for tensor in inputs]))
        self.drawn.append(SymbolicTensor(shape, inputs[0].dtype, Node(self, tuple(inputs))))
        return self.drawn[-1]

    @property
    def output(self) -> Any:
        """The symbolic output of this layer where it was drawn, to end another model at: `Model(m.input, m.get_layer("pool").output)`."""
        return self._only_place()

    @property
    def input(self) -> Any:
        """The symbolic input of this layer where it was drawn, or a list of them."""
        inputs = list(self._only_place().node.inputs)
        return inputs if self.several_inputs else inputs[0]

    def _only_place(self) -> SymbolicTensor:
        if len(self.drawn) != 1:
            raise InvalidInput(
                f"{self.label}: expected a layer that was called once on a symbolic tensor; it was called {len(self.drawn)} times"
            )
        return self.drawn[0]

    def ensure_built(self, input_shapes: Sequence[Shape], dtype: str) -> None:
        """Check the inputs' shapes and create the parameters if that has not happened yet."""
        if not self.several_inputs and len(input_shapes) != 1:
            raise InvalidInput(f"{self.label}: expected one input, got {len(input_shapes)}")
        if self.expected_rank is not None:
            for shape in input_shapes:
                if len(shape) != self.expected_rank:
                    raise InvalidInput(
                        f"{self.label}: expected an input with {self.expected_rank} axes, batch included, got shape {shape}"
                    )
        if not self.built:
            self.dtype = self.dtype or as_float_dtype(dtype)
            self.build(self._as_argument(list(input_shapes)))
            self.built = True

    def _as_argument(self, shapes: list[Any]) -> Any:
        return shapes if self.several_inputs else shapes[0]

    # Parameters ----------------------------------------------------------------------------------------------------

    def to_backend(self) -> None:
        """Bring the parameters and the state to where the backend in use computes.

        A model's `fit`, `evaluate` and `predict` do this first. Counters (integers, such as Dropout's step) stay on the host, which reads them.
        """
        for arrays in (self.parameters, self.state):
            for name, array in arrays.items():
                if array.dtype.kind == "f":
                    arrays[name] = to_backend(array)

    def add_parameter(self, name: str, shape: Sequence[int], initializer: Any) -> None:
        """Create a parameter in the layer's dtype."""
        self.parameters[name] = get_initializer(initializer)(tuple(shape), self.dtype or "float32")

    def add_state(self, name: str, shape: Sequence[int], initializer: Any) -> None:
        """Create an array that training changes without a gradient."""
        self.state[name] = get_initializer(initializer)(tuple(shape), self.dtype or "float32")

    @property
    def trainable_parameters(self) -> dict[str, Array]:
        """The parameters that the optimizer may change now."""
        return self.parameters if self.trainable else {}

    @property
    def weights(self) -> list[Array]:
        """All arrays of `get_weights`, in order: parameters, then state. These are the layer's own arrays, not copies."""
        return [*self.parameters.values(), *self.state.values()]

    def get_weights(self) -> list[Array]:
        """Return copies of the parameters and the state as NumPy arrays."""
        return [to_host(array.copy()) for array in self.weights]

    def set_weights(self, weights: Sequence[Array]) -> None:
        """Copy values into the parameters and the state, in the order of `get_weights`."""
        own = self.weights
        if len(weights) != len(own):
            raise InvalidInput(f"{self.label}: expected {len(own)} weight arrays, got {len(weights)}")
        for k, (array, new) in enumerate(zip(own, weights, strict=True)):
            if array.shape != np.shape(new):
                raise InvalidInput(f"{self.label}: weight {k}: expected shape {array.shape}, got {np.shape(new)}")
        self.to_backend()
        for array, new in zip(self.weights, weights, strict=True):
            array[...] = like(array, new)

    def count_params(self) -> int:
        """Return how many numbers the parameters and the state hold."""
        return sum(array.size for array in self.weights)

    @property
    def label(self) -> str:
        """How errors name this layer."""
        return f"{type(self).__name__} {self.name!r}"

    def __repr__(self) -> str:
        """Show class and name."""
        return f"<{self.label}>"
