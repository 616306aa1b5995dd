"""Sequential: layers one after the other."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.input import Input, InputLayer
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.utils.types import JsonObject

from .architecture import architecture_of, describe_layer, enters
from .model import Model
from .sources import first_arrays


@enters("Sequential")
class Sequential(Model):
    """A chain of layers.

    The input's shape comes from an `Input`, from `input_shape=` of the first layer, or from the first data.

    Example:
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.layers import Dense, Input
        >>> model = Sequential([Input(shape=(4,)), Dense(8, activation="relu"), Dense(2)])
        >>> model.output.shape
        (None, 2)
    """

    def __init__(
        self, layers: Sequence[Layer | SymbolicTensor] | None = None, trainable: bool = True, name: str | None = None
    ) -> None:
        """Start with these layers; more can follow with `add`."""
        Layer.__init__(self, name=name, trainable=trainable)
        self.chain: list[Layer] = []
        self.start: SymbolicTensor | None = None
        if not (layers is None or isinstance(layers, (list, tuple))):
            raise InvalidInput(f"{self.label}: layers: expected a list of layers, got {layers!r}")
        for layer in layers or ():
            self.add(layer)
        if not trainable:
            self.trainable = False

    @property
    def layers(self) -> list[Layer]:
        """The layers of the chain, as in Keras without the InputLayer.

        `layers[0]` is the first that computes something.
        """
        return list(self.chain)

    def add(self, layer: Layer | SymbolicTensor) -> None:
        """Append a layer."""
        if isinstance(layer, (SymbolicTensor, InputLayer)):
            if self.chain or self.start is not None:
                raise InvalidInput(f"{self.label}: an Input can only come first")
            if isinstance(layer, InputLayer):
                layer = Input(layer.shape, name=layer.name, dtype=layer.dtype)
            self.start = layer
            return
        if not isinstance(layer, Layer):
            raise InvalidInput(f"{self.label}: layers: expected a layer, got {type(layer).__name__}")
        self.chain.append(layer)
        if self.start is None and len(self.chain) == 1 and layer.given_input_shape is not None:
            self.start = Input(layer.given_input_shape, dtype=layer.dtype)
        if self.start is not None:
            self._draw_chain()

    def pop(self) -> Layer:
        """Remove the last layer and return it."""
        if not self.chain:
            raise InvalidInput(f"{self.label}: there is no layer to remove")
        layer = self.chain.pop()
        if self.start is not None and self.chain:
            self._draw_chain()
        elif hasattr(self, "graph"):
            del self.graph, self.inputs, self.outputs
            self.parameters, self.state = {}, {}
        return layer

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the parameters for data of this shape (N, ...)."""
        if not self.chain:
            raise InvalidInput(f"{self.label}: add layers first")
        if self.start is None:
            self.start = Input(tuple(input_shape)[1:])
            self._draw_chain()

    def get_config(self) -> JsonObject:
        """Return the layers with their arguments as JSON types."""
        if "graph" in self.__dict__:
            return architecture_of(self)
        start = [] if self.start is None else [self.start.node.layer]
        return {
            "name": self.name,
            "class_name": "Sequential",
            "chain": [describe_layer(x) for x in (*start, *self.chain)],
        }

    def _draw_chain(self) -> None:
        tensor = self.start
        for layer in self.chain:
            layer.drawn.clear()  # drawn anew each time that a layer is added
            tensor = layer(tensor)
        self._set_graph(self.start, tensor)
        if getattr(self, "_settings", None) is not None:
            super().compile(**self._settings)

    def ensure_built(self, input_shapes: Sequence[Any], dtype: str) -> None:
        """Create the parameters at the first use."""
        if not hasattr(self, "graph"):
            self.build(input_shapes[0])

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Choose how to train; see `Model.compile`. Takes effect when the input's shape is known."""
        names = [name for name in inspect.signature(Model.compile).parameters if name not in ("self", "unknown")]
        self._settings = {**dict(zip(names, args, strict=False)), **kwargs}
        if hasattr(self, "graph"):
            super().compile(**self._settings)

    def _build_for(self, x: Any) -> Any:
        """Take the input's shape from the first data, in any form that `fit` takes.

        Returns the data, with those of a generator that were looked at.
        """
        if hasattr(self, "graph") or x is None:
            return x
        shape = getattr(x, "shape", None)
        if shape is None:
            first, x = first_arrays(x)
            shape = first[0].shape if first else None
        if shape is not None:
            self.build(shape)
        return x

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train; see `Model.fit`."""
        return super().fit(self._build_for(x), *args, **kwargs)

    def evaluate(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Compute loss and metrics; see `Model.evaluate`."""
        return super().evaluate(self._build_for(x), *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs; see `Model.predict`."""
        return super().predict(self._build_for(x), *args, **kwargs)

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Run one training step; see `Model.train_on_batch`."""
        return super().train_on_batch(self._build_for(x), *args, **kwargs)

    def test_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute loss and metrics of one batch; see `Model.test_on_batch`."""
        return super().test_on_batch(self._build_for(x), *args, **kwargs)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch; see `Model.predict_on_batch`."""
        return super().predict_on_batch(self._build_for(x))

    def __getattr__(self, name: str) -> Any:
        """Say what is missing when something needs the graph of a chain whose input's shape is not known."""
        needs_graph = name in ("graph", "inputs", "outputs", "single_output") or hasattr(type(self), name)
        if needs_graph and "chain" in self.__dict__ and "graph" not in self.__dict__:
            # hasattr must go on to see that there is none, so the error is both.
            raise _NotBuilt(
                f"{self.label}: the input's shape is not known yet; begin with Input(shape=...) or call build(shape)"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class _NotBuilt(InvalidInput, AttributeError):
    """The shape of the input is not known yet."""
