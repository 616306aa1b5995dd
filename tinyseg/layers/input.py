"""The start of a network: the shape of its data."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg_kernels.types import FloatArray

from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.dtypes import as_float_dtype, floatx
from tinyseg.utils.types import JsonObject

from .layer import Gradients, Layer
from .symbolic import Node, Shape, SymbolicTensor, as_shape


class InputLayer(Layer):
    """Hands the data on. `Input` makes one; models show it in their summary.

    Example:
        >>> from tinyseg.layers import Input
        >>> from tinyseg.models import Model
        >>> x = Input((8, 8, 1))
        >>> Model(x, x).layers[0].__class__.__name__
        'InputLayer'
    """

    def __init__(self, shape: Sequence[int | None], *, name: str | None = None, dtype: str | None = None) -> None:
        """Set the shape of one sample, without the batch; None for any length."""
        super().__init__(name=name, dtype=dtype or floatx())
        self.shape: Shape = as_shape(f"{self.label}: shape", shape)
        self.built = True

    def forward(self, x: FloatArray, training: bool = False) -> tuple[FloatArray, None]:
        """Hand x on."""
        return x, None

    def backward(self, dy: FloatArray, cache: None, need_dx: bool = True) -> tuple[FloatArray, Gradients]:
        """Hand dy on."""
        return dy, {}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"shape": list(self.shape), "name": self.name, "dtype": self.dtype}


@checks_arguments("layers.Input")
def Input(shape: Sequence[int | None], *, name: str | None = None, dtype: str | None = None) -> SymbolicTensor:
    """Start drawing a network.

    Args:
        shape: Shape of one sample without the batch, such as (224, 224, 3); (None, None, 3) takes images of any size.
        name: Name of the input.
        dtype: 'float32' (default, see `tinyseg.utils.set_floatx`) or 'float64'. Data of any other dtype is converted to
            it.

    Returns:
        A symbolic tensor of shape (None, *shape); call layers on it.

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> Conv2D(8, 3)(Input(shape=(32, 32, 3))).shape
        (None, 30, 30, 8)
    """
    layer = InputLayer(shape, name=name, dtype=None if dtype is None else as_float_dtype(dtype))
    assert layer.dtype is not None
    layer.drawn.append(SymbolicTensor((None, *layer.shape), layer.dtype, Node(layer, ())))
    return layer.drawn[0]
