"""The base of all layers: hyper-parameters, parameters, and a forward beside a backward."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeAlias, cast

import numpy as np
from tinyseg_kernels.device import like, to_backend, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.initializers import get as get_initializer
from tinyseg.initializers.initializer import first_values
from tinyseg.regularizers import Regularizer, regularizers_of
from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.arrays import apart_from, as_array
from tinyseg.utils.dtypes import as_float_dtype, floatx
from tinyseg.utils.naming import unique_name
from tinyseg.utils.types import InitializerLike, JsonObject

from . import own
from .constant_softmax import warn_of_constant_softmax
from .contract import inferred_shape, no_backward
from .symbolic import Node, Shape, SymbolicTensor, as_shape

Gradients: TypeAlias = dict[str, FloatArray]
"""Gradient of the loss by each parameter, under the parameter's name."""


class Layer(KerasArguments):
    """A function with parameters, and its gradient.

    A layer holds its hyper-parameters and parameters, and nothing of the last batch: what backward needs travels in the
    cache. So one layer can stand in several places of a network, and two threads can use one model.

    To write your own layer, override `build` (if it has parameters), `compute_output_shape`, `forward`, `backward` and,
    to save it, `get_config`. `tinyseg.check` tells whether backward fits forward.

    Attributes:
        name: Unique within a model.
        trainable: Set to False to freeze the layer; this takes effect at once. Gradients still pass through it.
        parameters: What the optimizer trains: name -> array.
        state: What training changes without a gradient (moving averages): name -> array.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Layer
        >>> class Double(Layer):
        ...     def forward(self, x, training=False):
        ...         return 2 * x, None
        ...     def backward(self, dy, cache, need_dx=True):
        ...         return 2 * dy, {}
        ...
        >>> Double()(np.array([[1.0, 2.0]]))
        array([[2., 4.]])
    """

    several_inputs: ClassVar[bool] = False
    """Whether forward takes a list of arrays (Add, Concatenate) and backward returns a list."""

    expected_rank: ClassVar[int | None] = None
    """Number of axes of the input, the batch included; None accepts any."""

    checked: ClassVar[bool] = False
    """Whether each call is held against the contract: so it is for classes that are not tinyseg's."""

    regularizers: Mapping[str, Regularizer] = MappingProxyType({})
    """Penalties on parameters: name -> regularizer. See `tinyseg.regularizers`."""

    root: ClassVar[type[Layer]]
    """This class."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Keep `forward` and Keras's `call` in step, and let the methods of somebody's own class be called as a network calls them."""
        super().__init_subclass__(**options)
        cls.checked = not cls.__module__.startswith("tinyseg.")
        if cls.checked:
            own.fit_in(cls)
        if "build" in vars(cls):
            cls.build = own.then_built(vars(cls)["build"])  # type: ignore[method-assign]
        if "forward" in vars(cls) and "call" not in vars(cls):
            cls.call = own.call_of(vars(cls)["forward"])  # type: ignore[method-assign]

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
            input_shape: Shape of one input without the batch; lets the first layer of a `Sequential` do without an
                `Input`.
        """
        self.name = unique_name(type(self).__name__) if name is None else str(name)
        if not self.name or "/" in self.name:
            raise InvalidInput(f"layer name: expected a text without '/', got {name!r}")
        self.trainable = trainable
        self.dtype = None if dtype is None else as_float_dtype(dtype)
        self.given_input_shape = None if input_shape is None else as_shape(f"{self.label}: input_shape", input_shape)
        self.parameters: dict[str, FloatArray] = {}
        self.state: dict[str, Array] = {}
        self.built = False
        self.drawn: list[SymbolicTensor] = []
        self.attribute_names: dict[str, str] = {}

    # What a layer is -----------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Create the parameters for inputs of this shape (N, ...); called once, before the first use."""

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the output's shape (N, ...) for an input's shape, unknown lengths being None.

        A class of your own need not say it: then its forward is tried on zeros.
        """
        return inferred_shape(self, input_shape) if self.checked else cast(Shape, input_shape)

    compute_output_shape.infers = True  # type: ignore[attr-defined]

    def call(self, x: Any, training: bool = False) -> Any:
        """Compute y alone: Keras's method.

        A class that has `call` and no `forward` can predict; with a `backward`, whose cache is x, it can be trained.
        """
        raise InvalidInput(f"{self.label}: there is no forward(self, x) -> (y, cache), nor call(self, x) -> y")

    def forward(self, x: Any, training: bool = False) -> tuple[Any, Any]:
        """Compute y and the cache that backward needs. `training` matters to Dropout and BatchNormalization only."""
        return self.call(x), x

    def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> tuple[Any, Gradients]:
        """Return (dx, gradients of the parameters) for the upstream gradient dy.

        dx may be None when it is not needed.
        """
        raise no_backward(self)

    def update_state(self, cache: Any) -> None:
        """Take what a forward in training saw into the state, such as moving averages; called once per training step.

        The state's arrays are changed in place, since a model that contains the layer refers to them.
        """

    def get_config(self) -> JsonObject:
        """Return the arguments that make this layer again, as JSON types; parameters are not among them."""
        return {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: JsonObject) -> Layer:
        """Make a layer from `get_config`'s result."""
        return cls(**config)

    # Using a layer -------------------------------------------------------------------------------------------------

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """Draw this layer into a network (symbolic tensors), or compute it (arrays).

        Returns:
            A symbolic tensor for symbolic input; the output alone, without a cache, for arrays, in memory of its own.
            Under a GPU backend the input is copied to the device, and the output stays there.
        """
        group = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if any(isinstance(item, SymbolicTensor) for item in group):
            return self._draw(group)
        given = [as_array(item) for item in group]
        arrays = [to_backend(array) for array in given]
        arrays = [a if a.dtype in (np.float32, np.float64) else a.astype(np.float32) for a in arrays]
        self.ensure_built([a.shape for a in arrays], str(arrays[0].dtype))
        self.to_backend()
        return apart_from(given, self.forward(arrays if self.several_inputs else arrays[0], training)[0])

    def _draw(self, inputs: list[Any]) -> Any:
        for item in inputs:
            if not isinstance(item, SymbolicTensor):
                raise InvalidInput(f"{self.label}: expected symbolic tensors only, got also {type(item).__name__}")
        self.ensure_built([tensor.shape for tensor in inputs], inputs[0].dtype)
        shape = self.compute_output_shape(self._as_argument([tensor.shape for tensor in inputs]))
        warn_of_constant_softmax(self, shape)
        self.drawn.append(SymbolicTensor(shape, inputs[0].dtype, Node(self, tuple(inputs))))
        return self.drawn[-1]

    @property
    def output(self) -> Any:
        """The symbolic output of this layer where it was drawn, to end another model at.

        `Model(m.input, m.get_layer("pool").output)`.
        """
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
            raise InvalidInput(
                f"{self.label}: expected one input, got {len(input_shapes)}; a class whose forward takes a list says several_inputs = True"
            )
        if self.expected_rank is not None:
            for shape in input_shapes:
                if len(shape) != self.expected_rank:
                    raise InvalidInput(
                        f"{self.label}: expected an input with {self.expected_rank} axes, batch included, got shape {shape}"
                    )
        if not self.built:
            self.dtype = self.dtype or as_float_dtype(dtype)
            self.adopt(inside_built=False)  # weights that __init__ made, before the dtype was known
            for arrays in (self.parameters, self.state):
                arrays.update(
                    {name: a.astype(self.dtype, copy=False) for name, a in arrays.items() if a.dtype.kind == "f"}
                )
            self.build(self._as_argument(list(input_shapes)))
            self.adopt()
            self.built = True

    def _as_argument(self, shapes: list[Any]) -> Any:
        return shapes if self.several_inputs else shapes[0]

    # Parameters ----------------------------------------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made from, also in another process.

        Arrays on the host, and not the networks that the layer was drawn into.
        """
        arrays = {
            kind: {k: to_host(a) for k, a in self.__dict__.get(kind, {}).items()} for kind in ("parameters", "state")
        }
        return {**self.__dict__, **arrays, "drawn": []}

    def __copy__(self) -> Self:
        """Return a copy with arrays of its own, as Keras does: who trains one must not change the other."""
        return copy.deepcopy(self)

    def to_backend(self) -> None:
        """Bring the parameters and the state to where the backend in use computes.

        A model's `fit`, `evaluate` and `predict` do this first. Counters (integers, such as Dropout's step) stay on the
        host, which reads them.
        """
        for arrays in (self.parameters, self.state):
            for name, array in arrays.items():
                if array.dtype.kind == "f":
                    arrays[name] = to_backend(array)

    def add_weight(self, *arguments: Any, **options: Any) -> Array:
        """Create a weight in Keras's manner.

        `self.kernel = self.add_weight(shape=(3, 3), initializer="zeros")` in `build` or `__init__`.

        Args:
            *arguments: Some of the options in Keras's order: (shape, initializer, dtype, trainable, ...), or (name,
                shape, dtype, initializer, ...) if the first is a text, as in Keras 2.
            **options: shape (known lengths), initializer ('glorot_uniform' when not given), trainable (True: a
                parameter; False: a part of the state), regularizer, and name, which is that of the attribute when not
                given. dtype: that of the layer.

        Returns:
            The array. The attribute that it is assigned to always gives the array that is trained; setting the
            attribute sets its values.

        Raises:
            InvalidInput: An argument that there is not, or a name that is taken.
        """
        given = own.weight_arguments(self.label, arguments, options)
        dtype = self.dtype or floatx()
        if given["dtype"] is not None and as_float_dtype(given["dtype"]) != dtype:
            raise InvalidInput(
                f"{self.label}: add_weight: dtype: expected {dtype!r}, as the layer has, got {given['dtype']!r}"
            )
        name = own.free_name(self.label, given["name"], {**self.parameters, **self.state})
        (self.add_parameter if given["trainable"] else self.add_state)(name, given["shape"], given["initializer"])
        self.regularizers = {**self.regularizers, **regularizers_of(self.label, {name: given["regularizer"]})}
        return self.parameters[name] if given["trainable"] else self.state[name]

    def adopt(self, inside_built: bool = True) -> None:
        """Take note of the weights and the layers that attributes hold, once they are made."""
        if self.checked:
            own.adopt(self, inside_built)

    def add_parameter(self, name: str, shape: Sequence[int], initializer: InitializerLike) -> None:
        """Create a parameter in the layer's dtype."""
        self.parameters[name] = self._first_values(name, shape, initializer)

    def add_state(self, name: str, shape: Sequence[int], initializer: InitializerLike) -> None:
        """Create an array that training changes without a gradient."""
        self.state[name] = self._first_values(name, shape, initializer)

    def _first_values(self, name: str, shape: Sequence[int], initializer: InitializerLike) -> Array:
        return first_values(f"{self.label}: {name}", get_initializer(initializer), tuple(shape), self.dtype or floatx())

    @property
    def trainable_parameters(self) -> dict[str, Array]:
        """The parameters that the optimizer may change now."""
        return self.parameters if self.trainable else {}

    @property
    def weights(self) -> list[Array]:
        """All arrays of `get_weights`, in order: parameters, then state.

        These are the layer's own arrays, not copies.
        """
        return [*self.parameters.values(), *self.state.values()]

    @property
    def trainable_weights(self) -> list[Array]:
        """Those of `weights` that the optimizer may change now."""
        return list(self.trainable_parameters.values())

    @property
    def non_trainable_weights(self) -> list[Array]:
        """The other ones: moving averages, and whatever is frozen."""
        trained = {id(array) for array in self.trainable_weights}
        return [array for array in self.weights if id(array) not in trained]

    variables, trainable_variables, non_trainable_variables = weights, trainable_weights, non_trainable_weights

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


Layer.root = Layer
