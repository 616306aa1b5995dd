r"""Regularizers: a penalty on a layer's weights that is added to the loss.

    loss = loss of the data + sum over the regularized weights of penalty(w)

`Conv2D(8, 3, kernel_regularizer="l2")`: the penalty pulls the weights towards 0 with every step, since its gradient is
added to that of the data. The loss that `fit` and `evaluate` show contains it, as in Keras; with several outputs it is
in the sum, not in the loss of any output. A layer that stands in several places of a network counts once, a frozen one
not at all.

For plain gradient descent, L2(l) is weight decay by 2 * l * learning_rate; for Adam, which divides by the gradients'
size, it is not (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019): `AdamW` has that.

Example:
    >>> import numpy as np
    >>> from tinyseg.layers import Dense, Input
    >>> from tinyseg.models import Sequential
    >>> from tinyseg.regularizers import L2
    >>> model = Sequential([Input((3,)), Dense(1, kernel_initializer="ones", kernel_regularizer=L2(0.5))])
    >>> model.compile("sgd", "mse")
    >>> x = np.zeros((4, 3), "float32")
    >>> model.evaluate(x, np.zeros((4, 1)))  # no error, and 0.5 * (1 + 1 + 1)
    1.5
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.device import is_device_array
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.absent import teller
from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.registry import Registry
from tinyseg.utils.types import JsonObject, RegularizerLike

if TYPE_CHECKING:
    from tinyseg.layers.layer import Layer


class Regularizer(KerasArguments):
    """A penalty on weights, and its gradient.

    To write your own, override `__call__` and `gradient`, and `get_config` if it has arguments.

    Example:
        >>> import numpy as np
        >>> from tinyseg.regularizers import Regularizer
        >>> class Cubes(Regularizer):
        ...     def __call__(self, x):
        ...         return (abs(x) ** 3).sum()
        ...
        ...     def gradient(self, x):
        ...         return 3 * x * abs(x)
        ...
        >>> float(Cubes()(np.array([1.0, -2.0])))
        9.0
    """

    def __call__(self, x: FloatArray) -> float | FloatArray:
        """Return the penalty: a number, on a GPU an array without axes."""
        raise InvalidInput(f"{type(self).__name__}: write __call__(self, x) -> the penalty of the weights x")

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return its gradient by the weights: a new array of their shape."""
        raise InvalidInput(
            f"{type(self).__name__}: there is no gradient, so it can evaluate but not train; "
            "write gradient(self, x) -> the gradient by the weights x"
        )

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {}


class L1L2(Regularizer):
    """l1 * sum of |w| + l2 * sum of w^2; the gradient is l1 * sign(w) + 2 * l2 * w.

    l1 makes small weights 0, l2 makes large ones smaller.

    Example:
        >>> import numpy as np
        >>> from tinyseg.regularizers import L1L2
        >>> float(L1L2(l1=1.0, l2=0.5)(np.array([1.0, -2.0])))  # 3 + 0.5 * 5
        5.5
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        """Set both factors, at least 0."""
        self.l1, self.l2 = _as_factor("l1", l1), _as_factor("l2", l2)

    def __call__(self, x: FloatArray) -> float | FloatArray:
        """Return the penalty; the sums are in float64."""
        total = self.l1 * np.abs(x).sum(dtype=np.float64) if self.l1 else 0.0
        total = total + self.l2 * (x * x).sum(dtype=np.float64) if self.l2 else total
        return total if is_device_array(total) else float(total)

    def gradient(self, x: FloatArray) -> FloatArray:
        """Return l1 * sign(w) + 2 * l2 * w."""
        pull: FloatArray = x * (2 * self.l2)
        return pull + np.sign(x) * self.l1 if self.l1 else pull

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"l1": self.l1, "l2": self.l2}


class L1(L1L2):
    """l1 * sum of |w|, which makes small weights 0; the gradient is l1 * sign(w).

    Example:
        >>> import numpy as np
        >>> from tinyseg.regularizers import L1
        >>> float(L1(0.5)(np.array([1.0, -2.0])))
        1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        """Set the factor, at least 0."""
        super().__init__(l1=l1)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"l1": self.l1}


class L2(L1L2):
    """l2 * sum of w^2, which makes large weights smaller; the gradient is 2 * l2 * w.

    Example:
        >>> import numpy as np
        >>> from tinyseg.regularizers import L2
        >>> float(L2(0.5)(np.array([1.0, -2.0])))
        2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        """Set the factor, at least 0."""
        super().__init__(l2=l2)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"l2": self.l2}


# Keras's other names for the same classes.
l1, l2, l1_l2 = L1, L2, L1L2

_registry: Registry[Regularizer] = Registry("regularizer", Regularizer, [L1, L1L2, L2])
serialize = _registry.serialize


def get(identifier: RegularizerLike) -> Regularizer | None:
    """Return an object for an object, a class, a name such as 'l2', or what `serialize` returned; None for None.

    Example:
        >>> from tinyseg import regularizers
        >>> regularizers.get("l2").get_config()
        {'l2': 0.01}
    """
    return None if identifier is None else _registry.get(identifier)


def _argument(name: str) -> str:
    """Return Keras's name of the argument for a weight: depthwise_kernel -> depthwise_regularizer."""
    return f"{name.removesuffix('_kernel')}_regularizer"


def regularizers_of(label: str, by_weight: Mapping[str, RegularizerLike]) -> dict[str, Regularizer]:
    """Return the regularizers that a layer was given, by the names of their weights; those that are None left out."""
    found = {}
    for name, given in by_weight.items():
        try:
            regularizer = get(given)
        except InvalidInput as error:
            raise InvalidInput(f"{label}: {_argument(name)}: {error}") from None
        if regularizer is not None:
            found[name] = regularizer
    return found


def configs(regularizers: Mapping[str, Regularizer], names: Iterable[str]) -> JsonObject:
    """Return the regularizers of these weights as arguments that their layer takes back; None where there is none."""
    return {_argument(name): serialize(regularizers[name]) if name in regularizers else None for name in names}


def _trained(layer: Layer) -> Iterator[tuple[str, FloatArray, Regularizer]]:
    """Yield name, weights and regularizer of what is trained now, every array once."""
    parameters, seen = layer.trainable_parameters, set[int]()
    for name, regularizer in layer.regularizers.items():
        if name in parameters and id(parameters[name]) not in seen:
            seen.add(id(parameters[name]))
            yield name, parameters[name], regularizer


def penalty(layer: Layer) -> float | FloatArray:
    """Return the sum of the penalties of a layer or a network."""
    total: float | FloatArray = 0.0
    for name, array, regularizer in _trained(layer):
        value = regularizer(array)
        if np.ndim(value) != 0:
            raise InvalidInput(
                f"{layer.label}: regularizer of {name!r}: expected a number, got shape {np.shape(value)}"
            )
        total = total + value
    return total


def penalized(layer: Layer, gradients: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Add the penalties' gradients to those of the data, in the dict that is given, and return it."""
    for name, array, regularizer in _trained(layer):
        pull = regularizer.gradient(array)
        if np.shape(pull) != array.shape:
            where = f"{layer.label}: regularizer of {name!r}"
            raise InvalidInput(f"{where}: expected a gradient of shape {array.shape}, got {np.shape(pull)}")
        gradients[name] = gradients[name] + pull.astype(array.dtype, copy=False)
    return gradients


def _as_factor(name: str, value: float | None) -> float:
    if value is None:
        return 0.0
    if not value >= 0:
        raise InvalidInput(f"{name}: expected a number of at least 0, got {value!r}")
    return float(value)


__all__ = ["L1", "L1L2", "L2", "Regularizer", "get", "l1", "l1_l2", "l2", "serialize"]

__getattr__ = teller("regularizers", __all__)
